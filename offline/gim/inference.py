"""Trained GIMs: read from a run folder, and applied to whole videos."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engines.errors import UsageError
from offline.gim.config import GimConfig, HeadConfig
from offline.gim.model import GimNetwork, GimOutputs
from offline.spotformer.config import SpotFormerConfig
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.settings import build

BATCH: Final = 512


def load_model(run: RunFolder, weights: str = WEIGHTS) -> GimNetwork:
    """Return the network of a run, in evaluation mode, on the processor.

    Parameters
    ----------
    run
        Run folder.
    weights
        File of weights in it.

    Raises
    ------
    UsageError
        If the folder holds no GIM, or its weights do not fit.
    """
    config = run.config()
    sections = [config.get(name) for name in ("model", "head")]
    encoder, head = sections
    if (
        config.get("method") != "gim"
        or not isinstance(encoder, Mapping)
        or not isinstance(head, Mapping)
    ):
        raise UsageError(f"{run.path}: holds no GIM run")
    network = GimNetwork(
        GimConfig(
            build(SpotFormerConfig, encoder, f"{run.path}: model"),
            build(HeadConfig, head, f"{run.path}: head"),
        )
    )
    try:
        network.load_state_dict(run.load_weights(weights))
    except RuntimeError as error:
        raise UsageError(f"{run.path / weights}: these are weights of another network") from error
    return network.eval()


@torch.no_grad()
def outputs_of(
    network: GimNetwork, windows: NDArray[np.float32], scored: NDArray[np.bool_]
) -> GimOutputs:
    """Return the outputs of all ticks of a video, 0 where a tick is not scored.

    Parameters
    ----------
    network
        In evaluation mode.
    windows
        float32 (T, W, 18, 2), px, as the network reads them.
    scored
        bool (T,), at least one of them True.
    """
    device = next(network.parameters()).device
    nodes = list(network.inputs.node_indices)
    rows = np.flatnonzero(scored)
    parts: list[GimOutputs] = []
    for first in range(0, len(rows), BATCH):
        taken = windows[rows[first : first + BATCH]][:, :, nodes]
        parts.append(network(torch.from_numpy(taken).to(device)))
    joined = GimOutputs(*(torch.cat(values) for values in zip(*parts, strict=True)))
    return spread(joined, scored)


def spread(outputs: GimOutputs, scored: NDArray[np.bool_]) -> GimOutputs:
    """Return the outputs of scored ticks in the places that they have among all ticks, else 0."""
    if scored.all():
        return outputs
    rows = torch.from_numpy(np.flatnonzero(scored)).to(outputs.feature.device)

    def placed(value: Tensor) -> Tensor:
        return value.new_zeros((len(scored), *value.shape[1:])).index_copy(0, rows, value)

    return GimOutputs(*(placed(value) for value in outputs))

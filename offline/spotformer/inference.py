"""Trained networks applied to features, and SpotFormers read from a run folder."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.scores import Scores
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.inputs import windows_for
from offline.spotformer.model import SpotFormer
from offline.spotformer.network import WindowNetwork
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.settings import build

BATCH: Final = 512


def load_model(run: RunFolder, weights: str = WEIGHTS) -> SpotFormer:
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
        If the folder holds no SpotFormer, or its weights do not fit.
    """
    config = run.config()
    section = config.get("model")
    if config.get("method") != "spotformer" or not isinstance(section, Mapping):
        raise UsageError(f"{run.path}: holds no SpotFormer run")
    model = SpotFormer(build(SpotFormerConfig, section, f"{run.path}: model"))
    try:
        model.load_state_dict(run.load_weights(weights))
    except RuntimeError as error:
        raise UsageError(f"{run.path / weights}: these are weights of another network") from error
    return model.eval()


@torch.no_grad()
def score(model: WindowNetwork, features: NDArray[np.float32], batch: int = BATCH) -> Scores:
    """Return the probabilities of every window.

    Parameters
    ----------
    model
        In evaluation mode.
    features
        float32 (T, window, 18, 2), px, all nodes of a record; T consecutive ticks, since what an
        ablation reads may come from neighbouring rows (:mod:`offline.spotformer.inputs`).
    batch
        Windows per call of the network.

    Returns
    -------
    Scores
        One float32 vector (T,) per score name of the network.

    Raises
    ------
    UsageError
        If the features are of other windows than the network reads.
    """
    device = next(model.parameters()).device
    nodes = list(model.inputs.node_indices)
    features = windows_for(features, model.inputs)
    parts: dict[str, list[NDArray[np.float32]]] = {name: [] for name in model.score_names}
    for start in range(0, len(features), batch):
        windows = torch.from_numpy(features[start : start + batch][:, :, nodes])
        for name, vector in model.probabilities(windows.to(device)).items():
            parts[name].append(vector.cpu().numpy())
    empty = np.zeros(0, np.float32)
    return Scores({name: np.concatenate([empty, *rows]) for name, rows in parts.items()})

"""Trained networks of snippets: read from a run folder, and applied to whole videos."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from engines.contracts import MOST_ROWS
from engines.errors import UsageError
from engines.scores import Scores
from offline.mcwes.config import SnippetInputs, SnippetModel, SnippetNetworkConfig
from offline.mcwes.inputs import runs
from offline.mcwes.network import SnippetNetwork
from offline.snippets.record import SnippetRecord
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.settings import build

Network = TypeVar("Network", bound=SnippetNetwork)


def load_snippet_network(
    run: RunFolder, make: Callable[[SnippetNetworkConfig], Network], weights: str = WEIGHTS
) -> Network:
    """Return the network of a run, in evaluation mode, on the processor.

    Parameters
    ----------
    run
        Run folder.
    make
        Class of the network, which says its method.
    weights
        File of weights in it.

    Raises
    ------
    UsageError
        If the folder holds no run of that method, or its weights do not fit.
    """
    config = run.config()
    inputs, model = (config.get(name) for name in ("snippets", "model"))
    if not isinstance(inputs, Mapping) or not isinstance(model, Mapping):
        raise UsageError(f"{run.path}: holds no run of a network of snippets")
    network = make(
        SnippetNetworkConfig(
            build(SnippetInputs, inputs, f"{run.path}: snippets"),
            build(SnippetModel, model, f"{run.path}: model"),
        )
    )
    if config.get("method") != network.method:
        raise UsageError(f"{run.path}: holds no {network.method} run")
    try:
        network.load_state_dict(run.load_weights(weights))
    except RuntimeError as error:
        raise UsageError(f"{run.path / weights}: these are weights of another network") from error
    network.eval()
    return network


@torch.no_grad()
def score_snippets(network: SnippetNetwork, snippets: NDArray[np.float32]) -> Scores:
    """Return the scores of consecutive snippets, which are looked at together.

    Parameters
    ----------
    network
        In evaluation mode.
    snippets
        float32 (T, 2, D) with T at least 1.
    """
    device = next(network.parameters()).device
    found = network.probabilities(torch.from_numpy(snippets).to(device))
    return Scores({name: vector.cpu().numpy() for name, vector in found.items()})


def score_record(network: SnippetNetwork, record: SnippetRecord) -> list[tuple[int, int, Scores]]:
    """Return the scores of each run of valid snippets, with its half-open range.

    Parameters
    ----------
    network
        In evaluation mode.
    record
        As the network reads it (:func:`offline.mcwes.inputs.as_snippets`); its labels are not
        read. A video shorter than one snippet has no run.
    """
    rows = np.ascontiguousarray(record.streams.transpose(1, 0, 2))
    return [
        (first, last, score_snippets(network, rows[first:last]))
        for first, last in runs(record.valid, MOST_ROWS)
    ]

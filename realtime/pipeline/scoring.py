"""Windows to scores: the one place where the frame path calls the model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engines.backend import Backend
from realtime.types import NODES, FlowWindow


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one tick."""

    tick: int
    scores: dict[str, float]


class Scorer:
    """Scores windows of any faces together.

    Parameters
    ----------
    backend
        Runs the model; shared between faces, and between streams where it allows that
        (:class:`engines.batching.BatchingBackend`). Not closed here.
    nodes
        Names of the nodes that the model reads, in its order.
    """

    def __init__(self, backend: Backend, nodes: Sequence[str]) -> None:
        self._backend = backend
        self._nodes = [NODES.index(node) for node in nodes]

    def score(self, windows: Sequence[FlowWindow]) -> list[Scored]:
        """Score windows, at least one, in one call.

        Returns
        -------
        list of Scored
            One per window, in their order.
        """
        batch = np.stack([window.features[:, self._nodes] for window in windows])
        scores = self._backend.run(batch)
        return [Scored(window.tick, scores.at(row)) for row, window in enumerate(windows)]

"""Windows of one face to scores and expressions: the model and the decoder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engines.backend import Backend
from engines.decoding.changes import Change
from engines.decoding.rules import DecoderRules
from engines.decoding.stream import StreamDecoder
from realtime.types import NODES, FlowWindow


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of one tick."""

    tick: int
    scores: dict[str, float]


Result: TypeAlias = Scored | Change


class Spotter:
    """Scores one face's windows and decodes them.

    Parameters
    ----------
    backend
        Runs the model; shared between faces and not closed here.
    nodes
        Names of the nodes that the model reads, in its order.
    rules
        The model's decoder parameters.
    """

    def __init__(self, backend: Backend, nodes: Sequence[str], rules: DecoderRules) -> None:
        self._backend = backend
        self._nodes = [NODES.index(node) for node in nodes]
        self._decoder = StreamDecoder(rules)
        self._next: int | None = None

    def push(self, windows: Sequence[FlowWindow]) -> list[Result]:
        """Take the next windows; a jump of ticks ends the segment before it."""
        if not windows:
            return []
        batch = np.stack([window.features[:, self._nodes] for window in windows])
        scores = self._backend.run(batch)
        out: list[Result] = []
        for row, window in enumerate(windows):
            if self._next is not None and window.tick != self._next:
                out += self._decoder.finish()
            self._next = window.tick + 1
            values = scores.at(row)
            out.append(Scored(window.tick, values))
            out += self._decoder.push(window.tick, values)
        return out

    def finish(self) -> list[Result]:
        """End the segment: the stream ended, was interrupted, or the face is gone."""
        self._next = None
        return list(self._decoder.finish())

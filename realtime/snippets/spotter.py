"""Windows of one face to snippets, and their scores to expressions."""

import logging
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engines.backend import Backend
from engines.contracts import MOST_ROWS
from engines.decoding import Change, RollingDecoder, SnippetRules
from engines.decoding.snippets.rules import ATTENTION
from realtime.pipeline.scoring import Scored
from realtime.snippets.contract import Rolling
from realtime.snippets.pooling import pool_snippet
from realtime.types import FlowWindow

log = logging.getLogger(__name__)


class SnippetSpotter:
    """Spots expressions in the snippets of one face.

    Snippet k holds the windows that are centred on ticks ``k * ticks`` to ``(k + 1) * ticks - 1``,
    in a stream as in training. One that lacks a window ends the segment before it. The segment's
    newest snippets go through the model together, again after each new one; or, to spot a whole
    video, all of them once, when the segment ends.

    Parameters
    ----------
    backend
        Runs the model; not closed here.
    rules
        The model's decoder parameters.
    ticks
        Of a snippet.
    rolling
        How much of the stream the model sees; None for whole segments, of which one longer than
        4096 snippets is spotted in parts of as many.
    """

    def __init__(
        self, backend: Backend, rules: SnippetRules, ticks: int, rolling: Rolling | None
    ) -> None:
        self._backend = backend
        self._ticks = ticks
        self._rolling = rolling
        self._decoder = RollingDecoder(rules, MOST_ROWS if rolling is None else rolling.settle)
        self._rows: deque[NDArray[np.float32]] = deque()
        self._filling: list[FlowWindow] = []
        self._next = 0
        self._whole = True

    def push(self, windows: Sequence[FlowWindow]) -> list[Scored | Change]:
        """Take the next windows, in order of their ticks."""
        out: list[Scored | Change] = []
        for window in windows:
            number = window.tick // self._ticks
            if self._filling and number != self._filling[0].tick // self._ticks:
                out += self._end()
            self._filling.append(window)
            if len(self._filling) == self._ticks:
                out += self._add(number)
        return out

    def finish(self) -> list[Scored | Change]:
        """End the segment: the stream ended, was interrupted, or the face is gone."""
        if self._filling and not self._rows:
            log.info(
                "%d ticks in a row are less than a snippet of %d: nothing is spotted in them",
                len(self._filling),
                self._ticks,
            )
        return self._end()

    def _end(self) -> list[Scored | Change]:
        out: list[Scored | Change] = []
        if self._rolling is None and self._rows:
            out += self._score()
        out += self._decoder.finish()
        self._filling.clear()
        self._rows.clear()
        self._whole = True
        return out

    def _add(self, number: int) -> list[Scored | Change]:
        """Take a snippet of which all windows are there."""
        row = pool_snippet(np.stack([window.features for window in self._filling]))
        self._filling.clear()
        out = self._end() if self._rows and number != self._next else []
        self._rows.append(row)
        self._next = number + 1
        if self._rolling is not None:
            self._forget(self._rolling.window)
            return out + self._score()
        if len(self._rows) == MOST_ROWS:
            log.warning("more than %d snippets in a row: spotted in parts", MOST_ROWS)
            out += self._end()
        return out

    def _forget(self, window: int) -> None:
        while len(self._rows) > window:
            self._rows.popleft()
            self._whole = False

    def _score(self) -> list[Scored | Change]:
        """Run the model over what is remembered."""
        scores = self._backend.run(np.stack(self._rows)).values
        first = self._next - len(self._rows)
        edges = self._ticks * np.arange(first, self._next + 1, dtype=np.float64)
        newest = Scored(
            (2 * self._next - 1) * self._ticks // 2, {ATTENTION: float(scores[ATTENTION][-1])}
        )
        return [newest, *self._decoder.push(scores, edges, whole=self._whole)]

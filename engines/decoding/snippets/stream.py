"""The decoder of a stream of snippets: a window rolls over it and is decoded anew each time."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from engines.decoding.board import Board
from engines.decoding.changes import Change
from engines.decoding.proposals import Proposal
from engines.decoding.provisional import Candidate
from engines.decoding.snippets.batch import Edges, Found, find, nearest
from engines.decoding.snippets.rules import SnippetRules
from engines.intervals import Interval, Kind


class RollingDecoder:
    """Finds expressions in the snippets seen last, again after each new one.

    All scores of a window change with each snippet that enters or leaves it, so that nothing is
    certain for good. What is told as final follows one rule:

    - A proposal is final at the first window that finds it with ``settle`` snippets after its
      last one, or more, up to twice as many (and up to one where ``settle`` is 0): what turns up
      later of a time long gone is not told. What is open at :meth:`finish` is final then.
    - One that begins with the window's first snippet is not told, unless its segment begins
      there: it may have begun before.
    - What is final stays. What later windows find that overlaps it by more than ``nms_iou`` (of
      its own kind, with ``nms_within_kind``) is not told.

    So the ends of a segment that one window holds, and that is decided at its finish alone, are
    exactly what :func:`engines.decoding.snippets.batch.decode_snippets` finds in it.

    Parameters
    ----------
    rules
        What to go by.
    settle
        Snippets that must follow a proposal, at least 0.

    Raises
    ------
    ValueError
        If ``settle`` is below 0.
    """

    def __init__(self, rules: SnippetRules, settle: int) -> None:
        if settle < 0:
            raise ValueError(f"settle is 0 or more, not {settle}")
        self._rules = rules
        self._settle = settle
        self._board = Board(lambda score: score)
        self._begin()

    def _begin(self) -> None:
        self._final: list[Interval] = []
        self._open: list[Found] = []
        self._newest = 0

    def push(
        self, scores: Mapping[str, NDArray[np.float32]], edges: Edges, *, whole: bool
    ) -> tuple[Change, ...]:
        """Take the scores of the window after its newest snippet.

        Parameters
        ----------
        scores
            As :func:`engines.decoding.snippets.batch.decode_snippets` takes them.
        edges
            float64 (T + 1,), ticks.
        whole
            Whether the window still begins where its segment does.

        Returns
        -------
        tuple of Change
            What a listener should be told, in this order.
        """
        found = find(scores, self._rules, edges)
        self._newest = nearest(edges[-1]) - 1
        self._final = [one for one in self._final if one.offset >= nearest(edges[0])]
        fresh = [one for one in found if self._is_news(one, whole)]
        newest = len(edges) - 2
        late = max(1, 2 * self._settle)
        self._open = [one for one in fresh if newest - one.last < self._settle]
        return self._announce(one for one in fresh if self._settle <= newest - one.last <= late)

    def finish(self) -> tuple[Change, ...]:
        """End the segment (end of stream, or a gap) and decide everything still open."""
        ended, self._open = self._open, []
        changes = self._announce(ended)
        self._begin()
        return changes

    def _is_news(self, one: Found, whole: bool) -> bool:
        if one.first == 0 and not whole:
            return False
        return not any(self._is_told(one.interval, other) for other in self._final)

    def _is_told(self, found: Interval, final: Interval) -> bool:
        rivals = found.kind is final.kind or not self._rules.nms_within_kind
        return rivals and found.iou(final) > self._rules.nms_iou

    def _announce(self, ended: Iterable[Found]) -> tuple[Change, ...]:
        final = [one.interval for one in ended]
        self._final += final
        likely = [one.interval for one in self._open]
        changes: list[Change] = []
        for kind in (Kind.MACRO, Kind.MICRO):
            changes += self._board.update(
                kind,
                self._newest,
                [_proposal(one) for one in final if one.kind is kind],
                [Candidate(_proposal(one), True) for one in likely if one.kind is kind],
            )
        return tuple(changes)


def _proposal(one: Interval) -> Proposal:
    return Proposal(one.onset, one.apex, one.offset, one.score)

"""Scores of one face to expressions."""

from collections.abc import Sequence
from typing import TypeAlias

from engines.decoding import Change, TickRules, make_decoder
from realtime.pipeline.scoring import Scored

Result: TypeAlias = Scored | Change


class Spotter:
    """Decodes the scores of one face.

    Parameters
    ----------
    rules
        The model's decoder parameters.
    """

    def __init__(self, rules: TickRules) -> None:
        self._decoder = make_decoder(rules)
        self._next: int | None = None

    def push(self, scored: Sequence[Scored]) -> list[Result]:
        """Take the scores of the next ticks; a jump of ticks ends the segment before it."""
        out: list[Result] = []
        for one in scored:
            if self._next is not None and one.tick != self._next:
                out += self._decoder.finish()
            self._next = one.tick + 1
            out.append(one)
            out += self._decoder.push(one.tick, one.scores)
        return out

    def finish(self) -> list[Result]:
        """End the segment: the stream ended, was interrupted, or the face is gone."""
        self._next = None
        return list(self._decoder.finish())

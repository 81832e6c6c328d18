"""What would be final if the segment ended now.

Only for display: what is shown early never influences what is final.
"""

from collections.abc import Sequence
from typing import Final

from engines.decoding.intensity.batch import decide
from engines.decoding.intensity.proposals import Piece
from engines.decoding.intensity.rules import IntensityRules
from engines.decoding.intensity.segment import Segment
from engines.decoding.proposals import Proposal
from engines.decoding.provisional import Candidate
from engines.intervals import Interval, Kind

DECIDED_PER_TICK: Final = 16
"""Expressions that may be looked at again at every tick; of more, as many fewer times."""


class Outlook:
    """The likely expressions of the pieces that are not final.

    Parameters
    ----------
    rules
        What to go by.
    """

    def __init__(self, rules: IntensityRules) -> None:
        self._rules = rules
        self._pieces: tuple[Piece, ...] = ()
        self._due = 0
        self._likely: list[tuple[Kind, Candidate]] = []

    def likely(self, kind: Kind) -> list[Candidate]:
        """Return the likely expressions of one kind."""
        return [candidate for own, candidate in self._likely if own is kind]

    def update(
        self,
        segment: Segment,
        waiting: Sequence[Piece],
        start: int | None,
        tick: int,
        *,
        final: bool,
    ) -> None:
        """Look again.

        Parameters
        ----------
        segment
            The scores up to the newest tick.
        waiting
            Pieces that have ended.
        start
            Where the piece begins that goes on, if one does.
        tick
            The newest one.
        final
            Whether something has just become final.
        """
        pieces = (*waiting, *(() if start is None else (Piece(start, tick),)))
        same = [p.onset for p in pieces] == [p.onset for p in self._pieces]
        self._pieces = pieces
        if not final and same and tick < self._due:
            return
        found = [decide(segment, piece, self._rules) for piece in pieces]
        self._likely = [pair for part in found for pair in _best(part, tick)]
        # a long piece of many peaks takes long to look at
        self._due = tick + 1 + sum(map(len, found)) // DECIDED_PER_TICK


def _best(found: Sequence[Interval], tick: int) -> list[tuple[Kind, Candidate]]:
    """Return the best expressions of a piece that share no tick with a better one of their kind."""
    shown: list[Interval] = []
    for one in found:
        if not any(one.kind is s.kind and one.intersection(s) for s in shown):
            shown.append(one)
    return [(one.kind, _candidate(one, tick)) for one in shown]


def _candidate(one: Interval, tick: int) -> Candidate:
    proposal = Proposal(one.onset, one.apex, one.offset, one.score)
    # while the intensity rises, its apex is still to come
    return Candidate(proposal, found=one.offset < tick, settled=one.apex < tick)

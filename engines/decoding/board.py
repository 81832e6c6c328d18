"""Which expressions a listener has been told of, and under which id."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from engines.decoding.changes import Change, Phase
from engines.decoding.proposals import Proposal
from engines.decoding.provisional import Candidate
from engines.intervals import Interval, Kind


@dataclass(frozen=True, slots=True)
class _Shown:
    id: int
    kind: Kind
    candidate: Candidate

    @property
    def apex(self) -> int:
        return self.candidate.proposal.apex

    def differs(self, now: Candidate) -> bool:
        """Whether a listener should hear: an offset that still runs on is no news."""
        was, is_now = self.candidate.proposal, now.proposal
        moved = (was.onset, was.apex) != (is_now.onset, is_now.apex)
        return moved or (now.found and was.offset != is_now.offset)


class Board:
    """Turns what is final and what is likely into the lives of expressions.

    Parameters
    ----------
    score_of
        Score that what proposals are ranked by stands for.
    """

    def __init__(self, score_of: Callable[[float], float]) -> None:
        self._score_of = score_of
        self._shown: list[_Shown] = []
        self._next_id = 0

    def update(
        self, kind: Kind, tick: int, ended: Iterable[Proposal], likely: Iterable[Candidate]
    ) -> list[Change]:
        """Say what changed for one kind at one tick.

        Parameters
        ----------
        kind
            The kind that both lists are of.
        tick
            The newest tick.
        ended
            Proposals that have just become final.
        likely
            Proposals that are likely to become final.
        """
        likely = list(likely)
        others = [s for s in self._shown if s.kind is not kind]
        mine = [s for s in self._shown if s.kind is kind]
        changes: list[Change] = []
        reserved = {c.proposal.apex for c in likely}
        for proposal in ended:
            shown = _take(mine, proposal, reserved)
            if shown is None:
                shown = self._introduce(kind, Candidate(proposal, True), tick, changes)
            changes.append(self._change(Phase.END, shown.id, kind, proposal, tick))
        kept = self._follow(kind, tick, likely, mine, changes)
        changes += [
            self._change(Phase.RETRACTED, s.id, kind, s.candidate.proposal, tick) for s in mine
        ]
        self._shown = others + kept
        return changes

    def _follow(
        self,
        kind: Kind,
        tick: int,
        likely: list[Candidate],
        mine: list[_Shown],
        changes: list[Change],
    ) -> list[_Shown]:
        """Match likely proposals with shown ones: by apex first, then by overlap."""
        reserved = {c.proposal.apex for c in likely}
        kept: list[_Shown] = []
        for candidate in likely:
            shown = _take(mine, candidate.proposal, reserved)
            if shown is None:
                if candidate.settled:
                    kept.append(self._introduce(kind, candidate, tick, changes))
            elif candidate.settled and shown.differs(candidate):
                kept.append(replace(shown, candidate=candidate))
                changes.append(self._change(Phase.UPDATE, shown.id, kind, candidate.proposal, tick))
            else:
                kept.append(shown)
        return kept

    def _introduce(
        self, kind: Kind, candidate: Candidate, tick: int, changes: list[Change]
    ) -> _Shown:
        shown = _Shown(self._next_id, kind, candidate)
        self._next_id += 1
        changes.append(self._change(Phase.NEW, shown.id, kind, candidate.proposal, tick))
        return shown

    def _change(self, phase: Phase, number: int, kind: Kind, p: Proposal, tick: int) -> Change:
        interval = Interval(kind, p.onset, p.apex, p.offset, self._score_of(p.product))
        return Change(phase, number, interval, tick)


def _take(mine: list[_Shown], proposal: Proposal, reserved: set[int]) -> _Shown | None:
    """Remove and return the shown expression that a proposal continues, if any."""
    same = next((s for s in mine if s.apex == proposal.apex), None)
    if same is None:
        free = [s for s in mine if s.apex not in reserved]
        same = max(free, key=lambda s: _shared(s.candidate.proposal, proposal), default=None)
        if same is None or _shared(same.candidate.proposal, proposal) <= 0:
            return None
    mine.remove(same)
    return same


def _shared(a: Proposal, b: Proposal) -> int:
    return min(a.offset, b.offset) - max(a.onset, b.onset) + 1

"""The decoder of a live stream: the same intervals as the batch decoder, as early as certain."""

from collections.abc import Mapping
from dataclasses import replace

from engines.decoding.board import Board
from engines.decoding.changes import Change
from engines.decoding.context import ContextStream, Marks
from engines.decoding.kind_stream import KindStream
from engines.decoding.proposals import Proposal
from engines.decoding.provisional import Candidate, winners
from engines.decoding.reading import read_scores, require_next
from engines.decoding.rules import MARKS, DecoderRules
from engines.intervals import Kind


class StreamDecoder:
    """Finds expressions tick by tick.

    The ``end`` intervals of a segment are exactly those that
    :func:`engines.decoding.batch.decode` finds in it. Memory is bounded by what lies within the
    search ranges, plus the longest chain of proposals each of which overlaps a better, later one.

    Parameters
    ----------
    rules
        What to go by; the paper's rules by default.

    Examples
    --------
    >>> decoder = StreamDecoder(DecoderRules())
    >>> quiet = {f"{k}_{m}": 0.0 for k in ("micro", "macro") for m in ("onset", "offset", "apex")}
    >>> decoder.push(0, quiet)
    ()
    >>> decoder.finish()
    ()
    """

    def __init__(self, rules: DecoderRules | None = None) -> None:
        self._rules = DecoderRules() if rules is None else rules
        self._board = Board(self._rules.score_of)
        self._newest: int | None = None
        self._begin()

    def _begin(self) -> None:
        self._running = False
        self._context = ContextStream(self._rules)
        self._macro = KindStream(Kind.MACRO, self._rules)
        self._micro = KindStream(Kind.MICRO, self._rules)
        self._held: list[Proposal] = []
        self._offset_now = {Kind.MICRO: 0.0, Kind.MACRO: 0.0}

    def push(self, tick: int, scores: Mapping[str, float]) -> tuple[Change, ...]:
        """Take the scores of the next tick.

        Parameters
        ----------
        tick
            One more than the last within a segment; any later one after :meth:`finish`.
        scores
            ``{micro,macro}_{onset,offset,apex}``, and ``_expression`` for a kind with context,
            probabilities; other names are not read.

        Returns
        -------
        tuple of Change
            What a listener should be told, in this order.

        Raises
        ------
        ValueError
            If the tick is out of order or a score is missing or not a probability. Nothing is
            changed then.
        """
        require_next(tick, self._newest, self._running)
        marks = read_scores(scores, self._rules.outputs)
        self._running, self._newest = True, tick
        ready = self._context.push(marks)
        return self._dated([c for m in ready for c in self._take(tick - self._context.reach, m)])

    def _take(self, tick: int, marks: Marks) -> tuple[Change, ...]:
        """Decide what the scores of one tick decide; with context, they come late."""
        macro, micro = _three(marks, Kind.MACRO), _three(marks, Kind.MICRO)
        self._offset_now = {Kind.MICRO: micro[1], Kind.MACRO: macro[1]}
        macro_final = self._macro.push(tick, *macro)
        self._held += self._micro.push(tick, *micro)
        changes = self._announce(tick, macro_final)
        self._forget()
        return changes

    def _dated(self, changes: list[Change]) -> tuple[Change, ...]:
        """Say that the newest tick decided it, which context lets run ahead."""
        return tuple(replace(c, decided_at=self._newest or 0) for c in changes)

    def finish(self) -> tuple[Change, ...]:
        """End the segment (end of stream, or a gap) and decide everything still open."""
        if not self._running or self._newest is None:
            return ()
        held_back = self._context.finish()
        first = self._newest + 1 - len(held_back)
        changes = [c for n, m in enumerate(held_back) for c in self._take(first + n, m)]
        macro_final = self._macro.finish()
        self._held += self._micro.finish()
        changes += self._announce(self._newest, macro_final)
        dated = self._dated(changes)
        self._begin()
        return dated

    def _announce(self, tick: int, macro_final: list[Proposal]) -> tuple[Change, ...]:
        micro_final = self._release()
        iou = self._rules.nms_iou
        macro = winners(self._macro, tick, self._offset_now[Kind.MACRO], iou)
        micro = [
            *(Candidate(proposal, True) for proposal in self._held),
            *winners(self._micro, tick, self._offset_now[Kind.MICRO], iou),
        ]
        big = [*self._macro.kept, *(c.proposal for c in macro if c.found)]
        micro = [c for c in micro if not self._inside(c.proposal, big)]
        return (
            *self._board.update(Kind.MACRO, tick, macro_final, macro),
            *self._board.update(Kind.MICRO, tick, micro_final, micro),
        )

    def _release(self) -> list[Proposal]:
        """Let go of held micro-expressions that no macro-expression can swallow any more."""
        share = self._rules.micro_inside_macro
        outside = [p for p in self._held if not self._inside(p, self._macro.kept)]
        if share >= 1:
            self._held = []
            return outside
        self._held = [p for p in outside if self._macro.may_cover(p, share)]
        return [p for p in outside if p not in self._held]

    def _inside(self, micro: Proposal, macro: list[Proposal]) -> bool:
        share = self._rules.micro_inside_macro
        return any(micro.lies_in(m.onset, m.offset, share) for m in macro)

    def _forget(self) -> None:
        micro = self._micro.earliest
        self._micro.forget(micro)
        held = [p.onset for p in self._held]
        self._macro.forget(min([self._macro.earliest, micro, *held]))


def _three(marks: Marks, kind: Kind) -> tuple[float, float, float]:
    """Return onset, offset and apex probability of one kind."""
    onset, offset, apex = (marks[f"{kind}_{mark}"] for mark in MARKS)
    return onset, offset, apex

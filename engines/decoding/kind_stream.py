"""The streaming search and suppression of one kind's proposals."""

from bisect import insort
from collections import deque

from engines.decoding.horizon import Horizon
from engines.decoding.proposals import Proposal
from engines.decoding.rules import DecoderRules
from engines.decoding.search import BoundarySearch, OpenApex
from engines.intervals import Kind


class KindStream:
    """Proposals of one kind in one segment, decided as early as they are certain.

    Parameters
    ----------
    kind, rules
        What to look for, and how.

    Attributes
    ----------
    open
        Apexes whose offset search goes on.
    waiting
        Complete proposals, best first, whose fate hangs on what is still to come.
    kept
        Proposals that survived suppression and can still suppress others.
    horizon
        What later apexes can reach.
    """

    def __init__(self, kind: Kind, rules: DecoderRules) -> None:
        self._rules = rules.of(kind)
        self._least_product = rules.least_product(kind)
        self._iou = rules.nms_iou
        self._history: deque[tuple[float, float]] = deque(maxlen=self._rules.left_max + 1)
        self._next_tick = 0
        self._ended = False
        self.open: list[OpenApex] = []
        self.waiting: list[Proposal] = []
        self.kept: list[Proposal] = []
        self.horizon = Horizon(self._rules, self._least_product)

    def push(self, tick: int, onset: float, offset: float, apex: float) -> list[Proposal]:
        """Take one tick's probabilities; return the proposals that this makes certain to stay."""
        self._next_tick = tick + 1
        self._history.append((onset, offset))
        self.horizon.push(tick, onset, offset)
        if apex > self._rules.apex_threshold:
            self._open(tick, apex)
        for pending in self.open:
            pending.search.step(offset, onset)
        if self.open:
            self._complete()
        return self._resolve() if self.waiting else []

    def finish(self) -> list[Proposal]:
        """End the segment: nothing is still to come. Return what thereby stays."""
        self._ended = True
        for pending in self.open:
            self._collect(pending)
        self.open = []
        return self._resolve()

    def _open(self, tick: int, apex: float) -> None:
        left = BoundarySearch(self._rules.left_min, self._rules.left_max, self._rules)
        left.walk(reversed(self._history))
        product = left.best * apex
        if left.found and product >= self._least_product:
            onset = tick - left.best_distance
            self.open.append(OpenApex(onset, tick, product, self._rules))

    def _complete(self) -> None:
        for pending in self.open:
            if pending.search.done:
                self._collect(pending)
        self.open = [p for p in self.open if not p.search.done]

    def _collect(self, pending: OpenApex) -> None:
        proposal = pending.proposal()
        if proposal is None or proposal.length < self._rules.shortest:
            return
        if proposal.product < self._least_product:
            return
        for other in self.waiting:
            if other.onset == proposal.onset and other.offset == proposal.offset:
                # the better of two equal intervals shares its fate with the other
                if other.order < proposal.order:
                    return
                self.waiting.remove(other)
                break
        insort(self.waiting, proposal, key=lambda p: p.order)

    def _resolve(self) -> list[Proposal]:
        """Settle, best first, every waiting proposal that nothing can change any more."""
        stay: list[Proposal] = []
        undecided: list[Proposal] = []
        for proposal in self.waiting:
            if any(proposal.overlaps(k, self._iou) for k in self.kept):
                continue
            if any(proposal.overlaps(u, self._iou) for u in undecided) or self._may_lose(proposal):
                undecided.append(proposal)
            else:
                self.kept.append(proposal)
                stay.append(proposal)
        self.waiting = undecided
        return stay

    def _may_lose(self, proposal: Proposal) -> bool:
        if self._ended:
            return False
        if any(self._open_may_beat(pending, proposal) for pending in self.open):
            return True
        return self.horizon.may_beat(proposal, self._iou)

    def _open_may_beat(self, pending: OpenApex, proposal: Proposal) -> bool:
        if pending.product < proposal.product:
            return False
        offset = pending.next_offset(self._next_tick)
        best = Proposal(pending.onset, pending.apex, offset, pending.product)
        if proposal.loses_to(best, self._iou):
            return True
        current = pending.proposal()
        return current is not None and proposal.loses_to(current, self._iou)

    def may_cover(self, micro: Proposal, share: float) -> bool:
        """Whether an undecided or later proposal may hold more than ``share`` of a micro's ticks.

        ``micro`` ends before the next tick.
        """
        if self._ended:
            return False
        waiting = any(micro.lies_in(w.onset, w.offset, share) for w in self.waiting)
        return (
            waiting
            or any(self._open_may_cover(pending, micro, share) for pending in self.open)
            or self.horizon.may_cover(micro, share)
        )

    def _open_may_cover(self, pending: OpenApex, micro: Proposal, share: float) -> bool:
        # an offset beyond the micro-expression, which covers most of it, may still come
        return micro.lies_in(pending.onset, micro.offset, share)

    @property
    def earliest(self) -> int:
        """First tick of all that is undecided or still to come."""
        undecided = [*(p.onset for p in self.open), *(p.onset for p in self.waiting)]
        return min([self.horizon.earliest, *undecided])

    def forget(self, before: int) -> None:
        """Drop kept proposals that ended before a tick, since nothing can meet them any more."""
        if self.kept:
            self.kept = [p for p in self.kept if p.offset >= before]

"""How far back the apexes that are still to come can reach."""

from collections import deque
from collections.abc import Iterator

from engines.decoding.proposals import Proposal
from engines.decoding.rules import KindRules


class Horizon:
    """The onsets, among the ticks already seen, that a later apex of one kind could choose.

    A tick drops out once every later apex is too far from it, stops at a barrier or settles
    before reaching it, or meets a better onset on its way there. What remains bounds both the
    position and the product of everything to come, so that a proposal beyond their reach is
    final.

    Parameters
    ----------
    rules
        The kind's rules.
    least_product
        Smallest product that reaches the kind's floor.
    """

    def __init__(self, rules: KindRules, least_product: float) -> None:
        self._rules = rules
        self._least_product = least_product
        self._recent: deque[tuple[int, float, float]] = deque(maxlen=rules.left_max + 2)
        self._mature: deque[tuple[int, float, float]] = deque()
        self._next_tick = 0
        self._wall: int | None = None

    @property
    def earliest(self) -> int:
        """First tick that a later apex could choose as its onset."""
        reach = self._next_tick - self._rules.left_max
        return reach if self._wall is None else max(reach, self._wall)

    def push(self, tick: int, onset: float, offset: float) -> None:
        """Take in one tick's boundary probabilities."""
        self._next_tick = tick + 1
        self._recent.append((tick, onset, offset))
        if offset > self._rules.barrier:
            self._raise_wall(tick + 1)
        self._ripen()
        while self._mature and self._mature[0][0] < self.earliest:
            self._mature.popleft()

    def _ripen(self) -> None:
        """Let the tick that every later apex has among its candidates rule out others."""
        back = max(1, self._rules.left_min)
        if len(self._recent) < back:
            return
        tick, onset, offset = self._recent[-back]
        while self._mature and self._mature[-1][1] <= onset:
            self._mature.pop()
        self._mature.append((tick, onset, offset))
        self._settle(tick, onset)

    def _settle(self, tick: int, onset: float) -> None:
        settle = self._rules.settle
        if not settle or onset < self._rules.boundary_threshold:
            return
        before = self._mature[-2][0] if len(self._mature) > 1 else None
        # the tick before this one in the deque is the nearest that is better
        if before is None or before < tick - settle:
            self._raise_wall(tick - settle)

    def _raise_wall(self, tick: int) -> None:
        self._wall = tick if self._wall is None else max(self._wall, tick)

    def _onsets(self) -> Iterator[tuple[int, float]]:
        """Yield each possible onset with the most that a product with it can become."""
        fresh = max(1, self._rules.left_min) - 1
        unripe = list(self._recent)[-fresh:] if fresh else []
        for tick, onset, offset in (*self._mature, *unripe):
            possible = tick >= self.earliest and onset > offset
            if possible and onset >= self._least_product:
                yield tick, onset

    def may_beat(self, proposal: Proposal, iou: float) -> bool:
        """Whether a later apex could suppress a proposal that lies in the past."""
        if proposal.offset < self.earliest:
            return False
        rules = self._rules
        for onset, product in self._onsets():
            apex = max(self._next_tick, onset + rules.left_min)
            # the earliest offset, since a later one only lowers the IoU
            rival = Proposal(onset, apex, apex + rules.right_min, product)
            if proposal.loses_to(rival, iou):
                return True
        return False

    def may_cover(self, micro: Proposal, share: float) -> bool:
        """Whether more than ``share`` of a past proposal may lie in a later one of this kind."""
        if micro.offset < self.earliest:
            return False
        return any(micro.lies_in(onset, micro.offset, share) for onset, _ in self._onsets())

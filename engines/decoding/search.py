"""One boundary search as it walks outward from its apex, one tick at a time."""

from collections.abc import Iterable

from engines.decoding.proposals import Proposal
from engines.decoding.rules import KindRules


class BoundarySearch:
    """The outward walk of the package docstring, step 2.

    Parameters
    ----------
    near, far
        Distance from the apex to the first and the last candidate, ticks.
    rules
        The kind's barrier, boundary threshold and settling time.

    Attributes
    ----------
    best
        Probability of the best candidate so far, -1 before the first.
    best_opposite
        Probability of the opposite boundary at that candidate.
    best_distance
        Its distance from the apex, ticks.
    done
        True once no further tick can change the result.
    """

    __slots__ = ("_distance", "_far", "_near", "_rules", "best", "best_distance", "best_opposite")

    def __init__(self, near: int, far: int, rules: KindRules) -> None:
        self._near = near
        self._far = far
        self._rules = rules
        self._distance = -1
        self.best = -1.0
        self.best_opposite = 0.0
        self.best_distance = 0

    @property
    def done(self) -> bool:
        """Whether the walk has ended."""
        return self._distance >= self._far

    @property
    def found(self) -> bool:
        """Whether the best candidate so far passes the check of step 3."""
        return self.best > self.best_opposite

    def step(self, wanted: float, opposite: float) -> None:
        """Take the next tick outward; the first one is the apex itself."""
        self._distance += 1
        rules = self._rules
        if self._distance > 0 and opposite > rules.barrier:
            self._distance = self._far
        elif self._distance >= self._near:
            self._consider(wanted, opposite)
            strong = self.best >= rules.boundary_threshold
            if rules.settle and strong and self._distance - self.best_distance >= rules.settle:
                self._distance = self._far

    def _consider(self, wanted: float, opposite: float) -> None:
        if wanted > self.best:
            self.best = wanted
            self.best_opposite = opposite
            self.best_distance = self._distance

    def walk(self, ticks: Iterable[tuple[float, float]]) -> None:
        """Step through (wanted, opposite) pairs, outward, until the search is done."""
        for wanted, opposite in ticks:
            self.step(wanted, opposite)
            if self.done:
                break


class OpenApex:
    """An apex whose onset is known and whose offset is still searched for.

    Attributes
    ----------
    onset, apex
        Ticks.
    product
        Onset times apex probability: the most that the proposal's product can become.
    search
        The walk to the right.
    """

    __slots__ = ("_first", "apex", "onset", "product", "search")

    def __init__(self, onset: int, apex: int, product: float, rules: KindRules) -> None:
        self.onset = onset
        self.apex = apex
        self.product = product
        self.search = BoundarySearch(rules.right_min, rules.right_max, rules)
        self._first = apex + rules.right_min

    def proposal(self) -> Proposal | None:
        """Return the proposal that results if no better offset comes, if any."""
        if not self.search.found:
            return None
        offset = self.apex + self.search.best_distance
        return Proposal(self.onset, self.apex, offset, self.product * self.search.best)

    def next_offset(self, next_tick: int) -> int:
        """Return the earliest offset that is still to come, tick."""
        return max(next_tick, self._first)

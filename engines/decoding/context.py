"""What the expression probability around a boundary says of it.

The paper's decoder does not read the expression probability. With ``context`` d > 0, an onset
counts as far as the face was at rest d ticks before, an offset as far as it is at rest d ticks
after, and an apex as far as there is an expression at all:

    onset'(t) = onset(t) · (1 - expression(t - d))
    offset'(t) = offset(t) · (1 - expression(t + d))
    apex'(t) = apex(t) · expression(t)

Beyond the ends of a segment, its first or last tick stands in.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from engines.decoding.rules import DecoderRules
from engines.intervals import Kind

Curve = NDArray[np.float64]
Marks = dict[str, float]


def apply_context(onset: Curve, offset: Curve, apex: Curve, rest: Curve, ticks: int) -> list[Curve]:
    """Return onset, offset and apex probabilities (T,) under the rule above.

    Parameters
    ----------
    onset, offset, apex
        float64 (T,).
    rest
        float64 (T,), one minus the expression probability.
    ticks
        d, above 0.
    """
    index = np.arange(len(rest))
    before = rest[np.maximum(index - ticks, 0)]
    after = rest[np.minimum(index + ticks, len(rest) - 1)] if len(rest) else rest
    return [onset * before, offset * after, apex * (1.0 - rest)]


class ContextStream:
    """The same, tick by tick: scores come out as many ticks later as the rules look ahead.

    Parameters
    ----------
    rules
        Their ``context`` of either kind may be 0; with both 0, scores pass at once.
    """

    def __init__(self, rules: DecoderRules) -> None:
        self._ticks = {kind: rules.of(kind).context for kind in Kind}
        self._reach = max(self._ticks.values())
        self._known: deque[Marks] = deque(maxlen=2 * self._reach + 1)
        self._ahead = 0

    @property
    def reach(self) -> int:
        """Ticks by which scores are delayed."""
        return self._reach

    def push(self, marks: Marks) -> list[Marks]:
        """Take one tick's scores; return those that are now certain, oldest first."""
        self._known.append(marks)
        self._ahead += 1
        if self._ahead <= self._reach:
            return []
        self._ahead -= 1
        return [self._of(len(self._known) - 1 - self._reach)]

    def finish(self) -> list[Marks]:
        """End the segment and return the scores that were held back."""
        first = len(self._known) - self._ahead
        out = [self._of(n) for n in range(first, len(self._known))]
        self._known.clear()
        self._ahead = 0
        return out

    def _of(self, n: int) -> Marks:
        out = dict(self._known[n])
        for kind, ticks in self._ticks.items():
            if ticks:
                before = 1.0 - self._known[max(n - ticks, 0)][f"{kind}_expression"]
                after = self._known[min(n + ticks, len(self._known) - 1)][f"{kind}_expression"]
                out[f"{kind}_onset"] *= before
                out[f"{kind}_offset"] *= 1.0 - after
                out[f"{kind}_apex"] *= 1.0 - (1.0 - self._known[n][f"{kind}_expression"])
        return out

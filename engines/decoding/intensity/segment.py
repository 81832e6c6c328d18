"""The scores of a segment, as far as they are remembered."""

from collections.abc import Mapping
from math import fsum

from engines.decoding.intensity.rules import ACTION, INTENSITY
from engines.intervals import Kind


class Segment:
    """Intensity and action scores of consecutive ticks, the oldest of which may be forgotten.

    Parameters
    ----------
    first
        Tick of the first scores.

    Attributes
    ----------
    first
        The oldest tick that is remembered.
    intensity
        Per remembered tick, in [0, 1].
    action
        The same per kind.
    """

    def __init__(self, first: int) -> None:
        self.first = first
        self.intensity: list[float] = []
        self.action: dict[Kind, list[float]] = {kind: [] for kind in Kind}

    def push(self, scores: Mapping[str, float]) -> None:
        """Take the scores of the next tick."""
        self.intensity.append(scores[INTENSITY])
        for kind, values in self.action.items():
            values.append(scores[ACTION[kind]])

    def forget(self, before: int) -> None:
        """Forget all ticks before one."""
        count = max(0, before - self.first)
        for values in (self.intensity, *self.action.values()):
            del values[:count]
        self.first += count

    def between(self, first: int, last: int) -> list[float]:
        """Return the intensity of ticks ``first`` to ``last`` that are in the segment."""
        start = max(0, first - self.first)
        return self.intensity[start : max(start, last + 1 - self.first)]

    def contrast(self, onset: int, offset: int) -> float:
        """Return the outer-inner contrast of [onset, offset] (GIM equations 15 and 16).

        Sums are rounded once, so that they do not depend on how they are made.

        Returns
        -------
        float
            In [-1, 1].
        """
        length = offset - onset + 1
        whole, rest = divmod(length, 4)
        before, after = onset - whole, offset + whole
        edge = self.between(before - 1, before - 1) + self.between(after + 1, after + 1)
        outer = self.between(before, onset - 1) + self.between(offset + 1, after)
        outer += [value * rest / 4 for value in edge]
        return fsum(self.between(onset, offset)) / length - fsum(outer) / (length / 2)

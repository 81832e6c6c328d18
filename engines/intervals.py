"""Expressions on the 30 Hz grid: what scores decode to."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TICK_HZ: Final = 30
"""Ticks per second: rate of the grid that intervals lie on."""


class Kind(StrEnum):
    """Kind of an expression by its duration: micro under 0.5 s, macro 0.5 s to 4 s."""

    MICRO = "micro"
    MACRO = "macro"


@dataclass(frozen=True, slots=True)
class Interval:
    """One expression on the 30 Hz grid; onset and offset are inclusive.

    Attributes
    ----------
    kind
        Micro or macro.
    onset, apex, offset
        Ticks, ``onset <= apex <= offset``.
    score
        Confidence in [0, 1]; 1 for a label.
    """

    kind: Kind
    onset: int
    apex: int
    offset: int
    score: float = 1.0

    def __post_init__(self) -> None:
        if not self.onset <= self.apex <= self.offset:
            raise ValueError(
                f"an interval needs onset <= apex <= offset, not "
                f"{self.onset}, {self.apex}, {self.offset}"
            )

    @property
    def length(self) -> int:
        """Duration in ticks, both ends counted."""
        return self.offset - self.onset + 1

    def intersection(self, other: "Interval") -> int:
        """Return the number of ticks that both intervals hold."""
        return max(0, min(self.offset, other.offset) - max(self.onset, other.onset) + 1)

    def iou(self, other: "Interval") -> float:
        """Return the inclusive intersection over union of two intervals, in [0, 1]."""
        shared = self.intersection(other)
        return shared / (self.length + other.length - shared)

"""Candidates for an expression, and how two of them compare."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Proposal:
    """One apex with its two boundaries, ticks, inclusive.

    Attributes
    ----------
    onset, apex, offset
        ``onset <= apex <= offset``.
    product
        Product of the three probabilities; proposals are ranked by it.
    """

    onset: int
    apex: int
    offset: int
    product: float

    @property
    def order(self) -> tuple[float, int, int]:
        """Sort key: the best comes first; no two proposals of one kind are equal in it."""
        return (-self.product, self.onset, self.apex)

    @property
    def length(self) -> int:
        """Duration in ticks, both ends counted."""
        return self.offset - self.onset + 1

    def overlaps(self, other: "Proposal", iou: float) -> bool:
        """Whether the inclusive IoU with another proposal exceeds ``iou``."""
        shared = min(self.offset, other.offset) - max(self.onset, other.onset) + 1
        return shared > 0 and shared / (self.length + other.length - shared) > iou

    def lies_in(self, onset: int, offset: int, share: float) -> bool:
        """Whether more than ``share`` of this proposal's ticks are in [onset, offset]."""
        shared = min(self.offset, offset) - max(self.onset, onset) + 1
        return shared > 0 and shared / self.length > share

    def loses_to(self, rival: "Proposal", iou: float) -> bool:
        """Whether a rival, if kept, suppresses this proposal."""
        return rival.order < self.order and self.overlaps(rival, iou)

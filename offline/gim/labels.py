"""Point labels on the 30 Hz grid, and the pseudo-labels that are made from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind


class Stage(StrEnum):
    """How pseudo-labels are made in an epoch (section 3.6.2)."""

    HARD = "hard"
    WARM = "warm"
    GIM = "gim"


@dataclass(frozen=True, slots=True)
class TickPoint:
    """The one labelled frame of an expression, as a tick of its record.

    Attributes
    ----------
    tick
        At least 0.
    kind
        Micro or macro.
    """

    tick: int
    kind: Kind

    def __post_init__(self) -> None:
        if self.tick < 0:
            raise ValueError(f"a point cannot be at tick {self.tick}")


@dataclass(frozen=True, slots=True)
class InstanceLabels:
    """Pseudo-labels of one point, before overlapping ones are settled.

    Attributes
    ----------
    point
        The label that they were made from.
    apex
        Pseudo-apex (equation 1); before stage 3 the labelled tick itself, or the nearest scored.
    ticks
        int64 (n,): the scored ticks of K_i, ascending, at least one.
    soft
        float32 (n,) in (0, 1] (equation 5).
    """

    point: TickPoint
    apex: int
    ticks: NDArray[np.int64]
    soft: NDArray[np.float32]

    @property
    def first(self) -> int:
        """First labelled tick."""
        return int(self.ticks[0])

    @property
    def last(self) -> int:
        """Last labelled tick."""
        return int(self.ticks[-1])


@dataclass(frozen=True, slots=True)
class PseudoLabels:
    """What one epoch teaches about the T ticks of one record.

    Attributes
    ----------
    soft
        float32 (2, T), rows micro and macro: intensity in (0, 1], 0 where a tick has no label of
        that kind.
    neutral
        bool (T,): pseudo-neutral ticks (equation 6); their intensity is 0.
    scored
        bool (T,), False where a tick tells nothing: it has no label and counts in no loss.
    instances
        One per point that has a scored tick in reach, in the order of the points.
    stage
        How they were made.
    """

    soft: NDArray[np.float32]
    neutral: NDArray[np.bool_]
    scored: NDArray[np.bool_]
    instances: tuple[InstanceLabels, ...]
    stage: Stage

    @property
    def expression(self) -> NDArray[np.bool_]:
        """Ticks with a label of either kind, bool (T,); N_exp is their number."""
        held: NDArray[np.bool_] = (self.soft > 0).any(axis=0)
        return held

    @property
    def apexes(self) -> NDArray[np.int64]:
        """Pseudo-apex of every instance, int64 (N,)."""
        return np.array([i.apex for i in self.instances], np.int64)

    @property
    def spans(self) -> NDArray[np.int64]:
        """First and last labelled tick of every instance, int64 (N, 2)."""
        return np.array([(i.first, i.last) for i in self.instances], np.int64).reshape(-1, 2)


def usable_points(
    points: Sequence[TickPoint], scored: NDArray[np.bool_], name: str
) -> tuple[tuple[TickPoint, ...], tuple[str, ...]]:
    """Return the points that a record can be trained with, and what is wrong with the others.

    Left out are points outside the record and repeated ones. Named but kept are two kinds at one
    tick, which may be a composite expression (appendix A.1), and points on ticks that are not
    scored, which still label the scored ticks around them.

    Parameters
    ----------
    points
        Of one record.
    scored
        bool (T,).
    name
        Of the record, for the messages.

    Returns
    -------
    points
        Without repetition, by tick.
    complaints
        One line each; empty if all is well.
    """
    kept: dict[TickPoint, None] = {}
    complaints: list[str] = []
    for point in sorted(points, key=lambda p: (p.tick, p.kind)):
        where = f"{name}: {point.kind} point at tick {point.tick}"
        if point.tick >= len(scored):
            complaints.append(f"{where}, but there are {len(scored)} ticks; left out")
        elif point in kept:
            complaints.append(f"{where} comes twice; used once")
        else:
            complaints.extend(_remarks(point, kept, scored, where))
            kept[point] = None
    return tuple(kept), tuple(complaints)


def _remarks(
    point: TickPoint, kept: dict[TickPoint, None], scored: NDArray[np.bool_], where: str
) -> list[str]:
    remarks = []
    if any(other.tick == point.tick for other in kept):
        remarks.append(f"{where} shares it with a point of the other kind; both used")
    if not scored[point.tick]:
        remarks.append(f"{where} has no usable window; only scored ticks near it are labelled")
    return remarks

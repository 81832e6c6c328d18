"""What SpotFormer learns at every tick, from labelled intervals (section 3.2.7).

The widths are those of the published settings: marks of onset and offset reach 1 tick to both
sides for micro- and 3 for macro-expressions; the apex target is a Gaussian of 4 ticks over the
same reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval, Kind

KINDS: Final = (Kind.MICRO, Kind.MACRO)
"""Order of the second axis of every target."""

REACH: Final = {Kind.MICRO: 1, Kind.MACRO: 3}
"""Ticks by which a mark is widened to both sides."""

APEX_SIGMA: Final = 4.0
"""Standard deviation of the apex target, ticks."""

ONSET, OFFSET, NONE = 0, 1, 2
NEUTRAL, MACRO, MICRO = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Targets:
    """Targets of T consecutive ticks; the second axis is (micro, macro).

    Attributes
    ----------
    boundary
        int64 (T, 2): 0 onset, 1 offset, 2 none.
    apex
        float32 (T, 2) in [0, 1], 1 at an apex.
    expression
        float32 (T, 2), 1 from onset to offset.
    label
        int64 (T,): 0 neutral, 1 macro, 2 micro. Where both overlap it is micro.
    counted
        bool (T,): False where a tick tells nothing (gap, no face, uncertain label).
    """

    boundary: NDArray[np.int64]
    apex: NDArray[np.float32]
    expression: NDArray[np.float32]
    label: NDArray[np.int64]
    counted: NDArray[np.bool_]


def make_targets(
    scored: NDArray[np.bool_],
    intervals: Sequence[Interval],
    ignored: Sequence[Interval] = (),
) -> Targets:
    """Return the targets of a video.

    Parameters
    ----------
    scored
        bool (T,), False where the window of a tick is not usable.
    intervals
        Labelled expressions; what lies outside the T ticks is cut off.
    ignored
        Intervals whose ticks are not counted.
    """
    ticks = len(scored)
    columns = [_kind_targets(ticks, [i for i in intervals if i.kind is k], k) for k in KINDS]
    boundary, apex, expression = (
        np.stack([column[part] for column in columns], axis=1) for part in range(3)
    )
    label = np.full(ticks, NEUTRAL, np.int64)
    label[expression[:, KINDS.index(Kind.MACRO)] > 0] = MACRO
    label[expression[:, KINDS.index(Kind.MICRO)] > 0] = MICRO
    counted = scored.copy()
    for interval in ignored:
        counted[_span(ticks, interval.onset, interval.offset)] = False
    return Targets(
        boundary.astype(np.int64),
        apex.astype(np.float32),
        expression.astype(np.float32),
        label,
        counted,
    )


def _kind_targets(
    ticks: int, intervals: Sequence[Interval], kind: Kind
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Boundary class, apex and expression target of one kind, (T,) each.

    A tick within reach of two marks belongs to the nearer one, and to the onset at equal
    distance, so that the shortest expressions keep both marks.
    """
    distance = {
        ONSET: _distance(ticks, [i.onset for i in intervals]),
        OFFSET: _distance(ticks, [i.offset for i in intervals]),
    }
    nearest = np.where(distance[ONSET] <= distance[OFFSET], ONSET, OFFSET)
    reached = np.minimum(distance[ONSET], distance[OFFSET]) <= REACH[kind]
    boundary = np.where(reached, nearest, NONE).astype(np.float64)
    from_apex = _distance(ticks, [i.apex for i in intervals])
    bell = np.exp(-0.5 * (from_apex / APEX_SIGMA) ** 2)
    apex = np.where(from_apex <= REACH[kind], bell, 0.0)
    expression = np.zeros(ticks)
    for interval in intervals:
        expression[_span(ticks, interval.onset, interval.offset)] = 1.0
    return boundary, apex, expression


def _distance(ticks: int, marks: Sequence[int]) -> NDArray[np.float64]:
    """Distance of every tick to the nearest mark, (T,); infinite without marks."""
    if not marks:
        return np.full(ticks, np.inf)
    grid = np.arange(ticks, dtype=np.float64)
    apart = np.abs(grid[:, None] - np.asarray(marks, np.float64)[None, :])
    nearest: NDArray[np.float64] = apart.min(axis=1)
    return nearest


def _span(ticks: int, first: int, last: int) -> slice:
    """Slice of the inclusive span within ``ticks``."""
    return slice(max(first, 0), max(min(last + 1, ticks), 0))

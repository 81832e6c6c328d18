"""Curves as short SVG paths.

A score has a value at each of thousands of ticks and is drawn a few hundred pixels wide. Points
that a reader could not tell from the line between their neighbours are left out (Ramer, Douglas
and Peucker), after each pixel column was reduced to its lowest and highest point: no peak is lost.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from offline.report.svg import number

Points = NDArray[np.float64]
TOLERANCE: Final = 0.35
"""How far a drawn line may be from a left-out point, in units of the drawing."""


def curve(x: Points, y: Points, tolerance: float = TOLERANCE) -> str:
    """Return path data of a curve; a gap where y is not finite.

    Parameters
    ----------
    x, y
        float64 (N,), coordinates, x rising.
    tolerance
        See :data:`TOLERANCE`.
    """
    parts = (simplify(_stretch(x, y, run), tolerance) for run in runs(np.isfinite(y)))
    return "".join(compact(points) for points in parts)


def area(x: Points, y: Points, base: float, tolerance: float = TOLERANCE) -> str:
    """Return path data of the area between a curve and a horizontal line at ``base``."""
    parts = []
    for run in runs(np.isfinite(y)):
        line = simplify(_stretch(x, y, run), tolerance)
        feet = np.array([[line[0, 0], base], [line[-1, 0], base]])
        parts.append(compact(np.concatenate([feet[:1], line, feet[1:]])) + "z")
    return "".join(parts)


def compact(points: Points) -> str:
    """Return path data of a line through points (N, 2), to a tenth of a unit.

    Each point is given relative to the one before, both rounded first, so that errors do not sum.
    """
    tenths = np.rint(points * 10).astype(np.int64)
    steps = np.diff(tenths, axis=0).tolist()
    start = f"M{number(tenths[0, 0] / 10)} {number(tenths[0, 1] / 10)}"
    return start + "l" + " ".join(f"{short(a)} {short(b)}" for a, b in steps) if steps else start


def short(tenths: int) -> str:
    """Return a number of tenths as SVG reads it, without a zero before the point."""
    whole, tenth = divmod(abs(tenths), 10)
    text = f"{whole or ''}.{tenth}" if tenth else str(whole)
    return f"-{text}" if tenths < 0 else text


def _stretch(x: Points, y: Points, run: tuple[int, int]) -> Points:
    return np.stack([x[slice(*run)], y[slice(*run)]], axis=1)


def runs(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the half-open runs of True values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def simplify(points: Points, tolerance: float) -> Points:
    """Return a subset of points (N, 2) from which no left-out one is farther than the tolerance.

    The distance is that to the line between the kept neighbours, measured vertically.
    """
    points = points[_extremes(points)]
    if len(points) <= 2:
        return points
    keep = np.zeros(len(points), np.bool_)
    keep[[0, -1]] = True
    pending = [(0, len(points) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        between = points[first + 1 : last]
        line = np.interp(between[:, 0], points[[first, last], 0], points[[first, last], 1])
        apart = np.abs(between[:, 1] - line)
        if apart.max() > tolerance:
            middle = first + 1 + int(apart.argmax())
            keep[middle] = True
            pending += [(first, middle), (middle, last)]
    return points[keep]


def _extremes(points: Points) -> NDArray[np.int64]:
    """Return the rows of the lowest and highest point of each unit of x, and both ends."""
    column = np.floor(points[:, 0]).astype(np.int64)
    by_height = np.lexsort((points[:, 1], column))
    starts = np.flatnonzero(np.diff(column[by_height], prepend=column[by_height[0]] - 1))
    ends = np.append(starts[1:], len(points)) - 1
    ends_of_all = np.array([0, len(points) - 1], np.int64)
    chosen = np.concatenate([by_height[starts], by_height[ends], ends_of_all])
    rows: NDArray[np.int64] = np.unique(chosen)
    return rows

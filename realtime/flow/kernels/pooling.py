"""Main-direction pooling of a patch (MDMO as the ABPN family computes it)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

PATCH_KEEP = 0.60
NOSE_KEEP = 0.88
MAX_SAMPLES = 1024


@njit(cache=True, nogil=True, forceinline=True)
def main_direction(
    vectors: NDArray[np.float32],
    count: int,
    first_edge_deg: float,
    keep: float,
    squares: NDArray[np.float64],
) -> tuple[float, float]:
    """Return one vector that stands for a patch.

    The vectors are binned by direction into four bins, split at ``first_edge_deg``, its mirror
    image about the vertical, and the two opposite directions. Of the fullest bin the ``keep``
    fraction with the largest magnitude stays; the result is the unit direction of their sum times
    their mean magnitude.

    Parameters
    ----------
    vectors
        float32 (>= count, 2), px.
    count
        Vectors to use, at least 1.
    first_edge_deg
        30 for the patches, 45 for the nose.
    keep
        Fraction in (0, 1].
    squares
        Scratch, float64 (>= count,).

    Returns
    -------
    (float, float)
        px.
    """
    # rounded, because the tangent of 45 degrees is less than 1 in double precision
    slope = round(np.tan(np.radians(first_edge_deg)), 12)
    fullest, members = _fullest_bin(vectors, count, slope)
    m = 0
    for n in range(count):
        u, v = _exact(vectors, n)
        if _bin(u, v, slope) == fullest:
            squares[m] = u * u + v * v
            m += 1
    kept = max(1, int(np.ceil(keep * members - 1e-9)))
    _sort(squares, members)
    limit = squares[members - kept]
    ties = 0
    for k in range(members - kept, members):
        ties += squares[k] == limit
    return _direction_times_magnitude(vectors, count, fullest, slope, limit, ties)


@njit(cache=True, nogil=True, forceinline=True)
def _fullest_bin(vectors: NDArray[np.float32], count: int, slope: float) -> tuple[int, int]:
    """Return the fullest bin, the first of equals, and its number of vectors."""
    right = down = left = 0
    for n in range(count):
        u, v = _exact(vectors, n)
        where = _bin(u, v, slope)
        right += where == 0
        down += where == 1
        left += where == 2
    best, members = 0, right
    if down > members:
        best, members = 1, down
    if left > members:
        best, members = 2, left
    up = count - right - down - left
    return (3, up) if up > members else (best, members)


@njit(cache=True, nogil=True, inline="always")
def _exact(vectors: NDArray[np.float32], n: int) -> tuple[float, float]:
    """Return one vector in double precision: whether it is kept must not hang on rounding."""
    # float() alone would keep float32 once compiled
    return float(np.float64(vectors[n, 0])), float(np.float64(vectors[n, 1]))


@njit(cache=True, nogil=True, inline="always")
def _bin(u: float, v: float, slope: float) -> int:
    """Return 0 right, 1 down, 2 left, 3 up; a comparison costs a tenth of an arctangent."""
    level = slope * abs(u)
    if u >= 0:
        if -level <= v < level or (u == 0 and v == 0):
            return 0
    elif -level < v <= level:
        return 2
    return 1 if v > 0 else 3


@njit(cache=True, nogil=True, forceinline=True)
def _sort(values: NDArray[np.float64], count: int) -> None:
    """Sort the first values in place, ascending; few and nearly equal, so by insertion."""
    for i in range(1, count):
        value, j = values[i], i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value


@njit(cache=True, nogil=True, forceinline=True)
def _direction_times_magnitude(
    vectors: NDArray[np.float32], count: int, fullest: int, slope: float, limit: float, ties: int
) -> tuple[float, float]:
    """Pool the vectors above a squared magnitude and the first ``ties`` of those at it."""
    su = sv = magnitude = 0.0
    n = 0
    for k in range(count):
        u, v = _exact(vectors, k)
        square = u * u + v * v
        if _bin(u, v, slope) != fullest or square < limit or (square == limit and ties == 0):
            continue
        if square == limit:
            ties -= 1
        su += u
        sv += v
        magnitude += np.sqrt(square)
        n += 1
    length = np.hypot(su, sv)
    if length < 1e-12:
        return 0.0, 0.0
    return su / length * magnitude / n, sv / length * magnitude / n

"""Main-direction pooling of a patch (MDMO as the ABPN family computes it)."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

PATCH_KEEP = 0.60
NOSE_KEEP = 0.88
MAX_SAMPLES = 1024


@njit(cache=True, nogil=True)
def main_direction(
    vectors: NDArray[np.float32], count: int, first_edge_deg: float, keep: float
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

    Returns
    -------
    (float, float)
        px.
    """
    bins = np.empty(count, np.int64)
    sizes = np.zeros(4, np.int64)
    for n in range(count):
        u, v = _exact(vectors, n)
        bins[n] = _bin(u, v, first_edge_deg)
        sizes[bins[n]] += 1
    fullest = int(np.argmax(sizes))
    squares = np.empty(sizes[fullest], np.float64)
    m = 0
    for n in range(count):
        if bins[n] == fullest:
            u, v = _exact(vectors, n)
            squares[m] = u * u + v * v
            m += 1
    kept = max(1, int(np.ceil(keep * m - 1e-9)))
    limit = np.sort(squares)[m - kept]
    ties = kept - np.count_nonzero(squares > limit)
    return _direction_times_magnitude(vectors, bins, fullest, limit, ties)


@njit(cache=True, nogil=True, inline="always")
def _exact(vectors: NDArray[np.float32], n: int) -> tuple[float, float]:
    """Return one vector in double precision: whether it is kept must not hang on rounding."""
    # float() alone would keep float32 once compiled
    return float(np.float64(vectors[n, 0])), float(np.float64(vectors[n, 1]))


@njit(cache=True, nogil=True, inline="always")
def _bin(u: float, v: float, first_edge_deg: float) -> int:
    """Return 0 right, 1 one vertical side, 2 left, 3 the other vertical side."""
    angle = np.degrees(np.arctan2(v, u)) % 360.0
    if angle < first_edge_deg or angle >= 360.0 - first_edge_deg:
        return 0
    if angle < 180.0 - first_edge_deg:
        return 1
    if angle < 180.0 + first_edge_deg:
        return 2
    return 3


@njit(cache=True, nogil=True, inline="always")
def _direction_times_magnitude(
    vectors: NDArray[np.float32],
    bins: NDArray[np.int64],
    fullest: int,
    limit: float,
    ties: int,
) -> tuple[float, float]:
    """Pool the vectors above a squared magnitude and the first ``ties`` of those at it."""
    su = sv = magnitude = 0.0
    n = 0
    for k in range(len(bins)):
        if bins[k] != fullest:
            continue
        u, v = _exact(vectors, k)
        square = u * u + v * v
        if square < limit or (square == limit and ties == 0):
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

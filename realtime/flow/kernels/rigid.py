"""Rigid head motion from the flow at points that hardly deform.

Six parameters, linear in the displacement (papers' notes, "Measured on real clips"): with (x, y)
from the centre of the points, depth z and the camera's distance D,

    u = tx + s·x - r·y + a·z + x·(a·x + b·y) / D
    v = ty + s·y + r·x + b·z + y·(a·x + b·y) / D

for two translations, scale, roll, yaw and pitch. The last terms are perspective: the side of the
face that turns towards the camera grows. They are fitted by iteratively reweighted least squares,
so that points that do deform (a blink at an eye corner) are outvoted.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.options import FAST

PARAMETERS = 6
ROUNDS = 5

MIN_SCALE = 0.15 / 96
"""Residuals below this are noise and keep their weight, outer eye distances."""

PRIOR = 50.0 / 96**2
"""Pull of scale, roll, yaw and pitch towards zero, in squared outer eye distances of lever, so
that noise at few points is not taken for a turn of the head."""

DISTANCE = 7.0
"""Distance of the camera, outer eye distances: about 0.6 m. Between 5 and 10 the fit is the same
within 0.1 px on a turn of ten degrees."""

LEAST_PIVOT = 1e-9
"""Points at absurd distances leave no more than rounding of a pivot, zero or less."""

HALF_TEXTURE = 0.2
"""Structure (smaller eigenvalue of A'A) at which a point counts half: on smooth skin, such as the
forehead, the image says little about the motion."""


@njit(cache=True, nogil=True, forceinline=True)
def texture_weights(structures: NDArray[np.float32], share: np.float32) -> NDArray[np.float64]:
    """Return how far the flow at each point is to be trusted, float64 (n,), in [0, 1).

    Parameters
    ----------
    structures
        float32 (n, 3): sums of A'A around the points (see
        :func:`realtime.flow.kernels.block.structures_of`).
    share
        One part in their number of summands.
    """
    out = np.empty(len(structures))
    for k in range(len(structures)):
        g11, g12, g22 = structures[k]
        mean, half = (g11 + g22) / 2, (g11 - g22) / 2
        # rounding must not make a weight negative: along stripes the smaller eigenvalue is zero
        smaller = max(mean - np.sqrt(half * half + g12 * g12), 0.0) * share
        out[k] = smaller / (smaller + HALF_TEXTURE)
    return out


@njit(cache=True, nogil=True, forceinline=True)
def fit(
    points: NDArray[np.float32],
    depth: NDArray[np.float32],
    shifts: NDArray[np.float32],
    trust: NDArray[np.float64],
    eyes_px: float,
    rounds: int = ROUNDS,
) -> NDArray[np.float64]:
    """Fit the six parameters, with Cauchy's weights at the scale of the median residual.

    Parameters
    ----------
    points
        float32 (n, 2), px from the points' centre.
    depth
        float32 (n,), px.
    shifts
        float32 (n, 2), px.
    trust
        float64 (n,), weight of each point, not negative.
    eyes_px
        Distance of the outer eye corners, px: what lengths are measured by.
    rounds
        Fits, each but the first with weights from the one before.

    Returns
    -------
    float64 (6,)
        tx, ty (px), s, r (1), a, b (px per px of depth).
    """
    n = len(points)
    weights, residuals = trust.copy(), np.empty(n)
    out, normal = np.empty(PARAMETERS), np.empty((PARAMETERS, PARAMETERS))
    distance = DISTANCE * eyes_px
    for step in range(rounds):
        _accumulate(points, depth, shifts, weights, eyes_px, normal, out)
        _solve(normal, out)
        if step == rounds - 1:
            break
        for k in range(n):
            u, v = predict(out, points[k, 0], points[k, 1], depth[k], distance)
            du, dv = shifts[k, 0] - u, shifts[k, 1] - v
            residuals[k] = np.sqrt(du * du + dv * dv)
        scale = max(float(np.median(residuals)), MIN_SCALE * eyes_px)
        for k in range(n):
            ratio = residuals[k] / scale
            weights[k] = trust[k] / (1 + ratio * ratio)
    return out


@njit(cache=True, nogil=True, inline="always")
def predict(
    parameters: NDArray[np.float64], x: float, y: float, z: float, distance: float
) -> tuple[float, float]:
    """Return the head's displacement (px) at a point given from the fit's centre."""
    tx, ty, s, r, a, b = parameters
    growth = (a * x + b * y) / distance
    return tx + (s + growth) * x - r * y + a * z, ty + (s + growth) * y + r * x + b * z


@njit(cache=True, nogil=True, fastmath=FAST, forceinline=True)
def _accumulate(
    points: NDArray[np.float32],
    depth: NDArray[np.float32],
    shifts: NDArray[np.float32],
    weights: NDArray[np.float64],
    eyes_px: float,
    n: NDArray[np.float64],
    right: NDArray[np.float64],
) -> None:
    """Write the lower half of the normal matrix ``n`` and the right side."""
    n[:], right[:] = 0.0, 0.0
    # the translations get a trace of it too, so that points with no texture at all give zero
    n[0, 0] = 1e-6
    per_distance = 1 / (DISTANCE * eyes_px)
    for k in range(len(points)):
        w, u, v = weights[k], np.float64(shifts[k, 0]), np.float64(shifts[k, 1])
        x, y, z = np.float64(points[k, 0]), np.float64(points[k, 1]), np.float64(depth[k])
        # how yaw moves x, how yaw moves y and pitch moves x, how pitch moves y
        p, q, t = z + x * x * per_distance, x * y * per_distance, z + y * y * per_distance
        right[0] += w * u
        right[1] += w * v
        right[2] += w * (x * u + y * v)
        right[3] += w * (x * v - y * u)
        right[4] += w * (p * u + q * v)
        right[5] += w * (q * u + t * v)
        n[0, 0] += w
        n[2, 0] += w * x
        n[2, 1] += w * y
        n[2, 2] += w * (x * x + y * y)
        n[4, 0] += w * p
        n[4, 1] += w * q
        n[4, 2] += w * (p * x + q * y)
        n[4, 3] += w * (q * x - p * y)
        n[4, 4] += w * (p * p + q * q)
        n[5, 1] += w * t
        n[5, 2] += w * (q * x + t * y)
        n[5, 3] += w * (t * x - q * y)
        n[5, 4] += w * q * (p + t)
        n[5, 5] += w * (q * q + t * t)
    n[1, 1], n[3, 0], n[3, 1], n[3, 3] = n[0, 0], -n[2, 1], n[2, 0], n[2, 2]
    n[5, 0] = n[4, 1]
    for k in range(2, PARAMETERS):
        n[k, k] += PRIOR * eyes_px * eyes_px


@njit(cache=True, nogil=True, forceinline=True)
def _solve(matrix: NDArray[np.float64], right: NDArray[np.float64]) -> None:
    """Solve a symmetric positive system by Cholesky's decomposition, in place.

    ``numpy.linalg.solve`` takes longer to call than this to finish.
    """
    n = len(right)
    for j in range(n):
        for k in range(j):
            matrix[j, j] -= matrix[j, k] * matrix[j, k]
        matrix[j, j] = np.sqrt(max(matrix[j, j], LEAST_PIVOT))
        for i in range(j + 1, n):
            for k in range(j):
                matrix[i, j] -= matrix[i, k] * matrix[j, k]
            matrix[i, j] /= matrix[j, j]
    for i in range(n):
        for k in range(i):
            right[i] -= matrix[i, k] * right[k]
        right[i] /= matrix[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            right[i] -= matrix[k, i] * right[k]
        right[i] /= matrix[i, i]

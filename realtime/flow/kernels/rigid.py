"""Rigid head motion from the flow at points that hardly deform.

Six parameters, linear in the displacement (papers' notes, "Measured on real clips"): with (x, y)
from the centre of the points and depth z,

    u = tx + s·x - r·y + a·z        v = ty + s·y + r·x + b·z

for two translations, scale, roll, yaw and pitch. They are fitted by iteratively reweighted least
squares, so that one point that does deform (a blink at an eye corner) is outvoted.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

PARAMETERS = 6
ROUNDS = 5
MIN_SCALE_PX = 0.15
"""Residuals below this are noise and keep full weight, px."""

TUKEY = 2.0
PRIOR = 500.0
"""Pull of scale, roll, yaw and pitch towards zero, in px² of lever, so that noise at few points
is not taken for a turn of the head."""

HALF_TEXTURE = 0.2
"""Structure (smaller eigenvalue of A'A) at which a point counts half: on smooth skin, such as the
forehead, the flow falls back to zero and would hold the head still when it moves."""


@njit(cache=True, nogil=True)
def texture_weights(
    expansion: NDArray[np.float32], points: NDArray[np.float32], radius: int
) -> NDArray[np.float64]:
    """Return how far the flow at each point is to be trusted, float64 (n,), in [0, 1).

    Parameters
    ----------
    expansion
        Of the window's first frame, float32 (H, W, 5).
    points
        float32 (n, 2), (x, y) px.
    radius
        Half the averaging window, px.
    """
    height, width = expansion.shape[0], expansion.shape[1]
    area = (2 * radius + 1) ** 2
    out = np.empty(len(points))
    for k in range(len(points)):
        x = min(max(round(points[k, 0]), radius), width - 1 - radius)
        y = min(max(round(points[k, 1]), radius), height - 1 - radius)
        g11 = g12 = g22 = 0.0
        for j in range(y - radius, y + radius + 1):
            for i in range(x - radius, x + radius + 1):
                a, b = expansion[j, i, 2], expansion[j, i, 3]
                c = expansion[j, i, 4] * 0.5
                g11 += a * a + c * c
                g12 += (a + b) * c
                g22 += b * b + c * c
        mean, half = (g11 + g22) / 2, (g11 - g22) / 2
        smaller = (mean - np.sqrt(half * half + g12 * g12)) / area
        out[k] = smaller / (smaller + HALF_TEXTURE)
    return out


@njit(cache=True, nogil=True)
def fit(
    points: NDArray[np.float32],
    depth: NDArray[np.float32],
    shifts: NDArray[np.float32],
    trust: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Fit the six parameters.

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

    Returns
    -------
    float64 (6,)
        tx, ty (px), s, r (1), a, b (px per px of depth).
    """
    n = len(points)
    weights = trust.copy()
    out = np.zeros(PARAMETERS)
    residuals = np.empty(n)
    for _ in range(ROUNDS):
        out = _solve(points, depth, shifts, weights)
        for k in range(n):
            u, v = predict(out, points[k, 0], points[k, 1], depth[k])
            residuals[k] = np.hypot(shifts[k, 0] - u, shifts[k, 1] - v)
        scale = max(float(np.median(residuals)), MIN_SCALE_PX)
        for k in range(n):
            ratio = residuals[k] / (TUKEY * scale)
            weights[k] = trust[k] * (1 - ratio * ratio) ** 2 if ratio < 1 else 1e-3 * trust[k]
    return out


@njit(cache=True, nogil=True, inline="always")
def predict(parameters: NDArray[np.float64], x: float, y: float, z: float) -> tuple[float, float]:
    """Return the head's displacement (px) at a point given from the fit's centre."""
    tx, ty, s, r, a, b = parameters
    return tx + s * x - r * y + a * z, ty + s * y + r * x + b * z


@njit(cache=True, nogil=True)
def _solve(
    points: NDArray[np.float32],
    depth: NDArray[np.float32],
    shifts: NDArray[np.float32],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    normal = np.zeros((PARAMETERS, PARAMETERS))
    right = np.zeros(PARAMETERS)
    row = np.zeros(PARAMETERS)
    # the translations get a trace of it too, so that points with no texture at all give zero
    normal[0, 0] = normal[1, 1] = 1e-6
    for k in range(2, PARAMETERS):
        normal[k, k] = PRIOR
    for k in range(len(points)):
        x, y, z = points[k, 0], points[k, 1], depth[k]
        _fill(row, 1.0, 0.0, x, -y, z, 0.0)
        _accumulate(normal, right, row, shifts[k, 0], weights[k])
        _fill(row, 0.0, 1.0, y, x, 0.0, z)
        _accumulate(normal, right, row, shifts[k, 1], weights[k])
    return np.linalg.solve(normal, right)


@njit(cache=True, nogil=True, inline="always")
def _fill(
    row: NDArray[np.float64], tx: float, ty: float, s: float, r: float, a: float, b: float
) -> None:
    row[0], row[1], row[2], row[3], row[4], row[5] = tx, ty, s, r, a, b


@njit(cache=True, nogil=True, inline="always")
def _accumulate(
    normal: NDArray[np.float64],
    right: NDArray[np.float64],
    row: NDArray[np.float64],
    value: float,
    weight: float,
) -> None:
    for a in range(PARAMETERS):
        right[a] += weight * row[a] * value
        for b in range(PARAMETERS):
            normal[a, b] += weight * row[a] * row[b]

"""Polynomial expansion of an image: the part of Farneback's flow that one frame determines.

Around each pixel the image is fitted by f(x) ~ x'Ax + b'x + c under a Gaussian weight
(Farneback 2003, section 2). Both passes are separable.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

RADIUS = 5


def expansion_weights(sigma_px: float) -> NDArray[np.float32]:
    """Return the three vertical filters and the normalisation of the expansion.

    Returns
    -------
    float32 (4, 11)
        Rows 0 to 2: g, g·x, g·x² with g the Gaussian weight, x in -5..5 px. Row 3: the four
        entries of the inverse normal matrix that the expansion needs.
    """
    x = np.arange(-RADIUS, RADIUS + 1, dtype=np.float64)
    g = np.exp(-(x**2) / (2 * sigma_px**2))
    g /= g.sum()
    xx, yy = np.meshgrid(x, x)
    weight = np.outer(g, g).ravel()
    one = np.ones(xx.size)
    first, second = [xx.ravel(), yy.ravel()], [xx.ravel() ** 2, yy.ravel() ** 2, (xx * yy).ravel()]
    basis = np.stack([one, *first, *second])
    inverse = np.linalg.inv((basis * weight) @ basis.T)
    out = np.zeros((4, 2 * RADIUS + 1))
    out[:3] = g, g * x, g * x**2
    out[3, :4] = inverse[1, 1], inverse[3, 0], inverse[3, 3], inverse[5, 5]
    return out.astype(np.float32)


@njit(cache=True, fastmath=True, nogil=True)
def expand(
    image: NDArray[np.uint8],
    weights: NDArray[np.float32],
    rows: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the expansion of an image.

    Parameters
    ----------
    image
        uint8 (H, W).
    weights
        As :func:`expansion_weights` returns them.
    rows
        Scratch, float32 (3, W + 10).
    out
        float32 (H, W, 5): b_x, b_y, A_xx, A_yy, 2·A_xy.
    """
    for y in range(image.shape[0]):
        _vertical(image, weights, y, rows)
        _horizontal(rows, weights, out[y])


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _vertical(
    image: NDArray[np.uint8], weights: NDArray[np.float32], y: int, rows: NDArray[np.float32]
) -> None:
    height, width = image.shape
    rows[:] = 0.0
    for k in range(-RADIUS, RADIUS + 1):
        line = image[min(max(y + k, 0), height - 1)]
        g0 = weights[0, k + RADIUS]
        g1 = weights[1, k + RADIUS]
        g2 = weights[2, k + RADIUS]
        for x in range(width):
            value = np.float32(line[x])
            rows[0, x + RADIUS] += g0 * value
            rows[1, x + RADIUS] += g1 * value
            rows[2, x + RADIUS] += g2 * value
    for plane in range(3):
        for x in range(RADIUS):
            rows[plane, x] = rows[plane, RADIUS]
            rows[plane, width + RADIUS + x] = rows[plane, width + RADIUS - 1]


@njit(cache=True, fastmath=True, nogil=True, inline="always")
def _horizontal(
    rows: NDArray[np.float32], weights: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    width = out.shape[0]
    i11, i30, i33, i55 = weights[3, 0], weights[3, 1], weights[3, 2], weights[3, 3]
    for x in range(width):
        f = rows[0, x + RADIUS] * weights[0, RADIUS]
        fx = np.float32(0.0)
        fy = rows[1, x + RADIUS] * weights[0, RADIUS]
        fxx = np.float32(0.0)
        fyy = rows[2, x + RADIUS] * weights[0, RADIUS]
        fxy = np.float32(0.0)
        for k in range(1, RADIUS + 1):
            g0 = weights[0, RADIUS + k]
            g1 = weights[1, RADIUS + k]
            g2 = weights[2, RADIUS + k]
            left, right = x + RADIUS - k, x + RADIUS + k
            even = rows[0, right] + rows[0, left]
            f += g0 * even
            fxx += g2 * even
            fx += g1 * (rows[0, right] - rows[0, left])
            fy += g0 * (rows[1, right] + rows[1, left])
            fxy += g1 * (rows[1, right] - rows[1, left])
            fyy += g0 * (rows[2, right] + rows[2, left])
        out[x, 0] = i11 * fx
        out[x, 1] = i11 * fy
        out[x, 2] = i30 * f + i33 * fxx
        out[x, 3] = i30 * f + i33 * fyy
        out[x, 4] = i55 * fxy


def expansion_of(image: NDArray[np.uint8], sigma_px: float) -> NDArray[np.float32]:
    """Return the expansion of one image, float32 (H, W, 5), in new memory."""
    height, width = image.shape
    out = np.empty((height, width, 5), np.float32)
    rows = np.empty((3, width + 2 * RADIUS), np.float32)
    expand(image, expansion_weights(sigma_px), rows, out)
    return out

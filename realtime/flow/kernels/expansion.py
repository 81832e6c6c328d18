"""Polynomial expansion of an image: the part of Farneback's flow that one frame determines.

Around each pixel the image is fitted by f(x) ~ x'Ax + b'x + c under a Gaussian weight
(Farneback 2003, section 2). The fit is a set of separable filters: three along the columns, five
along the rows. Coefficients are kept in planes, so that every pass runs over consecutive memory.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.options import FAST

RADIUS = 5
B_X, B_Y, A_XX, A_YY, A_XY2 = range(5)
"""Planes of an expansion; the last one holds 2·A_xy."""


def expansion_filters(sigma_px: float) -> NDArray[np.float32]:
    """Return the filters of the expansion.

    Returns
    -------
    float32 (4, 6)
        Half filters at 0..5 px: the weight g (even), g·x (odd), the second derivative's (even);
        and, in the last row, the gains of b and of 2·A_xy.
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
    out = np.zeros((4, RADIUS + 1))
    out[:3] = np.stack([g, g * x, inverse[3, 0] * g + inverse[3, 3] * g * x**2])[:, RADIUS:]
    out[3, :2] = inverse[1, 1], inverse[5, 5]
    return out.astype(np.float32)


@njit(cache=True, nogil=True)
def pad(image: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Copy an image, uint8 (H, W), into float32 (H + 10, W + 10), its border repeated."""
    height, width = image.shape
    for y in range(height + 2 * RADIUS):
        row = image[min(max(y - RADIUS, 0), height - 1)]
        for x in range(width):
            out[y, x + RADIUS] = row[x]
        for x in range(RADIUS):
            out[y, x] = row[0]
            out[y, width + RADIUS + x] = row[width - 1]


@njit(cache=True, fastmath=FAST, nogil=True)
def expand(
    padded: NDArray[np.float32],
    filters: NDArray[np.float32],
    rows: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the expansion of an image.

    Parameters
    ----------
    padded
        As :func:`pad` writes it, float32 (H + 10, W + 10).
    filters
        As :func:`expansion_filters` returns them.
    rows
        Scratch, float32 (3, >= W + 10).
    out
        float32 (5, H, W): b_x, b_y, A_xx, A_yy, 2·A_xy.
    """
    for y in range(out.shape[1]):
        _down(padded, filters, y, rows)
        _across(rows, filters, y, out)


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def _down(
    padded: NDArray[np.float32], f: NDArray[np.float32], y: int, rows: NDArray[np.float32]
) -> None:
    """Filter the columns around row y by weight, first and second derivative."""
    # five named rows on either side: with an inner loop over them the compiler leaves SIMD unused
    centre = padded[y + 5]
    u1, u2, u3, u4, u5 = padded[y + 4], padded[y + 3], padded[y + 2], padded[y + 1], padded[y]
    d1, d2, d3 = padded[y + 6], padded[y + 7], padded[y + 8]
    d4, d5 = padded[y + 9], padded[y + 10]
    for x in range(padded.shape[1]):
        s1, s2, s3 = d1[x] + u1[x], d2[x] + u2[x], d3[x] + u3[x]
        s4, s5 = d4[x] + u4[x], d5[x] + u5[x]
        near = f[0, 0] * centre[x] + f[0, 1] * s1 + f[0, 2] * s2
        rows[0, x] = near + f[0, 3] * s3 + f[0, 4] * s4 + f[0, 5] * s5
        near = f[1, 1] * (d1[x] - u1[x]) + f[1, 2] * (d2[x] - u2[x]) + f[1, 3] * (d3[x] - u3[x])
        rows[1, x] = near + f[1, 4] * (d4[x] - u4[x]) + f[1, 5] * (d5[x] - u5[x])
        near = f[2, 0] * centre[x] + f[2, 1] * s1 + f[2, 2] * s2
        rows[2, x] = near + f[2, 3] * s3 + f[2, 4] * s4 + f[2, 5] * s5


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def _across(
    rows: NDArray[np.float32], f: NDArray[np.float32], y: int, out: NDArray[np.float32]
) -> None:
    """Filter the filtered columns along the row, one pass a plane."""
    gain, gain_xy = f[3, 0], f[3, 1]
    for x in range(out.shape[2]):
        out[B_X, y, x] = gain * _odd(rows[0], x + RADIUS, f[1])
        out[A_XX, y, x] = _even(rows[0], x + RADIUS, f[2])
    for x in range(out.shape[2]):
        out[B_Y, y, x] = gain * _even(rows[1], x + RADIUS, f[0])
        out[A_XY2, y, x] = gain_xy * _odd(rows[1], x + RADIUS, f[1])
    for x in range(out.shape[2]):
        out[A_YY, y, x] = _even(rows[2], x + RADIUS, f[0])


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def _even(line: NDArray[np.float32], x: int, f: NDArray[np.float32]) -> np.float32:
    near = f[0] * line[x] + f[1] * (line[x + 1] + line[x - 1]) + f[2] * (line[x + 2] + line[x - 2])
    far = f[3] * (line[x + 3] + line[x - 3]) + f[4] * (line[x + 4] + line[x - 4])
    value: np.float32 = near + far + f[5] * (line[x + 5] + line[x - 5])
    return value


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def _odd(line: NDArray[np.float32], x: int, f: NDArray[np.float32]) -> np.float32:
    near = f[1] * (line[x + 1] - line[x - 1]) + f[2] * (line[x + 2] - line[x - 2])
    far = f[3] * (line[x + 3] - line[x - 3]) + f[4] * (line[x + 4] - line[x - 4])
    value: np.float32 = near + far + f[5] * (line[x + 5] - line[x - 5])
    return value


def expansion_of(image: NDArray[np.uint8], sigma_px: float) -> NDArray[np.float32]:
    """Return the expansion of one image, float32 (5, H, W), in new memory."""
    height, width = image.shape
    padded = np.empty((height + 2 * RADIUS, width + 2 * RADIUS), np.float32)
    pad(image, padded)
    out = np.empty((5, height, width), np.float32)
    expand(padded, expansion_filters(sigma_px), np.empty((3, padded.shape[1]), np.float32), out)
    return out

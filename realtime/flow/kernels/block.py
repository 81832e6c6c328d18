"""Displacement of a small block between two expanded images, from a common start.

One refinement is equations 7.29 to 7.33 of Farneback's thesis (2002): the displacement d that
carries one polynomial into the other, averaged over a window. Within a block all pixels start from
the same displacement, so the second image is read along straight rows with the same four weights
everywhere: that is what the processor's vector units are good at.

What the image does not determine is drawn towards the head's own motion, not towards zero: where
skin is smooth, the best guess is that it moves with the head.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.expansion import A_XX, A_XY2, A_YY, B_X, B_Y
from realtime.flow.kernels.options import FAST

DAMPING = np.float32(1e-3)
"""Added to the determinant (OpenCV's value), so that a flat area has no displacement of its own
instead of a wild one."""

MOMENTS = 5
"""Planes of moments: A'db (two), then A'A (three)."""

ROW_STEP = 2
"""Every second row is read: expansions are smooth, and rows are what the work is counted in."""


@njit(cache=True, nogil=True, forceinline=True)
def cut(
    image: NDArray[np.float32], x0: int, y0: int, columns: int, rows: int, out: NDArray[np.float32]
) -> None:
    """Copy every second row of a block.

    A window's first image is read again and again at the same places. Copied together they are a
    tenth of its memory, which the processor keeps at hand.

    Parameters
    ----------
    image
        Expansion, float32 (5, H, W).
    x0, y0, columns, rows
        The block, inside the image, px; an odd number of rows.
    out
        float32 (5, >= (rows + 1) / 2, >= columns).
    """
    for plane in range(MOMENTS):
        for n in range((rows + 1) // ROW_STEP):
            line, into = image[plane, y0 + n * ROW_STEP, x0 : x0 + columns], out[plane, n]
            for i in range(columns):
                into[i] = line[i]


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def moments(
    block: NDArray[np.float32],
    second: NDArray[np.float32],
    place: NDArray[np.int64],
    side: NDArray[np.int64],
    start: NDArray[np.float32],
    lines: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write A'db and A'A of every second row of a block, A being the mean of both images'.

    Parameters
    ----------
    block
        Of the first image, as :func:`cut` writes it.
    second
        Expansion, float32 (5, H, W).
    place
        int64 (2,): x, y of the block's first pixel in the first image.
    side
        int64 (2,): columns, rows, both odd.
    start
        float32 (2,): displacement to start from, px; overwritten by the one that was used, which
        keeps the displaced block inside the second image.
    lines
        Scratch, float32 (>= 5, >= columns).
    out
        float32 (5, >= (rows + 1) / 2, >= columns).
    """
    columns, rows = side[0], side[1]
    ix, iy, w00, w01, w10, w11 = _corner(second, place[0], place[1], columns, rows, start)
    for n in range((rows + 1) // ROW_STEP):
        j = n * ROW_STEP
        for plane in range(MOMENTS):
            upper = second[plane, iy + j, ix : ix + columns + 1]
            lower = second[plane, iy + j + 1, ix : ix + columns + 1]
            mixed = lines[plane]
            for i in range(columns):
                mixed[i] = w00 * upper[i] + w01 * upper[i + 1] + w10 * lower[i] + w11 * lower[i + 1]
        _combine(block, lines, columns, out, n)


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def _combine(
    block: NDArray[np.float32],
    lines: NDArray[np.float32],
    columns: int,
    out: NDArray[np.float32],
    n: int,
) -> None:
    """Write one row of moments from a row of the first image and the displaced row."""
    # one-dimensional views, named one by one: this is what lets the compiler use vector units
    half, quarter = np.float32(0.5), np.float32(0.25)
    bx1, by1, xy1 = block[B_X, n], block[B_Y, n], block[A_XY2, n]
    xx1, yy1 = block[A_XX, n], block[A_YY, n]
    bx2, by2, xx2, yy2, xy2 = lines[B_X], lines[B_Y], lines[A_XX], lines[A_YY], lines[A_XY2]
    h1, h2, g11, g12, g22 = out[0, n], out[1, n], out[2, n], out[3, n], out[4, n]
    for i in range(columns):
        dx, dy = (bx1[i] - bx2[i]) * half, (by1[i] - by2[i]) * half
        axx, ayy = (xx1[i] + xx2[i]) * half, (yy1[i] + yy2[i]) * half
        axy = (xy1[i] + xy2[i]) * quarter
        h1[i] = axx * dx + axy * dy
        h2[i] = axy * dx + ayy * dy
        g11[i] = axx * axx + axy * axy
        g12[i] = (axx + ayy) * axy
        g22[i] = ayy * ayy + axy * axy


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def misfit(
    block: NDArray[np.float32],
    second: NDArray[np.float32],
    x0: int,
    y0: int,
    side: int,
    start: NDArray[np.float32],
) -> tuple[np.float32, np.float32]:
    """Return the sums of A'db over every second row of a square, A being the first image's.

    Parameters
    ----------
    block, second, start
        As in :func:`moments`.
    x0, y0, side
        The square of the first image that the block was cut from, px.
    """
    half = np.float32(0.5)
    ix, iy, w00, w01, w10, w11 = _corner(second, x0, y0, side, side, start)
    h1 = h2 = np.float32(0.0)
    for n in range((side + 1) // ROW_STEP):
        j = n * ROW_STEP
        px, py = second[B_X, iy + j, ix : ix + side + 1], second[B_Y, iy + j, ix : ix + side + 1]
        qx = second[B_X, iy + j + 1, ix : ix + side + 1]
        qy = second[B_Y, iy + j + 1, ix : ix + side + 1]
        bx, by, xy = block[B_X, n], block[B_Y, n], block[A_XY2, n]
        xx, yy = block[A_XX, n], block[A_YY, n]
        for i in range(side):
            x = w00 * px[i] + w01 * px[i + 1] + w10 * qx[i] + w11 * qx[i + 1]
            y = w00 * py[i] + w01 * py[i + 1] + w10 * qy[i] + w11 * qy[i + 1]
            dx, dy, axy = (bx[i] - x) * half, (by[i] - y) * half, xy[i] * half
            h1 += xx[i] * dx + axy * dy
            h2 += axy * dx + yy[i] * dy
    return h1, h2


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def structures_of(
    first: NDArray[np.float32],
    points: NDArray[np.float32],
    window: int,
    out: NDArray[np.float32],
) -> None:
    """Write the sums of A'A over every second row of the window around each point.

    Parameters
    ----------
    first
        Expansion, float32 (5, H, W).
    points
        float32 (n, 2), (x, y) px; beyond the border, what is at the border counts.
    window
        Side of the window, px, odd.
    out
        float32 (n, 3): three entries of a symmetric 2x2 matrix.
    """
    half = np.float32(0.5)
    for k in range(len(points)):
        x0, y0 = corner_of(points[k], window, first)
        g11 = g12 = g22 = np.float32(0.0)
        for j in range(y0, y0 + window, ROW_STEP):
            xx, yy = first[A_XX, j, x0 : x0 + window], first[A_YY, j, x0 : x0 + window]
            xy = first[A_XY2, j, x0 : x0 + window]
            for i in range(window):
                axy = xy[i] * half
                g11 += xx[i] * xx[i] + axy * axy
                g12 += (xx[i] + yy[i]) * axy
                g22 += yy[i] * yy[i] + axy * axy
        out[k, 0], out[k, 1], out[k, 2] = g11, g12, g22


@njit(cache=True, nogil=True, inline="always")
def share_of(window: int) -> np.float32:
    """Return one part in the number of pixels that a window's sums are made of."""
    return np.float32(1.0 / (window * ((window + 1) // ROW_STEP)))


@njit(cache=True, nogil=True, inline="always")
def corner_of(point: NDArray[np.float32], side: int, image: NDArray[np.float32]) -> tuple[int, int]:
    """Return the first pixel (x, y) of a square around a point, inside the image (5, H, W)."""
    half = side // 2
    x = min(max(round(point[0]) - half, 0), image.shape[2] - side)
    y = min(max(round(point[1]) - half, 0), image.shape[1] - side)
    return x, y


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def solved(
    g11: np.float32,
    g12: np.float32,
    g22: np.float32,
    h1: np.float32,
    h2: np.float32,
    u: np.float32,
    v: np.float32,
    head_u: np.float32,
    head_v: np.float32,
) -> tuple[np.float32, np.float32]:
    """Return the displacement (px) that means of moments ask for.

    Parameters
    ----------
    g11, g12, g22, h1, h2
        Means over the window of A'A and of A'db.
    u, v
        The displacement at which ``h`` was taken, px.
    head_u, head_v
        The head's motion here, px: what the damping draws to.
    """
    du, dv = u - head_u, v - head_v
    h1 += g11 * du + g12 * dv
    h2 += g12 * du + g22 * dv
    scale = np.float32(1.0) / (g11 * g22 - g12 * g12 + DAMPING)
    return head_u + (g22 * h1 - g12 * h2) * scale, head_v + (g11 * h2 - g12 * h1) * scale


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def box_sums(
    plane: NDArray[np.float32],
    side: NDArray[np.int64],
    window: int,
    line: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the sums over a sliding square window, for every second pixel either way.

    Parameters
    ----------
    plane
        float32 (>= (rows + 1) / 2, >= columns): every second row of a block.
    side
        int64 (2,): columns and rows of the block, both odd.
    window
        Side of the window, px, odd.
    line
        Scratch, float32 (>= columns,).
    out
        float32: entry (j, i) is the sum over the window whose first pixel is (2·j, 2·i).
    """
    columns, rows, deep = side[0], (side[1] + 1) // ROW_STEP, (window + 1) // ROW_STEP
    line[:columns] = 0.0
    for j in range(deep):
        for i in range(columns):
            line[i] += plane[j, i]
    for j in range(rows - deep + 1):
        if j > 0:
            for i in range(columns):
                line[i] += plane[j - 1 + deep, i] - plane[j - 1, i]
        value = np.float32(0.0)
        for i in range(window):
            value += line[i]
        out[j, 0] = value
        for i in range(1, (columns - window) // 2 + 1):
            x = 2 * i - 2
            value += line[x + window] + line[x + 1 + window] - line[x] - line[x + 1]
            out[j, i] = value


@njit(cache=True, nogil=True, forceinline=True)
def _corner(
    second: NDArray[np.float32],
    x0: int,
    y0: int,
    columns: int,
    rows: int,
    start: NDArray[np.float32],
) -> tuple[int, int, np.float32, np.float32, np.float32, np.float32]:
    """Return the displaced block's first pixel and its four bilinear weights; settle ``start``."""
    zero, edge = np.float32(0.0), np.float32(1.001)
    px = np.float32(x0) + start[0]
    py = np.float32(y0) + start[1]
    # written so that a NaN ends at the border too
    px = min(px, np.float32(second.shape[2] - columns) - edge) if px > zero else zero
    py = min(py, np.float32(second.shape[1] - rows) - edge) if py > zero else zero
    start[0], start[1] = px - np.float32(x0), py - np.float32(y0)
    ix, iy = int(px), int(py)
    fx, fy = px - np.float32(ix), py - np.float32(iy)
    w11 = fx * fy
    return ix, iy, np.float32(1.0) - fx - fy + w11, fx - w11, fy - w11, w11

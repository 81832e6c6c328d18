"""Displacement between two expanded images everywhere, on a lattice of every second pixel.

One refinement is equations 7.29 to 7.33 of Farneback's thesis (2002): the displacement that
carries one polynomial into the other, averaged over a window. The averaged quantities vary slowly,
so every second pixel in each direction is enough, at a quarter of the work. This finds the step
from one frame to the next on reduced images; blocks take it from there.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.block import DAMPING
from realtime.flow.kernels.expansion import A_XX, A_XY2, A_YY, B_X, B_Y
from realtime.flow.kernels.options import FAST

STRIDE = 2
"""Pixels between lattice points."""


@njit(cache=True, fastmath=FAST, nogil=True)
def refine(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    flow: NDArray[np.float32],
    box: NDArray[np.int32],
    radius: int,
    moments: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> None:
    """Refine the flow from ``first`` to ``second`` once, inside a box of the lattice.

    Parameters
    ----------
    first, second
        Expansions, float32 (5, H, W).
    flow
        float32 (h, w, 2), px of this level; read as the start and overwritten.
    box
        int32 (4,): y0, y1, x0, x1 in lattice points, ends excluded.
    radius
        Half the averaging window, in lattice points.
    moments
        Scratch, float32 (>= h, >= w, 5).
    sums
        Scratch, float32 (>= w, 5).
    """
    _moments(first, second, flow, box, moments)
    _average_rows(moments, box, radius, sums)
    _solve_columns(moments, flow, box, radius, sums)


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def _moments(
    first: NDArray[np.float32],
    second: NDArray[np.float32],
    flow: NDArray[np.float32],
    box: NDArray[np.int32],
    out: NDArray[np.float32],
) -> None:
    """Write A'A (three entries) and A'db (two) of every lattice point of the box."""
    height, width = second.shape[1], second.shape[2]
    zero, half = np.float32(0.0), np.float32(0.5)
    for j in range(box[0], box[1]):
        y = STRIDE * j
        for i in range(box[2], box[3]):
            x = STRIDE * i
            u, v = flow[j, i, 0], flow[j, i, 1]
            px, py = np.float32(x) + u, np.float32(y) + v
            # written so that a NaN ends at the border too
            px = min(px, np.float32(width - 1.001)) if px > zero else zero
            py = min(py, np.float32(height - 1.001)) if py > zero else zero
            ix, iy = int(px), int(py)
            fx, fy = px - np.float32(ix), py - np.float32(iy)
            w11 = fx * fy
            w10 = fy - w11
            w01 = fx - w11
            w00 = np.float32(1.0) - fx - fy + w11
            axx = (first[A_XX, y, x] + _at(second[A_XX], iy, ix, w00, w01, w10, w11)) * half
            ayy = (first[A_YY, y, x] + _at(second[A_YY], iy, ix, w00, w01, w10, w11)) * half
            axy = (
                (first[A_XY2, y, x] + _at(second[A_XY2], iy, ix, w00, w01, w10, w11)) * half * half
            )
            bx = (first[B_X, y, x] - _at(second[B_X], iy, ix, w00, w01, w10, w11)) * half
            by = (first[B_Y, y, x] - _at(second[B_Y], iy, ix, w00, w01, w10, w11)) * half
            # the displacement already assumed is part of the answer
            bx += axx * u + axy * v
            by += axy * u + ayy * v
            out[j, i, 0] = axx * axx + axy * axy
            out[j, i, 1] = (axx + ayy) * axy
            out[j, i, 2] = ayy * ayy + axy * axy
            out[j, i, 3] = axx * bx + axy * by
            out[j, i, 4] = axy * bx + ayy * by


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def _average_rows(
    moments: NDArray[np.float32], box: NDArray[np.int32], radius: int, line: NDArray[np.float32]
) -> None:
    """Replace each row by its running sums over the window, clipped to the box."""
    x0, x1 = box[2], box[3]
    for j in range(box[0], box[1]):
        row = moments[j]
        for i in range(x0, x1):
            for k in range(5):
                line[i, k] = row[i, k]
        s0 = s1 = s2 = s3 = s4 = np.float32(0.0)
        for i in range(x0 - radius, x1):
            ahead, behind = i + radius, i - radius - 1
            if ahead < x1:
                s0 += line[ahead, 0]
                s1 += line[ahead, 1]
                s2 += line[ahead, 2]
                s3 += line[ahead, 3]
                s4 += line[ahead, 4]
            if behind >= x0:
                s0 -= line[behind, 0]
                s1 -= line[behind, 1]
                s2 -= line[behind, 2]
                s3 -= line[behind, 3]
                s4 -= line[behind, 4]
            if i >= x0:
                row[i, 0], row[i, 1], row[i, 2], row[i, 3], row[i, 4] = s0, s1, s2, s3, s4


@njit(cache=True, fastmath=FAST, nogil=True, forceinline=True)
def _solve_columns(
    moments: NDArray[np.float32],
    flow: NDArray[np.float32],
    box: NDArray[np.int32],
    radius: int,
    sums: NDArray[np.float32],
) -> None:
    """Sum the rows over the window and solve the 2x2 system at every lattice point."""
    y0, y1, x0, x1 = box[0], box[1], box[2], box[3]
    area = np.float32((2 * radius + 1) ** 2)
    sums[x0:x1] = 0.0
    for j in range(y0 - radius, y1):
        ahead, behind = j + radius, j - radius - 1
        if ahead < y1:
            for i in range(x0, x1):
                for k in range(5):
                    sums[i, k] += moments[ahead, i, k]
        if behind >= y0:
            for i in range(x0, x1):
                for k in range(5):
                    sums[i, k] -= moments[behind, i, k]
        if j < y0:
            continue
        for i in range(x0, x1):
            g11, g12, g22 = sums[i, 0] / area, sums[i, 1] / area, sums[i, 2] / area
            h1, h2 = sums[i, 3] / area, sums[i, 4] / area
            scale = np.float32(1.0) / (g11 * g22 - g12 * g12 + DAMPING)
            flow[j, i, 0] = (g22 * h1 - g12 * h2) * scale
            flow[j, i, 1] = (g11 * h2 - g12 * h1) * scale


@njit(cache=True, fastmath=FAST, nogil=True)
def upsample(coarse: NDArray[np.float32], fine: NDArray[np.float32]) -> None:
    """Write a flow of one pyramid level onto the lattice of the next finer one.

    Both are float32 (h, w, 2); displacements double with the size of a pixel.
    """
    half = np.float32(0.5)
    for j in range(fine.shape[0]):
        for i in range(fine.shape[1]):
            u, v = sample(coarse, np.float32(j) * half, np.float32(i) * half)
            fine[j, i, 0] = u + u
            fine[j, i, 1] = v + v


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def sample(
    field: NDArray[np.float32], y: np.float32, x: np.float32
) -> tuple[np.float32, np.float32]:
    """Return a field (h, w, 2) at lattice position (y, x), bilinear, clipped to its border."""
    height, width = field.shape[0], field.shape[1]
    zero = np.float32(0.0)
    # written so that a NaN ends at the border too
    py = min(y, np.float32(height - 1.001)) if y > zero else zero
    px = min(x, np.float32(width - 1.001)) if x > zero else zero
    iy, ix = int(py), int(px)
    fy, fx = py - np.float32(iy), px - np.float32(ix)
    w11 = fx * fy
    w10, w01 = fy - w11, fx - w11
    w00 = np.float32(1.0) - fx - fy + w11
    a, b, c, d = field[iy, ix], field[iy, ix + 1], field[iy + 1, ix], field[iy + 1, ix + 1]
    u = w00 * a[0] + w01 * b[0] + w10 * c[0] + w11 * d[0]
    v = w00 * a[1] + w01 * b[1] + w10 * c[1] + w11 * d[1]
    return u, v


@njit(cache=True, fastmath=FAST, nogil=True, inline="always")
def _at(
    plane: NDArray[np.float32],
    iy: int,
    ix: int,
    w00: np.float32,
    w01: np.float32,
    w10: np.float32,
    w11: np.float32,
) -> np.float32:
    upper = w00 * plane[iy, ix] + w01 * plane[iy, ix + 1]
    value: np.float32 = upper + w10 * plane[iy + 1, ix] + w11 * plane[iy + 1, ix + 1]
    return value

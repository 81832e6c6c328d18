"""One step of every open window: from the window's first frame to the newest one.

Per window: follow the newest step, fit the head's motion, measure each head point and each patch
once more against the window's own first frame, fit again, pool what is left at the patches.
Everything a window needs lies in arrays, a row a window, so that one call serves all of them and
nothing is allocated but a few dozen numbers on the stack's side.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.block import (
    MOMENTS,
    box_sums,
    corner_of,
    misfit,
    moments,
    share_of,
    solved,
)
from realtime.flow.kernels.displacement import sample
from realtime.flow.kernels.options import LARGEST_BLOCK_PX
from realtime.flow.kernels.pooling import NOSE_KEEP, PATCH_KEEP, main_direction
from realtime.flow.kernels.rigid import DISTANCE, PARAMETERS, fit, predict

PATCHES = 10
PATCH_EDGE_DEG = 30.0
NOSE_EDGE_DEG = 45.0

PATCH_STRIDE = 2
"""Pixels between the vectors of a patch: neighbours share nearly all of their window."""

FIRST_ROUNDS = 3
"""Rounds of the fit that only says where to start measuring."""

LEAST_TRUST = 0.02
"""A head point below this is not measured: its weight in the fit is next to nothing."""


@njit(cache=True, nogil=True, forceinline=True)
def follow(
    points: NDArray[np.float32],
    shifts: NDArray[np.float32],
    step: NDArray[np.float32],
    per_px: float,
) -> None:
    """Append the newest step to the displacement of points.

    Parameters
    ----------
    points, shifts
        float32 (n, 2), px; ``shifts`` is updated.
    step
        The step from the previous frame to the newest, float32 (h, w, 2), px of its own level.
    per_px
        Lattice points of ``step`` per px of the crop.
    """
    to_px = np.float32(0.5 / per_px)
    for k in range(len(points)):
        y = (points[k, 1] + shifts[k, 1]) * np.float32(per_px)
        x = (points[k, 0] + shifts[k, 0]) * np.float32(per_px)
        u, v = sample(step, y, x)
        shifts[k, 0] += u * to_px
        shifts[k, 1] += v * to_px


@njit(cache=True, nogil=True, inline="always")
def measure_points(
    blocks: NDArray[np.float32],
    second: NDArray[np.float32],
    points: NDArray[np.float32],
    heads: NDArray[np.float32],
    trust: NDArray[np.float64],
    structures: NDArray[np.float32],
    window: int,
    shifts: NDArray[np.float32],
) -> None:
    """Write the displacement of single points, each from the head's motion there.

    Parameters
    ----------
    blocks
        Of the first image, float32 (n, 5, >= (window + 1) / 2, >= window).
    second
        Expansion, float32 (5, H, W).
    points, heads
        float32 (n, 2), px: where they are, and how the head moves there.
    trust
        float64 (n,); points below ``LEAST_TRUST`` are given the head's motion.
    structures
        float32 (n, 3), sums of A'A over their windows.
    window
        Side of the averaging window, px.
    shifts
        Out, float32 (n, 2), px.
    """
    share = share_of(window)
    start = np.empty(2, np.float32)
    for k in range(len(points)):
        shifts[k] = heads[k]
        if trust[k] < LEAST_TRUST:
            continue
        x0, y0 = corner_of(points[k], window, second)
        start[:] = heads[k]
        h1, h2 = misfit(blocks[k], second, x0, y0, window, start)
        shifts[k, 0], shifts[k, 1] = solved(
            structures[k, 0] * share,
            structures[k, 1] * share,
            structures[k, 2] * share,
            h1 * share,
            h2 * share,
            start[0],
            start[1],
            heads[k, 0],
            heads[k, 1],
        )


@njit(cache=True, nogil=True, inline="always")
def measure_block(
    block: NDArray[np.float32],
    second: NDArray[np.float32],
    place: NDArray[np.int64],
    side: NDArray[np.int64],
    start: NDArray[np.float32],
    head: NDArray[np.float32],
    window: int,
    planes: NDArray[np.float32],
    sums: NDArray[np.float32],
    vectors: NDArray[np.float32],
) -> int:
    """Write the displacement of a block's pixels, every second one, and return how many.

    Parameters
    ----------
    block
        Of the first image, as :func:`realtime.flow.kernels.block.cut` writes it.
    second
        Expansion, float32 (5, H, W).
    place
        int64 (2,): x, y of the first pixel of the first window.
    side
        int64 (2,): columns and rows, windows included.
    start, head
        float32 (2,), px: where to start (settled inside the image), and the head's motion.
    sums
        Scratch, float32 (5, >= rows, >= columns), of which the last plane holds lines.
    vectors
        Out, float32 (>= count, 2), px, row by row.
    """
    lines = sums[MOMENTS]
    moments(block, second, place, side, start, lines, planes)
    for plane in range(MOMENTS):
        box_sums(planes[plane], side, window, lines[0], sums[plane])
    share = share_of(window)
    n = np.int64(0)
    for j in range((side[1] - window) // PATCH_STRIDE + 1):
        for i in range((side[0] - window) // PATCH_STRIDE + 1):
            if n == len(vectors):
                return int(n)
            vectors[n, 0], vectors[n, 1] = solved(
                sums[2, j, i] * share,
                sums[3, j, i] * share,
                sums[4, j, i] * share,
                sums[0, j, i] * share,
                sums[1, j, i] * share,
                start[0],
                start[1],
                head[0],
                head[1],
            )
            n += 1
    return int(n)


@njit(cache=True, nogil=True, inline="always")
def rigid_motion(
    blocks: NDArray[np.float32],
    second: NDArray[np.float32],
    rigid: NDArray[np.float32],
    centred: NDArray[np.float32],
    depth: NDArray[np.float32],
    trust: NDArray[np.float64],
    structures: NDArray[np.float32],
    window: int,
    eyes_px: float,
    shifts: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return the head's six parameters, float64 (6,); ``shifts`` (n, 2) goes from old to new."""
    motion = fit(centred, depth, shifts, trust, eyes_px, FIRST_ROUNDS)
    heads = np.empty_like(shifts)
    for k in range(len(rigid)):
        heads[k, 0], heads[k, 1] = predict(
            motion, centred[k, 0], centred[k, 1], depth[k], DISTANCE * eyes_px
        )
    measure_points(blocks, second, rigid, heads, trust, structures, window, shifts)
    return fit(centred, depth, shifts, trust, eyes_px)


@njit(cache=True, nogil=True, forceinline=True)
def nose_area(
    nose: NDArray[np.float32],
    window: int,
    image: NDArray[np.float32],
    place: NDArray[np.int64],
    side: NDArray[np.int64],
) -> None:
    """Write the block around a nose box (4,): its first pixel (2,), its columns and rows (2,)."""
    half = window // 2
    for axis in range(2):
        size = image.shape[2 - axis]
        room = min(LARGEST_BLOCK_PX, size)
        length = (int(nose[axis + 2]) - int(np.ceil(nose[axis]))) // 2 * 2 + window
        side[axis] = min(max(length, window), room - 1 + room % 2)
        place[axis] = min(max(int(np.ceil(nose[axis])) - half, 0), size - side[axis])


@njit(cache=True, nogil=True, inline="always")
def nose_motion(
    block: NDArray[np.float32],
    second: NDArray[np.float32],
    nose: NDArray[np.float32],
    window: int,
    planes: NDArray[np.float32],
    sums: NDArray[np.float32],
    vectors: NDArray[np.float32],
    squares: NDArray[np.float64],
    shift: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Return head motion as the papers have it: one translation, from the nose box.

    ``block`` is what :func:`nose_area` says of the first image, cut. The result is float64 (6,),
    in the form of :func:`realtime.flow.kernels.rigid.fit`; ``shift`` (1, 2) goes from old to new.
    """
    place, side = np.empty(2, np.int64), np.empty(2, np.int64)
    nose_area(nose, window, second, place, side)
    start = shift[0].copy()
    count = measure_block(
        block, second, place, side, start, shift[0], window, planes, sums, vectors
    )
    out = np.zeros(PARAMETERS)
    out[0], out[1] = main_direction(vectors, count, NOSE_EDGE_DEG, NOSE_KEEP, squares)
    shift[0, 0], shift[0, 1] = out[0], out[1]
    return out


@njit(cache=True, nogil=True, inline="always")
def pool_patches(
    blocks: NDArray[np.float32],
    second: NDArray[np.float32],
    motion: NDArray[np.float64],
    patches: NDArray[np.float32],
    centre: NDArray[np.float32],
    depth: NDArray[np.float32],
    window: int,
    radius: int,
    distance: float,
    planes: NDArray[np.float32],
    sums: NDArray[np.float32],
    vectors: NDArray[np.float32],
    squares: NDArray[np.float64],
    shifts: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the pooled displacement of the ten patches without the head's motion.

    Parameters
    ----------
    blocks
        Of the first image around the patches, as :func:`realtime.flow.kernels.block.cut` writes
        each, float32 (10, 5, >= (2·radius + window + 1) / 2, >= 2·radius + window).
    second
        Expansion, float32 (5, H, W).
    motion
        float64 (6,), as the two functions above return it.
    patches, depth
        float32 (10, 2) and (10,), px of the crop.
    centre
        float32 (2,), where ``motion`` has its origin, px.
    radius
        Half a patch, px.
    distance
        Of the camera, px.
    shifts
        float32 (10, 2), px: whole displacement of the patches, old to new.
    out
        float32 (10, 2), px.
    """
    length = 2 * radius + window
    side, place, head = np.full(2, length), np.empty(2, np.int64), np.empty(2, np.float32)
    start = np.empty(2, np.float32)
    across = (length - window) // PATCH_STRIDE + 1
    for p in range(PATCHES):
        place[0], place[1] = corner_of(patches[p], length, second)
        x0 = place[0] + window // 2 - centre[0]
        y0 = place[1] + window // 2 - centre[1]
        head[0], head[1] = predict(motion, x0 + radius, y0 + radius, depth[p], distance)
        start[:] = shifts[p]
        count = measure_block(
            blocks[p], second, place, side, start, head, window, planes, sums, vectors
        )
        shifts[p] = 0
        for n in range(count):
            x, y = x0 + PATCH_STRIDE * (n % across), y0 + PATCH_STRIDE * (n // across)
            u, v = predict(motion, x, y, depth[p], distance)
            shifts[p, 0] += vectors[n, 0] / np.float32(count)
            shifts[p, 1] += vectors[n, 1] / np.float32(count)
            vectors[n, 0] -= u
            vectors[n, 1] -= v
        out[p, 0], out[p, 1] = main_direction(vectors, count, PATCH_EDGE_DEG, PATCH_KEEP, squares)

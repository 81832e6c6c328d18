"""The open windows of one crop as arrays, and the call that extends all of them by a frame."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.block import (
    MOMENTS,
    ROW_STEP,
    corner_of,
    cut,
    share_of,
    structures_of,
)
from realtime.flow.kernels.options import LARGEST_BLOCK_PX
from realtime.flow.kernels.pairs import (
    PATCHES,
    follow,
    nose_area,
    nose_motion,
    pool_patches,
    rigid_motion,
)
from realtime.flow.kernels.pooling import MAX_SAMPLES
from realtime.flow.kernels.rigid import DISTANCE, PARAMETERS, texture_weights


class Windows(NamedTuple):
    """A row a window; the row of a window that began on frame k is k modulo the number of rows.

    Attributes
    ----------
    newest
        float32 (5, H, W): expansion of the newest frame.
    patch_blocks, rigid_blocks, nose_blocks
        What is read of the expansions of the windows' first frames: float32 (rows, 10, 5, h, w),
        (rows, n, 5, h, w) and (rows, 5, h, w). Head motion takes either the rigid points or the
        nose; of the other there are no rows.
    patches, patch_depth
        float32 (rows, 10, 2) and (rows, 10), px of the crop.
    rigid, centred, rigid_depth
        float32 (rows, n, 2), the same from their centre, and (rows, n), px.
    centre
        float32 (rows, 2), px: mean of the rigid points.
    nose
        float32 (rows, 4): x0, y0, x1, y1, px.
    trust
        float64 (rows, n).
    structures
        float32 (rows, n, 3): sums of A'A around the rigid points.
    patch_shifts, rigid_shifts, nose_shift
        float32 (rows, 10, 2), (rows, n, 2), (rows, 1, 2), px: displacement up to the frame before.
    """

    newest: NDArray[np.float32]
    patch_blocks: NDArray[np.float32]
    rigid_blocks: NDArray[np.float32]
    nose_blocks: NDArray[np.float32]
    patches: NDArray[np.float32]
    patch_depth: NDArray[np.float32]
    rigid: NDArray[np.float32]
    centred: NDArray[np.float32]
    rigid_depth: NDArray[np.float32]
    centre: NDArray[np.float32]
    nose: NDArray[np.float32]
    trust: NDArray[np.float64]
    structures: NDArray[np.float32]
    patch_shifts: NDArray[np.float32]
    rigid_shifts: NDArray[np.float32]
    nose_shift: NDArray[np.float32]

    @classmethod
    def new(
        cls,
        rows: int,
        size: tuple[int, int],
        rigid_points: int,
        window: int,
        radius: int,
        rigid: bool,
    ) -> "Windows":
        """Return empty windows.

        Parameters
        ----------
        rows
            How many.
        size
            Height and width of the crops, px.
        rigid_points
            Number of points that follow the skull.
        window, radius, rigid
            As :func:`extend` will be given them.
        """

        def empty(*shape: int) -> NDArray[np.float32]:
            return np.zeros((rows, *shape), np.float32)

        def blocks(*shape: int) -> NDArray[np.float32]:
            side = shape[-1]
            return np.zeros((*shape[:-1], MOMENTS, (side + 1) // ROW_STEP, side), np.float32)

        return cls(
            newest=np.zeros((MOMENTS, *size), np.float32),
            patch_blocks=blocks(rows, PATCHES, 2 * radius + window),
            rigid_blocks=blocks(rows if rigid else 0, rigid_points, window),
            nose_blocks=blocks(0 if rigid else rows, LARGEST_BLOCK_PX),
            patches=empty(PATCHES, 2),
            patch_depth=empty(PATCHES),
            rigid=empty(rigid_points, 2),
            centred=empty(rigid_points, 2),
            rigid_depth=empty(rigid_points),
            centre=empty(2),
            nose=empty(4),
            trust=np.zeros((rows, rigid_points)),
            structures=empty(rigid_points, 3),
            patch_shifts=empty(PATCHES, 2),
            rigid_shifts=empty(rigid_points, 2),
            nose_shift=empty(1, 2),
        )


class Scratch(NamedTuple):
    """Room to work in, for one thread.

    Attributes
    ----------
    planes, sums
        float32 (5, 64, 64) and (6, 64, 64).
    vectors, squares
        float32 (1024, 2) and float64 (1024,).
    """

    planes: NDArray[np.float32]
    sums: NDArray[np.float32]
    vectors: NDArray[np.float32]
    squares: NDArray[np.float64]

    @classmethod
    def new(cls) -> "Scratch":
        """Return new room."""
        side = LARGEST_BLOCK_PX
        return cls(
            np.zeros((MOMENTS, side, side), np.float32),
            np.zeros((MOMENTS + 1, side, side), np.float32),
            np.zeros((MAX_SAMPLES, 2), np.float32),
            np.zeros(MAX_SAMPLES),
        )


@njit(cache=True, nogil=True)
def begin(windows: Windows, row: int, window: int) -> None:
    """Prepare a window whose first frame is the newest and whose sites are in their row.

    ``window`` is the side of the averaging window, px.
    """
    first = windows.newest
    structures_of(first, windows.rigid[row], window, windows.structures[row])
    windows.trust[row] = texture_weights(windows.structures[row], share_of(window))
    _cut_around(first, windows.patches[row], windows.patch_blocks[row])
    if len(windows.rigid_blocks) > 0:
        _cut_around(first, windows.rigid[row], windows.rigid_blocks[row])
    else:
        place, side = np.empty(2, np.int64), np.empty(2, np.int64)
        nose_area(windows.nose[row], window, first, place, side)
        cut(first, place[0], place[1], side[0], side[1], windows.nose_blocks[row])
    windows.patch_shifts[row] = 0
    windows.rigid_shifts[row] = 0
    windows.nose_shift[row] = 0


@njit(cache=True, nogil=True, forceinline=True)
def _cut_around(
    image: NDArray[np.float32], points: NDArray[np.float32], blocks: NDArray[np.float32]
) -> None:
    """Cut the square around each point (n, 2) into its block (n, 5, h, side)."""
    side = blocks.shape[3]
    for k in range(len(points)):
        x0, y0 = corner_of(points[k], side, image)
        cut(image, x0, y0, side, side, blocks[k])


def extend(
    windows: Windows,
    rows: NDArray[np.int64],
    step: NDArray[np.float32],
    per_px: float,
    window: int,
    radius: int,
    eyes_px: float,
    rigid: bool,
    scratch: Scratch,
    patches: NDArray[np.float32],
    motions: NDArray[np.float64],
) -> None:
    """Measure from the first frame of each window to the newest frame.

    Parameters
    ----------
    windows
        Updated.
    rows
        int64 (n,): the windows to extend.
    step, per_px
        The step from the previous frame (see :func:`realtime.flow.kernels.pairs.follow`).
    window, radius
        Side of the averaging window, and half a patch, px.
    eyes_px
        Distance of the outer eye corners on the crop, px.
    rigid
        Six parameters of head motion; else the translation of the nose.
    scratch
        Of this thread.
    patches, motions
        Out, float32 (n, 10, 2), px, and float64 (n, 6).
    """
    # either way of taking the head's motion is compiled when it is asked for
    if rigid:
        _move_heads(windows, rows, step, per_px, window, eyes_px, motions)
    else:
        _move_noses(windows, rows, step, per_px, window, scratch, motions)
    distance = DISTANCE * eyes_px
    _pool(windows, rows, step, per_px, window, radius, distance, scratch, motions, patches)


@njit(cache=True, nogil=True)
def _move_heads(
    windows: Windows,
    rows: NDArray[np.int64],
    step: NDArray[np.float32],
    per_px: float,
    window: int,
    eyes_px: float,
    motions: NDArray[np.float64],
) -> None:
    for n in range(len(rows)):
        row = rows[n]
        follow(windows.rigid[row], windows.rigid_shifts[row], step, per_px)
        motion = rigid_motion(
            windows.rigid_blocks[row], windows.newest, windows.rigid[row], windows.centred[row],
            windows.rigid_depth[row], windows.trust[row], windows.structures[row], window,
            eyes_px, windows.rigid_shifts[row],
        )  # fmt: skip
        for k in range(PARAMETERS):
            motions[n, k] = motion[k]


@njit(cache=True, nogil=True)
def _move_noses(
    windows: Windows,
    rows: NDArray[np.int64],
    step: NDArray[np.float32],
    per_px: float,
    window: int,
    scratch: Scratch,
    motions: NDArray[np.float64],
) -> None:
    planes, sums, vectors, squares = scratch
    middle = np.empty((1, 2), np.float32)
    for n in range(len(rows)):
        row = rows[n]
        nose = windows.nose[row]
        middle[0, 0], middle[0, 1] = (nose[0] + nose[2]) / 2, (nose[1] + nose[3]) / 2
        follow(middle, windows.nose_shift[row], step, per_px)
        motion = nose_motion(
            windows.nose_blocks[row], windows.newest, nose, window, planes, sums, vectors,
            squares, windows.nose_shift[row],
        )  # fmt: skip
        for k in range(PARAMETERS):
            motions[n, k] = motion[k]


@njit(cache=True, nogil=True)
def _pool(
    windows: Windows,
    rows: NDArray[np.int64],
    step: NDArray[np.float32],
    per_px: float,
    window: int,
    radius: int,
    distance: float,
    scratch: Scratch,
    motions: NDArray[np.float64],
    patches: NDArray[np.float32],
) -> None:
    planes, sums, vectors, squares = scratch
    for n in range(len(rows)):
        row = rows[n]
        follow(windows.patches[row], windows.patch_shifts[row], step, per_px)
        pool_patches(
            windows.patch_blocks[row], windows.newest, motions[n], windows.patches[row],
            windows.centre[row], windows.patch_depth[row], window, radius, distance, planes, sums,
            vectors, squares, windows.patch_shifts[row], patches[n],
        )  # fmt: skip

"""The head's motion at every pixel of a crop, for the reference flow's second pass."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from realtime.flow.kernels.rigid import DISTANCE

CELL_PX: Final = 8
REACH_PX: Final = 8.0
"""Depth between mesh points is a weighted mean over about this distance, px."""

Floats = NDArray[np.float32]
Places = NDArray[np.float32] | NDArray[np.float64]


def depth_map(mesh: Floats, shape: tuple[int, ...]) -> Floats:
    """Return the depth of every pixel of a crop, float32 (H, W), px.

    ``mesh`` is float32 (468, 3), px of the crop; kernel regression on a coarse grid.
    """
    height, width = shape[:2]
    y, x = np.mgrid[0 : height + CELL_PX : CELL_PX, 0 : width + CELL_PX : CELL_PX]
    far = (x[..., None] - mesh[:, 0]) ** 2 + (y[..., None] - mesh[:, 1]) ** 2
    weights = (1 + far / REACH_PX**2) ** -3
    coarse = ((weights * mesh[:, 2]).sum(-1) / weights.sum(-1)).astype(np.float32)
    columns, rows = np.meshgrid(np.arange(width) / CELL_PX, np.arange(height) / CELL_PX)
    return _at(coarse, columns, rows, order=1)


def head_field(
    motion: NDArray[np.float64], places: Floats, centre: Floats, depth: Floats, eyes_px: float
) -> Floats:
    """Return the head's displacement at places.

    Parameters
    ----------
    motion
        float64 (6,), see :func:`realtime.flow.kernels.rigid.fit`.
    places
        float32 (..., 2), (x, y) px of the crop.
    centre
        float32 (2,), where ``motion`` has its origin, px.
    depth
        float32 (...), px.
    eyes_px
        Distance of the outer eye corners, px.

    Returns
    -------
    float32 (..., 2)
        px.
    """
    x, y = places[..., 0] - centre[0], places[..., 1] - centre[1]
    tx, ty, s, r, a, b = motion
    growth = s + (a * x + b * y) / (DISTANCE * eyes_px)
    u = tx + growth * x - r * y + a * depth
    v = ty + growth * y + r * x + b * depth
    return np.asarray(np.stack([u, v], axis=-1), np.float32)


def pixel_places(shape: tuple[int, ...]) -> Floats:
    """Return (x, y) of every pixel, float32 (H, W, 2)."""
    height, width = shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return np.asarray(np.stack([x, y], axis=-1), np.float32)


def warped(image: NDArray[np.uint8], places: Floats) -> Floats:
    """Return an image at places (H, W, 2), cubic spline, float32: OpenCV rounds places to 1/32."""
    out = _at(image.astype(np.float32), places[..., 0], places[..., 1], order=3)
    return np.asarray(np.clip(out, 0, 255), np.float32)


def sampled(plane: Floats, places: Floats) -> Floats:
    """Return a plane (H, W) at places (..., 2), bilinear, its border repeated."""
    x, y = places[..., 0].astype(np.float32), places[..., 1].astype(np.float32)
    out = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.float32).reshape(x.shape)


def _at(plane: Floats, x: Places, y: Places, order: int) -> Floats:
    out = map_coordinates(plane, [y, x], order=order, mode="nearest")
    return np.asarray(out, np.float32)

"""The smooth part of a frame's motion on a coarse grid, forwards and backwards.

Displacement is known where skin was (neutral frame); a picture needs it where skin is. The map
is inverted by fixed-point steps on the grid, then enlarged.
"""

from typing import Final, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.action_units import CANONICAL_EYES_PX, unit_fields
from realtime.synthesis.framing import Stage
from realtime.synthesis.pose import skull_of
from realtime.synthesis.state import HeadPose

Array = NDArray[np.float32]

CELL: Final = 4
"""Frame px per grid cell."""

INVERSION_STEPS: Final = 7


NO_SECOND_MAP: Final = np.empty(0, np.float32)


Pixel = TypeVar("Pixel", np.uint8, np.float32)


def sample(image: NDArray[Pixel], places: Array) -> NDArray[Pixel]:
    """Return an image at places (H, W, 2), bilinear, its edge repeated outside."""
    sampled = cv2.remap(
        image, places, NO_SECOND_MAP, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled, image.dtype)


class SmoothWarp:
    """Action units and head motion of one staged portrait.

    Parameters
    ----------
    stage
        The portrait in its frame.
    """

    def __init__(self, stage: Stage) -> None:
        self._width, self._height = stage.size
        reach = -(-stage.margin // CELL) * CELL
        xs = np.arange(-reach, self._width + reach + CELL, CELL, dtype=np.float32)
        ys = np.arange(-reach, self._height + reach + CELL, CELL, dtype=np.float32)
        self._origin = float(-reach)
        self._shape = (len(ys), len(xs))
        nodes = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
        self._units = unit_fields(nodes, stage.mesh)
        self._skull = skull_of(nodes, stage.mesh, stage.size)
        self._pixels = stage.eyes_px / CANONICAL_EYES_PX
        self._targets = self._output_nodes()

    def pose_field(self, pose: HeadPose) -> Array:
        """Return the head's forward displacement on the neutral grid, float32 (gh, gw, 2), px."""
        return self._skull.displacement(pose).reshape(*self._shape, 2)

    def action_field(self, actions: Array) -> Array:
        """Return the forward displacement of action units on the neutral grid, (gh, gw, 2), px.

        ``actions`` is float32 (len(ACTIONS), 2), canonical px.
        """
        moved = np.zeros((self._shape[0] * self._shape[1], 2), np.float32)
        for action, side in zip(*np.nonzero(actions), strict=True):
            moved += np.float32(self._pixels * actions[action, side]) * self._units[action, side]
        return moved.reshape(*self._shape, 2)

    def at(self, field: Array, points: Array) -> Array:
        """Return a forward field at neutral points: float32 (N, 2) to (N, 2), bilinear."""
        place = (points - self._origin) / CELL
        limit = np.asarray(self._shape[::-1]) - 2
        corner = np.clip(np.floor(place).astype(np.intp), 0, limit)
        part = (place - corner).astype(np.float32)
        x, y = corner[:, 0], corner[:, 1]
        across, down = part[:, :1], part[:, 1:]
        upper = field[y, x] * (1 - across) + field[y, x + 1] * across
        lower = field[y + 1, x] * (1 - across) + field[y + 1, x + 1] * across
        return np.asarray(upper * (1 - down) + lower * down, np.float32)

    def backwards(self, field: Array, lean: float) -> Array:
        """Return the neutral position of every pixel, float32 (H, W, 2), px."""
        place = self._targets.copy()
        for _ in range(INVERSION_STEPS):
            grid = (place - self._origin) / CELL
            shift = np.asarray(sample(field, grid), np.float32)
            place -= (place + shift - self._targets) / (1 + lean)
        rows, columns = place.shape[:2]
        whole = cv2.resize(place, (columns * CELL, rows * CELL), interpolation=cv2.INTER_LINEAR)
        return np.asarray(whole[CELL : CELL + self._height, CELL : CELL + self._width], np.float32)

    def _output_nodes(self) -> Array:
        """Cell centres, with one more cell on each side than the frame has."""
        columns, rows = -(-self._width // CELL), -(-self._height // CELL)
        xs = CELL * np.arange(-1, columns + 1, dtype=np.float32) + (CELL - 1) / 2
        ys = CELL * np.arange(-1, rows + 1, dtype=np.float32) + (CELL - 1) / 2
        return np.asarray(np.stack(np.meshgrid(xs, ys), axis=-1), np.float32)

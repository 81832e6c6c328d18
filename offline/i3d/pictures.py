"""Frames as the two networks see them."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from offline.i3d.config import CROP, SIDE
from realtime.types import Face

MARGIN: Final = (SIDE - CROP) // 2

FACE_SHARE: Final = 0.6
"""Of the square around a face that its mesh's longer side takes; a head may move in the rest."""

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame, prepared.

    Attributes
    ----------
    rgb
        float32 (3, CROP, CROP) in [-1, 1].
    grey
        uint8 (SIDE, SIDE), what flow is measured on: a margin around what is seen.
    """

    rgb: NDArray[np.float32]
    grey: NDArray[np.uint8]

    @classmethod
    def of(cls, image: NDArray[np.uint8], box: Box | None = None) -> "Picture":
        """Return a frame, or the part of it in a box, as the networks see it.

        Parameters
        ----------
        image
            uint8 RGB (H, W, 3).
        box
            Left, top, right, bottom, px; what lies outside the frame repeats its border.
        """
        square = _middle(image if box is None else _part(image, box))
        seen = square[MARGIN : MARGIN + CROP, MARGIN : MARGIN + CROP]
        rgb = np.moveaxis(seen.astype(np.float32) / np.float32(127.5) - np.float32(1), -1, 0)
        return cls(rgb, np.asarray(cv2.cvtColor(square, cv2.COLOR_RGB2GRAY), np.uint8))


def face_box(face: Face) -> Box:
    """Return the square in whose middle a face is, with room to move."""
    low, high = face.mesh[:, :2].min(axis=0), face.mesh[:, :2].max(axis=0)
    half = float((high - low).max()) / (2 * FACE_SHARE)
    x, y = ((low + high) / 2).tolist()
    return round(x - half), round(y - half), round(x + half), round(y + half)


def _middle(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the square in the middle of an image whose short side is made ``SIDE``."""
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(image[top : top + side, left : left + side])
    way = cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (SIDE, SIDE), interpolation=way), np.uint8)


def _part(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    left, top, right, bottom = box
    columns = np.clip(np.arange(left, max(right, left + 1)), 0, width - 1)
    rows = np.clip(np.arange(top, max(bottom, top + 1)), 0, height - 1)
    part: NDArray[np.uint8] = image[np.ix_(rows, columns)]
    return part

"""What a face looks like, coarsely: enough to tell two people in one picture apart."""

from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.faces.landmarks import OUTER_EYES

Look: TypeAlias = NDArray[np.float32]
"""float32 (768,), of length 1: colours of 16x16 places of the face, less their mean."""

_SIDE: Final = 16
_MOUTH: Final = (61, 291)
_PLACES: Final = np.array([[4, 5], [12, 5], [8, 12]], np.float32)
"""Where the outer eye corners and the middle of the mouth lie on the 16x16 places."""

_GRAIN: Final = 3
"""Pixels that each place takes the mean of, each way; more would be slower, and no better."""


def look_of(image: NDArray[np.uint8], mesh: NDArray[np.float32]) -> Look:
    """Return what a face looks like.

    Parameters
    ----------
    image
        uint8 RGB (H, W, 3).
    mesh
        float32 (468, 3), px of the image.
    """
    mouth = mesh[list(_MOUTH), :2].mean(axis=0)
    points = np.array([*mesh[list(OUTER_EYES), :2], mouth], np.float32)
    matrix = cv2.getAffineTransform(points, _PLACES * _GRAIN)
    fine = cv2.warpAffine(
        image,
        matrix,
        (_SIDE * _GRAIN,) * 2,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    coarse = cv2.resize(fine, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    coarse -= coarse.mean(axis=(0, 1))
    return normal(coarse.ravel())


def normal(look: Look) -> Look:
    """Return a look at length 1; of a face without any contrast, nothing."""
    length = float(np.linalg.norm(look))
    return look / np.float32(length) if length > 0 else look


def unlike(one: Look, other: Look) -> float:
    """Return how unlike two looks are: 0 the same, 1 nothing in common, 2 the opposite."""
    return 1 - float(one @ other)

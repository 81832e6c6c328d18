"""Completes a portrait: what is behind the person, and what continues beyond the picture."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

FILL_HEIGHT: Final = 192
SHOULDER_SLOPE: Final = 0.45
"""Drop of the shoulders beyond the picture, px per px outwards."""


def fill_behind(image: NDArray[np.uint8], matte: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the picture without its person, filled smoothly from the background's colours.

    Parameters
    ----------
    image
        uint8 RGB (H, W, 3).
    matte
        float32 (H, W), 1 on the person.
    """
    scale = FILL_HEIGHT / image.shape[0]
    size = (max(8, round(image.shape[1] * scale)), FILL_HEIGHT)
    reach = max(3, image.shape[0] // 40) | 1
    covered = cv2.dilate((matte > 0.02).astype(np.float32), np.ones((reach, reach), np.uint8))
    seen = 1 - cv2.resize(covered, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    filled = _diffuse(small, np.asarray(seen, np.float32))
    whole = cv2.resize(filled, image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(covered, (0, 0), reach / 3)[..., None]
    return np.clip(image * (1 - soft) + whole * soft, 0, 255).astype(np.uint8)


def _diffuse(image: NDArray[np.float32], seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalised blurs from coarse to fine: far from known pixels only the coarse ones speak."""
    filled = np.broadcast_to(
        (image * seen[..., None]).sum((0, 1)) / max(float(seen.sum()), 1e-3), image.shape
    ).astype(np.float32)
    for sigma in (64.0, 32.0, 16.0, 8.0, 4.0):
        weight = cv2.GaussianBlur(seen, (0, 0), sigma)[..., None]
        colour = cv2.GaussianBlur(image * seen[..., None], (0, 0), sigma) / (weight + 1e-4)
        trust = np.clip(weight * 4, 0, 1)
        filled = np.asarray(filled * (1 - trust) + colour * trust, np.float32)
    return filled


def widen_backdrop(image: NDArray[np.uint8], pad: int) -> NDArray[np.uint8]:
    """Continue a background by reflection, ``pad`` px on every side."""
    return np.asarray(
        cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REFLECT_101), np.uint8
    )


def widen_person(image: NDArray[np.uint8], pad: int, chin_row: float) -> NDArray[np.uint8]:
    """Continue a person beyond the picture, ``pad`` px on every side.

    A plain reflection would raise the shoulders again, so it is sheared: they go on falling.

    Parameters
    ----------
    image
        uint8 (H, W, 4), RGB and outline.
    chin_row
        y of the chin, px: above it nothing continues sideways.
    """
    height, width = image.shape[:2]
    x = np.arange(-pad, width + pad, dtype=np.float32)
    y = np.arange(-pad, height + pad, dtype=np.float32)
    beyond = np.maximum(np.maximum(-x, x - (width - 1)), 0)
    column = np.broadcast_to(x, (len(y), len(x))).copy()
    row = y[:, None] - 2 * SHOULDER_SLOPE * beyond[None, :]
    row = np.where(row > height - 1, 2 * (height - 1) - row, row).astype(np.float32)
    mode = cv2.BORDER_REFLECT_101
    wide = np.asarray(cv2.remap(image, column, row, cv2.INTER_LINEAR, borderMode=mode), np.uint8)
    outline = wide[..., 3] * _continues(row, beyond, chin_row, width)
    if float(image[0, :, 3].mean()) < 12:
        outline[row < 0] = 0
    wide[..., 3] = outline.astype(np.uint8)
    return wide


def _continues(
    row: NDArray[np.float32], beyond: NDArray[np.float32], chin_row: float, width: int
) -> NDArray[np.float32]:
    """Share of the person that goes on beyond the sides: the shoulders, not a second head."""
    below = np.clip((row - chin_row) / (0.04 * width), 0, 1)
    near = np.exp(-beyond / (0.02 * width))[None, :]
    return np.asarray(np.maximum(below, near), np.float32)

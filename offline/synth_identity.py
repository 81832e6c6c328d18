"""More people than portraits: a picture mirrored, reshaped and toned makes another face.

It takes no network and no data: smooth changes of proportion and colour, larger than those between
two pictures of one person, small enough that every face still is one.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.synth_video import portrait
from realtime.synthesis.portraits import Portrait, portrait_of

WIDTH: Final = (0.92, 1.09)
"""Range of the face's breadth over that of the portrait."""

SHAPE: Final = 0.035
"""Standard deviation of the reshaping field, in distances of the outer eye corners."""

SHAPE_SPREAD: Final = 0.45
"""Distance over which it changes, in the same unit."""

GAMMA: Final = (0.78, 1.28)
TINT: Final = (0.93, 1.07)
TRIES: Final = 5


@lru_cache(maxsize=8)
def person(path: Path | None, variant: int, seed: int) -> Portrait:
    """Return one of the people that a picture makes.

    Parameters
    ----------
    path
        The picture; None for the bundled portrait.
    variant
        0 for the person in it, 1 and up for others.
    seed
        Of the changes; equal arguments give equal portraits.

    Raises
    ------
    UsageError
        If the picture shows no face.
    """
    original = portrait(path)
    if variant == 0:
        return original
    for attempt in range(TRIES):
        rng = np.random.default_rng([seed, variant, attempt])
        try:
            return portrait_of(f"{original.name}~{variant}", changed(original, rng))
        except UsageError:
            # the change went too far for the face finder
            continue
    raise UsageError(
        f"portrait {original.name}: no other face could be made of it; give more --portraits"
    )


def changed(original: Portrait, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return the picture of another person, uint8 RGB (H, W', 3)."""
    image = _reshaped(original.image, original.eyes_px, rng)
    width = round(image.shape[1] * rng.uniform(*WIDTH))
    image = np.asarray(cv2.resize(image, (width, image.shape[0])), np.uint8)
    if rng.random() < 0.5:
        image = image[:, ::-1]
    return _toned(np.ascontiguousarray(image), rng)


def _reshaped(
    image: NDArray[np.uint8], eyes_px: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    cell = SHAPE_SPREAD * eyes_px
    grid = (max(4, round(height / cell)), max(4, round(width / cell)), 2)
    moved = (SHAPE * eyes_px * rng.standard_normal(grid)).astype(np.float32)
    field = cv2.resize(moved, (width, height), interpolation=cv2.INTER_CUBIC)
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    map_x, map_y = xs + field[..., 0], ys + field[..., 1]
    warped = cv2.remap(image, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8)


def _toned(image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    levels = (np.arange(256) / 255)[:, None] ** rng.uniform(*GAMMA)
    table = np.clip(255 * levels * rng.uniform(*TINT, size=3) + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(image, table[None]), np.uint8)

"""What shows between lids and between lips: the eyeball, the inside of the mouth."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.openings import Parted

Array = NDArray[np.float32]

GUMS: Final = np.array([58.0, 26.0, 24.0], np.float32)
TEETH: Final = np.array([168.0, 143.0, 128.0], np.float32)
TEETH_SHOWN: Final = 0.55
"""Height of the upper teeth below the lip, of the length of skin that follows the lip."""


def coverage(parted: Parted, x: Array, y: Array) -> Array:
    """Return how much of each pixel lies between the edges, float32 in [0, 1]."""
    upper, lower = parted.edges(x)
    inside = np.clip(np.minimum(y - upper, lower - y) + 0.5, 0, 1)
    # beyond the corners both edges are one line, which covers nothing
    return np.asarray(inside * np.clip(lower - upper, 0, 1), np.float32)


def eyeball_source(parted: Parted, x: Array, y: Array, gaze_px: tuple[float, float]) -> Array:
    """Return where in the neutral picture the eyeball's pixels come from, float32 (..., 2).

    The iris moves with the gaze, and never out of the neutral opening, where skin would show.
    """
    opening = parted.opening
    left, right = float(opening.xs[0]), float(opening.xs[-1])
    across = np.clip((2 * x - left - right) / (right - left), -1, 1)
    source_x = x - gaze_px[0] * (1 - across**4)
    upper, lower = (np.interp(x, opening.xs, edge) for edge in (opening.upper, opening.lower))
    top, bottom = (np.interp(source_x, opening.xs, e) for e in (opening.upper, opening.lower))
    now_upper, now_lower = parted.edges(x)
    first, last = np.minimum(upper, now_upper), np.maximum(lower, now_lower)
    along = np.clip((y - first) / np.maximum(last - first, 1e-3), 0, 1)
    height = np.maximum(bottom - top, 1e-3)
    along = along - 4 * along * (1 - along) * gaze_px[1] / np.maximum(height, 4)
    return np.asarray(
        np.stack([source_x, top + np.clip(along, 0, 1) * height], axis=-1), np.float32
    )


def mouth_source(parted: Parted, x: Array, y: Array) -> Array:
    """Return where in the neutral picture the mouth's inside comes from, float32 (..., 2).

    The upper teeth belong to the skull: they stay with the upper lip when the jaw drops.
    """
    return np.asarray(np.stack([x, y + np.float32(parted.up_px)], axis=-1), np.float32)


def mouth_colours(parted: Parted, x: Array, y: Array, picture: Array, brightness: float) -> Array:
    """Return the inside of the mouth, float32 RGB (..., 3).

    Parameters
    ----------
    picture
        float32 RGB (..., 3): the portrait at :func:`mouth_source`, kept where its own lips were
        parted; the rest is painted.
    brightness
        Mean of the face's skin over 255; the inside is lit no better than the skin.
    """
    opening = parted.opening
    upper, lower = (np.interp(x, opening.xs, edge) for edge in (opening.upper, opening.lower))
    share = np.interp(x, opening.xs, opening.profile)
    place = y + parted.up_px
    shown = np.clip((lower - upper) / 3 - 0.5, 0, 1)
    known = (np.clip(np.minimum(place - upper, lower - place) / 2, 0, 1) * shown)[..., None]
    tall = TEETH_SHOWN * opening.fold_px[0]
    depth = (y - parted.edges(x)[0]) / max(tall, 1e-3)
    rows = np.clip((1 - depth) * 3, 0, 1) * np.clip(0.35 + 0.9 * depth, 0, 1)
    gaps = 1 - 0.14 * np.exp(-(((x / (0.9 * tall)) % 1 - 0.5) ** 2) / 0.006)
    teeth = rows * gaps * share * np.clip((parted.up_px + parted.down_px) / tall - 0.3, 0, 1)
    made = GUMS + (TEETH - GUMS) * (teeth * (1 - shown))[..., None]
    # lips that have hardly parted show what they showed before: a rim would appear from nowhere
    painted = (1 - known) * np.clip((parted.up_px + parted.down_px) / 3, 0, 1)
    return np.asarray(
        picture * (1 - painted) + made * min(1.0, 1.4 * brightness) * painted, np.float32
    )

"""What the flow says of a face that keeps still, and so the smallest motion that can be trusted."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.types import FLOW_NODES, NODES, WINDOW

Windows = NDArray[np.float32]
Floats = NDArray[np.float64]

BROWS: Final = tuple(n for n, name in enumerate(FLOW_NODES) if name.startswith("brow"))
MOUTH: Final = tuple(n for n, name in enumerate(FLOW_NODES) if name.startswith("mouth"))
_LIDS: Final = NODES.index("lids")
_HEAD: Final = NODES.index("head_shift")

BLINK_PX: Final = 3.0
"""Motion of the lids within a window, canonical px, from which it is a blink and left out."""

MOVED: Final = 3.0
"""Multiple of a patch's median from which a window is not noise: the face moved. Of noise alone,
the peak over sixteen steps hardly ever comes to twice its median."""

LEAST_WINDOWS: Final = 60
"""Two seconds: with less there is no tail to speak of."""

TRUSTED_SHARE: Final = 95
"""Percentile of the noise that a motion must exceed."""

MICRO_PX: Final = (0.3, 2.5)
"""Peak displacements of micro-expressions that the models of this project are trained on, canonical
px, as often in each octave (the feature simulator's range)."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Motion that is measured where there is none; px on the canonical face.

    Attributes
    ----------
    brows_px, mouth_px
        Of the worst patch there: 95 of 100 windows of a still face stay below.
    median_px
        Over all patches and windows.
    windows, blinks, moved
        Windows that were looked at, and those that were left out for a blink or because the face
        moved otherwise.
    """

    brows_px: float
    mouth_px: float
    median_px: float
    windows: int
    blinks: int
    moved: int

    @property
    def trusted_px(self) -> float:
        """Smallest displacement that can be trusted at all of the ten patches."""
        return max(self.brows_px, self.mouth_px)

    @property
    def micro_share(self) -> float:
        """Share of the micro-expressions of ``MICRO_PX`` that rise above it, in [0, 1]."""
        low, high = MICRO_PX
        return float(
            np.clip(math.log(high / max(self.trusted_px, low)) / math.log(high / low), 0, 1)
        )


def there_and_back(windows: Windows) -> Floats:
    """Return how far each node strays within a window from the straight way between its ends.

    That is what a micro-expression does, which comes and goes within a window, and what slow
    drift does not.

    Parameters
    ----------
    windows
        float32 (N, 17, nodes, 2), px.

    Returns
    -------
    float64 (N, nodes), px
    """
    share = (np.arange(WINDOW) / (WINDOW - 1))[None, :, None, None]
    straight = share * windows[:, -1:].astype(np.float64)
    away = np.hypot(*np.moveaxis(windows - straight, -1, 0))
    peak: Floats = away.max(axis=1)
    return peak


def measure_noise(windows: Windows) -> Noise | None:
    """Return the noise of a face that was asked to keep still.

    Parameters
    ----------
    windows
        float32 (N, 17, 18, 2), px.

    Returns
    -------
    Noise or None
        None where there are fewer than 60 windows in which nothing moves.
    """
    if not len(windows):
        return None
    peaks = there_and_back(windows)
    open_eyed = peaks[:, _LIDS] < BLINK_PX
    patches = peaks[open_eyed][:, : len(FLOW_NODES)]
    if len(patches) < LEAST_WINDOWS:
        return None
    still = (patches <= MOVED * np.median(patches, axis=0)).all(axis=1)
    kept = patches[still]
    if len(kept) < LEAST_WINDOWS:
        return None
    high = np.percentile(kept, TRUSTED_SHARE, axis=0)
    return Noise(
        brows_px=float(high[list(BROWS)].max()),
        mouth_px=float(high[list(MOUTH)].max()),
        median_px=float(np.median(kept)),
        windows=len(kept),
        blinks=int((~open_eyed).sum()),
        moved=int((~still).sum()),
    )


def head_motion(windows: Windows) -> tuple[float, float] | None:
    """Return median and 95th percentile of how far the head moves within a window (0.53 s), px."""
    if not len(windows):
        return None
    away = np.hypot(*np.moveaxis(windows[:, :, _HEAD].astype(np.float64), -1, 0)).max(axis=1)
    return float(np.median(away)), float(np.percentile(away, 95))

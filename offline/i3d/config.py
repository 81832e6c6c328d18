"""How I3D features are read."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engines.errors import UsageError
from offline.i3d.flow import LAMBDA, LIMIT_PX
from offline.i3d.weights import I3dWeights

I3D_VERSION: Final = 1
"""Raised whenever equal frames and weights give other features."""

SIDE: Final = 256
"""Short side of a picture, px; flow is measured on the square in its middle."""

CROP: Final = 224
"""Side of the square in the middle of that which the networks see, px."""

FRAMES: Final = range(2, 257)
"""Frames that a snippet may have; the papers have 8 and 32."""


class Region(StrEnum):
    """What part of a frame is resized to ``SIDE``."""

    FRAME = "frame"
    """All of it, as the papers have it."""

    FACE = "face"
    """A square around the first face, the same one throughout a video."""


@dataclass(frozen=True, slots=True)
class I3dOptions:
    """How features are read; equal options give equal features, up to the device's rounding.

    Attributes
    ----------
    weights
        Of both networks.
    frames
        Of a snippet.
    region
        Part of the frame that is seen.
    device
        Of the networks, as torch names it; ``auto`` is a GPU where there is one.

    Raises
    ------
    UsageError
        If a snippet cannot have so many frames.
    """

    weights: I3dWeights
    frames: int = 8
    region: Region = Region.FRAME
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.frames not in FRAMES:
            ends = f"{FRAMES[0]} to {FRAMES[-1]}"
            raise UsageError(f"--snippet: a snippet has {ends} frames, not {self.frames}")

    def settings(self) -> str:
        """Return one line of JSON, equal for equal ways of reading.

        Raises
        ------
        ModelError
            If a checkpoint cannot be read.
        """
        values = {
            "i3d_version": I3D_VERSION,
            "source": self.weights.source,
            "weights": self.weights.marks(),
            "snippet_frames": self.frames,
            "region": self.region.value,
            "side_px": SIDE,
            "crop_px": CROP,
            "flow": {"algorithm": "TV-L1", "lambda": LAMBDA, "clip_px": LIMIT_PX},
        }
        return json.dumps(values, sort_keys=True)

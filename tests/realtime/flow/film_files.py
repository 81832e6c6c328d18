"""Rendered faces as video files."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from realtime.types import RATE_HZ


def write_film(
    path: Path, images: Sequence[NDArray[np.uint8]], rate: Fraction = Fraction(RATE_HZ)
) -> Path:
    """Write pictures, uint8 RGB, without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = "bgr0"
        for image in images:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path

"""What one reading of a video tells of its frames: their times, and a sum over their pixels."""

import threading
import zlib
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engines.errors import FesError
from realtime.sources.file import FileSource
from realtime.sources.open import open_source
from realtime.types import Frame


def pixel_sum(image: NDArray[np.uint8]) -> int:
    """Return a checksum of an image's pixels."""
    return zlib.crc32(np.ascontiguousarray(image).data)


class FrameIndex:
    """Times and sums of the frames of a video, filled by a reading that may still go on.

    Frame k is the k-th that the project's own source yields: the number that labels mean.

    Parameters
    ----------
    path
        Video file, or folder of images.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._times_s: list[float] = []
        self._sums: list[int] = []
        self._numbers: dict[float, int] = {}
        self._done = threading.Event()
        self._error: str | None = None
        self._zero_s: Fraction | None = None
        self._seekable = False

    def __len__(self) -> int:
        return len(self._sums)

    @property
    def done(self) -> bool:
        """True once the video was read as far as it can be."""
        return self._done.is_set()

    @property
    def error(self) -> str | None:
        """Why the video was not read to its end, or None."""
        return self._error

    @property
    def zero_s(self) -> Fraction | None:
        """Timestamp of stream time 0, where times can be sought by: those of a regular file."""
        return self._zero_s if self._seekable else None

    def times_s(self, first: int = 0) -> list[float]:
        """Return the times of the frames from one on, s."""
        return self._times_s[first : len(self)]

    def time_s(self, frame: int) -> float:
        """Return the time of a frame, s."""
        return self._times_s[frame]

    def number(self, time_s: float) -> int | None:
        """Return which frame has a time, or None."""
        return self._numbers.get(time_s)

    def holds(self, frame: int, image: NDArray[np.uint8]) -> bool:
        """Return whether an image is, to the pixel, what was read for a frame."""
        return frame < len(self) and self._sums[frame] == pixel_sum(image)

    def fill(self, stop: threading.Event) -> None:
        """Read the whole video; what ends it early is kept in ``error``."""
        try:
            with open_source(str(self.path)) as source:
                for frame in source:
                    self._take(frame)
                    if isinstance(source, FileSource):
                        self._zero_s, self._seekable = source.zero_s, source.irregular == 0
                    if stop.is_set():
                        return
        except FesError as error:
            self._error = str(error)
        finally:
            self._done.set()

    def _take(self, frame: Frame) -> None:
        self._times_s.append(frame.timestamp_s)
        self._numbers.setdefault(frame.timestamp_s, frame.index)
        # the last, since it is what len() counts
        self._sums.append(pixel_sum(frame.image))

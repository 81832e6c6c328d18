"""A folder of images, one per frame, in the order of the numbers in their names."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from engines.errors import SourceError, UsageError
from realtime.sources.base import SourceInfo
from realtime.types import RATE_HZ, Frame

SUFFIXES: Final = frozenset(
    (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)


def frame_number(path: Path) -> tuple[float, str]:
    """Return the key that sorts images as they were taken.

    The last number of the name counts, whatever stands before it: ``img9.jpg`` comes before
    ``img10.jpg``, and ``006_1_05562.jpg`` is frame 5562. Names without a number come last.
    """
    numbers = re.findall(r"\d+", path.stem)
    return (float(numbers[-1]) if numbers else float("inf"), path.name)


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read one image as uint8 RGB (H, W, 3), whatever its depth and channels.

    Raises
    ------
    SourceError
        If it cannot be read or decoded.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {(error.strerror or '').lower()}") from error
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    if image is None:
        raise SourceError(f"cannot read {path}: it is not an image, or it is damaged")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


class FolderSource:
    """Frames from the images of one folder.

    Parameters
    ----------
    folder
        Its images are read, those of folders below are not; hidden files are left out.
    rate_hz
        Frames per second; frame k is at ``k / rate_hz``.
    first
        Frame at which reading begins.

    Raises
    ------
    SourceError
        At once if the folder has no image or the first cannot be read; from the iteration at an
        image that cannot be read or has another size.
    UsageError
        If the rate is not positive.
    """

    def __init__(self, folder: Path, rate_hz: float = RATE_HZ, first: int = 0) -> None:
        if not 0 < rate_hz < float("inf"):
            raise UsageError(f"the rate of a folder of images must be positive, not {rate_hz:g} Hz")
        self._paths = _images(folder)
        if not self._paths:
            raise SourceError(f"{folder} holds no image: expected {', '.join(sorted(SUFFIXES))}")
        self._rate_hz = rate_hz
        self._first = first
        self._closed = threading.Event()
        height, width = read_image(self._paths[0]).shape[:2]
        self._info = SourceInfo(str(folder), False, width, height, rate_hz, len(self._paths))
        self._frames = self._read()

    @property
    def info(self) -> SourceInfo:
        """What is known of the folder."""
        return self._info

    @property
    def dropped(self) -> int:
        """Always 0: a folder is read in full."""
        return 0

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def close(self) -> None:
        """End the iteration; safe to call twice and from another thread."""
        self._closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read(self) -> Iterator[Frame]:
        for index, path in enumerate(self._paths[self._first :], self._first):
            if self._closed.is_set():
                return
            image = read_image(path)
            height, width = image.shape[:2]
            if (width, height) != (self._info.width, self._info.height):
                raise SourceError(
                    f"{path} is {width}x{height} px, the images before it are "
                    f"{self._info.width}x{self._info.height}: give images of one size"
                )
            yield Frame(index, index / self._rate_hz, image, time.monotonic())


def _images(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES]
    except OSError as error:
        raise SourceError(f"cannot read {folder}: {(error.strerror or '').lower()}") from error
    return sorted((path for path in found if not path.name.startswith(".")), key=frame_number)

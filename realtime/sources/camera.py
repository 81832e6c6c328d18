"""A camera of this machine, through OpenCV."""

import logging
import platform
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from engines.errors import SourceError
from realtime.sources.cameras import CameraEntry, list_cameras, users_of
from realtime.sources.latest import LOST_S, LatestSource, Patience, Shot
from realtime.sources.opencv import quiet_opencv
from realtime.types import RATE_HZ

log = logging.getLogger(__name__)

_FRESH_S: Final = 1.0
_FIRST_FRAME_S: Final = 10.0
_UNKNOWN: Final = "in use by another program, or it has no format that can be read"


class CameraFeed:
    """One open capture device; implements :class:`realtime.sources.latest.Feed`.

    Parameters
    ----------
    capture
        An opened device.
    name
        For errors.
    index
        What the device is opened by.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str, index: int = 0) -> None:
        self._capture = capture
        self._name = name
        self._index = index
        self._seen = False

    @property
    def rate_hz(self) -> float | None:
        """Frame rate that the driver states, or None."""
        rate_hz = self._capture.get(cv2.CAP_PROP_FPS)
        return rate_hz if rate_hz > 0 else None

    def read(self) -> Shot:
        """Wait for the next picture.

        Raises
        ------
        SourceError
            If the device gives none.
        """
        ok, image = self._capture.read()
        if not ok or image is None:
            if not self._seen:  # Video4Linux lets anyone open a camera, and one of them read it
                raise SourceError(_why_not(self._index, self._name))
            raise SourceError(f"{self._name} gives no more frames: it hangs or was unplugged")
        self._seen = True
        captured_s = self._captured_s(time.monotonic())
        return Shot(captured_s, np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8))

    def close(self) -> None:
        """Release the device."""
        self._capture.release()

    def _captured_s(self, read_s: float) -> float:
        # Video4Linux stamps frames with the kernel's monotonic clock, free of the delay of
        # decoding and scheduling. Other drivers count from elsewhere.
        driver_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return driver_s if 0 <= read_s - driver_s < _FRESH_S else read_s


def open_capture(index: int, size: tuple[int, int], lost_s: float = LOST_S) -> LatestSource:
    """Open a camera by its index.

    Parameters
    ----------
    index
        As :func:`realtime.sources.cameras.list_cameras` gives it.
    size
        Width and height to ask for, px; the driver takes the nearest that it has.
    lost_s
        How long it may be away, s.

    Raises
    ------
    SourceError
        If there is no such camera, it is in use, or it gives no frame within 10 s.
    """
    name, place = f"camera {index}", _Place(index)
    return LatestSource(
        name,
        lambda: _connect(place.look(), name, size),
        Patience(first_s=_FIRST_FRAME_S, lost_s=lost_s),
    )


class _Place:
    """Where a camera is: one that was unplugged may come back under another index."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._called: str | None = None
        self._known = platform.system() == "Linux"  # elsewhere, to list cameras switches them on

    def look(self) -> int:
        """Return the index of the camera; by its name, once that is known, if no other has it."""
        if not self._known:
            return self._index
        cameras = [entry for entry in list_cameras() if entry.usable]
        if self._called is None:
            self._learn(cameras)
            return self._index
        alike = [entry.index for entry in cameras if entry.name == self._called]
        if alike and self._index not in alike:
            log.info("%s is now camera %d", self._called, alike[0])
            self._index = alike[0]
        elif not alike:
            raise SourceError(f"{self._called} is not plugged in")
        return self._index

    def _learn(self, cameras: list[CameraEntry]) -> None:
        names = [entry.name for entry in cameras]
        here = [entry.name for entry in cameras if entry.index == self._index]
        self._known = bool(here) and names.count(here[0]) == 1
        self._called = here[0] if self._known else None


def find_camera(which: str) -> int:
    """Return the index of a camera from what the user wrote: index, device file or name.

    Raises
    ------
    SourceError
        If no camera, or more than one, has that name.
    """
    number = which.removeprefix("/dev/video")
    if number.isdigit():
        return int(number)
    cameras = [entry for entry in list_cameras() if entry.usable]
    named = [entry for entry in cameras if entry.name.lower() == which.lower()] or [
        entry for entry in cameras if which.lower() in entry.name.lower()
    ]
    if len(named) != 1:
        raise SourceError(
            f"{'no' if not named else 'more than one'} camera is called {which!r}; "
            f"{_there_are(cameras)}"
        )
    return named[0].index


def _connect(index: int, name: str, size: tuple[int, int]) -> CameraFeed:
    backend = cv2.CAP_V4L2 if platform.system() == "Linux" else cv2.CAP_ANY
    with quiet_opencv():
        capture = cv2.VideoCapture(index, backend)
    if not capture.isOpened():
        raise SourceError(_why_not(index, name))
    width, height = size
    capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
    capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
    capture.set(cv2.CAP_PROP_FPS, RATE_HZ)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
    return CameraFeed(capture, name, index)


def _why_not(index: int, name: str) -> str:
    cameras = list_cameras()
    for entry in cameras:
        if entry.index == index:
            why = entry.why or users_of(Path(entry.path)) or _UNKNOWN
            return f"cannot open {name} ({entry.name}): {why}"
    return f"there is no {name}; {_there_are([entry for entry in cameras if entry.usable])}"


def _there_are(cameras: list[CameraEntry]) -> str:
    if not cameras:
        return "this machine has no camera (try --camera synthetic, or --source FILE)"
    listed = ", ".join(f"{entry.index} ({entry.name})" for entry in cameras)
    return f"cameras here: {listed}"

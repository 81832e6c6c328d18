"""A camera of this machine, through OpenCV."""

import platform
import time
from typing import Final

import cv2
import numpy as np

from engines.errors import SourceError
from realtime.sources.cameras import CameraEntry, list_cameras
from realtime.sources.latest import LatestSource, Patience, Shot
from realtime.sources.opencv import quiet_opencv
from realtime.types import RATE_HZ

_FRESH_S: Final = 1.0
_FIRST_FRAME_S: Final = 10.0


class CameraFeed:
    """One open capture device; implements :class:`realtime.sources.latest.Feed`.

    Parameters
    ----------
    capture
        An opened device.
    name
        For errors.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        self._capture = capture
        self._name = name

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
            raise SourceError(f"{self._name} gives no more frames")
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


def open_capture(index: int, size: tuple[int, int]) -> LatestSource:
    """Open a camera by its index.

    Parameters
    ----------
    index
        As :func:`realtime.sources.cameras.list_cameras` gives it.
    size
        Width and height to ask for, px; the driver takes the nearest that it has.

    Raises
    ------
    SourceError
        If there is no such camera, it is in use, or it gives no frame within 10 s.
    """
    name = f"camera {index}"
    return LatestSource(name, lambda: _connect(index, name, size), Patience(first_s=_FIRST_FRAME_S))


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
    return CameraFeed(capture, name)


def _why_not(index: int, name: str) -> str:
    cameras = list_cameras()
    for entry in cameras:
        if entry.index == index:
            why = entry.why or "in use by another program, or it has no format that can be read"
            return f"cannot open {name} ({entry.name}): {why}"
    return f"there is no {name}; {_there_are([entry for entry in cameras if entry.usable])}"


def _there_are(cameras: list[CameraEntry]) -> str:
    if not cameras:
        return "this machine has no camera (try --camera synthetic, or --source FILE)"
    listed = ", ".join(f"{entry.index} ({entry.name})" for entry in cameras)
    return f"cameras here: {listed}"

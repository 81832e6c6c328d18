"""OpenCV's own messages kept off standard error while a device is tried."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import cv2

_SILENT: Final = 0
_lock = threading.Lock()


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's log; what goes wrong is said once, in this project's own words."""
    with _lock:
        level = cv2.getLogLevel()
        cv2.setLogLevel(_SILENT)
        try:
            yield
        finally:
            cv2.setLogLevel(level)

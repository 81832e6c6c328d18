"""Playing a recording at its own speed."""

import time
from collections.abc import Callable
from dataclasses import replace

from realtime.types import Frame


class Pacing:
    """Holds back the frames of one recording until they are due.

    Parameters
    ----------
    wait
        Sleeps for some seconds, or less when it is woken.
    clock
        Seconds that never go back.
    """

    def __init__(
        self, wait: Callable[[float], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wait = wait
        self._clock = clock
        self._zero_s: float | None = None

    def __call__(self, frame: Frame) -> Frame:
        """Wait until a frame is due, which then counts as its capture."""
        if self._zero_s is None:
            self._zero_s = self._clock() - frame.timestamp_s
        ahead_s = self._zero_s + frame.timestamp_s - self._clock()
        if ahead_s > 0:
            self._wait(ahead_s)
        return replace(frame, captured_s=time.monotonic())

"""The synthetic camera as a device: rendered in a thread of its own, as a real one is read."""

import time
from collections.abc import Iterator

from engines.errors import SourceError
from realtime.sources.latest import Shot
from realtime.synthesis.camera import SyntheticCamera
from realtime.types import RATE_HZ, Frame


class SyntheticFeed:
    """One connection to a live synthetic camera (see :class:`realtime.sources.latest.Feed`).

    A picture is drawn one period before its time and delivered when that has come: how long it
    took to draw is not a delay of the camera. Only a picture that was not ready in time counts as
    captured when it was.
    """

    def __init__(self, camera: SyntheticCamera) -> None:
        self._camera = camera
        self._period_s = 1 / (camera.info.rate_hz or RATE_HZ)
        self._start_s: float | None = None
        self._frames: Iterator[Frame] = iter(())

    @property
    def rate_hz(self) -> float | None:
        """Nominal frame rate."""
        return self._camera.info.rate_hz

    def read(self) -> Shot:
        """Wait until the next picture is due.

        Raises
        ------
        SourceError
            When the camera was closed.
        """
        start_s = self._start() if self._start_s is None else self._start_s
        frame = next(self._frames, None)
        if frame is None:
            raise SourceError(f"{self._camera.info.name} was closed")
        due_s = start_s + frame.timestamp_s
        early_s = due_s - time.monotonic()
        if early_s > 0:
            time.sleep(early_s)
        return Shot(due_s if early_s > 0 else time.monotonic(), frame.image)

    def close(self) -> None:
        """Stop the camera."""
        self._camera.close()

    def _start(self) -> float:
        # the first drawing is slow: it is made for practice, before the camera's time begins
        next(iter(self._camera), None)
        self._frames = iter(self._camera)
        self._start_s = time.monotonic() + self._period_s
        return self._start_s

"""The synthetic camera as a device: rendered in a thread of its own, as a real one is read."""

import time
from collections.abc import Iterator

from engines.errors import SourceError
from realtime.sources.latest import Shot
from realtime.synthesis.camera import SyntheticCamera
from realtime.types import Frame


class SyntheticFeed:
    """One connection to a live synthetic camera (see :class:`realtime.sources.latest.Feed`)."""

    def __init__(self, camera: SyntheticCamera) -> None:
        self._camera = camera
        self._frames: Iterator[Frame] = iter(camera)
        self._start_s: float | None = None

    @property
    def rate_hz(self) -> float | None:
        """Nominal frame rate."""
        return self._camera.info.rate_hz

    def read(self) -> Shot:
        """Render the next picture when it is due.

        Raises
        ------
        SourceError
            When the camera was closed.
        """
        frame = next(self._frames, None)
        if frame is None:
            raise SourceError(f"{self._camera.info.name} was closed")
        if self._start_s is None:
            self._start_s = time.monotonic() - frame.timestamp_s
        # a frame is captured when it is due; how long it took to draw is not the camera's delay
        return Shot(self._start_s + frame.timestamp_s, frame.image)

    def close(self) -> None:
        """Stop the camera."""
        self._camera.close()

"""Sources, listeners, trackers and models for a live run that do as they are told."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engines.errors import ModelError
from engines.scores import Scores
from realtime.events.cloudevents import Envelope
from realtime.events.messages import EventData, StreamEnd
from realtime.sources.base import SourceInfo
from realtime.types import Face, Frame
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    frames_at,
    ticks,
)


class ScriptedSource:
    """Yields frames, then raises or does something."""

    def __init__(
        self, times_s: list[float], error: Exception | None = None, live: bool = False
    ) -> None:
        self.info = SourceInfo("scripted", live, 160, 120)
        self.dropped = 0
        self.closed = False
        self._times_s = times_s
        self._error = error

    def __iter__(self) -> Iterator[Frame]:
        yield from frames_at(self._times_s)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class OldFrames(ScriptedSource):
    """Frames that were decoded an hour ago."""

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            yield replace(frame, captured_s=time.monotonic() - 3600)


class Listener:
    def __init__(self) -> None:
        self.heard: list[EventData] = []
        self.closed = False

    def write(self, envelope: Envelope) -> None:
        self.heard.append(envelope.data)

    def close(self) -> None:
        self.closed = True

    @property
    def ends(self) -> list[StreamEnd]:
        return [event for event in self.heard if isinstance(event, StreamEnd)]


class Camera(ScriptedSource):
    """Counts how many of its frames are under way at most."""

    def __init__(self, count: int, finished: threading.Semaphore) -> None:
        super().__init__(ticks(count), live=True)
        self._finished = finished
        self.ahead = 0

    def __iter__(self) -> Iterator[Frame]:
        under_way = 0
        for frame in super().__iter__():
            while self._finished.acquire(blocking=False):
                under_way -= 1
            self.ahead = max(self.ahead, under_way)
            yield frame
            under_way += 1


class FailingTracker(ScriptedTracker):
    def track(self, frame: Frame) -> tuple[Face, ...]:
        if frame.index == 10:
            raise RuntimeError("the graph failed")
        return super().track(frame)


class FailingBackend(ScriptedBackend):
    def run(self, windows: NDArray[np.float32]) -> Scores:
        if self.windows == 5:
            raise ModelError("the model failed")
        return super().run(windows)


def threads_of_a_run() -> list[str]:
    """Names of the threads that a run has started and not ended."""
    return [t.name for t in threading.enumerate() if t.name.startswith("fes-")]

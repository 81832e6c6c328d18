"""The stages of the frame path, each on a thread of its own."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from engines.errors import SourceError
from realtime.events.messages import EventData, StreamState
from realtime.events.publisher import Publisher
from realtime.pipeline.ahead import Ahead
from realtime.pipeline.features import Look
from realtime.pipeline.pacing import Pacing
from realtime.pipeline.pipeline import Pipeline
from realtime.pipeline.telemetry import Reporter
from realtime.sources.base import Source
from realtime.sources.condition import Report, listen
from realtime.stopping import Stopper
from realtime.types import Frame

FILE_ROOM: Final = 4
CAMERA_ROOM: Final = 1
"""Frames that may wait between two stages: enough to even out a file, and none to delay a camera.

A slow stage halts the one before it, so with a camera the frames pile up in the source's mailbox,
which keeps the newest.
"""


@dataclass(slots=True)
class FramePath:
    """From a source to its events: decoding (of files), face tracking, and the rest.

    Each has a thread of its own; the rest, from the flow on, runs in the one that calls.
    Python's lock is free while they decode, track, follow the flow and run the model, so that the
    stages overlap. What they hand over is bounded: a file is decoded a few frames ahead; a camera
    waits nowhere but in its mailbox, where the newest frame wins.
    """

    source: Source
    pipeline: Pipeline
    publisher: Publisher
    on_event: Callable[[EventData], None]
    stopper: Stopper
    _seconds: float | None = None
    _pace: bool = False
    _first_s: float | None = None
    _over: bool = False
    _ended: bool = False
    _ending: RLock = field(default_factory=RLock)
    _pacing: Pacing = field(init=False)

    def __post_init__(self) -> None:
        self._pacing = Pacing(self.stopper.wait)

    def follow(self, seconds: float | None = None, pace: bool = False) -> bool:
        """Run to the end of the source; call it once.

        Parameters
        ----------
        seconds
            Stop after this much stream time from the first frame on.
        pace
            Play a recording at its own speed.

        Returns
        -------
        bool
            False when the user stopped it.

        Raises
        ------
        SourceError
            If the source was lost or is corrupt; the events up to there have been published.
        """
        self._seconds, self._pace = seconds, pace
        listen(self.source, self._tell)
        failure: SourceError | None = None
        try:
            self._frame_by_frame()
        except SourceError as error:
            failure = None if self.stopper.stopped else error
        self._end()
        text = None if failure is None else str(failure)
        self._publish(self.pipeline.finish(self._reason(failure), text))
        if failure is not None:
            raise failure
        return not self.stopper.stopped

    def _frame_by_frame(self) -> None:
        reporter = Reporter(self.pipeline)
        with ExitStack() as stack:
            for look in self._looks(stack):
                self._finish_frame(look)
                for report in reporter.after_frame(self.source.dropped):
                    self.publisher.publish(report)

    def _looks(self, stack: ExitStack) -> Iterable[Look]:
        """Start the threads before this one; all of them end with the stack."""
        frames: Iterable[Frame] = self.source
        unblock, room = self.source.close, CAMERA_ROOM
        if not self.source.info.live:
            decoding = Ahead(frames, FILE_ROOM, "fes-decode", unblock)
            frames = stack.enter_context(decoding)
            unblock, room = decoding.close, FILE_ROOM
        looks = map(self.pipeline.features.look, self._wanted(frames))
        return stack.enter_context(Ahead(looks, room, "fes-track", unblock))

    def _wanted(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        paced = self._pace and not self.source.info.live
        for frame in frames:
            self._over = self._is_over(frame)
            if self.stopper.stopped or self._over:
                return
            yield self._pacing(frame) if paced else frame

    def _finish_frame(self, look: Look) -> None:
        stopwatch = self.pipeline.features.stopwatch
        events = self.pipeline.take(look)
        with stopwatch.measure("publish"):
            self._publish(events)
        stopwatch.add_since("total", look.captured_s)

    def _publish(self, events: list[EventData]) -> None:
        for event in events:
            self.publisher.publish(event)
            self.on_event(event)

    def _tell(self, report: Report) -> None:
        """Publish what the source reports, in its own thread; nothing follows the end."""
        number, moment_s = self.pipeline.source, round(report.time_s, 6)
        with self._ending:
            if not self._ended:
                self._publish([StreamState(number, report.condition, moment_s, report.reason)])

    def _end(self) -> None:
        with self._ending:
            self._ended = True

    def _reason(self, failure: SourceError | None) -> str:
        if self.stopper.stopped:
            return "interrupted"
        if failure is not None:
            return "lost"
        return "stopped" if self._over else "finished"

    def _is_over(self, frame: Frame) -> bool:
        if self._first_s is None:
            # a camera was already running while kernels compiled: that time does not count
            self._first_s = frame.timestamp_s
        return self._seconds is not None and frame.timestamp_s - self._first_s >= self._seconds

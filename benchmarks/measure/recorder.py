"""What a run says of itself, kept small: measuring must not be what grows."""

import time
from array import array
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.events.cloudevents import Envelope
from realtime.events.messages import Expression, FaceFound, Hello, StreamEnd, StreamGap
from realtime.events.telemetry import Telemetry

SCORED: Final = "model"
"""The stage that is measured for frames that completed a window, and for no others."""

DONE: Final = "total"
"""The stage whose measurement says that a frame is through: capture to its last event."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An expression event and when it came, s of ``time.monotonic``."""

    arrived_s: float
    expression: Expression


class Recorder:
    """Takes the durations of a run's stages and its events.

    It is a listener of :class:`realtime.pipeline.timing.Stopwatch` and a
    :class:`realtime.events.publisher.Sink`; give it as the last sink, so that it hears of an
    event after everyone else was given it.

    Parameters
    ----------
    keep
        Keep every duration and event. Without it, only counts are kept, in constant memory.

    Attributes
    ----------
    done
        Frames that are through.
    first_done_s, last_done_s
        When the first and the last of them were, s of ``time.monotonic``.
    busy_s
        Processor time of this process between the two, s.
    first_scored_s
        When the first window had been scored.
    hello, end
        First and last event.
    arrivals
        Expression events.
    gaps, faces, repeated
        Gaps, faces found, and ticks that reused a frame.
    """

    def __init__(self, keep: bool = True) -> None:
        self._keep = keep
        self._durations_ms: dict[str, array[float]] = {}
        self._done_s: array[float] = array("d")
        self.done = 0
        self.first_done_s: float | None = None
        self.last_done_s: float | None = None
        self._busy_at_first_s = 0.0
        self.busy_s = 0.0
        self.first_scored_s: float | None = None
        self.hello: Hello | None = None
        self.end: StreamEnd | None = None
        self.arrivals: list[Arrival] = []
        self.gaps = self.faces = self.repeated = 0

    def heard(self, stage: str, duration_ms: float) -> None:
        """Take one duration, ms; called from any thread."""
        if stage == SCORED and self.first_scored_s is None:
            self.first_scored_s = time.monotonic()
        if stage == DONE:
            self._note_done()
        if self._keep:
            self._durations_ms.setdefault(stage, array("d")).append(duration_ms)

    def _note_done(self) -> None:
        now_s, busy_s = time.monotonic(), time.process_time()
        if self.first_done_s is None:
            self.first_done_s, self._busy_at_first_s = now_s, busy_s
        self.last_done_s, self.busy_s = now_s, busy_s - self._busy_at_first_s
        self.done += 1
        if self._keep:
            self._done_s.append(now_s)

    def write(self, envelope: Envelope) -> None:
        """Take one event."""
        match envelope.data:
            case Expression() as expression if self._keep:
                self.arrivals.append(Arrival(time.monotonic(), expression))
            case Telemetry() as telemetry:
                self.repeated = telemetry.repeated
            case StreamGap():
                self.gaps += 1
            case FaceFound():
                self.faces += 1
            case Hello() as hello:
                self.hello = hello
            case StreamEnd() as end:
                self.end = end

    def close(self) -> None:
        """Do nothing: what was measured stays."""

    @property
    def cores_busy(self) -> float | None:
        """Processor time over wall time, first to last frame; None with fewer than two."""
        if self.first_done_s is None or self.last_done_s is None:
            return None
        wall_s = self.last_done_s - self.first_done_s
        return self.busy_s / wall_s if wall_s > 0 else None

    def durations_ms(self, stage: str) -> NDArray[np.float64]:
        """Return all durations of a stage, float64 (N,), ms; empty for one that never ran."""
        return np.array(self._durations_ms.get(stage, ()), np.float64)

    @property
    def done_s(self) -> NDArray[np.float64]:
        """When each frame was through, float64 (N,), s of ``time.monotonic``, increasing."""
        return np.array(self._done_s, np.float64)

"""A run as streams of the Lab Streaming Layer: its events, and the scores of every tick."""

import logging
import math
import time
from collections.abc import Sequence
from datetime import datetime
from threading import Lock
from typing import Final

from engines.manifest import Manifest
from realtime.events.cloudevents import Envelope
from realtime.lsl.clock import LslClock
from realtime.lsl.markers import marker_text, moment_s, source_of
from realtime.lsl.streams import (
    FACE,
    Described,
    Outlet,
    lsl_clock_s,
    open_markers,
    open_scores,
    require_pylsl,
)
from realtime.pipeline.observer import TickScores
from realtime.sources.base import Source, SourceInfo
from realtime.types import Frame
from realtime.witness import Setting

log = logging.getLogger(__name__)

GOODBYE_S: Final = 0.3
"""What is on its way when the run ends has this long to arrive, s; LSL cannot wait for it."""


class LslOutlets:
    """Publishes events as markers, and the scores of each source 30 times a second.

    Every sample has the time at which what it speaks of was captured, on the LSL clock, not the
    time at which it was sent.

    Raises
    ------
    UsageError
        If ``pylsl`` is not there.
    """

    records = False
    records_video = False

    def __init__(self) -> None:
        require_pylsl()
        self._clock = LslClock(lsl_clock_s)
        self._lock = Lock()
        self._offsets: dict[int, float] = {}
        self._markers: Outlet | None = None
        self._scores: list[Outlet] = []
        self._channels: tuple[str, ...] = ()

    def follow(self, source: Source) -> Source:
        """Return the source."""
        return source

    def begin(
        self,
        manifest: Manifest,
        sources: Sequence[tuple[SourceInfo, datetime | None]],
        setting: Setting,
    ) -> None:
        """Open the outlets: one for events, and one for each source."""
        described = Described(manifest, [info.name for info, _ in sources])
        self._channels = (*manifest.outputs, FACE)
        many = setting.get("max_faces", 1) != 1
        self._markers = open_markers(described)
        self._scores = [
            open_scores(described, number, self._channels, many) for number in range(len(sources))
        ]
        log.info("lsl: everyone on the network can read the events and scores")

    def write(self, envelope: Envelope) -> None:
        """Publish an event as a marker; callable from any thread."""
        time_s, source = moment_s(envelope.data), source_of(envelope.data)
        with self._lock:
            if self._markers is None or time_s is None:
                return
            text = marker_text(envelope, lambda stream_s: self._lsl_s(source, stream_s))
            self._markers.push_sample([text], self._lsl_s(source, time_s))

    def saw(self, source: int, frame: Frame) -> None:
        """Take note of how the stream time of a source lies on the monotonic clock."""
        captured_s = time.monotonic() if frame.captured_s is None else frame.captured_s
        self._offsets[source] = captured_s - frame.timestamp_s

    def scored(self, scores: TickScores) -> None:
        """Publish the scores of one tick of one face."""
        if scores.source >= len(self._scores):
            return
        row = [scores.scores.get(name, math.nan) for name in self._channels[:-1]]
        when = self._clock.of(scores.captured_s)
        self._scores[scores.source].push_sample([*row, float(scores.face)], when)

    def close(self) -> None:
        """Give what is on its way a moment to arrive, and close the outlets; safe to call twice."""
        with self._lock:
            markers, self._markers = self._markers, None
        outlets = [*self._scores, *([] if markers is None else [markers])]
        if any(outlet.have_consumers() for outlet in outlets):
            time.sleep(GOODBYE_S)
        # an outlet closes when nobody holds it
        self._scores = []

    def _lsl_s(self, source: int, stream_s: float) -> float:
        """Return a moment of stream time on the LSL clock, s; now before the first frame."""
        if source not in self._offsets:
            return self._clock.now()
        return self._clock.of(stream_s + self._offsets[source])

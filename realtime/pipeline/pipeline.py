"""The whole frame path: frames in, events out."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from engines.backend import Backend
from engines.decoding import Change
from engines.intervals import Kind
from engines.manifest import Manifest, windows_of
from realtime.clock import Gap
from realtime.events.cloudevents import utc_text
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Phase,
    StreamEnd,
    StreamGap,
)
from realtime.faces.identity import MEMORY_S
from realtime.faces.tracker import FaceTracker
from realtime.flow.step import Alignment
from realtime.pipeline.features import (
    Appeared,
    FeatureStream,
    Item,
    Look,
    Seen,
    Vanished,
    Windows,
)
from realtime.pipeline.heads import LOOKAHEAD_S, make_head
from realtime.pipeline.observer import Observer, TickScores
from realtime.pipeline.scoring import Scored
from realtime.pipeline.spotter import Result
from realtime.pipeline.timing import Stopwatch
from realtime.snippets.contract import Rolling
from realtime.types import RATE_HZ, Face, FlowWindow, Frame

__all__ = ["LOOKAHEAD_S", "Pipeline", "View"]

ROLLING: Final = Rolling()

_KEPT: Final = round((MEMORY_S + 1) * RATE_HZ)
"""Ticks for which a face that is gone is remembered: longer than its number can come back."""


@dataclass(slots=True)
class FaceView:
    """The newest of what telemetry shows of one face, and what came since it last looked."""

    window: FlowWindow | None = None
    scores: dict[str, float] = field(default_factory=dict)
    peaks: dict[str, float] = field(default_factory=dict)

    def note(self, scores: dict[str, float]) -> None:
        """Take the scores of one more tick."""
        self.scores = scores
        self.peaks = {name: max(p, self.peaks.get(name, 0.0)) for name, p in scores.items()}

    def take_peaks(self) -> dict[str, float]:
        """Return the highest scores since the last call; the newest ones if none has come."""
        peaks, self.peaks = self.peaks, {}
        return peaks or self.scores


@dataclass(slots=True)
class View:
    """The newest of everything that telemetry shows: the tick, its faces, and each of them."""

    tick: int = 0
    faces: tuple[Face, ...] = ()
    looks: dict[int, FaceView] = field(default_factory=dict)

    def of(self, track: int) -> FaceView:
        """Return what is shown of one face."""
        return self.looks.setdefault(track, FaceView())

    def see(self, tick: int, faces: tuple[Face, ...]) -> None:
        """Take the faces of the newest tick."""
        self.tick, self.faces = tick, faces


class Pipeline:
    """Spots expressions in a stream of frames.

    All windows that a frame completes, of all faces, go to the model in one call. Which they are
    depends on the stream alone, so that its batches are the same whenever it is run. A model of
    snippets is given those of each face by themselves.

    Pure: it reads no clock but to time itself, so that the events of a recorded file are those of
    the same file streamed.

    Parameters
    ----------
    tracker, backend
        Find faces and run the model; not closed here.
    manifest
        The model's contract and decoder parameters.
    flow
        ``streaming`` or ``reference``.
    started
        Wall-clock time of stream time 0, or None where there is none (a file).
    threads
        Threads that the flow may use.
    stopwatch
        Takes the time of every stage.
    rolling
        How much of the stream a model of snippets sees; None to give it whole segments, when they
        end.
    source
        Number of the source, which its events carry.
    observers
        Who sees every frame and the scores of every tick.
    """

    def __init__(
        self,
        tracker: FaceTracker,
        backend: Backend,
        manifest: Manifest,
        flow: str = "streaming",
        started: datetime | None = None,
        threads: int = 1,
        stopwatch: Stopwatch | None = None,
        rolling: Rolling | None = ROLLING,
        source: int = 0,
        observers: Sequence[Observer] = (),
    ) -> None:
        alignment = Alignment(windows_of(manifest).alignment)
        self.features = FeatureStream(tracker, alignment, flow, threads, stopwatch)
        self.view = View()
        self.head = make_head(backend, manifest, rolling)
        self.source = source
        self._observers = tuple(observers)
        self._started = started
        self._gone: dict[int, int] = {}
        self._frames = 0
        self._ticks = 0
        self._model_ms = 0.0
        self._captured_s = 0.0
        self._last_s = 0.0

    def push(self, frame: Frame) -> list[EventData]:
        """Take the next frame and return the events that it brings."""
        return self.take(self.features.look(frame))

    def take(self, look: Look) -> list[EventData]:
        """Take what ``features.look`` made of the next frame, in any thread, and return its events.

        Every look is taken, in order.
        """
        self._frames += 1
        self._captured_s = look.captured_s
        self._last_s = look.frame.timestamp_s
        self._model_ms = 0.0
        out = self._events(self.features.extend(look))
        if self._model_ms:
            self.features.stopwatch.add("model", self._model_ms)
        for observer in self._observers:
            observer.saw(self.source, look.frame)
        return out

    def finish(self, reason: str = "finished", error: str | None = None) -> list[EventData]:
        """End the stream: decide everything that is open, and say why it ended."""
        out = self._events(self.features.finish())
        out += self._close_all()
        out.append(self._end(reason, error))
        return out

    def _end(self, reason: str, error: str | None) -> StreamEnd:
        return StreamEnd(reason, self._last_s, self._frames, self._ticks, error, self.source)

    def _events(self, items: list[Item]) -> list[EventData]:
        scored = iter(self._score(items))
        return [event for item in items for event in self._of(item, scored)]

    def _score(self, items: list[Item]) -> list[Scored]:
        """Score what is due, of all faces, in one call."""
        due = [w for item in items if isinstance(item, Windows) for w in item.windows]
        if not due:
            return []
        start_s = time.monotonic()
        scored = self.head.score(due)
        self._count_model(start_s)
        return scored

    def _of(self, item: Item, scored: Iterator[Scored]) -> list[EventData]:
        """Return the events of an item; its windows are the next ones that were scored."""
        match item:
            case Seen():
                self._ticks += 1
                self.view.see(item.tick, item.faces)
                self._forget(item.tick)
                return []
            case Appeared():
                self._gone.pop(item.track, None)
                return [FaceFound(item.track, self._time_s(item.tick), self.source)]
            case Vanished():
                self._gone[item.track] = item.tick
                lost = FaceLost(item.track, self._time_s(item.tick), self.source)
                return [*self._close(item.track), lost]
            case Windows():
                return self._decode(item, list(islice(scored, len(item.windows))))
            case Gap():
                return self._gap(item)

    def _decode(self, item: Windows, scored: list[Scored]) -> list[EventData]:
        if item.windows:
            self.view.of(item.track).window = item.windows[-1]
        start_s = time.monotonic()
        results = self.head.push(item.track, item.windows, scored)
        self._count_model(start_s)
        return self._results(item.track, results)

    def _count_model(self, start_s: float) -> None:
        self._model_ms += (time.monotonic() - start_s) * 1e3

    def _gap(self, gap: Gap) -> list[EventData]:
        out = self._close_all()
        # until a window is whole again there are no scores, and old ones must not stand for them
        self.view.looks.clear()
        first, last = self._time_s(gap.first), self._time_s(gap.last)
        out.append(StreamGap(first, last, "no frame for two ticks or more", self.source))
        return out

    def _close_all(self) -> list[EventData]:
        return [event for track in self.head.tracks for event in self._close(track)]

    def _close(self, track: int) -> list[EventData]:
        return self._results(track, self.head.end(track))

    def _results(self, track: int, results: list[Result]) -> list[EventData]:
        out: list[EventData] = []
        for result in results:
            if isinstance(result, Scored):
                self.view.of(track).note(result.scores)
                self._show(track, result)
            else:
                out.append(self._expression(track, result))
        return out

    def _show(self, track: int, scored: Scored) -> None:
        if not self._observers:
            return
        time_s = self._time_s(scored.tick)
        # when the tick was captured: as long before the newest frame as it is older
        captured_s = self._captured_s - (self._last_s - time_s)
        shown = TickScores(self.source, track, scored.tick, time_s, captured_s, scored.scores)
        for observer in self._observers:
            observer.scored(shown)

    def _expression(self, track: int, change: Change) -> Expression:
        interval = change.interval
        offset = self._time_s(interval.offset)
        ended = change.phase.value == Phase.END.value
        return Expression(
            id=f"{self.source}-{track}-{change.id}",
            phase=Phase(change.phase.value),
            kind=Kind(interval.kind),
            onset_s=self._time_s(interval.onset),
            apex_s=self._time_s(interval.apex),
            offset_s=offset,
            score=interval.score,
            face=track,
            onset_utc=self._utc(self._time_s(interval.onset)),
            apex_utc=self._utc(self._time_s(interval.apex)),
            offset_utc=self._utc(offset),
            compute_delay_ms=max(0.0, time.monotonic() - self._captured_s) * 1e3,
            algorithmic_delay_s=max(0.0, self._last_s - offset) if ended else None,
            source=self.source,
        )

    def _forget(self, tick: int) -> None:
        """Drop what is known of faces that have been gone for so long that none has their number.

        A service that sees faces come and go for weeks would otherwise keep them all.
        """
        for track in [track for track, gone in self._gone.items() if tick - gone > _KEPT]:
            del self._gone[track]
            self.view.looks.pop(track, None)
            self.head.forget(track)

    def _time_s(self, tick: int) -> float:
        return round(self.features.clock.time_s(tick), 6)

    def _utc(self, time_s: float) -> str | None:
        if self._started is None:
            return None
        return utc_text(self._started.astimezone(UTC) + timedelta(seconds=time_s))

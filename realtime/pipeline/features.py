"""Frames to SW-MRO windows: clock, faces and flow. Training and serving both read from here."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from realtime.clock import Clock, Gap, Tick
from realtime.faces.tracker import FaceTracker
from realtime.flow.extractor import WindowExtractor
from realtime.flow.step import Alignment
from realtime.pipeline.timing import Stopwatch
from realtime.types import WINDOW, Face, FlowWindow, Frame, require_window

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Appeared:
    """A face is there that was not on the tick before."""

    track: int
    tick: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """A face is gone, or the picture has another size; windows under way are dropped."""

    track: int
    tick: int


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of one face that a tick completed, in order of their centres."""

    track: int
    windows: tuple[FlowWindow, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A tick was processed, with the faces on it."""

    tick: int
    faces: tuple[Face, ...]
    repeated: bool


Item: TypeAlias = Appeared | Vanished | Windows | Seen | Gap


@dataclass(frozen=True, slots=True)
class Sighting:
    """One tick, its frame, and the faces on it."""

    tick: Tick
    faces: tuple[Face, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What one frame decided on the clock, with the faces found; the flow is still to come.

    Attributes
    ----------
    frame
        The frame.
    found
        Ticks with their faces, and gaps, in order.
    captured_s
        Capture time of the frame, s of ``time.monotonic``; when it came in, where the source does
        not say.
    done_s
        When the faces were found, s of ``time.monotonic``.
    """

    frame: Frame
    found: tuple[Sighting | Gap, ...]
    captured_s: float
    done_s: float


class FeatureStream:
    """Turns frames into windows, one frame at a time.

    It has two halves that share no state, so that each may run in a thread of its own:
    :meth:`look` (clock and faces) and :meth:`extend` (flow). :meth:`push` is one after the other.

    Parameters
    ----------
    tracker
        Finds the faces; it is not closed here. It is asked once for each frame that a tick takes.
    alignment
        How head motion is removed.
    flow
        ``streaming`` or ``reference``.
    threads
        Threads that the flow may use.
    stopwatch
        Takes the time of every stage.
    window
        Ticks of a window, one of ``realtime.types.WINDOWS``.
    """

    def __init__(
        self,
        tracker: FaceTracker,
        alignment: Alignment = Alignment.RIGID,
        flow: str = "streaming",
        threads: int = 1,
        stopwatch: Stopwatch | None = None,
        window: int = WINDOW,
    ) -> None:
        self.clock = Clock()
        self.stopwatch = stopwatch or Stopwatch()
        self.threads = threads
        self._tracker = tracker
        self._alignment = alignment
        self._flow = flow
        self._window = require_window(window)
        self._extractors: dict[int, WindowExtractor] = {}
        self._spare: list[WindowExtractor] = []
        self._shown: tuple[int, tuple[Face, ...]] | None = None
        self._size: tuple[int, ...] | None = None

    def push(self, frame: Frame) -> list[Item]:
        """Take the next frame and return what it brings, in order of stream time."""
        return self.extend(self.look(frame))

    def look(self, frame: Frame) -> Look:
        """Lay the next frame on the clock, and find the faces of the frames that ticks take."""
        start_s = time.monotonic()
        captured_s = start_s if frame.captured_s is None else frame.captured_s
        self.stopwatch.add("wait", (start_s - captured_s) * 1e3)
        found = tuple(self._sight(event) for event in self.clock.push(frame))
        return Look(frame, found, captured_s, time.monotonic())

    def extend(self, look: Look) -> list[Item]:
        """Follow the flow over the ticks of a look; looks come in the order they were taken."""
        self.stopwatch.add_since("queue", look.done_s)
        start_s = time.monotonic()
        out = self._items(look.found)
        if any(isinstance(found, Sighting) and found.faces for found in look.found):
            self.stopwatch.add_since("flow", start_s)
        return out

    def finish(self) -> list[Item]:
        """End the stream: the last tick, and the windows that its repetition completes."""
        out = self._items([self._sight(event) for event in self.clock.finish()])
        for track, extractor in self._extractors.items():
            out.append(Windows(track, tuple(extractor.finish())))
        for extractor in (*self._extractors.values(), *self._spare):
            extractor.close()
        self._extractors.clear()
        return out

    def _sight(self, event: Tick | Gap) -> Sighting | Gap:
        return event if isinstance(event, Gap) else Sighting(event, self._faces(event.frame))

    def _faces(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame; a repeated one is not looked at twice."""
        if self._shown is None or self._shown[0] != frame.index:
            with self.stopwatch.measure("faces"):
                faces = self._tracker.track(frame)
            self._shown = (frame.index, faces)
        return self._shown[1]

    def _items(self, found: Iterable[Sighting | Gap]) -> list[Item]:
        out: list[Item] = []
        for one in found:
            out += self._gap(one) if isinstance(one, Gap) else self._tick(one)
        return out

    def _gap(self, gap: Gap) -> list[Item]:
        for extractor in self._extractors.values():
            extractor.interrupt()
        return [gap]

    def _tick(self, sighting: Sighting) -> list[Item]:
        tick, faces = sighting.tick, sighting.faces
        kept = {face.track for face in faces} if self._same_size(tick.frame.image) else set()
        out = self._lose(tick.index, kept)
        for face in faces:
            out += self._extend(tick.index, tick.frame.image, face)
        out.append(Seen(tick.index, faces, tick.repeated))
        return out

    def _same_size(self, image: NDArray[np.uint8]) -> bool:
        """Say whether a window may span the frame before and this one."""
        before, now = self._size, image.shape[:2]
        self._size = now
        if before is None or before == now:
            return True
        log.warning("the picture changes from %dx%d to %dx%d px", *before[::-1], *now[::-1])
        return False

    def _lose(self, tick: int, present: set[int]) -> list[Item]:
        gone = [track for track in self._extractors if track not in present]
        for track in gone:
            extractor = self._extractors.pop(track)
            extractor.interrupt()
            # its memory, some ten megabytes, serves the next face
            self._spare.append(extractor)
        return [Vanished(track, tick) for track in gone]

    def _extend(self, tick: int, image: NDArray[np.uint8], face: Face) -> list[Item]:
        out: list[Item] = []
        extractor = self._extractors.get(face.track)
        if extractor is None:
            extractor = self._extractors[face.track] = self._new_extractor()
            out.append(Appeared(face.track, tick))
        step = extractor.first if tick == 0 else extractor.push
        windows = step(tick, image, face)
        if windows:
            out.append(Windows(face.track, tuple(windows)))
        return out

    def _new_extractor(self) -> WindowExtractor:
        if self._spare:
            return self._spare.pop()
        return WindowExtractor(self._alignment, self._flow, self.threads, window=self._window)

"""Frames to SW-MRO windows: clock, faces and flow. Training and serving both read from here."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from realtime.clock import Clock, Gap, Tick
from realtime.faces.tracker import FaceTracker
from realtime.flow.extractor import WindowExtractor
from realtime.flow.step import Alignment
from realtime.pipeline.timing import Stopwatch
from realtime.types import Face, FlowWindow, Frame


@dataclass(frozen=True, slots=True)
class Appeared:
    """A face is there that was not on the tick before."""

    track: int
    tick: int


@dataclass(frozen=True, slots=True)
class Vanished:
    """A face is gone; its windows under way are dropped."""

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


class FeatureStream:
    """Turns frames into windows, one frame at a time.

    Parameters
    ----------
    tracker
        Finds the faces; it is not closed here.
    alignment
        How head motion is removed.
    flow
        ``streaming`` or ``reference``.
    """

    def __init__(
        self,
        tracker: FaceTracker,
        alignment: Alignment = Alignment.RIGID,
        flow: str = "streaming",
    ) -> None:
        self.clock = Clock()
        self.stopwatch = Stopwatch()
        self._tracker = tracker
        self._alignment = alignment
        self._flow = flow
        self._extractors: dict[int, WindowExtractor] = {}
        self._shown: tuple[int, tuple[Face, ...]] | None = None

    def push(self, frame: Frame) -> list[Item]:
        """Take the next frame and return what it brings, in order of stream time."""
        out: list[Item] = []
        for event in self.clock.push(frame):
            out += self._gap(event) if isinstance(event, Gap) else self._tick(event)
        return out

    def finish(self) -> list[Item]:
        """End the stream: the last tick, and the windows that its repetition completes."""
        out: list[Item] = []
        for event in self.clock.finish():
            out += self._gap(event) if isinstance(event, Gap) else self._tick(event)
        for track, extractor in self._extractors.items():
            out.append(Windows(track, tuple(extractor.finish())))
        self._extractors.clear()
        return out

    def _gap(self, gap: Gap) -> list[Item]:
        for extractor in self._extractors.values():
            extractor.interrupt()
        return [gap]

    def _tick(self, tick: Tick) -> list[Item]:
        faces = self._look(tick.frame)
        out = self._lose(tick.index, {face.track for face in faces})
        for face in faces:
            out += self._extend(tick.index, tick.frame.image, face)
        out.append(Seen(tick.index, faces, tick.repeated))
        return out

    def _look(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces of a frame; a repeated one is not looked at twice."""
        if self._shown is None or self._shown[0] != frame.index:
            with self.stopwatch.measure("faces"):
                faces = self._tracker.track(frame)
            self._shown = (frame.index, faces)
        return self._shown[1]

    def _lose(self, tick: int, present: set[int]) -> list[Item]:
        gone = [track for track in self._extractors if track not in present]
        for track in gone:
            del self._extractors[track]
        return [Vanished(track, tick) for track in gone]

    def _extend(self, tick: int, image: NDArray[np.uint8], face: Face) -> list[Item]:
        out: list[Item] = []
        extractor = self._extractors.get(face.track)
        if extractor is None:
            extractor = WindowExtractor(self._alignment, self._flow)
            self._extractors[face.track] = extractor
            out.append(Appeared(face.track, tick))
        with self.stopwatch.measure("flow"):
            step = extractor.first if tick == 0 else extractor.push
            windows = step(tick, image, face)
        if windows:
            out.append(Windows(face.track, tuple(windows)))
        return out

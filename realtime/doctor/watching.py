"""Watch a source for some seconds and write down what bears on spotting."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.clock import Gap
from realtime.faces.tracker import FaceTracker
from realtime.flow.canonical import OUTER_EYES
from realtime.pipeline.features import FeatureStream, Item, Seen, Windows
from realtime.sources.base import Source
from realtime.types import NODES, WINDOW, Face, Frame

SECONDS: Final = 10.0
"""Long enough for the tail of a distribution, short enough to sit still."""

DARK: Final = 12
"""Brightness, of 255, below which a sensor's steps drown what is there."""

BURNT: Final = 250
"""Brightness from which a pixel holds nothing any more."""

_LUMA: Final = np.array((0.299, 0.587, 0.114), np.float32)
_STEP: Final = 2
"""Every second pixel of every second line tells a mean as well."""


@dataclass(frozen=True, slots=True)
class Light:
    """Brightness of the face in one frame.

    Attributes
    ----------
    time_s
        Of the frame, stream time.
    mean
        Of the face's box, 0 to 255.
    dark, burnt
        Share of its pixels below ``DARK``, and from ``BURNT`` on.
    """

    time_s: float
    mean: float
    dark: float
    burnt: float


@dataclass(slots=True)
class Observations:
    """Everything that was seen.

    Attributes
    ----------
    times_s
        Timestamp of each frame.
    size
        Width and height of the last frame, px.
    dropped
        Frames that a live source discarded while it was watched.
    ticks, missing, with_face
        Ticks of the 30 Hz clock; those without a frame of their own; those with a face.
    eyes_px
        Distance between the outer eye corners on each tick with a face, px of the frame.
    light
        Of each frame with a face.
    windows
        float32 (17, 18, 2) each, of the first face: SW-MRO, px on the canonical face.
    """

    times_s: list[float] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    dropped: int = 0
    ticks: int = 0
    missing: int = 0
    with_face: int = 0
    eyes_px: list[float] = field(default_factory=list)
    light: list[Light] = field(default_factory=list)
    windows: list[NDArray[np.float32]] = field(default_factory=list)

    @property
    def stacked(self) -> NDArray[np.float32]:
        """All windows, float32 (N, 17, 18, 2); N may be 0."""
        if not self.windows:
            return np.zeros((0, WINDOW, len(NODES), 2), np.float32)
        return np.stack(self.windows)


def watch(
    source: Source,
    tracker: FaceTracker,
    seconds: float = SECONDS,
    on_frame: Callable[[float], None] = lambda _: None,
) -> Observations:
    """Watch a source until the time is over or it ends.

    Parameters
    ----------
    source
        Open; not closed here.
    tracker
        Finds the face; not closed here.
    seconds
        Of stream time.
    on_frame
        Is told how much stream time has passed, s.

    Raises
    ------
    SourceError
        If the source is lost.
    """
    seen = Observations()
    stream = FeatureStream(tracker)
    dropped = source.dropped
    for frame in source:
        elapsed_s = frame.timestamp_s - (seen.times_s[0] if seen.times_s else frame.timestamp_s)
        if elapsed_s > seconds:
            break
        seen.times_s.append(frame.timestamp_s)
        seen.size = (frame.image.shape[1], frame.image.shape[0])
        _note(seen, stream.push(frame), frame)
        on_frame(elapsed_s)
    _note(seen, stream.finish(), None)
    seen.dropped = source.dropped - dropped
    return seen


def _note(seen: Observations, items: Iterable[Item], frame: Frame | None) -> None:
    face: Face | None = None
    for item in items:
        match item:
            case Seen():
                seen.ticks += 1
                seen.missing += item.repeated
                face = item.faces[0] if item.faces else None
                if face is not None:
                    seen.with_face += 1
                    seen.eyes_px.append(_eye_distance(face))
            case Gap():
                missed = item.last - item.first + 1
                seen.ticks += missed
                seen.missing += missed
            case Windows():
                seen.windows += [window.features for window in item.windows]
            case _:
                pass
    if face is not None and frame is not None:
        seen.light.append(_light(frame, face))


def _eye_distance(face: Face) -> float:
    left, right = face.landmarks[list(OUTER_EYES)]
    return float(np.hypot(*(right - left)))


def _light(frame: Frame, face: Face) -> Light:
    height, width = frame.image.shape[:2]
    low = np.clip(face.landmarks.min(axis=0), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(face.landmarks.max(axis=0), 0, (width - 1, height - 1)).astype(int) + 1
    box = frame.image[low[1] : high[1] : _STEP, low[0] : high[0] : _STEP]
    luma = box.astype(np.float32) @ _LUMA
    return Light(
        frame.timestamp_s,
        float(luma.mean()),
        float((luma < DARK).mean()),
        float((luma >= BURNT).mean()),
    )

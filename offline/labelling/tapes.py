"""The videos that are labelled, and what is known of each so far."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from offline.data.videos import find_videos
from offline.labelling.curves import Piece
from offline.labelling.film import Film
from offline.labelling.frame_index import FrameIndex
from realtime.sources.base import SourceInfo
from realtime.sources.open import open_source


class Stage(StrEnum):
    """How far the scores of a video are."""

    OFF = "off"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True)
class ScoreTrack:
    """Scores of one video; one thread adds to them, another reads.

    Attributes
    ----------
    stage
        How far they are.
    why
        What went wrong, or None.
    frames
        Frames that were read for them.
    """

    stage: Stage = Stage.WAITING
    why: str | None = None
    frames: int = 0
    _times_s: list[float] = field(default_factory=list)
    _curves: dict[str, list[float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, piece: Piece) -> None:
        """Take new scores."""
        with self._lock:
            self._times_s += piece.times_s
            for name, values in piece.curves.items():
                self._curves.setdefault(name, []).extend(values)
            self.frames = piece.frames

    def since(self, first: int, most: int) -> tuple[list[float], dict[str, list[float]]]:
        """Return times (s) and curves from one score on, at most so many."""
        with self._lock:
            part = slice(first, first + most)
            return self._times_s[part], {n: values[part] for n, values in self._curves.items()}


@dataclass(frozen=True, slots=True)
class Tape:
    """One video.

    Attributes
    ----------
    name
        File name without suffix: how points name it.
    path
        File, or folder of images.
    info
        What its source says of it.
    index, film, scores
        Its frames' times, its frames, and its scores.
    """

    name: str
    path: Path
    info: SourceInfo
    index: FrameIndex
    film: Film
    scores: ScoreTrack

    @classmethod
    def open(cls, name: str, path: Path, stage: Stage) -> "Tape":
        """Open a video once, to see that it can be read.

        Raises
        ------
        SourceError
            If it cannot.
        """
        with open_source(str(path)) as source:
            info = source.info
        index = FrameIndex(path)
        return cls(name, path, info, index, Film(index), ScoreTrack(stage))


def open_tapes(paths: Sequence[Path], scores: bool) -> list[Tape]:
    """Open videos, and the videos of folders.

    Raises
    ------
    SourceError
        If one is missing or cannot be read.
    UsageError
        If two have one name.
    """
    stage = Stage.WAITING if scores else Stage.OFF
    return [Tape.open(video.name, video.path, stage) for video in find_videos(paths)]


def row_names(tapes: Sequence[Tape]) -> dict[str, str]:
    """Return the name of each video by what rows of a table may call it."""
    return {called: tape.name for tape in tapes for called in (tape.path.name, tape.name)}

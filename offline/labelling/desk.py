"""What labelling changes: points are set, taken away, and every step can be taken back."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.intervals import Kind
from offline.labelling.point_file import PointFile
from offline.points.points import Point

STEPS_KEPT: Final = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """A change of one frame: the kind of its point before and after, None for no point."""

    video: str
    frame: int
    before: Kind | None
    after: Kind | None


class Desk:
    """The points of some videos, and the steps that led there; callable from several threads.

    A call returns when its change is on disk, with one line that says what it did.

    Parameters
    ----------
    file
        Where the points are kept.
    videos
        Names of the videos.

    Raises
    ------
    UsageError
        From every method, if the file cannot be written; then nothing has changed.
    """

    def __init__(self, file: PointFile, videos: Sequence[str]) -> None:
        self._file = file
        self._videos = tuple(videos)
        self._steps: list[Step] = []
        self._lock = threading.Lock()

    @property
    def points(self) -> list[tuple[int, int, str]]:
        """Number of the video, frame and kind of each point."""
        return [(self._videos.index(p.video), p.frame, p.kind.value) for p in self._file.points]

    @property
    def steps(self) -> int:
        """How many steps can be taken back."""
        return len(self._steps)

    @property
    def others(self) -> int:
        """Rows of the file that are none of these videos' points."""
        return self._file.others

    def mark(self, video: int, frame: int, kind: Kind) -> str:
        """Set a point; one of the other kind on its frame is replaced."""
        name = self._videos[video]
        with self._lock:
            if Point(name, frame, kind) in self._file.points:
                return f"frame {frame} is {kind} already"
            before = self._file.put(Point(name, frame, kind))
            self._note(Step(name, frame, before, kind))
        was = "" if before is None else f", was {before}"
        return f"frame {frame} is {kind}{was}"

    def delete(self, video: int, frame: int) -> str:
        """Take a point away."""
        name = self._videos[video]
        with self._lock:
            before = self._file.remove(name, frame)
            if before is None:
                return f"frame {frame} has no point"
            self._note(Step(name, frame, before, None))
        return f"{before} point at frame {frame} deleted"

    def undo(self) -> tuple[str, tuple[int, int] | None]:
        """Take back the last step; return what it did, and the video and frame that it concerns."""
        with self._lock:
            if not self._steps:
                return "nothing to undo", None
            step = self._steps[-1]
            where = (self._videos.index(step.video), step.frame)
            if self._kind_at(step) != step.after:
                self._steps.pop()
                return f"frame {step.frame} was changed in the file since: left as it is", where
            if step.before is None:
                self._file.remove(step.video, step.frame)
            else:
                self._file.put(Point(step.video, step.frame, step.before))
            self._steps.pop()
        now = "has no point" if step.before is None else f"is {step.before}"
        return f"undone: frame {step.frame} {now} again", where

    def _kind_at(self, step: Step) -> Kind | None:
        self._file.refresh()
        here = (p.kind for p in self._file.points if (p.video, p.frame) == (step.video, step.frame))
        return next(here, None)

    def _note(self, step: Step) -> None:
        self._steps.append(step)
        del self._steps[:-STEPS_KEPT]

"""Moments that a person marks while a stream runs, written down one by one.

The file is a CSV table ``video,frame,kind,time_s,utc``, which ``fes-offline`` reads as points.
"""

import csv
import io
import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final

from engines.errors import FesError, UsageError
from engines.intervals import Kind
from realtime.events.cloudevents import utc_text
from realtime.events.messages import EventData, Mark
from realtime.sources.base import Source, SourceInfo
from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame

COLUMNS: Final = ("video", "frame", "kind", "time_s", "utc")

REMEMBERED: Final = 4096
"""Frames that can still be marked: twenty seconds of the fastest camera."""

# absent but on Windows, where line ends would be changed
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)

SLACK_S: Final = 1.0
"""A mark this far outside of what is remembered is of no frame."""


def open_marker(path: Path, infos: Sequence[SourceInfo]) -> "Marker":
    """Return the marker of one or more sources: of a file, under the name that labels use.

    Raises
    ------
    UsageError
        If the file cannot be written, or is another table.
    """
    return Marker(path, [info.name if info.live else Path(info.name).stem for info in infos])


class Marker:
    """Writes marks to a file, and then announces them.

    Parameters
    ----------
    path
        CSV file; marks are appended to one that is there.
    videos
        What each source is called in the file, by its number.
    clock
        The time of day.

    Raises
    ------
    UsageError
        If the file cannot be written, or is another table.
    """

    def __init__(
        self,
        path: Path,
        videos: Sequence[str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path = path
        self._videos = tuple(videos)
        self._clock = clock
        self._lock = Lock()
        self._shown = [deque[tuple[float, int]](maxlen=REMEMBERED) for _ in videos]
        self._marked: set[tuple[int, int]] = set()
        self._publish: Callable[[EventData], object] | None = None
        self._file: int | None = _open(path)

    def follow(self, source: Source, number: int = 0) -> Source:
        """Return the source of that number, with an eye on its frames."""
        return _Followed(source, lambda frame: self._note(number, frame))

    def announce(self, publish: Callable[[EventData], object]) -> None:
        """Take marks from now on, and hand each to ``publish`` once it is on disk."""
        self._publish = publish

    def take(self, kind: Kind, time_s: float, source: int = 0) -> Mark:
        """Write a mark at a source's frame nearest to a stream time; callable from any thread.

        Raises
        ------
        ValueError
            If there is no such source, no frame is near that time, its frame is marked already,
            or the stream is not running.
        FesError
            If the file system refuses, such as a full disk.
        """
        with self._lock:
            if self._publish is None or self._file is None:
                raise ValueError("the stream is not running")
            frame_s, frame = self._nearest(source, time_s)
            if (source, frame) in self._marked:
                raise ValueError(f"frame {frame} is marked already")
            mark = Mark(kind, frame_s, frame, utc_text(self._clock()), source)
            self._write(self._file, mark)
            self._marked.add((source, frame))
            publish = self._publish
        publish(mark)
        return mark

    def close(self) -> None:
        """Take no more marks; safe to call twice."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _note(self, number: int, frame: Frame) -> None:
        with self._lock:
            self._shown[number].append((frame.timestamp_s, frame.index))

    def _nearest(self, source: int, time_s: float) -> tuple[float, int]:
        if not 0 <= source < len(self._shown):
            raise ValueError(f"there is no source {source}")
        shown = list(self._shown[source])
        if not shown or not shown[0][0] - SLACK_S <= time_s <= shown[-1][0] + SLACK_S:
            raise ValueError(f"no frame is near {time_s:.3f} s")
        after = bisect_left(shown, (time_s, 0))
        return min(shown[max(0, after - 1) : after + 1], key=lambda one: abs(one[0] - time_s))

    def _write(self, file: int, mark: Mark) -> None:
        row = (
            self._videos[mark.source],
            mark.frame,
            mark.kind.value,
            f"{mark.time_s:.6f}",
            mark.utc,
        )
        try:
            _append(file, row)
        except OSError as error:
            raise FesError(f"--marks: cannot write to {self._path}: {error.strerror}") from error


class _Followed(WrappedSource):
    """A source whose frames somebody notes as they pass."""

    def __init__(self, source: Source, note: Callable[[Frame], None]) -> None:
        super().__init__(source)
        self._note = note

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            self._note(frame)
            yield frame


def _open(path: Path) -> int:
    """Open a file to append to; begin it with its header, and end a line that was cut off."""
    try:
        there = path.read_bytes() if path.exists() else b""
        header = there.decode("utf-8-sig").splitlines()[0] if there.strip() else None
        if header is not None and tuple(header.split(",")) != COLUMNS:
            raise UsageError(f"--marks: {path} is no table {','.join(COLUMNS)}; give another file")
        file = os.open(path, _FLAGS, 0o666)
        if header is None:
            _append(file, COLUMNS)
        elif not there.endswith(b"\n"):
            os.write(file, b"\n")
        return file
    except UnicodeDecodeError as error:
        raise UsageError(f"--marks: {path} is no text; give another file") from error
    except OSError as error:
        raise UsageError(
            f"--marks: cannot write {path}: {error.strerror}; give a file in an existing folder"
        ) from error


def _append(file: int, row: tuple[object, ...]) -> None:
    """Write a row in one piece, and have it on the disk."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(row)
    os.write(file, text.getvalue().encode())
    os.fsync(file)

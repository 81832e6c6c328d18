"""The file of points that labelling adds to: every change is on disk before it is answered."""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from engines.intervals import Kind
from offline.atomic import replace_file
from offline.evaluation.csv_rows import BadRowError, Row, read_table
from offline.points.points import COLUMNS, Point, read_point

_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it stands in the file, line end included, and its point if it is one."""

    text: str
    point: Point | None


class PointFile:
    """Points of some videos in a CSV file that may hold anything else besides.

    The file is the state: it is read again before each change if somebody else wrote it meanwhile.
    Rows that are no points of these videos stay as they are, to the byte.

    Parameters
    ----------
    path
        Made with a header if absent.
    names
        Names of the videos by what rows may call them.

    Raises
    ------
    UsageError
        If it cannot be read or written, is no CSV, or lacks a column.
    """

    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self._path = path
        self._names = names
        self._lines: list[Line] = []
        self._columns: tuple[str, ...] = COLUMNS
        self._end = "\n"
        self._stamp: tuple[int, ...] | None = None
        if not path.exists():
            self._save([Line(",".join(COLUMNS) + "\n", None)])
        self.refresh()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def points(self) -> tuple[Point, ...]:
        """Points of the videos, by video and frame."""
        return tuple(sorted(line.point for line in self._lines if line.point is not None))

    @property
    def others(self) -> int:
        """Rows that are kept as they are: of other videos, or no points."""
        return sum(line.point is None for line in self._lines[1:] if line.text.strip())

    def put(self, point: Point) -> Kind | None:
        """Set a point, and return the kind of the one that it replaces on its frame.

        Raises
        ------
        UsageError
            If the file cannot be written; it is then as it was.
        """
        self.refresh()
        at = self._find(point.video, point.frame)
        lines = list(self._lines)
        if at is None:
            self._append(lines, point)
            self._save(lines)
            return None
        before = lines[at].point
        lines[at] = Line(self._row(point), point)
        self._save(lines)
        return None if before is None else before.kind

    def remove(self, video: str, frame: int) -> Kind | None:
        """Take a point away, and return its kind; None if there is none.

        Raises
        ------
        UsageError
            If the file cannot be written; it is then as it was.
        """
        self.refresh()
        at = self._find(video, frame)
        if at is None:
            return None
        gone = self._lines[at].point
        self._save(self._lines[:at] + self._lines[at + 1 :])
        return None if gone is None else gone.kind

    def _find(self, video: str, frame: int) -> int | None:
        wanted = (video, frame)
        places = enumerate(self._lines)
        return next(
            (
                at
                for at, one in places
                if one.point and (one.point.video, one.point.frame) == wanted
            ),
            None,
        )

    def _append(self, lines: list[Line], point: Point) -> None:
        if lines and not lines[-1].text.endswith(("\n", "\r")):
            lines[-1] = Line(lines[-1].text + self._end, lines[-1].point)
        lines.append(Line(self._row(point), point))

    def _row(self, point: Point) -> str:
        cells = {"video": point.video, "frame": str(point.frame), "kind": point.kind.value}
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=self._end).writerow(
            [cells.get(column, "") for column in self._columns]
        )
        return text.getvalue()

    def _save(self, lines: list[Line]) -> None:
        content = "".join(line.text for line in lines).encode()
        try:
            replace_file(self._path, lambda file: file.write(content))
            _sync_folder(self._path.parent)
            self._stamp = _stamp(self._path)
        except OSError as error:
            raise UsageError(
                f"cannot write {self._path}: {error.strerror}; nothing was changed in it"
            ) from error
        self._lines = lines

    def refresh(self) -> None:
        """Read the file again if somebody else wrote it."""
        if self._stamp is not None and self._lines and self._stamp == _stamp(self._path):
            return
        table = read_table(self._path, COLUMNS)
        # quotes that do not close leave open where rows end: that is named before anything is kept
        for _ in table.rows():
            pass
        self._columns = table.columns
        bom = _BOM if self._path.read_bytes().startswith(_BOM.encode()) else ""
        self._lines = list(self._read(table.text))
        header = self._lines[0].text
        self._end = "\r\n" if header.endswith("\r\n") else "\n"
        self._lines[0] = Line(bom + header, None)
        self._stamp = _stamp(self._path)

    def _read(self, text: str) -> Iterator[Line]:
        """Yield every row with the text that it was read from, blank lines among them."""
        taken: list[str] = []
        reader = csv.reader(_noted(io.StringIO(text, newline=""), taken), strict=True)
        seen: set[tuple[str, int]] = set()
        for number, cells in enumerate(reader):
            row = "".join(taken)
            taken.clear()
            point = self._point(reader.line_num, cells) if number else None
            if point is not None and (point.video, point.frame) in seen:
                point = None  # the second one on a frame: training will name it
            if point is not None:
                seen.add((point.video, point.frame))
            yield Line(row, point)

    def _point(self, line: int, cells: list[str]) -> Point | None:
        if len(cells) != len(self._columns):
            return None
        try:
            point = read_point(Row(line, dict(zip(self._columns, cells, strict=True))))
        except BadRowError:
            return None
        name = self._names.get(point.video)
        return None if name is None else Point(name, point.frame, point.kind)


def _noted(lines: Iterator[str], taken: list[str]) -> Iterator[str]:
    for line in lines:
        taken.append(line)
        yield line


def _stamp(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns)


def _sync_folder(folder: Path) -> None:
    """Make a renamed file outlast a power cut; where folders cannot be opened, nothing is done."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

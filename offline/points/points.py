"""Point labels as a CSV file: one frame of one video, and the kind of the expression there.

The columns are ``video,frame,kind``, in any order; others, such as ``subject``, are not read. A
frame is a whole number from 0, the frame of the file. The kind is ``micro`` or ``macro``. No two
points are on one frame, whatever their kinds: they would be two labels of one expression.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from engines.intervals import Kind
from offline.atomic import replace_file
from offline.evaluation.csv_rows import BadRowError, Row, read_table

COLUMNS: Final = ("video", "frame", "kind")


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One labelled frame.

    Attributes
    ----------
    video
        Name of the video, as labels name it.
    frame
        0-based frame of the file, inside the expression.
    kind
        Micro or macro.

    Raises
    ------
    ValueError
        If the frame is negative or the video has no name.
    """

    video: str
    frame: int
    kind: Kind

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise ValueError(f"frame {self.frame} is negative")
        if not self.video:
            raise ValueError("a point needs the name of its video")


def read_points(path: Path) -> list[Point]:
    """Read a table of points, in the order of its rows.

    Parameters
    ----------
    path
        CSV file in UTF-8, with or without a byte order mark.

    Raises
    ------
    UsageError
        If the file cannot be read, lacks a column, or one of its rows cannot be right: an unknown
        kind, a frame that is no whole number or negative, or the frame of an earlier row. The
        text names the first such line and how many there are.
    """
    points: list[Point] = []
    lines: dict[tuple[str, int], int] = {}
    bad: list[str] = []
    for row in read_table(path, COLUMNS).rows():
        try:
            point = read_point(row)
            first = lines.setdefault((point.video, point.frame), row.line)
            if first != row.line:
                row.refuse(
                    f"frame {point.frame} of video {point.video!r} has a point in line {first}"
                )
            points.append(point)
        except BadRowError as error:
            bad.append(f"{path} line {row.line}: {error}")
    if bad:
        more = len(bad) - 1
        others = f" (and {more} more bad {'row' if more == 1 else 'rows'})" if more else ""
        raise UsageError(f"{bad[0]}{others}; correct the file")
    return points


def read_point(row: Row) -> Point:
    """Return the point of one row.

    Raises
    ------
    BadRowError
        If it cannot be right.
    """
    video, frame, kind = row.text("video"), row.frame("frame"), row.text("kind")
    if kind not in list(Kind):
        row.refuse(f"kind {kind!r} is not micro or macro")
    return Point(video, frame, Kind(kind))


def write_points(path: Path, points: Sequence[Point]) -> None:
    """Write points in the order given, replacing the file as a whole.

    Raises
    ------
    UsageError
        If two points are on one frame, or the file cannot be written.
    """
    seen: set[tuple[str, int]] = set()
    for point in points:
        if (point.video, point.frame) in seen:
            raise UsageError(f"two points are on frame {point.frame} of video {point.video!r}")
        seen.add((point.video, point.frame))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((point.video, point.frame, point.kind.value) for point in points)
    try:
        replace_file(path, lambda file: file.write(text.getvalue().encode()))
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}; choose another place") from error

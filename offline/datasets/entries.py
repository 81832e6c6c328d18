"""Rows of an annotation, as far as they name a video; what they mean in frames comes later."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from offline.datasets.cells import Cell, RowError
from offline.datasets.records import Finding

RowT = TypeVar("RowT")
ReadT = TypeVar("ReadT")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row whose video is known.

    Attributes
    ----------
    where
        Sheet and row, for messages.
    subject, video
        The person, and the video's name.
    kind
        As annotated.
    marks
        Onset, apex and offset, as annotated.
    """

    where: str
    subject: str
    video: str
    kind: Cell
    marks: tuple[Cell, Cell, Cell]


def read_rows(
    rows: Iterable[RowT], where: Callable[[RowT], str], read: Callable[[RowT], ReadT]
) -> tuple[list[ReadT], list[Finding]]:
    """Return what ``read`` makes of the rows, and those that it refuses with a ``RowError``."""
    out, rejected = [], []
    for row in rows:
        try:
            out.append(read(row))
        except RowError as error:
            rejected.append(Finding(where(row), str(error)))
    return out, rejected

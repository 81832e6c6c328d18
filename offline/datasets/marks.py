"""Onset, apex and offset of one row: read, completed where a rule may, or refused by name."""

from dataclasses import dataclass
from enum import StrEnum

from offline.datasets.cells import (
    Cell,
    RowError,
    cell_text,
    nearest_frame,
    required_number,
)


class Imputation(StrEnum):
    """What stands for an offset that was not annotated (NOTES, "Protocol").

    The mirrored onset supposes that a face needs as long to relax as to tense.
    """

    MIRROR = "2apex-onset"
    APEX = "apex"
    APEX_20 = "apex+20"
    ONSET_20 = "onset+20"
    REJECT = "reject"

    def offset(self, onset: int, apex: int | None) -> int:
        """Return an offset for an onset and an apex, in the frames of both.

        Raises
        ------
        RowError
            If the rule is to refuse, or the apex that it needs is unknown or before the onset.
        """
        if self is Imputation.REJECT:
            raise RowError("offset is missing")
        if self is Imputation.ONSET_20:
            return onset + 20
        if apex is None or apex < onset:
            raise RowError(f"offset is missing, and {self} needs an apex after the onset")
        return {
            Imputation.MIRROR: 2 * apex - onset,
            Imputation.APEX: apex,
            Imputation.APEX_20: apex + 20,
        }[self]


@dataclass(frozen=True, slots=True)
class Counting:
    """How a table counts frames.

    Attributes
    ----------
    first_frame
        What it calls the first frame: 0 or 1.
    impute
        What stands for an offset of 0 (or -1), which says that there is none; None where the
        table has no such convention.
    """

    first_frame: int
    impute: Imputation | None


@dataclass(frozen=True, slots=True)
class Marks:
    """The frames of one row, 0-based and inclusive.

    Attributes
    ----------
    onset, apex, offset
        ``onset <= apex <= offset``; the apex is None where it is unknown.
    imputed
        The rule that gave the offset, if one did.
    rounded
        True where a cell held a fraction of a frame.
    remark
        What was dropped and why, or empty.
    """

    onset: int
    apex: int | None
    offset: int
    imputed: Imputation | None = None
    rounded: bool = False
    remark: str = ""


def parse_marks(
    cells: tuple[Cell, Cell, Cell], counting: Counting, frames: int | None = None
) -> Marks:
    """Read onset, apex and offset.

    Fractions of a frame are rounded to the nearest, halves upwards. An apex that is empty, -1, or
    0 where frames count from 1, is unknown. An imputed offset is clipped to the video. An apex
    outside its interval is dropped with a remark, since the interval itself can still be right.

    Parameters
    ----------
    cells
        Onset, apex, offset.
    counting
        How the table counts frames.
    frames
        Length of the video, if known.

    Raises
    ------
    RowError
        If the row cannot be right; the text says why, in the table's own numbers.
    """
    onset = _frame(cells[0], "onset", counting)
    apex = _optional(cells[1], "apex", counting)
    offset, rule = _offset(cells[2], onset, apex, counting)
    last = None if frames is None else frames - 1
    if last is not None and rule is not None:
        _require_apex_in(apex, last, counting)
        offset = max(onset, min(offset, last))
    _require_order(onset, offset, last, counting.first_frame)
    remark = ""
    if apex is not None and not onset <= apex <= offset:
        remark, apex = f"apex {cell_text(cells[1])} is outside its interval, not used", None
    fraction = any(_is_fraction(cell) for cell in cells)
    return Marks(onset, apex, offset, rule, fraction, remark)


def _require_order(onset: int, offset: int, last: int | None, first_frame: int) -> None:
    shown = f"onset {onset + first_frame}", f"offset {offset + first_frame}"
    if onset > offset:
        raise RowError(f"{shown[0]} is after {shown[1]}")
    if last is not None and offset > last:
        name = shown[0] if onset > last else shown[1]
        raise RowError(f"{name} is past the end of the video, whose last frame is "
                       f"{last + first_frame}")  # fmt: skip


def _require_apex_in(apex: int | None, last: int, counting: Counting) -> None:
    """Refuse to make an offset from an apex that is wrong itself."""
    if apex is not None and apex > last:
        raise RowError(f"offset is missing, and apex {apex + counting.first_frame} is past the "
                       f"end of the video, whose last frame is {last + counting.first_frame}",
                       )  # fmt: skip


def _offset(
    cell: Cell, onset: int, apex: int | None, counting: Counting
) -> tuple[int, Imputation | None]:
    if counting.impute is None:
        return _frame(cell, "offset", counting), None
    if required_number(cell, "offset") in (0, -1):
        return counting.impute.offset(onset, apex), counting.impute
    return _frame(cell, "offset", counting), None


def _optional(cell: Cell, name: str, counting: Counting) -> int | None:
    if not cell_text(cell):
        return None
    number = required_number(cell, name)
    if number == -1 or (number == 0 and counting.first_frame > 0):
        return None
    return nearest_frame(number) - counting.first_frame


def _frame(cell: Cell, name: str, counting: Counting) -> int:
    frame = nearest_frame(required_number(cell, name)) - counting.first_frame
    if frame < 0:
        first = counting.first_frame
        hint = "; --first-frame 0 if the table counts from 0" if (frame, first) == (-1, 1) else ""
        raise RowError(
            f"{name} {cell_text(cell)} is before the first frame, which is {first}{hint}"
        )
    return frame


def _is_fraction(cell: Cell) -> bool:
    text = cell_text(cell)
    return bool(text) and not float(text).is_integer()

"""Rows of a CSV file, each with the place where it stands, and what is wrong with it."""

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from engines.errors import UsageError

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

DELIMITERS: Final = ",;\t"
LAST_FRAME: Final = 10**12
_WHOLE: Final = re.compile(r"[+-]?[0-9]+(\.0*)?")


class BadRowError(ValueError):
    """A row that cannot be right; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes
    ----------
    line
        Number of the line in its file, from 1; the last one if the row spans several.
    cells
        Text by column; empty if the line has not as many cells as the header.
    """

    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """Return a cell that may not be empty."""
        if not self.cells:
            self.refuse("has not as many cells as the header")
        value = self.cells[column].strip()
        if not value:
            self.refuse(f"{column} is empty")
        return value

    def has(self, column: str) -> bool:
        """Return whether the column exists and its cell is not empty."""
        return bool(self.cells.get(column, "").strip())

    def whole(self, column: str) -> int:
        """Return a whole number; ``12.0``, as spreadsheets write it, is one."""
        value = self.text(column)
        if not _WHOLE.fullmatch(value):
            self.refuse(f"{column} {value!r} is not a whole frame number")
        number = int(value.split(".")[0])
        if abs(number) > LAST_FRAME:
            self.refuse(f"{column} {value} is beyond any video")
        return number

    def frame(self, column: str) -> int:
        """Return a frame number, which is not negative."""
        number = self.whole(column)
        if number < 0:
            self.refuse(f"{column} {number} is negative")
        return number

    def number(self, column: str) -> float:
        """Return a finite number."""
        value = self.text(column)
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.refuse(f"{column} {value!r} is not a finite number")
        return number

    def refuse(self, reason: str) -> NoReturn:
        """Raise for this row."""
        raise BadRowError(reason)


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file whose header is as expected.

    Attributes
    ----------
    path
        The file.
    columns
        Its header, blanks around names removed.
    text
        All of it, header included.
    delimiter
        Between cells.
    """

    path: Path
    columns: tuple[str, ...]
    text: str
    delimiter: str = ","

    def rows(self) -> Iterator[Row]:
        """Yield each row; blank lines, and those of empty cells alone, are passed over.

        Raises
        ------
        UsageError
            If the quoting is broken: where rows end is then unknown.
        """
        reader = _reader(self.text, self.delimiter)
        try:
            for number, cells in enumerate(reader):
                if number and any(cell.strip() for cell in cells):
                    yield self._row(reader.line_num, cells)
        except csv.Error as error:
            raise UsageError(
                f"{self.path} line {reader.line_num}: is not CSV: {error}; correct the file"
            ) from error

    def _row(self, line: int, cells: Sequence[str]) -> Row:
        if len(cells) == len(self.columns):
            return Row(line, dict(zip(self.columns, cells, strict=True)))
        return Row(line, {})


def read_table(path: Path, required: Sequence[str]) -> Table:
    """Read a CSV file in UTF-8.

    Commas, semicolons or tabs stand between cells, whichever cut the header into most names.

    Parameters
    ----------
    path
        The file, with or without a byte order mark.
    required
        Columns that it must have, in any order, among others.

    Raises
    ------
    UsageError
        If it cannot be read, is empty, is no text, lacks a column or has one twice.
    """
    text = _read_text(path)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        header = next(_reader(text, delimiter), [])
    except csv.Error as error:
        raise UsageError(f"{path} line 1: is not CSV: {error}; correct the file") from error
    columns = tuple(name.strip() for name in header)
    missing = [name for name in required if name not in columns]
    if missing:
        raise UsageError(
            f"{path}: has no column {', '.join(missing)}; its header is {', '.join(columns)!r}: "
            "rename them there"
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UsageError(f"{path}: has two columns called {twice[0]!r}; rename one")
    return Table(path, columns, text, delimiter)


def _reader(text: str, delimiter: str) -> "CsvReader":
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _read_text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    if not data.strip():
        raise UsageError(f"{path}: is empty; a header line is the least")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path} line {line}: is not a CSV file in UTF-8; convert it") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise UsageError(f"{path} line {line}: is not a CSV file in UTF-8; convert it")
    return text

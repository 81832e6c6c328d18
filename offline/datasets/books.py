"""One reader of ``.xls``, ``.xlsx`` and ``.csv``.

What a file is, its first bytes say, not its name: copies of old workbooks go round under either
suffix.
"""

import csv
import io
import logging
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engines.errors import UsageError
from offline.datasets.cells import Cell
from offline.datasets.tables import Book, Sheet, numbered

if TYPE_CHECKING:
    from xlrd.book import Book as OldBook

OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
NEW_WORKBOOK: Final = b"PK\x03\x04"
DELIMITERS: Final = ",;\t"
SUFFIXES: Final = (".xlsx", ".xls", ".csv")

log = logging.getLogger(__name__)


def read_book(path: Path) -> Book:
    """Read a workbook or a CSV file as a whole.

    A CSV file is UTF-8 with commas, semicolons or tabs, whichever cuts it into most cells.

    Raises
    ------
    UsageError
        If it is missing, damaged, locked by a password, or none of the three.
    """
    try:
        sheets = _sheets(path, path.read_bytes())
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UsageError(f"{path}: cannot be read: {reason}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path}: is neither a workbook nor a CSV file in UTF-8: save it as .xlsx, or as CSV "
            "in UTF-8"
        ) from error
    except ModuleNotFoundError as error:
        raise UsageError(
            f"{path}: reading it needs {error.name}: pip install 'fes[offline]', or save it as CSV"
        ) from error
    # a damaged stream makes the workbook readers fail in every way there is
    except Exception as error:
        log.debug("%s", path, exc_info=True)
        raise UsageError(
            f"{path}: is damaged, or locked by a password: save it anew as .xlsx"
        ) from error
    if not sheets:
        raise UsageError(f"{path}: has no sheet of cells")
    return Book(path, sheets)


def _sheets(path: Path, data: bytes) -> tuple[Sheet, ...]:
    if data.startswith(OLD_WORKBOOK):
        return tuple(_old_sheets(data))
    if data.startswith(NEW_WORKBOOK):
        return tuple(_new_sheets(data))
    return (Sheet(path.name, "line", numbered(_csv_rows(data))),)


def _old_sheets(data: bytes) -> Iterator[Sheet]:
    import xlrd  # noqa: PLC0415 - a table of the other kinds needs no such reader

    with xlrd.open_workbook(file_contents=data, logfile=io.StringIO()) as book:
        for sheet in book.sheets():
            rows = (
                [
                    _old_cell(book, kind, value)
                    for kind, value in zip(sheet.row_types(r), sheet.row_values(r), strict=True)
                ]
                for r in range(sheet.nrows)
            )
            hidden = bool(sheet.visibility)
            yield Sheet(sheet.name, "row", numbered(enumerate(rows, start=1)), hidden)


def _old_cell(book: "OldBook", kind: int, value: object) -> Cell:
    import xlrd  # noqa: PLC0415

    if kind == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(int(str(value)), "#error")
    if kind == xlrd.XL_CELL_DATE:
        return str(xlrd.xldate_as_datetime(float(str(value)), book.datemode))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return str(bool(value))
    return _cell(value)


def _new_sheets(data: bytes) -> Iterator[Sheet]:
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            # other programs write a wrong extent, and rows past it would not be read
            sheet.reset_dimensions()
            rows = ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True))
            hidden = sheet.sheet_state != "visible"
            yield Sheet(sheet.title, "row", numbered(enumerate(rows, start=1)), hidden)
    finally:
        book.close()


def _cell(value: object) -> Cell:
    match value:
        case None:
            return None
        case bool() | date() | time():  # a truth or a date is no frame number
            return str(value)
        case int() | float():
            return float(value)
    return str(value).strip() or None


def _csv_rows(data: bytes) -> list[tuple[int, Sequence[Cell]]]:
    text, tables, errors = data.decode("utf-8-sig"), [], []
    if "\0" in text:
        raise csv.Error("it holds a NUL")
    for delimiter in DELIMITERS:
        try:
            tables.append(_cut(text, delimiter))
        except csv.Error as error:  # quotes that make sense with another delimiter
            errors.append(error)
    if not tables:
        raise errors[0]
    return max(tables, key=lambda rows: sum(len(cells) for _, cells in rows))


def _cut(text: str, delimiter: str) -> list[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return [(reader.line_num, [_cell(cell) for cell in row]) for row in reader]

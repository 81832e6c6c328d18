"""Columns by the names in a sheet's header, which may stand below lines of preamble."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engines.errors import UsageError
from offline.datasets.cells import Cell, cell_text, plain
from offline.datasets.tables import Book, Row, Sheet


@dataclass(frozen=True, slots=True)
class Record:
    """One row below a header, its cells by column name.

    Attributes
    ----------
    where
        Sheet and row, for messages.
    cells
        By the name that the loader uses.
    """

    where: str
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells[column]


def read_records(book: Book, columns: Sequence[str], sheet: str | None = None) -> list[Record]:
    """Return the rows below the header that has all columns.

    Names are compared by letters and digits alone, in any case. Without a sheet of the wanted
    name every sheet is searched, hidden ones only if no other has the columns.

    Parameters
    ----------
    book
        Workbook or CSV file.
    columns
        Names that must be there; others are not read.
    sheet
        Where to look first.

    Raises
    ------
    UsageError
        If no row holds all the names (the text has those that the likeliest header lacks), if
        sheets that can be seen hold them twice, or if one column is there twice.
    """
    named = book.sheet(sheet) if sheet else None
    sheets = [named] if named else list(book.sheets)
    found = [(one, place) for one in sheets if (place := _header(one, columns)) is not None]
    found = [place for place in found if not place[0].hidden] or found
    if not found:
        raise UsageError(_complaint(book, sheets, columns))
    if len(found) > 1:
        names = " and ".join(repr(one.name) for one, _ in found)
        raise UsageError(f"{book.path}: the sheets {names} have the same columns: keep one of them")
    candidate, place = found[0]
    _require_once(book, candidate, candidate.rows[place], columns)
    return list(_below(candidate, place, columns))


def _header(sheet: Sheet, columns: Sequence[str]) -> int | None:
    """Return the place of the first row that holds all names."""
    return next((n for n, row in enumerate(sheet.rows) if not _missing(row, columns)), None)


def _require_once(book: Book, sheet: Sheet, header: Row, columns: Sequence[str]) -> None:
    names = [plain(cell_text(cell)) for cell in header.cells]
    for column in columns:
        if names.count(plain(column)) > 1:
            raise UsageError(f"{book.path}: {sheet.name}: the header in row {header.number} has "
                             f"two columns {column}: rename one")  # fmt: skip


def _below(sheet: Sheet, place: int, columns: Sequence[str]) -> Iterator[Record]:
    names = [plain(cell_text(cell)) for cell in sheet.rows[place].cells]
    at = {column: names.index(plain(column)) for column in columns}
    for row in sheet.rows[place + 1 :]:
        yield Record(sheet.where(row), {column: row[index] for column, index in at.items()})


def _missing(row: Row, columns: Sequence[str]) -> list[str]:
    names = {plain(cell_text(cell)) for cell in row.cells}
    return [column for column in columns if plain(column) not in names]


def _complaint(book: Book, sheets: Sequence[Sheet], columns: Sequence[str]) -> str:
    rows = [(len(_missing(row, columns)), s.name, row) for s in sheets for row in s.rows]
    lacking, name, header = min(rows, key=lambda row: row[0], default=(len(columns), "", None))
    if header is None or lacking == len(columns):
        return f"{book.path}: has no header with the columns {', '.join(columns)}"
    missing = ", ".join(_missing(header, columns))
    return (
        f"{book.path}: {name}: the header in row {header.number} has no column {missing}: "
        f"rename it there, or give another --annotations"
    )

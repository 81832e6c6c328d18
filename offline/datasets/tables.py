"""Tables as sheets of numbered rows, whatever file they come from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from offline.datasets.cells import Cell, cell_text, plain


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a person counts, from 1, and its cells."""

    number: int
    cells: tuple[Cell, ...]

    def __getitem__(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a book; a CSV file has one, which bears the file's name.

    Attributes
    ----------
    name
        For messages: ``eye blink``, or ``labels.csv``.
    unit
        What a row is called: ``row`` or ``line``.
    rows
        Those that hold anything, in order.
    hidden
        Whether a person who opens the workbook does not see it.
    """

    name: str
    unit: str
    rows: tuple[Row, ...]
    hidden: bool = False

    def where(self, row: Row) -> str:
        """Return where a row is found, for messages."""
        return f"{self.name} {self.unit} {row.number}"


@dataclass(frozen=True, slots=True)
class Book:
    """The sheets of one file, in its order."""

    path: Path
    sheets: tuple[Sheet, ...]

    def sheet(self, name: str) -> Sheet | None:
        """Return a sheet by its name, whatever its case and spaces."""
        return next((sheet for sheet in self.sheets if plain(sheet.name) == plain(name)), None)


def numbered(rows: Iterable[tuple[int, Sequence[Cell]]]) -> tuple[Row, ...]:
    """Return the rows that hold anything, without the empty cells at their ends."""
    out = []
    for number, cells in rows:
        filled = [column for column, cell in enumerate(cells, start=1) if cell_text(cell)]
        if filled:
            out.append(Row(number, tuple(cells[: filled[-1]])))
    return tuple(out)

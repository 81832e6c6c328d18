"""What a page is made of; templates turn it into HTML, and escape every text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

Cell = str | Markup


def stacked(main: str, under: str) -> Cell:
    """Return a cell with a second, smaller line, if there is one."""
    return Markup("{}<small>{}</small>").format(main, under) if under else main


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    cells
        One for each column, the first being its heading.
    class_
        ``ours``, ``published``, ``group`` or nothing.
    """

    cells: tuple[Cell, ...]
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table.

    Attributes
    ----------
    caption, note
        Above and below it.
    head
        Titles of the columns.
    rows
        Of as many cells.
    texts
        Positions of the columns that are set as text; the others are numbers.
    """

    name: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""
    texts: frozenset[int] = frozenset({0})

    def __post_init__(self) -> None:
        if any(len(row.cells) != len(self.head) for row in self.rows):
            raise ValueError(f"{self.caption}: a row has not as many cells as the head")


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart of a figure, with a line below it if it needs one."""

    svg: Markup
    caption: str = ""
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a legend: classes of its mark, and what it stands for."""

    class_: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A numbered figure.

    Attributes
    ----------
    caption
        Below it; a figure without one has no number.
    charts
        In order.
    layout
        ``wide``: one below the other, ``grid``: side by side where there is room, ``cards``: small
        ones side by side.
    legend
        Above it.
    """

    name: ClassVar[str] = "figure"
    caption: str
    charts: tuple[Chart, ...]
    layout: str = "grid"
    legend: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs, or a legend alone; class ``warning`` sets them in a box."""

    name: ClassVar[str] = "text"
    paragraphs: tuple[str, ...]
    class_: str = ""
    legend: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """Commands, as they are typed."""

    name: ClassVar[str] = "code"
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tiles:
    """Large numbers: title, value, and lines on what belongs to it."""

    name: ClassVar[str] = "tiles"
    heading: str
    tiles: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks behind a heading that opens them; printed in full."""

    name: ClassVar[str] = "details"
    title: str
    blocks: "Sequence[Block]"
    opened: bool = False


Block = Table | Figure | Text | Code | Tiles | Details


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page.

    Attributes
    ----------
    anchor
        Its address on the page.
    title
        Its heading.
    blocks
        What it holds.
    """

    anchor: str
    title: str
    blocks: tuple[Block, ...]

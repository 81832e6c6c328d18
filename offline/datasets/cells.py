"""What one cell of a table means: a name, a frame number, a kind."""

import math
import re
import unicodedata
from typing import Final

from engines.intervals import Kind

Cell = str | float | None
"""Text without space around it, a number, or None for an empty cell."""

IGNORE: Final = "ignore"
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_WHOLE: Final = re.compile(r"^(\d+)\.0*$")
_KIND: Final = re.compile(r"(macro|micro)(?!.*(?:macro|micro))(?:[\s-].*)?", re.IGNORECASE)
_FARTHEST: Final = 1e9


class RowError(ValueError):
    """A row that cannot be right; the text is the reason that a person reads."""


def cell_text(cell: Cell) -> str:
    """Return a cell as one line; a whole number loses its decimal point, no cell is ``""``."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return " ".join(cell.split())


def number_text(cell: Cell) -> str:
    """Return a cell that should be a whole number as its digits; ``7.0`` in a CSV file is ``7``."""
    text = cell_text(cell)
    return _WHOLE.sub(r"\1", text)


def plain(text: str) -> str:
    """Return the letters and digits of a name in lower case: what a header is compared by."""
    whole = unicodedata.normalize("NFKC", text).casefold()  # CAS(ME)² and CAS(ME)2 are one
    return "".join(letter for letter in whole if letter.isalnum())


def required_text(cell: Cell, name: str) -> str:
    """Return a cell that must not be empty.

    Raises
    ------
    RowError
        If it is.
    """
    if not (text := cell_text(cell)):
        raise RowError(f"{name} is empty")
    return text


def required_number(cell: Cell, name: str) -> float:
    """Return a cell that must hold a finite number.

    Raises
    ------
    RowError
        If it is empty, not a number, NaN, infinite, or beyond any video.
    """
    text = required_text(cell, name)
    if isinstance(cell, str) and not _NUMBER.fullmatch(text):
        raise RowError(f"{name} {text!r} is not a number")
    number = float(cell if isinstance(cell, float) else text)
    if not math.isfinite(number) or abs(number) > _FARTHEST:
        raise RowError(f"{name} {text} is not a frame number")
    return number


def nearest_frame(number: float) -> int:
    """Round a fraction of a frame to the nearest frame, halves upwards."""
    return math.floor(number + 0.5)


def parse_kind(cell: Cell) -> Kind | None:
    """Return the kind that a cell names, or None for ``ignore``.

    ``macro``, ``Macro-expression``, ``Micro - 1/2`` and their like are known, in any case.

    Raises
    ------
    RowError
        If it names neither kind, or both.
    """
    text = required_text(cell, "kind")
    if text.casefold() == IGNORE:
        return None
    if not (match := _KIND.fullmatch(text)):
        raise RowError(f"kind {text!r} is neither macro nor micro")
    return Kind(match[1].casefold())

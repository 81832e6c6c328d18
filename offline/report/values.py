"""Values of JSON objects as what they should be, and numbers as text."""

from collections.abc import Mapping
from typing import Final

from offline.evaluation.bootstrap import ConfidenceInterval

ABSENT: Final = "–"
"""An en dash stands for a figure that does not exist."""


def section(table: Mapping[str, object], name: str) -> Mapping[str, object]:
    """Return an object in an object; an empty one where it is missing or something else."""
    value = table.get(name)
    return value if isinstance(value, Mapping) else {}


def as_number(value: object) -> float | None:
    """Return a number, or None for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and isinstance(value, int | float) else None


def number_or(value: object, default: float) -> float:
    """Return a number, or the default for anything else."""
    number = as_number(value)
    return default if number is None else number


def decimals(value: float | None, digits: int = 4) -> str:
    """Return a number with a fixed number of digits, or a dash."""
    return ABSENT if value is None else f"{value:.{digits}f}"


def interval(found: ConfidenceInterval | None, digits: int = 3) -> str:
    """Return an interval in brackets, or nothing."""
    return "" if found is None else f"[{found.low:.{digits}f}, {found.high:.{digits}f}]"


def plain(value: object) -> str:
    """Return a value of a JSON file as a short text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or "none"
    return str(value)


def flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Return nested objects as dotted names with their values as text."""
    rows: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            rows |= flatten(value, f"{prefix}{key}.")
        else:
            rows[f"{prefix}{key}"] = plain(value)
    return rows


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"

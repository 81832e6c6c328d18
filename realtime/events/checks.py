"""Checks that every event passes before it leaves the process."""

import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
"""x right, y down, in px of the canonical face (eye distance 96 px)."""


def require_finite(owner: str, **numbers: float | None) -> None:
    """Raise ``ValueError`` unless each number that is given is finite."""
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise ValueError(f"{owner}: {name} is {value}, not a finite number")


def require_not_negative(owner: str, **numbers: float | None) -> None:
    """Raise ``ValueError`` unless each number that is given is finite and at least 0."""
    require_finite(owner, **numbers)
    for name, value in numbers.items():
        if value is not None and value < 0:
            raise ValueError(f"{owner}: {name} is {value}, below 0")


def require_figures(owner: str, **tables: Mapping[str, float]) -> None:
    """Raise ``ValueError`` unless every value of every table is finite."""
    for table, values in tables.items():
        require_finite(f"{owner}.{table}", **values)


def require_points(owner: str, **lists: Iterable[Point]) -> None:
    """Raise ``ValueError`` unless every list holds pairs of finite numbers."""
    for name, points in lists.items():
        for point in points:
            if len(point) != 2 or not all(math.isfinite(value) for value in point):
                raise ValueError(f"{owner}: {name} holds {point}, not two finite numbers")


def require_order(owner: str, *moments: float | None) -> None:
    """Raise ``ValueError`` unless the moments that are given never decrease."""
    known = [moment for moment in moments if moment is not None]
    if known != sorted(known):
        raise ValueError(f"{owner}: its times are out of order: {known}")

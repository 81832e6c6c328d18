"""Linear axes and the ticks on them."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from offline.report.svg import Drawing

_STEPS: Final = ((1.5, 1.0), (3.5, 2.0), (7.5, 5.0), (math.inf, 10.0))
"""The round step of all that is at most the bound, between 1 and 10."""
_SLACK: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Axis:
    """Maps values to coordinates of a drawing.

    Attributes
    ----------
    low, high
        Values at its ends; different.
    start, stop
        Coordinates there.
    """

    low: float
    high: float
    start: float
    stop: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"an axis needs low < high, not {self.low}, {self.high}")

    def at(self, value: float) -> float:
        """Return the coordinate of a value."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def many(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coordinates of values (N,)."""
        scale = (self.stop - self.start) / (self.high - self.low)
        return np.asarray(self.start + (values - self.low) * scale, np.float64)

    def ticks(self, wanted: int = 5) -> list[float]:
        """Return round values, about as many as wanted, from low to high."""
        raw = (self.high - self.low) / max(wanted, 1)
        power = 10.0 ** math.floor(math.log10(raw))
        step = power * next(step for bound, step in _STEPS if raw / power <= bound)
        first = math.ceil(self.low / step - _SLACK)
        last = math.floor(self.high / step + _SLACK)
        return [n * step for n in range(first, last + 1)]


def span(values: NDArray[np.float64], floor: float | None = None) -> tuple[float, float]:
    """Return a range that holds all finite values, never an empty one.

    Parameters
    ----------
    values
        Any number of them.
    floor
        The low end, if it is to be fixed.
    """
    known = values[np.isfinite(values)]
    low = float(known.min()) if len(known) else 0.0
    high = float(known.max()) if len(known) else 1.0
    low = low if floor is None else min(floor, low)
    return (low, high) if low < high else (low, low + (abs(low) or 1.0))


def grid(drawing: Drawing, x: Axis, y: Axis, *, x_ticks: int = 5, whole: bool = False) -> None:
    """Draw horizontal grid lines and the labels of both axes; y grows upwards.

    Parameters
    ----------
    drawing, x, y
        Where.
    x_ticks
        About how many of them.
    whole
        Whether only whole values of x mean anything.
    """
    for value in y.ticks(4):
        drawing.line(x.start, y.at(value), x.stop, y.at(value), "grid")
        drawing.text(x.start - 5, y.at(value) + 3.5, f"{value:g}", "tick", "end")
    for value in x.ticks(x_ticks):
        if whole and not float(value).is_integer():
            continue
        drawing.text(x.at(value), y.start + 14, f"{value:g}", "tick", "middle")
    drawing.line(x.start, y.start, x.stop, y.start, "axis")

"""Figures of a series of measurements: percentiles, histogram, growth, the slowest stretch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

PREFERRED: Final = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
"""Renard's series R10 (ISO 3): ten steps to a decade, equal on a logarithmic scale."""

LOWEST_DECADE: Final = -2
"""The series begins at 0.01; shorter durations in ms are all alike."""

MOST_BINS: Final = 20
STRIDES: Final = (1, 2, 5, 10)
"""Steps of the series that one bin may span; all divide a decade."""

TEN_MINUTES_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Spread:
    """How a series is spread, in its own unit.

    Attributes
    ----------
    count
        Number of values, at least 1.
    p50, p95, p99
        Percentiles, linear between neighbours.
    max
        The largest value.
    """

    count: int
    p50: float
    p95: float
    p99: float
    max: float

    @classmethod
    def of(cls, values: ArrayLike) -> Self | None:
        """Return the spread of a series, or None of an empty one."""
        series = np.asarray(values, np.float64)
        if not series.size:
            return None
        p50, p95, p99 = np.percentile(series, (50, 95, 99))
        return cls(series.size, float(p50), float(p95), float(p99), float(series.max()))


@dataclass(frozen=True, slots=True)
class Bin:
    """Number of values in [low, high)."""

    low: float
    high: float
    count: int


def histogram(values: ArrayLike) -> tuple[Bin, ...]:
    """Count values in bins of equal width on a logarithmic scale.

    Parameters
    ----------
    values
        Durations of 0 or more; the lowest bin there can be is [0, 0.0125).

    Returns
    -------
    tuple of Bin
        From the lowest value to the highest, empty bins between them included; at most 20 unless
        the values span more than 20 decades. Empty for an empty series.
    """
    series = np.asarray(values, np.float64)
    if not series.size:
        return ()
    steps = np.searchsorted(_edges(), series, side="right") - 1
    first, last = int(steps.min()), int(steps.max())
    stride = next((s for s in STRIDES if last // s - first // s < MOST_BINS), STRIDES[-1])
    counts = np.bincount(steps // stride - first // stride)
    return tuple(
        Bin(_edge(k * stride), _edge((k + 1) * stride), int(count))
        for k, count in enumerate(counts, first // stride)
    )


def _edges() -> NDArray[np.float64]:
    return np.array([_edge(k) for k in range(10 * (12 - LOWEST_DECADE))])


def _edge(step: int) -> float:
    """Return the lower edge of a step: 0, then 0.0125, 0.016 and so on."""
    if step == 0:
        return 0.0
    decade, place = divmod(step, len(PREFERRED))
    return float(PREFERRED[place] * 10.0 ** (decade + LOWEST_DECADE))


def growth_per_ten_minutes(times_s: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the slope of the least-squares line through a series, per ten minutes.

    Parameters
    ----------
    times_s
        When the values were taken, s.
    values
        In any unit, as many as times.

    Returns
    -------
    float or None
        None where the times are fewer than two different ones.
    """
    times = np.asarray(times_s, np.float64)
    if times.size < 2 or np.ptp(times) == 0:
        return None
    centred = times - times.mean()
    slope = centred @ np.asarray(values, np.float64) / (centred @ centred)
    return float(slope * TEN_MINUTES_S)


def slowest_rate_hz(times_s: ArrayLike, stretch_s: float) -> float | None:
    """Return the lowest rate at which things happened over any stretch of some length.

    Parameters
    ----------
    times_s
        When they happened, increasing, s.
    stretch_s
        Length of the stretch, s.

    Returns
    -------
    float or None
        Per second; None where the whole series is shorter than a stretch.
    """
    times = np.asarray(times_s, np.float64)
    if times.size < 2 or times[-1] - times[0] < stretch_s:
        return None
    # the fewest fall into a stretch that opens right after one of them
    starts = times[times + stretch_s <= times[-1]]
    inside = np.searchsorted(times, starts + stretch_s, "right") - np.searchsorted(
        times, starts, "right"
    )
    return float(inside.min() / stretch_s)

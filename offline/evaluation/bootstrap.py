"""Confidence intervals by resampling subjects.

Expressions of one person are not independent, so that whole subjects are drawn, with replacement,
as many as there are; the counts of a draw are summed and its shares computed. The interval is the
percentile interval over the draws. It describes other people under the same model; it does not hold
what another training run would change.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

DRAWS: Final = 2000
LEVEL: Final = 0.95
_CHUNK: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ConfidenceInterval:
    """A percentile interval.

    Attributes
    ----------
    low, high
        Its ends.
    draws
        Draws in which the figure exists; the others, such as those without any label, are left
        out.
    """

    low: float
    high: float
    draws: int

    def to_dict(self) -> dict[str, object]:
        """Return the interval as a JSON-ready dictionary."""
        return {"low": self.low, "high": self.high, "draws": self.draws}


@dataclass(frozen=True, slots=True)
class ShareIntervals:
    """Intervals of precision, recall and F1; None where no draw has the figure."""

    precision: ConfidenceInterval | None
    recall: ConfidenceInterval | None
    f1: ConfidenceInterval | None

    def to_dict(self) -> dict[str, object]:
        """Return the intervals as a JSON-ready dictionary."""
        named = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {name: i and i.to_dict() for name, i in named.items()}


def bootstrap(
    counts: NDArray[np.int64],
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> list[ShareIntervals] | None:
    """Return the intervals of several groups of expressions from the same draws.

    Parameters
    ----------
    counts
        int64 (subjects, groups, 3): true positives, false positives, false negatives.
    rng
        Source of the draws.
    draws
        How many.
    level
        Share of the draws that an interval holds, in (0, 1).

    Returns
    -------
    list of ShareIntervals, or None
        One a group. None for fewer than two subjects: nothing varies between draws.

    Raises
    ------
    ValueError
        If ``draws`` or ``level`` is out of range.
    """
    if draws < 1 or not 0 < level < 1:
        raise ValueError(f"an interval needs draws and a level in (0, 1), not {draws}, {level}")
    subjects, groups, _ = counts.shape
    if subjects < 2:
        return None
    sums = _draw(counts.reshape(subjects, -1), rng, draws).reshape(draws, groups, 3)
    tp, fp, fn = np.moveaxis(sums, 2, 0)
    shares = (_share(tp, tp + fp), _share(tp, tp + fn), _share(2 * tp, 2 * tp + fp + fn))
    return [
        ShareIntervals(*(_interval(share[:, group], level) for share in shares))
        for group in range(groups)
    ]


def _draw(counts: NDArray[np.int64], rng: np.random.Generator, draws: int) -> NDArray[np.int64]:
    """Return int64 (draws, C), the sums of counts (subjects, C) over subjects drawn."""
    subjects = len(counts)
    evenly = np.full(subjects, 1 / subjects)
    step = max(1, _CHUNK // subjects)
    parts = [
        rng.multinomial(subjects, evenly, size=min(step, draws - done)) @ counts
        for done in range(0, draws, step)
    ]
    return np.concatenate(parts)


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _interval(values: NDArray[np.float64], level: float) -> ConfidenceInterval | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return ConfidenceInterval(low, high, len(known))

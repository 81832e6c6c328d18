"""Where training records come from: loaded ones, or an endless recipe."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord, Recipe
from offline.spotformer.targets import NEUTRAL, Targets, make_targets

_RECORD_STREAM: Final = 0


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """A record with its targets and the places where segments may start.

    Attributes
    ----------
    positive_starts
        Per expression, its kind and the first ticks of the segments that hold a tick of it.
    negative_starts
        First ticks of the segments that hold no expression.
    """

    record: FeatureRecord
    targets: Targets
    positive_starts: tuple[tuple[Kind, NDArray[np.int64]], ...]
    negative_starts: NDArray[np.int64]

    def starts_around(self, kind: Kind | None) -> list[NDArray[np.int64]]:
        """Return the start ticks around every expression of a kind, or of both for None."""
        return [starts for k, starts in self.positive_starts if kind in (None, k)]


def index_record(record: FeatureRecord, segment_ticks: int) -> IndexedRecord:
    """Return a record prepared for sampling; segments without any counted tick are left out."""
    targets = make_targets(record.scored, record.intervals, record.ignored)
    last = len(record.scored) - segment_ticks
    usable = _sums(targets.counted, segment_ticks) > 0
    quiet = _sums(targets.label != NEUTRAL, segment_ticks) == 0

    def around(interval: Interval) -> NDArray[np.int64]:
        first = max(0, interval.onset - segment_ticks + 1)
        starts = np.arange(first, min(interval.offset, last) + 1)
        kept: NDArray[np.int64] = starts[usable[starts]]
        return kept

    positive = [(i.kind, around(i)) for i in record.intervals]
    return IndexedRecord(
        record,
        targets,
        tuple((kind, starts) for kind, starts in positive if len(starts)),
        np.flatnonzero(usable & quiet),
    )


def _sums(flags: NDArray[np.bool_], width: int) -> NDArray[np.int64]:
    """Count of set flags in every run of ``width``, one per start; empty if too short."""
    if len(flags) < width:
        return np.zeros(0, np.int64)
    total = np.concatenate([[0], np.cumsum(flags, dtype=np.int64)])
    sums: NDArray[np.int64] = total[width:] - total[:-width]
    return sums


class Pool(Protocol):
    """A supply of records that depends on the step alone."""

    def records(self, step: int) -> Sequence[IndexedRecord]:
        """Return the records in use at a 0-based step."""
        ...


class FixedPool:
    """Records that are all in memory.

    Raises
    ------
    UsageError
        If there is no record.
    """

    def __init__(self, records: Sequence[FeatureRecord], segment_ticks: int) -> None:
        if not records:
            raise UsageError("training data: no records were given")
        self._records = tuple(index_record(record, segment_ticks) for record in records)
        self._segment_ticks = segment_ticks

    def records(self, step: int) -> Sequence[IndexedRecord]:  # noqa: ARG002 - always all
        """Return all records."""
        return self._records

    def expression_segments(self) -> int:
        """Return how many consecutive segments of all videos hold an expression."""
        count = 0
        for indexed in self._records:
            busy = np.flatnonzero(indexed.targets.label != NEUTRAL)
            count += len(np.unique(busy // self._segment_ticks))
        return count


class RecipePool:
    """A window that slides over the endless records of a recipe.

    Record n is drawn with a generator of its own, seeded by the seed, the source and n, so the
    records in use at a step are known without drawing those before it.

    Parameters
    ----------
    recipe
        Draws records.
    seed, source
        Of the records' generators; ``source`` keeps several recipes of one run apart.
    size
        Records in use at one time.
    fresh_per_step
        Records that are replaced per step, on average.
    segment_ticks
        Ticks in a segment.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        seed: int,
        source: int,
        size: int,
        fresh_per_step: float,
        segment_ticks: int,
    ) -> None:
        self._recipe = recipe
        self._key = (seed, _RECORD_STREAM, source)
        self._size = size
        self._fresh_per_step = fresh_per_step
        self._segment_ticks = segment_ticks
        self._drawn: dict[int, IndexedRecord] = {}

    def records(self, step: int) -> Sequence[IndexedRecord]:
        """Return the records in use at a step; not safe to call from two threads."""
        first = math.floor(step * self._fresh_per_step)
        wanted = range(first, first + self._size)
        self._drawn = {number: self._drawn.get(number) or self._draw(number) for number in wanted}
        return tuple(self._drawn.values())

    def _draw(self, number: int) -> IndexedRecord:
        record = self._recipe.draw(np.random.default_rng((*self._key, number)))
        return index_record(record, self._segment_ticks)

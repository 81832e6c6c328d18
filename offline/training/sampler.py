"""Batches of consecutive windows, drawn so that a step's batch depends on its number alone."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Kind
from offline.spotformer.targets import Targets
from offline.training.config import TrainingConfig
from offline.training.pools import IndexedRecord, Pool

_BATCH_STREAM: Final = 1


@dataclass(frozen=True, slots=True)
class WeightedPool:
    """A supply of records and its share of the segments of every batch."""

    pool: Pool
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows float32 (N, 17, K, 2), px, with their targets."""

    windows: NDArray[np.float32]
    targets: Targets


class BatchSampler:
    """Draws the batch of any step.

    Parameters
    ----------
    pools
        Where records come from, with shares above 0; they need not sum to one.
    config
        Batch shape and the balance of segments.
    node_indices
        Columns of the features that are read.
    seed
        Of every random choice.

    Raises
    ------
    UsageError
        If there is no pool or a share is not above 0; from :meth:`batch`, if a pool has no
        segment of the kind that is asked for.
    """

    def __init__(
        self,
        pools: Sequence[WeightedPool],
        config: TrainingConfig,
        node_indices: Sequence[int],
        seed: int,
    ) -> None:
        if not pools or any(not weighted.share > 0 for weighted in pools):
            raise UsageError("training data: give at least one source, each with a share above 0")
        self._pools = tuple(pools)
        shares = np.array([weighted.share for weighted in pools])
        self._shares = shares / shares.sum()
        self._config = config
        self._nodes = np.asarray(node_indices)
        self._seed = seed

    def batch(self, step: int) -> Batch:
        """Return the batch of a 0-based step; equal steps give equal batches."""
        rng = np.random.default_rng((self._seed, _BATCH_STREAM, step))
        config = self._config
        source = rng.choice(len(self._pools), size=config.segments, p=self._shares)
        negative = rng.random(config.segments) < config.negative_fraction
        records = {s: self._pools[s].pool.records(step) for s in np.unique(source)}
        segments = [
            self._segment(records[s], bool(n), rng) for s, n in zip(source, negative, strict=True)
        ]
        return self._gather(segments)

    def _segment(
        self, records: Sequence[IndexedRecord], negative: bool, rng: np.random.Generator
    ) -> tuple[IndexedRecord, int]:
        """Return a record and the first tick of a segment in it."""
        if negative:
            return _pick(records, [r.negative_starts for r in records], rng)
        kind = None
        if self._config.micro_fraction >= 0:
            kind = Kind.MICRO if rng.random() < self._config.micro_fraction else Kind.MACRO
        anchors = [(r, starts) for r in records for starts in r.starts_around(kind)]
        if not anchors:
            raise UsageError(
                f"training data: no {f'{kind} ' if kind else ''}expression to train on "
                f"in {len(records)} records"
            )
        record, starts = anchors[rng.integers(len(anchors))]
        return record, int(rng.choice(starts))

    def _gather(self, segments: Sequence[tuple[IndexedRecord, int]]) -> Batch:
        ticks = self._config.segment_ticks
        spans = [(indexed, slice(start, start + ticks)) for indexed, start in segments]
        windows = np.concatenate([i.record.features[span] for i, span in spans])
        columns = (
            np.concatenate([getattr(i.targets, field.name)[span] for i, span in spans])
            for field in fields(Targets)
        )
        return Batch(np.ascontiguousarray(windows[:, :, self._nodes]), Targets(*columns))


def _pick(
    records: Sequence[IndexedRecord],
    choices: Sequence[NDArray[np.int64]],
    rng: np.random.Generator,
) -> tuple[IndexedRecord, int]:
    """Return one of all the choices, each equally likely, with its record."""
    ends = np.cumsum([len(choice) for choice in choices])
    if ends[-1] == 0:
        raise UsageError(
            f"training data: no segment without expression in {len(records)} records; "
            "set training.negative_fraction=0"
        )
    number = int(rng.integers(ends[-1]))
    row = int(np.searchsorted(ends, number, side="right"))
    return records[row], int(choices[row][number - (ends[row] - len(choices[row]))])

"""Where training records come from, and how a SpotFormer's segments are drawn from them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engines.errors import UsageError
from offline.data.records import Recipe
from offline.snippets.record import Record
from offline.spotformer.inputs import supply_for
from offline.training.config import TrainingConfig
from offline.training.pools import FixedPool, Pool, RecipePool
from offline.training.settings import SpotFormerSettings


@dataclass(frozen=True, slots=True)
class Source:
    """Where records come from.

    Attributes
    ----------
    name
        As the user names it; part of the run's configuration.
    supply
        Loaded records, or a recipe.
    share
        Share of every batch's segments, or of the videos where a step is one video.
    """

    name: str
    supply: Sequence[Record] | Recipe
    share: float = 1.0


def make_pool(source: Source, number: int, settings: SpotFormerSettings, seed: int) -> Pool:
    """Return the pool of one source."""
    config = settings.training
    supply = supply_for(source.supply, settings.model)
    if isinstance(supply, Sequence):
        return FixedPool(supply, config.segment_ticks)
    return RecipePool(
        supply,
        seed=seed,
        source=number,
        size=config.pool_records,
        fresh_per_step=config.fresh_records_per_step,
        segment_ticks=config.segment_ticks,
    )


def count_steps(pools: Sequence[Pool], config: TrainingConfig) -> int:
    """Return the steps of an epoch: as set, or one pass over the expression segments.

    Raises
    ------
    UsageError
        If the number is not set and a source is endless.
    """
    if config.steps_per_epoch:
        return config.steps_per_epoch
    segments = 0
    for pool in pools:
        if not isinstance(pool, FixedPool):
            raise endless()
        segments += pool.expression_segments()
    return max(1, math.ceil(segments / config.segments))


def endless() -> UsageError:
    """Return what is said where an epoch of endless data has no length."""
    return UsageError(
        "training: steps_per_epoch must be set with simulated data, which never ends; "
        "add --set training.steps_per_epoch=200"
    )

"""Tiny records and a tiny recipe; windows are noise unless a test needs more."""

from dataclasses import dataclass

import numpy as np

from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from realtime.types import NODES


def make_record(
    ticks: int, intervals: tuple[Interval, ...], seed: int = 0, name: str = "video"
) -> FeatureRecord:
    features = np.random.default_rng(seed).normal(size=(ticks, 17, len(NODES), 2))
    # the tick and the seed can be read back from a window
    features[:, 0, 0, 0] = np.arange(ticks)
    features[:, 0, 0, 1] = seed
    return FeatureRecord(
        name, "subject", features.astype(np.float32), np.ones(ticks, np.bool_), intervals
    )


@dataclass(frozen=True)
class TinyRecipe:
    """Records of 60 ticks with one expression each, as a random kind."""

    def draw(self, rng: np.random.Generator) -> FeatureRecord:
        kind = Kind.MICRO if rng.random() < 0.5 else Kind.MACRO
        onset = int(rng.integers(2, 30))
        return make_record(
            60, (Interval(kind, onset, onset + 4, onset + 9),), int(rng.integers(1 << 20))
        )

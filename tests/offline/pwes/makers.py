"""Tiny PWES trainings: a few dozen snippets, a network of width 8, motion in expressions."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from offline.gim.labels import TickPoint
from offline.mcwes.config import SnippetInputs, SnippetModel
from offline.points.from_truth import How
from offline.pwes.config import ContrastConfig, MiningConfig
from offline.pwes.settings import PwesSettings, PwesTrainingConfig
from offline.snippets.record import SnippetRecord
from offline.training.points import Pointed, PointsFromTruth
from realtime.snippets.pooling import SNIPPET_FEATURES
from realtime.types import NODES

MICRO, MACRO = Interval(Kind.MICRO, 12, 15, 19), Interval(Kind.MACRO, 40, 50, 63)
TICKS = 120

TINY = PwesSettings(
    snippets=SnippetInputs("sw-mro", frames=4, features=SNIPPET_FEATURES, standardise=True),
    model=SnippetModel(
        embedding=8, attention_width=8, fused_width=16, attention_dropout=0.1, dropout=0.1,
        scaled_core=True,
    ),
    mining=MiningConfig(warmup_steps=2, theta=0.3),
    contrast=ContrastConfig(background=3),
    training=PwesTrainingConfig(
        epochs=3, steps_per_epoch=2, batch=2, learning_rate=1e-3, ema_decay=0.9, plot_every=0,
        pool_records=2,
    ),
)  # fmt: skip
TRUTH = PointsFromTruth(How.UNIFORM, 0)


def settings(**sections: Mapping[str, object]) -> PwesSettings:
    """TINY, with other values in some sections."""
    changed = {
        name: dataclasses.replace(getattr(TINY, name), **values)
        for name, values in sections.items()
    }
    return dataclasses.replace(TINY, **changed)


def feature_record(
    name: str = "video",
    seed: int = 0,
    intervals: tuple[Interval, ...] = (MICRO, MACRO),
    ticks: int = TICKS,
    ignored: tuple[Interval, ...] = (),
) -> FeatureRecord:
    """Noise with a motion of its own in each kind of expression."""
    features = np.random.default_rng(seed).normal(0, 0.1, (ticks, 17, len(NODES), 2))
    for interval in intervals:
        nodes = slice(6, 10) if interval.kind is Kind.MICRO else slice(0, 6)
        features[interval.onset : interval.offset + 1, 8:, nodes] += 3
    return FeatureRecord(
        name, "subject", features.astype(np.float32), np.ones(ticks, np.bool_), intervals, ignored,
        timestamps_s=np.arange(ticks) / 30,
    )  # fmt: skip


def snippet_record(
    snippets: int = 10,
    length: float = 4.8,
    *,
    gaps: tuple[int, ...] = (),
    intervals: tuple[Interval, ...] = (),
    ignored: tuple[Interval, ...] = (),
    name: str = "video",
) -> SnippetRecord:
    """Snippets whose features are their numbers."""
    numbers = np.arange(snippets, dtype=np.float32)
    valid = np.ones(snippets, np.bool_)
    valid[list(gaps)] = False
    streams = np.broadcast_to(numbers[None, :, None], (2, snippets, 3)).copy()
    edges = np.arange(snippets + 1) * length
    return SnippetRecord(name, "subject", streams, valid, edges, "i3d", intervals, ignored)


@dataclasses.dataclass(frozen=True)
class GivenPoints:
    """Points that a test names."""

    points: tuple[TickPoint, ...]

    def of(self, record: Pointed) -> tuple[TickPoint, ...]:  # noqa: ARG002
        return self.points

    def describe(self) -> dict[str, object]:
        return {"given": len(self.points)}

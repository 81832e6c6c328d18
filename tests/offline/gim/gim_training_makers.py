"""Tiny GIM trainings: a few dozen ticks, a network of width 8, a motion that marks expressions."""

import dataclasses
from pathlib import Path

import numpy as np

from engines.intervals import Interval, Kind
from offline.data.origin import Origin
from offline.data.records import FeatureRecord
from offline.data.store import save_record
from offline.gim.config import GimLossConfig, HeadConfig
from offline.gim.labels import TickPoint
from offline.gim.settings import GimSettings, GimTrainingConfig
from offline.points.from_truth import How
from offline.spotformer.config import SpotFormerConfig
from offline.training.points import PointsFromTruth
from realtime.types import NODES

MICRO, MACRO = Interval(Kind.MICRO, 10, 14, 19), Interval(Kind.MACRO, 40, 50, 60)
TICKS = 80

TINY = GimSettings(
    SpotFormerConfig(width=8, heads=2, nodes=NODES, embedding_dropout=0.2),
    HeadConfig(dropout=0.3),
    GimLossConfig(hard_epochs=1, warm_epochs=1, theta_epochs=2),
    GimTrainingConfig(
        epochs=4, learning_rate=1e-3, ema_decay=0.9, plot_every=0, pool_records=2, most_ticks=48
    ),
)
TRUTH = PointsFromTruth(How.GAUSSIAN, 0)


def settings(**training: object) -> GimSettings:
    return dataclasses.replace(TINY, training=dataclasses.replace(TINY.training, **training))


def gim_record(
    name: str = "video",
    subject: str = "subject",
    seed: int = 0,
    intervals: tuple[Interval, ...] = (MICRO, MACRO),
    rate_hz: float = 30.0,
) -> FeatureRecord:
    """Eighty ticks of noise with a motion in each expression; ticks 70 and 71 are not scored."""
    features = np.random.default_rng(seed).normal(0, 0.3, (TICKS, 17, len(NODES), 2))
    for interval in intervals:
        nodes = slice(6, 10) if interval.kind is Kind.MICRO else slice(0, 6)
        features[interval.onset : interval.offset + 1, :, nodes] += 2
    scored = np.ones(TICKS, np.bool_)
    scored[70:72] = False
    frames = round(TICKS * rate_hz / 30)
    return FeatureRecord(
        name, subject, features.astype(np.float32), scored, intervals,
        timestamps_s=np.arange(frames) / rate_hz,
    )  # fmt: skip


def write_gim_features(folder: Path, subjects: str, rate_hz: float = 30.0) -> None:
    """A video of each subject, with the times of its frames."""
    for number, subject in enumerate(subjects):
        record = gim_record(f"video-{subject}", subject, number, rate_hz=rate_hz)
        origin = Origin("{}", f"frames-{subject}", "own times", record.timestamps_s, 0)
        save_record(folder / f"video-{subject}.npz", record, origin)


@dataclasses.dataclass(frozen=True)
class GivenPoints:
    """Points that a test names."""

    points: tuple[TickPoint, ...]

    def of(self, record: FeatureRecord) -> tuple[TickPoint, ...]:  # noqa: ARG002
        return self.points

    def describe(self) -> dict[str, object]:
        return {"given": len(self.points)}

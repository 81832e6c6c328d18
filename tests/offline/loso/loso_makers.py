"""Tiny corpora and plans: a motion marks each expression, so that an epoch suffices to learn."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from offline.data.store import save_record
from offline.loso.corpus import Corpus
from offline.loso.plan import LosoPlan
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.losses import LossConfig
from offline.training.config import TrainingConfig
from offline.training.settings import SpotFormerSettings
from realtime.types import NODES, WINDOW

SETTINGS = SpotFormerSettings(
    SpotFormerConfig(width=8, heads=2, nodes=NODES),
    LossConfig(),
    TrainingConfig(
        epochs=2, steps_per_epoch=2, segments=2, segment_ticks=4, learning_rate=1e-2, plot_every=0
    ),
)
PLAN = LosoPlan(SETTINGS, seed=3)


def plan(**changes: object) -> LosoPlan:
    """A plan with other choices; those of the training by their own names."""
    names = {field.name for field in dataclasses.fields(TrainingConfig)}
    training = {k: v for k, v in changes.items() if k in names}
    others = {k: v for k, v in changes.items() if k not in training}
    settings = dataclasses.replace(
        SETTINGS, training=dataclasses.replace(SETTINGS.training, **training)
    )
    return dataclasses.replace(PLAN, settings=settings, **others)


def record(
    name: str, subject: str, seed: int, quiet: bool = False, window: int = WINDOW
) -> FeatureRecord:
    """Eighty ticks of noise with a micro-expression and a macro-expression, or none."""
    features = np.random.default_rng(seed).normal(0, 0.3, (80, window, len(NODES), 2))
    intervals = (
        () if quiet else (Interval(Kind.MICRO, 10, 14, 19), Interval(Kind.MACRO, 40, 50, 60))
    )
    for interval, nodes in zip(intervals, (slice(6, 10), slice(0, 6)), strict=False):
        features[interval.onset : interval.offset + 1, :, nodes] += 2
    scored = np.ones(80, np.bool_)
    scored[70:72] = False
    return FeatureRecord(
        name, subject, features.astype(np.float32), scored, intervals, window=window
    )


def write_features(
    folder: Path, subjects: str, quiet: str = "", changed: str = "", window: int = WINDOW
) -> None:
    """One video for each subject; those of ``quiet`` show nothing, ``changed`` other noise."""
    for number, subject in enumerate(subjects):
        seed = number + (100 if subject in changed else 0)
        name = f"video-{subject}"
        made = record(name, subject, seed, subject in quiet, window)
        save_record(folder / f"{name}.npz", made)


def write_corpus(folder: Path, subjects: str = "abc", quiet: str = "", changed: str = "") -> Corpus:
    """Write such features and return them as a corpus."""
    write_features(folder, subjects, quiet, changed)
    return Corpus.of_folder(folder)


def files_of(out: Path) -> dict[str, bytes]:
    """Everything that must be equal in equal runs: all but times, locks, checkpoints, commands.

    A worker that is killed while it writes leaves a file that nobody reads, named ``.partial``.
    """
    skipped = {"metrics.jsonl", "checkpoint.pt", "curves.png"}
    return {
        str(path.relative_to(out)): _without_commands(path)
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in skipped and path.suffix not in (".lock", ".partial")
    }


def _without_commands(path: Path) -> bytes:
    if path.name not in {"config.json", "result.json", "case.json"}:
        return path.read_bytes()
    table = json.loads(path.read_text())
    table.pop("commands", None)
    return json.dumps(table).encode()

"""Pseudo-labels of single expressions after training (figure 4), as a file of the run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval, Kind
from offline.gim.inference import outputs_of
from offline.gim.labels import InstanceLabels, TickPoint
from offline.gim.model import GimNetwork
from offline.gim.pseudo_labels import pseudo_labels
from offline.gim.sampler import VideoSampler
from offline.gim.settings import GimSettings
from offline.gim.videos import TrainingVideo
from offline.report.soft_labels import SOFT_LABELS, UNKNOWN, SoftLabels, save_soft_labels

VIDEOS: Final = 8
"""Videos that are looked at for expressions to show."""

EACH: Final = 4
"""Expressions of one kind that are kept."""

REACH: Final = 48
"""Ticks shown to both sides of the point."""


@dataclass(frozen=True, slots=True)
class _Example:
    video: TrainingVideo
    labels: InstanceLabels
    intensity: NDArray[np.float32]


def save_examples(
    path: Path, network: GimNetwork, sampler: VideoSampler, settings: GimSettings
) -> None:
    """Write ``soft_labels.npz`` (:mod:`offline.report.soft_labels`) into a run folder.

    Up to four expressions of each kind, from the first eight videos, as the last epoch labels
    them by the network that is saved.

    Parameters
    ----------
    path
        Run folder.
    network
        In evaluation mode.
    sampler
        Gives the videos.
    settings
        Of the method.
    """
    found: list[_Example] = []
    for video in sampler.whole(VIDEOS):
        found += _examples(network, video, settings)
        if all(_count(found, kind) >= EACH for kind in Kind):
            break
    kept = [one for kind in Kind for one in _of_kind(found, kind)[:EACH]]
    save_soft_labels(path / SOFT_LABELS, _table(kept))


def _examples(network: GimNetwork, video: TrainingVideo, settings: GimSettings) -> list[_Example]:
    outputs = outputs_of(network, video.windows, video.scored)
    rng = np.random.default_rng(0)
    last = settings.training.epochs - 1
    labels = pseudo_labels(outputs, video.points, video.scored, settings.loss, last, rng, video.far)
    intensity = outputs.intensity.float().cpu().numpy()
    intensity = np.where(video.scored, intensity, np.nan).astype(np.float32)
    return [_Example(video, instance, intensity) for instance in labels.instances]


def _of_kind(found: Sequence[_Example], kind: Kind) -> list[_Example]:
    return [one for one in found if one.labels.point.kind is kind]


def _count(found: Sequence[_Example], kind: Kind) -> int:
    return len(_of_kind(found, kind))


def _table(kept: Sequence[_Example]) -> SoftLabels:
    points = [one.labels.point for one in kept]
    truth = [_truth(one.video.truth, one.labels.point) for one in kept]
    soft = [_soft(one) for one in kept]
    return SoftLabels(
        video=np.array([one.video.name for one in kept], np.str_),
        kind=np.array([point.kind.value for point in points], np.str_),
        first=np.array([point.tick - REACH for point in points], np.int64),
        point=np.array([point.tick for point in points], np.int64),
        apex=np.array([one.labels.apex for one in kept], np.int64),
        truth=np.array(truth, np.int64).reshape(-1, 3),
        intensity=_around([one.intensity for one in kept], points),
        soft=_around(soft, points),
    )


def _soft(one: _Example) -> NDArray[np.float32]:
    row = np.full(one.video.ticks, np.nan, np.float32)
    row[one.labels.ticks] = one.labels.soft
    return row


def _around(
    rows: Sequence[NDArray[np.float32]], points: Sequence[TickPoint]
) -> NDArray[np.float32]:
    """Return the ticks around the points, float32 (N, 97); NaN beyond the ends."""
    edge = np.full(REACH, np.nan, np.float32)
    cut = [np.concatenate([edge, row, edge])[p.tick : p.tick + 2 * REACH + 1]
           for row, p in zip(rows, points, strict=True)]  # fmt: skip
    return np.array(cut, np.float32).reshape(-1, 2 * REACH + 1)


def _truth(labelled: Sequence[Interval], point: TickPoint) -> tuple[int, int, int]:
    """Return the label that holds the point."""
    for i in labelled:
        if i.kind is point.kind and i.onset <= point.tick <= i.offset:
            return i.onset, i.apex, i.offset
    return UNKNOWN, UNKNOWN, UNKNOWN

"""Which videos a step of MC-WES learns from, drawn so that they depend on the step alone."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Kind
from offline.data.records import Recipe
from offline.mcwes.inputs import as_snippets
from offline.mcwes.settings import McWesSettings
from offline.mcwes.videos import TrainingVideo
from offline.snippets.record import Record
from offline.training.points import listed
from offline.training.sources import Source
from offline.training.video_labels import KindsOfFile, VideoLabels

log = logging.getLogger(__name__)

_STEP_STREAM: Final = 8
_RECORD_STREAM: Final = 9


@dataclass(frozen=True, slots=True)
class Batch:
    """Videos of one step.

    Attributes
    ----------
    snippets
        float32 (T, 2, D) of each of N videos.
    kinds
        float32 (N, 2): 1 where a video holds micro, macro.
    pairs
        Places of two videos each that share a kind.
    """

    snippets: tuple[NDArray[np.float32], ...]
    kinds: NDArray[np.float32]
    pairs: tuple[tuple[int, int], ...]


class Supply(Protocol):
    """Videos of one source."""

    def videos(self, step: int) -> Sequence[TrainingVideo]:
        """Return the videos in use at a 0-based step."""
        ...


class RecordedVideos:
    """Videos that are all in memory."""

    def __init__(self, videos: Sequence[TrainingVideo]) -> None:
        self._videos = tuple(videos)

    def videos(self, step: int) -> Sequence[TrainingVideo]:  # noqa: ARG002 - always all
        """Return all videos."""
        return self._videos


class DrawnVideos:
    """A window that slides over the endless records of a recipe.

    It does so as :class:`offline.training.pools.RecipePool`.
    """

    def __init__(
        self, recipe: Recipe, number: int, settings: McWesSettings, labels: VideoLabels, seed: int
    ) -> None:
        self._recipe = recipe
        self._key = (seed, _RECORD_STREAM, number)
        self._settings = settings
        self._labels = labels
        self._drawn: dict[int, TrainingVideo] = {}

    def videos(self, step: int) -> Sequence[TrainingVideo]:
        """Return the videos in use at a step; not safe to call from two threads."""
        config = self._settings.training
        first = math.floor(step * config.fresh_records_per_step)
        wanted = range(first, first + config.pool_records)
        self._drawn = {number: self._drawn.get(number) or self._draw(number) for number in wanted}
        return tuple(self._drawn.values())

    def _draw(self, number: int) -> TrainingVideo:
        record = self._recipe.draw(np.random.default_rng((*self._key, number)))
        kinds = self._labels.of(record) or frozenset()
        video = TrainingVideo.of(as_snippets(record, self._settings.snippets), kinds)
        if not len(video.snippets):
            raise UsageError(
                "training data: a drawn video has no usable snippet; draw longer ones, or lower "
                "snippets.frames"
            )
        return video


class BatchSampler:
    """Gives the batch of any step.

    Of its videos, the first form pairs, each of two that share a kind that is drawn first; the
    others are none of these. A video is drawn by the share of its source. There are fewer videos
    in a batch than asked for where there are fewer in all, and no pairs where no two share a kind.

    Parameters
    ----------
    sources
        Where records come from.
    settings
        Of the method.
    labels
        Which kinds a video holds.
    seed
        Of every random choice.

    Raises
    ------
    UsageError
        If nothing can be trained on.
    """

    def __init__(
        self, sources: Sequence[Source], settings: McWesSettings, labels: VideoLabels, seed: int
    ) -> None:
        if not sources or any(not source.share > 0 for source in sources):
            raise UsageError("training data: give at least one source, each with a share above 0")
        self._config = settings.training
        self._seed = seed
        self._supplies = [
            _supply(source, number, settings, labels, seed) for number, source in enumerate(sources)
        ]
        self._shares = [source.share for source in sources]
        _name_defects(self._videos(0)[0], settings.training.pairs)

    def batch(self, step: int) -> Batch:
        """Return the batch of a 0-based step."""
        rng = np.random.default_rng((self._seed, _STEP_STREAM, step))
        videos, weights = self._videos(step)
        pairs = _draw_pairs(videos, weights, self._config.pairs, rng)
        chosen = [place for pair in pairs for place in pair]
        free = np.setdiff1d(np.arange(len(videos)), chosen)
        count = min(self._config.batch - len(chosen), len(free))
        if count:
            share = weights[free] / weights[free].sum()
            chosen += rng.choice(free, count, replace=False, p=share).tolist()
        config = self._config
        return Batch(
            tuple(videos[n].sample(config.snippets, config.sampling, rng) for n in chosen),
            np.stack([videos[n].label for n in chosen]),
            tuple((2 * n, 2 * n + 1) for n in range(len(pairs))),
        )

    def statistics(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return mean and deviation of each feature, float32 (2, D), over all first videos."""
        rows = np.concatenate([video.snippets for video in self._videos(0)[0]])
        found = rows.mean(0, dtype=np.float64), rows.std(0, dtype=np.float64)
        return found[0].astype(np.float32), found[1].astype(np.float32)

    def _videos(self, step: int) -> tuple[list[TrainingVideo], NDArray[np.float64]]:
        """Return all videos in use, and how likely each one is."""
        videos: list[TrainingVideo] = []
        weights: list[float] = []
        for supply, share in zip(self._supplies, self._shares, strict=True):
            own = supply.videos(step)
            videos += own
            weights += [share / len(own)] * len(own)
        return videos, np.array(weights) / sum(weights)


def _draw_pairs(
    videos: Sequence[TrainingVideo],
    weights: NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """Return places of two videos each; kinds that fewer than two hold are left out."""
    holders = _holders(videos)
    pairs = []
    for _ in range(count if holders else 0):
        places = holders[rng.integers(len(holders))]
        share = weights[places] / weights[places].sum()
        first, second = rng.choice(places, 2, replace=False, p=share).tolist()
        pairs.append((first, second))
    return pairs


def _holders(videos: Sequence[TrainingVideo]) -> list[NDArray[np.int64]]:
    """Return the places of the videos that hold a kind, for each kind that two hold."""
    places = [np.array([n for n, v in enumerate(videos) if kind in v.kinds]) for kind in Kind]
    return [held for held in places if len(held) > 1]


def _supply(
    source: Source, number: int, settings: McWesSettings, labels: VideoLabels, seed: int
) -> Supply:
    if isinstance(source.supply, Sequence):
        return RecordedVideos(_usable(source.supply, source.name, settings, labels))
    if isinstance(labels, KindsOfFile):
        raise UsageError(
            f"--data {source.name}: is drawn anew and has no videos that {labels.name} could name; "
            "leave --video-labels out"
        )
    return DrawnVideos(source.supply, number, settings, labels, seed)


def _usable(
    records: Sequence[Record],
    source: str,
    settings: McWesSettings,
    labels: VideoLabels,
) -> list[TrainingVideo]:
    """Return the videos that are trained on; the log names the others."""
    videos: list[TrainingVideo] = []
    unlabelled: list[str] = []
    for record in records:
        kinds = labels.of(record)
        if kinds is None:
            unlabelled.append(record.name)
        else:
            videos.append(TrainingVideo.of(as_snippets(record, settings.snippets), kinds))
    if unlabelled:
        log.warning("%s: without a label, left out: %s", source, listed(unlabelled))
    short = [video.name for video in videos if not len(video.snippets)]
    if short:
        log.warning("%s: without one whole usable snippet, left out: %s", source, listed(short))
    kept = [video for video in videos if len(video.snippets)]
    if not kept:
        raise UsageError(
            f"training data: none of the {len(records)} videos of {source} can be trained on; each "
            "needs a label and a snippet without a gap"
        )
    return kept


def _name_defects(videos: Sequence[TrainingVideo], pairs: int) -> None:
    """Name what video-level labels cannot teach."""
    kinds = {kind for video in videos for kind in video.kinds}
    if not kinds:
        raise UsageError(
            f"training data: none of the {len(videos)} videos holds an expression; give labels, or "
            "--video-labels FILE"
        )
    for kind in Kind:
        if kind not in kinds:
            log.warning("no training video holds a %s-expression; none will be found", kind)
        elif all(kind in video.kinds for video in videos):
            log.warning("every training video holds a %s-expression; labels tell little", kind)
    if pairs and not _holders(videos):
        log.warning("no two training videos share a kind; feature consistency is left out")

"""Which video a step of GIM learns from, drawn so that it depends on the step alone."""

import logging
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from engines.errors import UsageError
from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.settings import GimSettings
from offline.gim.videos import OwnName, TrainingVideo
from offline.spotformer.inputs import supply_for
from offline.training.points import PointsOfFile, PointSource, listed
from offline.training.pools import RecipePool
from offline.training.sources import Source, endless

log = logging.getLogger(__name__)

_STEP_STREAM: Final = 5
_ORDER_STREAM: Final = 6


class Supply(Protocol):
    """Videos of one source."""

    def video(self, step: int, rng: np.random.Generator) -> TrainingVideo:
        """Return the whole video of a step."""
        ...


class RecordedVideos:
    """Videos that are all in memory, each once in a pass, in an order of the pass's own."""

    def __init__(self, videos: Sequence[TrainingVideo], seed: int, source: int) -> None:
        self.videos = tuple(videos)
        self._key = (seed, _ORDER_STREAM, source)

    def video(self, step: int, rng: np.random.Generator) -> TrainingVideo:  # noqa: ARG002
        """Return the video of a step."""
        number, place = divmod(step, len(self.videos))
        order = np.random.default_rng((*self._key, number)).permutation(len(self.videos))
        return self.videos[int(order[place])]


class DrawnVideos:
    """Videos of a recipe, whose points come from its truth."""

    def __init__(self, pool: RecipePool, points: PointSource, loss: GimLossConfig) -> None:
        self._pool = pool
        self._points = points
        self._loss = loss

    def video(self, step: int, rng: np.random.Generator) -> TrainingVideo:
        """Return one of the records in use at a step."""
        records = self._pool.records(step)
        return TrainingVideo.of(
            records[rng.integers(len(records))].record, self._points, self._loss
        )


class VideoSampler:
    """Gives the runs of ticks of any step.

    Parameters
    ----------
    sources
        Where records come from.
    settings
        Of the method.
    points
        Point labels of the records.
    seed
        Of every random choice.

    Raises
    ------
    UsageError
        If nothing can be trained on.
    """

    def __init__(
        self, sources: Sequence[Source], settings: GimSettings, points: PointSource, seed: int
    ) -> None:
        if not sources or any(not source.share > 0 for source in sources):
            raise UsageError("training data: give at least one source, each with a share above 0")
        self._settings = settings
        self._seed = seed
        self._supplies = [_supply(s, n, settings, points, seed) for n, s in enumerate(sources)]
        shares = np.array([source.share for source in sources])
        self._shares = shares / shares.sum()

    def rng(self, step: int) -> np.random.Generator:
        """Return the generator of a step, always the same."""
        return np.random.default_rng((self._seed, _STEP_STREAM, step))

    def videos(self, step: int) -> list[TrainingVideo]:
        """Return what a 0-based step learns from."""
        count = self._settings.training.videos_per_step
        return [self.video(step * count + place) for place in range(count)]

    def video(self, draw: int) -> TrainingVideo:
        """Return the run of ticks of a 0-based draw, one of ``videos_per_step`` of a step."""
        rng = self.rng(draw)
        number = 0
        if len(self._supplies) > 1:
            number = int(rng.choice(len(self._supplies), p=self._shares))
        whole = self._supplies[number].video(draw, rng)
        config = self._settings.training
        return whole.cut(config.most_ticks, self._settings.loss, rng, even_kinds=config.even_kinds)

    def whole(self, count: int) -> list[TrainingVideo]:
        """Return some whole videos, the first of the first source, for figures."""
        first = self._supplies[0]
        if isinstance(first, RecordedVideos):
            return list(first.videos[:count])
        return [first.video(step, self.rng(step)) for step in range(count)]

    def steps_per_epoch(self) -> int:
        """Return the steps of an epoch: as set, or every video once.

        Raises
        ------
        UsageError
            If the number is not set and a source is endless.
        """
        if self._settings.training.steps_per_epoch:
            return self._settings.training.steps_per_epoch
        count = 0
        for supply in self._supplies:
            if not isinstance(supply, RecordedVideos):
                raise endless()
            count += len(supply.videos)
        return -(-count // self._settings.training.videos_per_step)


def _supply(
    source: Source, number: int, settings: GimSettings, points: PointSource, seed: int
) -> Supply:
    supply = supply_for(source.supply, settings.model)
    config = settings.training
    if isinstance(supply, Sequence):
        videos = [TrainingVideo.of(record, points, settings.loss) for record in supply]
        return RecordedVideos(_usable(videos, source.name, config.empty_videos), seed, number)
    if isinstance(points, PointsOfFile):
        raise UsageError(
            f"--data {source.name}: is drawn anew and has no frames that {points.name} could "
            "name; use --points-from-truth"
        )
    pool = RecipePool(
        OwnName(supply),
        seed=seed,
        source=number,
        size=config.pool_records,
        fresh_per_step=config.fresh_records_per_step,
        segment_ticks=1,
    )
    return DrawnVideos(pool, points, settings.loss)


def _usable(
    videos: Sequence[TrainingVideo], source: str, empty_too: bool
) -> Sequence[TrainingVideo]:
    """Return the videos that are trained on; the log names the others."""
    short = [v.name for v in videos if not v.long_enough]
    empty = [v.name for v in videos if v.long_enough and not v.points]
    if short:
        log.warning("%s: without two scored ticks, left out: %s", source, listed(short))
    if empty:
        what = "trained on as neutral" if empty_too else "left out"
        log.warning(
            "%s: %d videos without a point, %s: %s", source, len(empty), what, listed(empty)
        )
    kept = [v for v in videos if v.long_enough and (v.points or empty_too)]
    kinds = {point.kind for video in kept for point in video.points}
    if not kinds:
        raise UsageError(
            f"training data: none of the {len(videos)} videos of {source} has a point to train on; "
            "label a frame of each expression"
        )
    for kind in Kind:
        if kind not in kinds:
            log.warning("%s: no point is %s; the network will not find that kind", source, kind)
    return kept

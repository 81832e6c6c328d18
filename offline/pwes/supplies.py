"""Where the videos of a PWES training come from: loaded ones, or an endless recipe."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from engines.errors import UsageError
from engines.intervals import Kind
from offline.data.records import FeatureRecord, Recipe
from offline.gim.videos import OwnName
from offline.mcwes.config import SnippetInputs
from offline.mcwes.inputs import as_snippets
from offline.pwes.settings import PwesSettings, PwesTrainingConfig
from offline.pwes.videos import PointedVideo, videos_of
from offline.snippets.record import SnippetRecord
from offline.training.points import PointsOfFile, PointSource, listed
from offline.training.pools import RecipePool
from offline.training.sources import Source

log = logging.getLogger(__name__)

_ORDER_STREAM: Final = 6


@dataclass(frozen=True, slots=True)
class BatchVideo:
    """A video of a batch.

    Attributes
    ----------
    video
        What is learnt from.
    slot
        Its place in the memory bank.
    """

    video: PointedVideo
    slot: int


class Supply(Protocol):
    """Videos of one source, with places from 0 on."""

    @property
    def slots(self) -> int:
        """Number of places."""
        ...

    def video(self, step: int, item: int, rng: np.random.Generator) -> BatchVideo:
        """Return a video of a step; ``item`` counts the videos of all steps."""
        ...

    def first(self) -> Sequence[PointedVideo]:
        """Return all videos that are there at the first step."""
        ...


class RecordedVideos:
    """Videos that are all in memory, each once in a pass, in an order of the pass's own."""

    def __init__(self, videos: Sequence[PointedVideo], seed: int, source: int) -> None:
        self.videos = tuple(videos)
        self._key = (seed, _ORDER_STREAM, source)

    @property
    def slots(self) -> int:
        """One for each video."""
        return len(self.videos)

    def video(self, step: int, item: int, rng: np.random.Generator) -> BatchVideo:  # noqa: ARG002
        """Return the video of an item."""
        number, place = divmod(item, len(self.videos))
        order = np.random.default_rng((*self._key, number)).permutation(len(self.videos))
        slot = int(order[place])
        return BatchVideo(self.videos[slot], slot)

    def first(self) -> Sequence[PointedVideo]:
        """Return all videos."""
        return self.videos


class DrawnVideos:
    """Videos of a recipe, whose points come from its truth."""

    def __init__(
        self, recipe: Recipe, number: int, settings: PwesSettings, points: PointSource, seed: int
    ) -> None:
        config = settings.training
        self._fresh = config.fresh_records_per_step
        self._inputs = settings.snippets
        self._points = points
        self.slots = config.pool_records
        self._pool = RecipePool(
            OwnName(recipe),
            seed=seed,
            source=number,
            size=config.pool_records,
            fresh_per_step=self._fresh,
            segment_ticks=1,
        )

    def video(self, step: int, item: int, rng: np.random.Generator) -> BatchVideo:  # noqa: ARG002
        """Return the longest run of one of the records in use at a step."""
        records = self._pool.records(step)
        place = int(rng.integers(len(records)))
        slot = (math.floor(step * self._fresh) + place) % self.slots
        return BatchVideo(self._longest(records[place].record), slot)

    def first(self) -> Sequence[PointedVideo]:
        """Return the records in use at the first step."""
        return [self._longest(indexed.record) for indexed in self._pool.records(0)]

    def _longest(self, record: FeatureRecord) -> PointedVideo:
        parts = read(record, self._inputs, self._points)
        if not parts:
            raise UsageError(
                "training data: a drawn video has no usable snippet; draw longer ones, or "
                "shorten snippets.frames"
            )
        return max(parts, key=lambda part: part.length)


def read(
    record: FeatureRecord | SnippetRecord, inputs: SnippetInputs, points: PointSource
) -> tuple[PointedVideo, ...]:
    """Return the runs of a record's snippets, with its points."""
    return videos_of(as_snippets(record, inputs), points.of(record))


def make_supply(
    source: Source, number: int, settings: PwesSettings, points: PointSource, seed: int
) -> Supply:
    """Return the videos of the source of a number.

    Raises
    ------
    UsageError
        If nothing of it can be trained on, or points of a table are to name what is drawn.
    """
    if isinstance(source.supply, Sequence):
        found = {r.name: read(r, settings.snippets, points) for r in source.supply}
        return RecordedVideos(_usable(found, source.name, settings.training), seed, number)
    if isinstance(points, PointsOfFile):
        raise UsageError(
            f"--data {source.name}: is drawn anew and has no frames that {points.name} could "
            "name; use --points-from-truth"
        )
    return DrawnVideos(source.supply, number, settings, points, seed)


def _usable(
    found: dict[str, tuple[PointedVideo, ...]], source: str, config: PwesTrainingConfig
) -> list[PointedVideo]:
    """Return the runs that are trained on; the log names the videos that are not."""
    _name_short([name for name, parts in found.items() if not parts], source)
    pointed = {name for name, parts in found.items() if any(part.kinds for part in parts)}
    empty = [name for name, parts in found.items() if parts and name not in pointed]
    if empty:
        what = "trained on as background" if config.empty_videos else "left out"
        log.warning(
            "%s: %d videos without a point, %s: %s", source, len(empty), what, listed(empty)
        )
    if not pointed:
        raise UsageError(
            f"training data: none of the {len(found)} videos of {source} has a point to train on; "
            "label a frame of each expression"
        )
    kept = [
        part
        for name, parts in found.items()
        if config.empty_videos or name in pointed
        for part in parts
    ]
    _name_absent(kept, source)
    return kept


def _name_short(short: Sequence[str], source: str) -> None:
    if short:
        log.warning("%s: without one whole usable snippet, left out: %s", source, listed(short))


def _name_absent(kept: Sequence[PointedVideo], source: str) -> None:
    present = {kind for part in kept for kind in part.kinds}
    for kind in Kind:
        if kind not in present:
            log.warning("%s: no point is %s; the network will not find that kind", source, kind)

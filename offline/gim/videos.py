"""What one step of GIM learns from: a run of ticks of one video, with its points."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval
from offline.data.records import FeatureRecord, Recipe
from offline.gim.config import GimLossConfig
from offline.gim.labels import TickPoint, usable_points
from offline.gim.neutral import far_ticks
from offline.training.points import PointSource

log = logging.getLogger(__name__)

LEAST_SCORED: Final = 2
"""Scored ticks without which a video is no series, and normalisation has nothing to go by."""


@dataclass(frozen=True, slots=True)
class TrainingVideo:
    """Ticks of one video.

    Attributes
    ----------
    name
        Of the video.
    windows
        float32 (T, W, 18, 2), px.
    scored
        bool (T,), False where a tick tells nothing: no window, or an uncertain label.
    points
        By tick, inside.
    far
        bool (T,): farther from every point than an expression reaches.
    truth
        Labelled expressions, for figures alone: no loss and no label reads them.
    """

    name: str
    windows: NDArray[np.float32]
    scored: NDArray[np.bool_]
    points: tuple[TickPoint, ...]
    far: NDArray[np.bool_]
    truth: tuple[Interval, ...]

    @classmethod
    def of(
        cls, record: FeatureRecord, points: PointSource, config: GimLossConfig
    ) -> "TrainingVideo":
        """Return a record with its points; the log names what is wrong with them."""
        scored = record.scored.copy()
        for interval in record.ignored:
            scored[max(0, interval.onset) : interval.offset + 1] = False
        kept, complaints = usable_points(points.of(record), scored, record.name)
        for line in complaints:
            log.warning("%s", line)
        far = far_ticks(kept, len(scored), config)
        return cls(record.name, record.features, scored, kept, far, record.intervals)

    @property
    def ticks(self) -> int:
        """T."""
        return len(self.scored)

    @property
    def long_enough(self) -> bool:
        """Whether anything can be learnt from it."""
        return int(np.count_nonzero(self.scored)) >= LEAST_SCORED

    def cut(
        self,
        most: int,
        config: GimLossConfig,
        rng: np.random.Generator,
        *,
        even_kinds: bool = False,
    ) -> "TrainingVideo":
        """Return a run of at most some ticks, around one of the points where there are any.

        Ticks that a point outside the run might label, and that are nearer to it than to those
        inside, are not scored: without their point, they would be taught as neutral.

        Parameters
        ----------
        most
            Ticks; 0 returns the whole.
        config
            Says how far a point reaches.
        rng
            Draws the point and the place.
        even_kinds
            Whether the point is of either kind as often, where there are both.
        """
        if not most or self.ticks <= most:
            return self
        first = self._first_tick(most, even_kinds, rng)
        inside = slice(first, first + most)
        points = [p for p in self.points if inside.start <= p.tick < inside.stop]
        scored = self.scored & ~self._of_others(points, config)
        if not scored[inside].any():
            scored = self.scored
        return TrainingVideo(
            self.name,
            self.windows[inside],
            scored[inside],
            tuple(TickPoint(p.tick - first, p.kind) for p in points),
            self.far[inside],
            tuple(
                Interval(i.kind, i.onset - first, i.apex - first, i.offset - first)
                for i in self.truth
            ),
        )

    def _of_others(self, kept: Sequence[TickPoint], config: GimLossConfig) -> NDArray[np.bool_]:
        """Return the ticks in reach of a point that is not kept, and nearer to it than to others.

        bool (T,).
        """
        ticks = np.arange(self.ticks)
        own = np.full(self.ticks, np.inf)
        for point in kept:
            own = np.minimum(own, np.abs(ticks - point.tick))
        others = np.zeros(self.ticks, np.bool_)
        for point in self.points:
            if point not in kept:
                far = np.abs(ticks - point.tick)
                others |= (far <= config.longest(point.kind) // 2) & (far < own)
        return others

    def _first_tick(self, most: int, even_kinds: bool, rng: np.random.Generator) -> int:
        """Return where a run begins that holds a scored tick, and a point's nearest one if any."""
        usable = np.flatnonzero(self.scored)
        if self.points:
            drawn = self._draw_among(even_kinds, rng)
            tick = drawn[rng.integers(len(drawn))].tick
            anchor = int(usable[np.abs(usable - tick).argmin()])
        else:
            anchor = int(rng.choice(usable))
        low, high = max(0, anchor - most + 1), min(anchor, self.ticks - most)
        return int(rng.integers(low, high, endpoint=True))

    def _draw_among(self, even_kinds: bool, rng: np.random.Generator) -> Sequence[TickPoint]:
        kinds = sorted({point.kind for point in self.points})
        if not even_kinds or len(kinds) < 2:
            return self.points
        kind = kinds[rng.integers(len(kinds))]
        return [point for point in self.points if point.kind is kind]


@dataclass(frozen=True, slots=True)
class OwnName:
    """A recipe whose records have names of their own, so that each draws points of its own."""

    recipe: Recipe

    def draw(self, rng: np.random.Generator) -> FeatureRecord:
        """Return a new record."""
        record = self.recipe.draw(rng)
        name = f"{record.name}-{rng.integers(1 << 62):016x}"
        return FeatureRecord(
            name,
            record.subject,
            record.features,
            record.scored,
            record.intervals,
            record.ignored,
            record.window,
            record.timestamps_s,
        )

"""A simulated recording: expressions and disturbances in, SW-MRO windows and truth out."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval, Kind
from offline.data.records import FeatureRecord
from offline.simulate.disturbances import (
    Motion,
    add_blinks,
    add_drift,
    add_gaze,
    add_head,
    add_speech,
)
from offline.simulate.patterns import (
    LOWER,
    UPPER,
    Pattern,
    draw_displacement,
    draw_pattern,
    draw_sideways,
)
from offline.simulate.profiles import add_course, draw_course, ease
from offline.simulate.sensor import measure, repeat_frames
from realtime.types import HALF_WINDOW, RATE_HZ, WINDOW

Floats = NDArray[np.float64]

SLIPS_PX: Final = 5.0
"""Displacement beyond which the flow may slip, canonical px."""

VISIBLE: Final = 0.06
"""Share of the peak at which an expression counts as begun: what an annotator can see."""


@dataclass(frozen=True, slots=True)
class SimulatedRecipe:
    """Draws recordings of faces that never existed (papers/NOTES.md, last section).

    Attributes
    ----------
    seconds
        Length of a recording.
    expressions_per_minute
        Mean number of expressions, micro and macro together.
    micro_share
        Share of micro-expressions among them.
    micro_px, macro_px
        Range of the peak displacement, canonical px, drawn uniformly in the logarithm.
    window
        Ticks in a window, odd.
    """

    seconds: float = 40.0
    expressions_per_minute: float = 22.0
    micro_share: float = 0.45
    micro_px: tuple[float, float] = (0.3, 2.5)
    macro_px: tuple[float, float] = (1.2, 28.0)
    window: int = WINDOW

    def draw(self, rng: np.random.Generator) -> FeatureRecord:
        """Return a new recording."""
        ticks = int(self.seconds * RATE_HZ)
        motion = Motion.still(ticks)
        intervals = self._add_expressions(rng, motion)
        _add_disturbances(rng, motion)
        track = repeat_frames(rng, motion.stacked())
        features = measure(rng, track, self.window)
        return FeatureRecord(
            name="simulated",
            subject="simulated",
            features=features,
            scored=np.ones(ticks, np.bool_),
            intervals=tuple(intervals),
            window=self.window,
        )

    def _add_expressions(self, rng: np.random.Generator, motion: Motion) -> list[Interval]:
        ticks = len(motion.lids)
        mean_gap = RATE_HZ * 60 / self.expressions_per_minute
        at = int(rng.exponential(mean_gap)) - HALF_WINDOW
        out: list[Interval] = []
        while at < ticks:
            interval = self._add_one(rng, motion, at)
            if interval is not None:
                out.append(interval)
            end = interval.offset if interval is not None else at
            quick = rng.random() < 0.3
            at = end + int(rng.integers(4, 14) if quick else 8 + rng.exponential(mean_gap * 0.7))
        return out

    def _add_one(self, rng: np.random.Generator, motion: Motion, at: int) -> Interval | None:
        micro = rng.random() < self.micro_share
        rise, hold, fall = _micro_durations(rng) if micro else _macro_durations(rng)
        if at < 0 or at + rise + hold + fall >= len(motion.lids):
            return None
        low, high = self.micro_px if micro else self.macro_px
        peak = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        shape, lids = _draw_shape(rng, micro)
        stays = 0.0 if micro or rng.random() < 0.6 else rng.uniform(0, 0.15)
        course = draw_course(rng, rise, hold, fall, stays)
        add_course(motion.patches, at, course.values, shape * peak)
        _add_slip(rng, motion, at + len(course.values) - fall, fall, shape * peak)
        add_course(motion.lids, at, course.values, np.full(2, lids * min(peak, 6.0)))
        onset, offset = _visible(course.values, course.apex, stays)
        kind = Kind.MICRO if micro else Kind.MACRO
        return Interval(kind, at + onset, at + course.apex, at + offset)


def _add_slip(
    rng: np.random.Generator, motion: Motion, start: int, fall: int, peak: Floats
) -> None:
    """Let a large motion be measured differently on its way back.

    A mouth that opens uncovers teeth and a mouth that closes hides them, so the flow of the way
    back does not undo that of the way there.
    """
    size = np.hypot(peak[:, 0], peak[:, 1])
    slip = np.where(size > SLIPS_PX, rng.normal(0, 0.22, len(size)), 0.0)
    add_course(motion.patches, start, ease(fall), peak * slip[:, None])


def _visible(values: Floats, apex: int, stays: float) -> tuple[int, int]:
    """Return the first tick that an annotator would call moved, and the last before rest."""
    onset = int(np.argmax(values >= VISIBLE))
    moving = np.flatnonzero(values[apex:] >= stays + VISIBLE * (1 - stays))
    return min(onset, apex), apex + int(moving[-1])


def _micro_durations(rng: np.random.Generator) -> tuple[int, int, int]:
    total = int(rng.integers(7, 15))
    rise = int(np.clip(round(total * rng.uniform(0.3, 0.6)), 3, total - 3))
    hold = int(rng.integers(0, max(1, total - rise - 2)) * rng.random())
    return rise, hold, max(3, total - rise - hold)


def _macro_durations(rng: np.random.Generator) -> tuple[int, int, int]:
    rise = int(np.exp(rng.uniform(np.log(4), np.log(28))))
    fall = int(np.exp(rng.uniform(np.log(5), np.log(40))))
    hold = 0 if rng.random() < 0.25 else int(np.exp(rng.uniform(np.log(2), np.log(70))))
    short = 21 - (rise + hold + fall)
    return rise, hold + max(0, short), fall


def _draw_shape(rng: np.random.Generator, micro: bool) -> tuple[Floats, float]:
    """Return the displacement of the patches, (10, 2), peak 1, and of the lids."""
    choice = rng.random()
    if choice < 0.06 and not micro:
        return draw_sideways(rng), 0.0
    upper, lower = draw_pattern(rng, UPPER), draw_pattern(rng, LOWER)
    if choice < 0.34:
        return draw_displacement(rng, upper), _lids(rng, upper)
    if choice < 0.8 or micro:
        return draw_displacement(rng, lower), _lids(rng, lower)
    mix = draw_displacement(rng, lower) + rng.uniform(0.2, 0.9) * draw_displacement(rng, upper)
    return mix / np.hypot(mix[:, 0], mix[:, 1]).max(), _lids(rng, lower) + _lids(rng, upper)


def _lids(rng: np.random.Generator, pattern: Pattern) -> float:
    return pattern.lids * rng.uniform(0, 1.6)


def _add_disturbances(rng: np.random.Generator, motion: Motion) -> None:
    """Add what moves without being an expression, each recording with its own habits."""
    add_blinks(rng, motion, rng.uniform(4, 30))
    add_gaze(rng, motion, rng.uniform(0, 20))
    if rng.random() < 0.35:
        add_speech(rng, motion, rng.uniform(0.5, 4))
    add_head(rng, motion, rng.choice([0.1, 0.5, 1.0, 2.0, 4.0], p=[0.2, 0.2, 0.25, 0.2, 0.15]))
    add_drift(rng, motion)

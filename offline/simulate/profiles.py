"""Courses over time: expressions that rise, hold and fall, and smooth random motion."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ease(count: int, sharpness: float = 1.0) -> Floats:
    """Return a smooth rise over ``count`` ticks, (count,), ending at 1 (0 is the tick before)."""
    x = np.arange(1, count + 1) / max(count, 1)
    return np.asarray((x**3 * (10 - 15 * x + 6 * x * x)) ** sharpness)


@dataclass(frozen=True, slots=True)
class Course:
    """Intensity of one expression from onset to offset.

    Attributes
    ----------
    values
        float64 (n,), 1 at the peak; the onset is the first tick that moves and the offset the
        last.
    apex
        Index of the first tick at the peak.
    """

    values: Floats
    apex: int


def draw_course(
    rng: np.random.Generator, rise: int, hold: int, fall: int, stays: float = 0.0
) -> Course:
    """Return a course of rise + hold + fall ticks.

    Parameters
    ----------
    rng
        Source of randomness.
    rise, hold, fall
        Durations, ticks, ``rise`` and ``fall`` at least 1.
    stays
        What is left of the intensity after the offset, in [0, 1).
    """
    up = ease(rise, rng.uniform(0.8, 1.25))
    down = 1 - (1 - stays) * ease(fall, rng.uniform(0.8, 1.25))
    flat = np.ones(hold)
    if hold > 6:
        # a held expression is never quite still: it sags, and trembles a little
        sag = rng.uniform(0, 0.25) * np.linspace(0, 1, hold)
        flat -= sag + 0.04 * smooth_noise(rng, hold, rng.uniform(6, 20))
        down = flat[-1] * down
    return Course(np.concatenate([up, flat, down]), rise - 1)


def smooth_noise(rng: np.random.Generator, count: int, width: float) -> Floats:
    """Return smooth Gaussian noise of unit variance, (count,), correlated over ``width`` ticks."""
    reach = int(np.ceil(3 * width))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    white = rng.standard_normal(count + 2 * reach)
    return np.convolve(white, kernel, mode="valid")


def add_course(track: Floats, start: int, values: Floats, shape: Floats) -> None:
    """Add ``values`` (n,) times ``shape`` (…) to ``track`` (T, …) from tick ``start`` on.

    What the course leaves behind at its end stays.
    """
    end = min(start + len(values), len(track))
    if end <= start:
        return
    spread = (slice(None),) + (None,) * shape.ndim
    track[start:end] += values[: end - start][spread] * shape
    track[end:] += values[min(end - start, len(values)) - 1] * shape

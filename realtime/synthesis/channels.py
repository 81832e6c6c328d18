"""Independent streams of scripted motion. Each has its own generator and keeps one event.

Time only moves forward; memory does not grow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator

SHORTEST_BLINK_S, LONGEST_BLINK_S = 0.1, 0.4
SACCADE_S: Final = 0.045


class Span(Protocol):
    """Anything with a beginning and an end in script time."""

    @property
    def start_s(self) -> float:
        """First moment of motion, s."""
        ...

    @property
    def end_s(self) -> float:
        """Last moment of motion, s."""
        ...


S = TypeVar("S", bound=Span)


class Channel(Generic[S]):
    """Events one after the other, drawn when time reaches them.

    Parameters
    ----------
    rng
        The channel's own generator.
    draw
        Draws an event that starts no earlier than a time.
    """

    def __init__(self, rng: Rng, draw: Callable[[Rng, float], S]) -> None:
        self._rng = rng
        self._draw = draw
        self._event = draw(rng, 0.0)

    def at(self, time_s: float) -> S | None:
        """Return the event in progress at a time, or None between two."""
        while self._event.end_s < time_s:
            self._event = self._draw(self._rng, self._event.end_s)
        return self._event if self._event.start_s <= time_s else None


@dataclass(frozen=True, slots=True)
class Blink:
    """A blink: the lids shut in a third of its time and open in the rest."""

    start_s: float
    end_s: float
    depth: float
    lag: float

    def closure(self, time_s: float) -> tuple[float, float]:
        """Return the closure of both lids, in [0, 1]."""
        return self._lid(time_s), self._lid(time_s - self.lag)

    def _lid(self, time_s: float) -> float:
        part = np.clip((time_s - self.start_s) / (self.end_s - self.start_s), 0, 1)
        falling = part / 0.35
        rising = (1 - part) / 0.65
        return float(self.depth * np.sin(0.5 * np.pi * min(1.0, falling, rising)) ** 2)


def blinks(strength: float) -> Callable[[Rng, float], Blink]:
    """Return a drawer of blinks, from five to twenty a minute."""

    def draw(rng: Rng, after_s: float) -> Blink:
        double = rng.random() < 0.08
        gap = rng.uniform(0.08, 0.2) if double else rng.uniform(1.5, 9.0) / strength
        start = after_s + float(np.clip(gap, 2.6 if not double else 0.08, 11.6))
        if rng.random() < 0.15:
            return Blink(start, start + rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.6), 0.0)
        length = rng.triangular(SHORTEST_BLINK_S, 0.2, LONGEST_BLINK_S)
        return Blink(start, start + length, rng.uniform(0.9, 1.0), rng.uniform(0, 0.01))

    return draw


@dataclass(frozen=True, slots=True)
class Hold:
    """A move to a target (any vector), held, and back."""

    start_s: float
    end_s: float
    target: tuple[float, ...]
    move_s: float

    def value(self, time_s: float) -> NDArray[np.float64]:
        """Return the vector at a time."""
        inside = min(time_s - self.start_s, self.end_s - time_s) / self.move_s
        part = float(np.clip(inside, 0, 1))
        return np.asarray(self.target) * (part * part * part * (10 + part * (6 * part - 15)))


def turns(rng: Rng, after_s: float) -> Hold:
    """Draw a turn of the head: yaw, pitch and roll in degrees, none above 10."""
    start = after_s + rng.uniform(2.0, 10.0)
    move = rng.uniform(0.35, 1.1)
    target = (rng.uniform(-10, 10), rng.uniform(-7, 7), rng.uniform(-7, 7))
    return Hold(start, start + 2 * move + rng.uniform(0.1, 3.0), target, move)


def leans(rng: Rng, after_s: float) -> Hold:
    """Draw a lean towards or away from the camera: relative growth."""
    start = after_s + rng.uniform(4.0, 15.0)
    move = rng.uniform(0.6, 1.5)
    return Hold(start, start + 2 * move + rng.uniform(0.5, 5.0), (rng.uniform(-0.05, 0.09),), move)


def saccades(rng: Rng, after_s: float) -> Hold:
    """Draw a look aside: shift of the irises x, y in canonical px."""
    start = after_s + rng.uniform(0.3, 4.0)
    length = 2 * SACCADE_S + rng.uniform(0.2, 2.0)
    return Hold(start, start + length, (rng.normal(0, 1.6), rng.normal(0, 0.6)), SACCADE_S)


@dataclass(frozen=True, slots=True)
class Nod:
    """A few swings of the head, damped at both ends, degrees of yaw and pitch."""

    start_s: float
    end_s: float
    yaw_deg: float
    pitch_deg: float
    rate_hz: float

    def value(self, time_s: float) -> NDArray[np.float64]:
        """Return (yaw, pitch, roll) in degrees at a time."""
        part = (time_s - self.start_s) / (self.end_s - self.start_s)
        swing = np.sin(np.pi * part) * np.sin(2 * np.pi * self.rate_hz * (time_s - self.start_s))
        return float(swing) * np.array([self.yaw_deg, self.pitch_deg, 0.0])


def nods(rng: Rng, after_s: float) -> Nod:
    """Draw a nod, or now and then a shake."""
    start = after_s + rng.uniform(5.0, 18.0)
    rate = rng.uniform(0.8, 2.2)
    end = start + rng.uniform(1.0, 2.5) / rate
    size = rng.uniform(1.5, 5.0)
    return (
        Nod(start, end, size, 0.0, rate) if rng.random() < 0.25 else Nod(start, end, 0, size, rate)
    )


class Drift:
    """Smooth aimless motion: sines of unrelated frequencies, in [-1, 1] per component."""

    def __init__(self, rng: Rng, components: int, slowest_hz: float, fastest_hz: float) -> None:
        shape = (components, 5)
        self._rates = np.exp(rng.uniform(np.log(slowest_hz), np.log(fastest_hz), shape))
        self._phases = rng.uniform(0, 2 * np.pi, shape)
        sizes = (slowest_hz / self._rates) ** 0.7 * rng.uniform(0.5, 1, shape)
        self._sizes = sizes / sizes.sum(axis=1, keepdims=True)

    def at(self, time_s: float) -> NDArray[np.float64]:
        """Return the value at a time, float64 (components,)."""
        waves = np.sin(2 * np.pi * self._rates * time_s + self._phases)
        return np.asarray((self._sizes * waves).sum(axis=1), np.float64)

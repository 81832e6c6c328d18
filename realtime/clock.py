"""The model's 30 Hz clock, laid over the timestamps of whatever frames arrive.

Tick k lies at ``t0 + k / 30`` where t0 is the first frame's timestamp. A tick takes the nearest
frame as far as can be known when that frame comes, if it is at most half a tick away:

- A frame *before* a tick is followed by another, expected after the usual spacing of the latest
  frames. Unless that one is expected nearer to the tick, the tick takes the frame at once. (A
  frame that already serves the tick before is in no hurry.)
- Otherwise the tick waits for the first frame on it or after it, and takes the nearer of that one
  and the one before.

One missing tick repeats the frame of the tick before it; two or more in a row are a gap, for which
no frame is invented. The rule knows timestamps only, never when a frame arrived, so a recorded
stream gives the ticks that it gave live.
"""

import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Final

from realtime.types import RATE_HZ, Frame

TOLERANCE_S: Final = 1e-3
"""Containers round timestamps to whole milliseconds, so smaller differences mean nothing.

A frame this close to a tick is on it (the first such frame is taken), and half a tick is
lengthened by as much.
"""

REACH_S: Final = 0.5 / RATE_HZ + TOLERANCE_S
"""A frame serves no tick that is farther away than this."""

REMEMBERED_INTERVALS: Final = 8
"""Latest intervals between frames whose median is the usual spacing.

The median, because one lost frame must not make the next ones look sparse.
"""


@dataclass(frozen=True, slots=True)
class Tick:
    """One tick of the clock with its frame.

    Attributes
    ----------
    index
        0-based tick on the 30 Hz grid.
    frame
        The nearest frame, or that of the tick before.
    repeated
        True where no frame was near and the frame of the tick before is used again.
    """

    index: int
    frame: Frame
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """At least two consecutive ticks without a frame, both ends inclusive."""

    first: int
    last: int


class Clock:
    """Turns frames into ticks, one frame at a time, in constant memory.

    A tick is given out as soon as its frame is known: mostly when the frame comes. At a steady 30
    frames per second no tick waits, wherever between two ticks the frames lie.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.zeros((1, 1, 3), np.uint8)
    >>> clock = Clock()
    >>> [out.index for i in range(3) for out in clock.push(Frame(i, i / 15, image))]
    [0, 1, 2, 3, 4]
    >>> clock.repeated
    2
    """

    def __init__(self) -> None:
        self._latest: Frame | None = None
        self._times: deque[float] = deque(maxlen=REMEMBERED_INTERVALS + 1)
        self._start_s = 0.0
        self._next = 0
        self._shown: Frame | None = None
        self._repeated = 0

    @property
    def repeated(self) -> int:
        """Number of ticks that used the frame of the tick before."""
        return self._repeated

    def time_s(self, tick: int) -> float:
        """Return the stream time of a tick, s."""
        return self._start_s + tick / RATE_HZ

    def push(self, frame: Frame) -> list[Tick | Gap]:
        """Take the next frame and return what it decides, in order of ticks.

        Raises
        ------
        ValueError
            If the timestamp is not greater than that of the frame before.
        """
        before = self._latest
        if before is not None and frame.timestamp_s <= before.timestamp_s:
            raise ValueError(
                f"timestamps must increase: {frame.timestamp_s} s after {before.timestamp_s} s"
            )
        self._latest = frame
        self._times.append(frame.timestamp_s)
        if before is None:
            self._start_s = frame.timestamp_s
            return [self._tick(frame)]
        return [*self._reached(before, frame), *self._foreseen(frame)]

    def finish(self) -> list[Tick | Gap]:
        """Return what the end of the stream decides: at most the tick after the last frame."""
        if self._latest is None or self._distance_s(self._latest, self._next) > REACH_S:
            return []
        return [self._tick(self._latest)]

    def _reached(self, before: Frame, frame: Frame) -> list[Tick | Gap]:
        """Decide the open ticks that the frame lies on or after."""
        out: list[Tick | Gap] = []
        while frame.timestamp_s >= self.time_s(self._next) - TOLERANCE_S:
            nearest = self._nearest(before, frame)
            if self._distance_s(nearest, self._next) <= REACH_S:
                out.append(self._tick(nearest))
            else:
                out.append(self._missing_until(frame))
        return out

    def _foreseen(self, frame: Frame) -> list[Tick | Gap]:
        """Decide the tick after the frame, where the next frame is not expected nearer to it."""
        ahead_s = self.time_s(self._next) - frame.timestamp_s
        if frame is self._shown or ahead_s > REACH_S or ahead_s > self._spacing_s() / 2:
            return []
        return [self._tick(frame)]

    def _spacing_s(self) -> float:
        return median(later - sooner for sooner, later in pairwise(self._times))

    def _tick(self, frame: Frame) -> Tick:
        tick = Tick(self._next, frame)
        self._shown = frame
        self._next += 1
        return tick

    def _nearest(self, before: Frame, after: Frame) -> Frame:
        to_after = self._distance_s(after, self._next)
        if to_after <= TOLERANCE_S or to_after < self._distance_s(before, self._next):
            return after
        return before

    def _missing_until(self, frame: Frame) -> Tick | Gap:
        first, reached = self._next, self._first_within_reach(frame)
        self._next = reached
        if reached - first == 1 and self._shown is not None:
            self._repeated += 1
            return Tick(first, self._shown, repeated=True)
        return Gap(first, reached - 1)

    def _first_within_reach(self, frame: Frame) -> int:
        # Computed, not searched: a stream may be away for hours.
        tick = math.ceil((frame.timestamp_s - self._start_s - REACH_S) * RATE_HZ) - 1
        tick = max(tick, self._next + 1)
        while self._distance_s(frame, tick) > REACH_S:
            tick += 1
        return tick

    def _distance_s(self, frame: Frame, tick: int) -> float:
        return abs(frame.timestamp_s - self.time_s(tick))

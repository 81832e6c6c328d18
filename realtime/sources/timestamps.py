"""From what containers and networks say about time to stream time that strictly increases."""

import math
from fractions import Fraction
from typing import Final

_RESTART_S: Final = 1
"""A timestamp that falls back by this much is a new count, not a frame out of order."""

_DRIFT_S: Final = 5.0
"""A live stream's own timestamps are trusted while they stay this close to the local clock."""

_FORGET: Final = 5e-4
"""How fast the quickest frame is forgotten, s per s: five times what two clocks part."""

_BACK_S: Final = 0.1
_AHEAD_S: Final = 1.0
"""A live stream's clock leapt that falls back by more than the first, or runs ahead of this
machine's by more than the second, from one frame to the next."""


class Presentation:
    """Stream time of a file: its own presentation timestamps, the first frame at 0.

    A frame without a timestamp comes one nominal period after the one before. A frame whose
    timestamp does not increase is left out, unless the count starts anew (as in recordings that
    were joined), where time goes on by one period. Both are counted.

    Parameters
    ----------
    time_base
        Seconds per unit of a timestamp.
    rate_hz
        Nominal rate, only for frames without a timestamp.
    zero_s
        Timestamp of stream time 0, s; that of the first frame if None.
    """

    def __init__(
        self, time_base: Fraction, rate_hz: Fraction, zero_s: Fraction | None = None
    ) -> None:
        period_s, zero = 1 / rate_hz, zero_s or Fraction(0)
        # what all are whole numbers of: as exact as fractions, at a tenth of their time
        self._per_s = math.lcm(time_base.denominator, period_s.denominator, zero.denominator)
        self._unit = int(time_base * self._per_s)
        self._period = int(period_s * self._per_s)
        self._offset = None if zero_s is None else -int(zero * self._per_s)
        self._last: int | None = None
        self._irregular = 0

    @property
    def irregular(self) -> int:
        """Timestamps so far that were absent or did not increase."""
        return self._irregular

    @property
    def zero_s(self) -> Fraction | None:
        """Timestamp of stream time 0, s; None while no frame had a timestamp."""
        return None if self._offset is None else Fraction(-self._offset, self._per_s)

    def stamp(self, pts: int | None) -> float | None:
        """Return the stream time of the next frame, s, or None where it is to be left out."""
        if pts is None:
            self._irregular += 1
            self._last = self._after_last()
            return self._last / self._per_s
        own = pts * self._unit
        if self._offset is None:
            self._offset = self._after_last() - own
        time = own + self._offset
        if self._last is not None and time <= self._last:
            self._irregular += 1
            if self._last - time < _RESTART_S * self._per_s:
                return None
            time = self._after_last()
            self._offset = time - own
        self._last = time
        return time / self._per_s

    def _after_last(self) -> int:
        return 0 if self._last is None else self._last + self._period


class Arrival:
    """Capture time of a live stream on the local monotonic clock.

    A stream's own timestamps keep frames evenly spaced where the network does not. They are laid
    onto the local clock so that no frame was captured after it arrived: the frame that came
    fastest decides, and is slowly forgotten, since no two clocks run alike. They are laid anew when
    the stream's clock leaps, and when a frame was more than 5 s on its way.
    """

    def __init__(self) -> None:
        self._offset_s = 0.0
        self._before: tuple[float, float] | None = None
        self._leap_s: float | None = None

    @property
    def leap_s(self) -> float | None:
        """By how much the stream's own clock leapt at the latest frame, s, or None."""
        return self._leap_s

    def stamp(self, arrival_s: float, own_s: float | None) -> float:
        """Return the capture time of a frame, s of the local monotonic clock.

        Parameters
        ----------
        arrival_s
            When the frame was read, s of the local monotonic clock.
        own_s
            The stream's own timestamp, s, or None where it means nothing.
        """
        self._leap_s = None
        if own_s is None or not math.isfinite(own_s):
            return arrival_s
        soonest_s = arrival_s - own_s
        if self._before is None:
            self._offset_s = soonest_s
        else:
            passed_s = arrival_s - self._before[0]
            self._leap_s = _leap_s(own_s - self._before[1], passed_s)
            self._offset_s += _FORGET * passed_s
        late_s = soonest_s - self._offset_s
        if self._leap_s is not None or late_s < 0 or late_s > _DRIFT_S:
            self._offset_s = soonest_s
        self._before = arrival_s, own_s
        return min(arrival_s, own_s + self._offset_s)


def _leap_s(own_s: float, passed_s: float) -> float | None:
    """Return by how much a clock leapt that moved by ``own_s`` while ``passed_s`` passed here."""
    if own_s < -_BACK_S or own_s > passed_s + _AHEAD_S:
        return own_s - passed_s
    return None

"""From what containers and networks say about time to stream time that strictly increases."""

from fractions import Fraction
from typing import Final

_RESTART_S: Final = 1
"""A timestamp that falls back by this much is a new count, not a frame out of order."""

_DRIFT_S: Final = 5.0
"""A live stream's own timestamps are trusted while they stay this close to the local clock."""


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
        self._time_base = time_base
        self._period_s = 1 / rate_hz
        self._offset_s = None if zero_s is None else -zero_s
        self._last_s: Fraction | None = None
        self._irregular = 0

    @property
    def irregular(self) -> int:
        """Timestamps so far that were absent or did not increase."""
        return self._irregular

    @property
    def zero_s(self) -> Fraction | None:
        """Timestamp of stream time 0, s; None while no frame had a timestamp."""
        return None if self._offset_s is None else -self._offset_s

    def stamp(self, pts: int | None) -> float | None:
        """Return the stream time of the next frame, s, or None where it is to be left out."""
        if pts is None:
            self._irregular += 1
            self._last_s = self._after_last()
            return float(self._last_s)
        own_s = pts * self._time_base
        if self._offset_s is None:
            self._offset_s = self._after_last() - own_s
        time_s = own_s + self._offset_s
        if self._last_s is not None and time_s <= self._last_s:
            self._irregular += 1
            if self._last_s - time_s < _RESTART_S:
                return None
            time_s = self._after_last()
            self._offset_s = time_s - own_s
        self._last_s = time_s
        return float(time_s)

    def _after_last(self) -> Fraction:
        return Fraction(0) if self._last_s is None else self._last_s + self._period_s


class Arrival:
    """Capture time of a live stream on the local monotonic clock.

    A stream's own timestamps keep frames evenly spaced where the network does not; they are laid
    onto the local clock at the first frame, and again whenever the two part by more than 5 s.
    """

    def __init__(self) -> None:
        self._offset_s: float | None = None

    def stamp(self, arrival_s: float, own_s: float | None) -> float:
        """Return the capture time of a frame, s of the local monotonic clock.

        Parameters
        ----------
        arrival_s
            When the frame was read, s of the local monotonic clock.
        own_s
            The stream's own timestamp, s, or None where it means nothing.
        """
        if own_s is None:
            return arrival_s
        if self._offset_s is None or abs(own_s + self._offset_s - arrival_s) > _DRIFT_S:
            self._offset_s = arrival_s - own_s
        return own_s + self._offset_s

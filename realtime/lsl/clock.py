"""From this process's monotonic clock to the clock of the Lab Streaming Layer."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Final

MEASURE_EVERY_S: Final = 5.0
"""How often the difference is measured anew, s: a clock that stands still while the machine
sleeps parts from one that does not."""

TRIES: Final = 8
"""Readings of which the one that took the least time counts."""

Clock = Callable[[], float]


class LslClock:
    """Maps s of ``time.monotonic`` to s of the LSL clock.

    On Linux the two are one clock; elsewhere they need not be. The difference is read between two
    readings of the monotonic clock, so that it is off by half their distance at most.

    Parameters
    ----------
    lsl
        Reads the LSL clock, s.
    monotonic
        Reads the monotonic clock, s.
    """

    def __init__(self, lsl: Clock, monotonic: Clock = time.monotonic) -> None:
        self._lsl = lsl
        self._monotonic = monotonic
        self._lock = Lock()
        self._offset_s, self._measured_s = self._measure()

    def of(self, monotonic_s: float) -> float:
        """Return a moment on the LSL clock, s."""
        with self._lock:
            if self._monotonic() - self._measured_s > MEASURE_EVERY_S:
                self._offset_s, self._measured_s = self._measure()
            return monotonic_s + self._offset_s

    def now(self) -> float:
        """Return the present moment on the LSL clock, s."""
        return self._lsl()

    def _measure(self) -> tuple[float, float]:
        """Return LSL time minus monotonic time, and when that was, s."""
        readings = []
        for _ in range(TRIES):
            before_s = self._monotonic()
            lsl_s = self._lsl()
            after_s = self._monotonic()
            readings.append((after_s - before_s, lsl_s - (before_s + after_s) / 2, after_s))
        _, offset_s, measured_s = min(readings)
        return offset_s, measured_s

"""What a live source is seen to do, and who is told of it."""

import logging
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.sources.condition import Condition, Listener, Report
from realtime.sources.watch import REASONS, PictureWatch

log = logging.getLogger(__name__)

LEAPS_S: Final = 60.0
"""A clock that leaps again within so long is not told of again, s: a broken one always leaps."""


class Monitor:
    """Holds a live source's condition; tells the log, and whoever listens, of its changes.

    Callable from any thread.

    Parameters
    ----------
    name
        For the log; without credentials.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = Lock()
        self._listener: Listener | None = None
        self._now = Report(Condition.LIVE, 0.0)
        self._watch = PictureWatch()
        self._leaps_from_s = 0.0

    @property
    def condition(self) -> Condition:
        """The condition now."""
        return self._now.condition

    def listen(self, listener: Listener) -> None:
        """Tell of every change from now on, and of the condition now unless it is live."""
        with self._lock:
            self._listener = listener
            if self._now.condition is not Condition.LIVE:
                listener(self._now)

    def connect(self) -> None:
        """Take note of a new connection: what was seen before it says nothing of it."""
        self._watch = PictureWatch()

    def see(self, time_s: float, image: NDArray[np.uint8], leap_s: float | None = None) -> None:
        """Take the next picture, uint8 RGB (H, W, 3), of a stream time, s.

        Parameters
        ----------
        time_s
            When it was captured, s.
        image
            The picture; kept until the next one.
        leap_s
            By how much the source's own clock leapt at it, s, or None.
        """
        condition = self._watch.see(time_s, image)
        reason, anew = REASONS.get(condition), False
        if leap_s is not None and time_s >= self._leaps_from_s:
            self._leaps_from_s, anew = time_s + LEAPS_S, True
            reason = f"its clock leapt by {leap_s:+.1f} s; stream time goes on as before"
        self._turn(Report(condition, time_s, reason), anew)

    def lose(self, time_s: float, why: str) -> None:
        """Take that the connection failed and is made again."""
        self._turn(Report(Condition.RECONNECTING, time_s, why))

    def miss(self, time_s: float, waited_s: float) -> None:
        """Take that no picture has come for a while, s; of one that is away that is known."""
        if self.condition is not Condition.RECONNECTING:
            why = f"connected, but no picture for {waited_s:.0f} s"
            self._turn(Report(Condition.STALLED, time_s, why))

    def _turn(self, report: Report, anew: bool = False) -> None:
        with self._lock:
            was = self._now
            if report.condition is was.condition and not anew:
                # the same trouble for another reason is for the log alone
                if report.condition is Condition.RECONNECTING and report.reason != was.reason:
                    log.warning("%s", report.reason)
                    self._now = report
                return
            self._now = report
            self._say(report)
            if self._listener is not None:
                self._listener(report)

    def _say(self, report: Report) -> None:
        if report.condition is Condition.RECONNECTING:
            # its reason names the source
            log.warning("%s; connecting again until it is back", report.reason)
        elif report.condition is Condition.LIVE:
            log.info("%s: %s", self._name, report.reason or "live again")
        else:
            log.warning("%s is %s: %s", self._name, report.condition, report.reason)

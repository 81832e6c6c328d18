"""Live sources: a reader thread keeps the newest frame, counts the rest, and reconnects."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from engines.errors import SourceError
from realtime.sources.base import SourceInfo
from realtime.sources.condition import Listener
from realtime.sources.mailbox import Mailbox
from realtime.sources.monitor import Monitor
from realtime.types import RATE_HZ, Frame

_FIRST_BACKOFF_S: Final = 0.25
_LONGEST_BACKOFF_S: Final = 8.0
_STEADY_S: Final = 10.0
"""A connection that held for so long is followed by the shortest wait, s."""

_CLOSE_S: Final = 3.0

LOST_S: Final = 60.0
"""How long a live source may be away, s."""

STALLED_S: Final = 2.0
"""A source that is connected and gives no picture for so long is stalled, s."""

_SLOWEST: Final = 5
"""It is not while it is late by fewer of its own periods than this."""

_OLDEST_S: Final = 10.0

_LEAP_S: Final = 1.0
"""A capture time that falls back by more than this is a new count, not a picture out of order."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture as a device delivers it.

    Attributes
    ----------
    captured_s
        Capture time, s of ``time.monotonic``.
    image
        uint8 RGB (H, W, 3).
    leap_s
        By how much the device's own clock leapt since the shot before, or None. ``captured_s``
        does not leap with it.
    """

    captured_s: float
    image: NDArray[np.uint8]
    leap_s: float | None = None


class Feed(Protocol):
    """One connection to a device; only the reader thread touches it."""

    @property
    def rate_hz(self) -> float | None:
        """Nominal frame rate, or None where the device does not say."""
        ...

    def read(self) -> Shot:
        """Wait for the next picture; raise ``SourceError`` when the connection is lost."""
        ...

    def close(self) -> None:
        """Release the device."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a live source waits.

    Attributes
    ----------
    first_s
        For the first frame after opening, s.
    lost_s
        For a source that was lost to come back, s.
    """

    first_s: float = 10.0
    lost_s: float = LOST_S


class LatestSource:
    """A live source: whoever iterates gets the newest frame, older ones are dropped and counted.

    When a connection fails it is made again, after 0.25 s at first and then twice as long each
    time up to 8 s, until one has held for 10 s. Stream time goes on meanwhile, so an interruption
    shows as a gap. Whoever listens is told of that, and of a source that gives no picture, always
    the same one, or black ones (:mod:`realtime.sources.condition`).

    Parameters
    ----------
    name
        For logs, events and errors; without credentials.
    connect
        Makes one connection; called in the reader thread.
    patience
        How long to wait for the first frame, and for a lost source.

    Raises
    ------
    SourceError
        At once if the first connection fails or gives no frame in time; from the iteration if
        the source stays away for longer than ``patience.lost_s``.
    """

    def __init__(
        self, name: str, connect: Callable[[], Feed], patience: Patience | None = None
    ) -> None:
        self._name = name
        self._connect = connect
        self._patience = patience or Patience()
        self._mailbox = Mailbox()
        self._rate_hz: float | None = None
        self._start_s: float | None = None
        self._last_s = -1.0
        self._captured = 0
        self._late = 0
        self._started: datetime | None = None
        self._monitor = Monitor(name)
        self._reader = threading.Thread(target=self._run, name=f"reader of {name}", daemon=True)
        self._reader.start()
        try:
            self._info = self._await_first()
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""
        return self._info

    @property
    def dropped(self) -> int:
        """Frames discarded because a newer one was there."""
        return self._mailbox.replaced + self._late

    def __iter__(self) -> Iterator[Frame]:
        # The reader gives up by itself, except when a driver never returns.
        limit_s = self._patience.first_s + self._patience.lost_s
        while (frame := self._take(limit_s)) is not None:
            yield frame
        if not self._mailbox.is_closed():
            raise SourceError(f"{self._name} is lost: no frame for {limit_s:g} s")

    def listen(self, listener: Listener) -> None:
        """Tell of every change of the source's condition, and of the one now unless it is live."""
        self._monitor.listen(listener)

    def close(self) -> None:
        """Stop the reader and release the device; safe to call twice and from another thread."""
        self._mailbox.close()
        self._reader.join(_CLOSE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self, limit_s: float) -> Frame | None:
        """Wait for the newest frame, and tell of a source that gives none."""
        begin_s, stalled_s = time.monotonic(), self._stalled_s()
        while (left_s := begin_s + limit_s - time.monotonic()) > 0:
            frame = self._mailbox.take(min(left_s, stalled_s))
            if frame is not None or self._mailbox.is_closed():
                return frame
            self._monitor.miss(self._time_s(), time.monotonic() - begin_s)
        return None

    def _time_s(self) -> float:
        """Return the stream time now, s."""
        begin_s = time.monotonic() if self._start_s is None else self._start_s
        return max(self._last_s, time.monotonic() - begin_s, 0.0)

    def _stalled_s(self) -> float:
        return max(STALLED_S, _SLOWEST / self._rate_hz if self._rate_hz else 0.0)

    def _await_first(self) -> SourceInfo:
        frame = self._mailbox.look(self._patience.first_s)
        if frame is None:
            raise SourceError(
                f"{self._name} gave no frame within {self._patience.first_s:g} s: check that it "
                "is on and that no other program uses it"
            )
        height, width = frame.image.shape[:2]
        return SourceInfo(self._name, True, width, height, self._rate_hz, started=self._started)

    def _run(self) -> None:
        try:
            self._keep_connected()
        except Exception as error:
            self._mailbox.fail(error)

    def _keep_connected(self) -> None:
        backoff_s, alive_s = _FIRST_BACKOFF_S, time.monotonic()
        while not self._mailbox.is_closed():
            before, begun_s = self._captured, time.monotonic()
            try:
                self._read_one_connection()
            except SourceError as error:
                if self._mailbox.is_closed():
                    return
                if self._captured == 0:
                    raise
                if self._captured > before:
                    alive_s = time.monotonic()
                    # one that fails again and again after a moment is no success
                    backoff_s = _FIRST_BACKOFF_S if alive_s - begun_s > _STEADY_S else backoff_s
                elif time.monotonic() - alive_s > self._patience.lost_s:
                    raise SourceError(
                        f"{self._name} is lost: away for {self._patience.lost_s:g} s ({error})"
                    ) from None
                self._monitor.lose(self._time_s(), str(error))
                self._mailbox.wait_closed(backoff_s)
                backoff_s = min(2 * backoff_s, _LONGEST_BACKOFF_S)

    def _read_one_connection(self) -> None:
        feed = self._connect()
        self._monitor.connect()
        try:
            self._rate_hz = feed.rate_hz
            while not self._mailbox.is_closed():
                self._keep(feed.read())
        finally:
            feed.close()

    def _keep(self, shot: Shot) -> None:
        if self._start_s is None:
            self._start_s = shot.captured_s
            self._started = datetime.now(UTC) - timedelta(seconds=_age_s(shot))
        leap_s = shot.leap_s
        if shot.captured_s - self._start_s < self._last_s - _LEAP_S:
            leap_s = shot.captured_s - self._start_s - self._last_s
            self._start_s += leap_s - 1 / RATE_HZ
        time_s = shot.captured_s - self._start_s
        self._captured += 1
        self._monitor.see(time_s, shot.image, leap_s)
        if time_s <= self._last_s:
            self._late += 1
            return
        self._last_s = time_s
        self._mailbox.put(Frame(self._captured - 1, time_s, shot.image, shot.captured_s))


def _age_s(shot: Shot) -> float:
    """Return how long ago a shot was captured, s; 0 where its time is not of this machine."""
    age_s = time.monotonic() - shot.captured_s
    return age_s if 0 <= age_s < _OLDEST_S else 0.0

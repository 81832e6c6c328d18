"""Live sources: a reader thread keeps the newest frame, counts the rest, and reconnects."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from engines.errors import SourceError
from realtime.sources.base import SourceInfo
from realtime.sources.mailbox import Mailbox
from realtime.types import Frame

log = logging.getLogger(__name__)

_FIRST_BACKOFF_S: Final = 0.25
_LONGEST_BACKOFF_S: Final = 8.0
_CLOSE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture as a device delivers it.

    Attributes
    ----------
    captured_s
        Capture time, s of ``time.monotonic``.
    image
        uint8 RGB (H, W, 3).
    """

    captured_s: float
    image: NDArray[np.uint8]


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
    lost_s: float = 60.0


class LatestSource:
    """A live source: whoever iterates gets the newest frame, older ones are dropped and counted.

    When a connection fails it is made again, after 0.25 s at first and then twice as long each
    time up to 8 s. Stream time goes on meanwhile, so an interruption shows as a gap.

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
        while (frame := self._mailbox.take(limit_s)) is not None:
            yield frame
        if not self._mailbox.is_closed():
            raise SourceError(f"{self._name} is lost: no frame for {limit_s:g} s")

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

    def _await_first(self) -> SourceInfo:
        frame = self._mailbox.look(self._patience.first_s)
        if frame is None:
            raise SourceError(
                f"{self._name} gave no frame within {self._patience.first_s:g} s: check that it "
                "is on and that no other program uses it"
            )
        height, width = frame.image.shape[:2]
        return SourceInfo(self._name, True, width, height, self._rate_hz)

    def _run(self) -> None:
        try:
            self._keep_connected()
        except Exception as error:
            self._mailbox.fail(error)

    def _keep_connected(self) -> None:
        backoff_s, alive_s = _FIRST_BACKOFF_S, time.monotonic()
        while not self._mailbox.is_closed():
            before = self._captured
            try:
                self._read_one_connection()
            except SourceError as error:
                if self._mailbox.is_closed():
                    return
                if self._captured == 0:
                    raise
                if self._captured > before:
                    backoff_s, alive_s = _FIRST_BACKOFF_S, time.monotonic()
                elif time.monotonic() - alive_s > self._patience.lost_s:
                    raise SourceError(
                        f"{self._name} is lost: away for {self._patience.lost_s:g} s ({error})"
                    ) from None
                log.warning("%s; connecting again in %.3g s", error, backoff_s)
                self._mailbox.wait_closed(backoff_s)
                backoff_s = min(2 * backoff_s, _LONGEST_BACKOFF_S)

    def _read_one_connection(self) -> None:
        feed = self._connect()
        try:
            self._rate_hz = feed.rate_hz
            while not self._mailbox.is_closed():
                self._keep(feed.read())
        finally:
            feed.close()

    def _keep(self, shot: Shot) -> None:
        if self._start_s is None:
            self._start_s = shot.captured_s
        time_s = shot.captured_s - self._start_s
        self._captured += 1
        if time_s <= self._last_s:
            self._late += 1
            return
        self._last_s = time_s
        self._mailbox.put(Frame(self._captured - 1, time_s, shot.image, shot.captured_s))

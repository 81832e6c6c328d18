"""Recorded frames played as a camera would deliver them, and frames as fast as they are taken."""

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from engines.errors import SourceError
from realtime.sources.base import SourceInfo
from realtime.sources.latest import LatestSource, Shot
from realtime.types import Frame


class Ended(Exception):  # noqa: N818 - no error: a recording is over
    """The recording is over; ``failure`` is why, where that was no proper end."""

    def __init__(self, failure: SourceError | None = None) -> None:
        super().__init__("the recording is over")
        self.failure = failure


class PacedFeed:
    """Delivers frames when they are due (see :class:`realtime.sources.latest.Feed`).

    A frame counts as captured when it was due, even if this thread was kept from delivering it:
    a camera's frame also exists before anybody reads it. Whoever is so late that the next frame
    is due too has missed this one, as with a camera.

    Parameters
    ----------
    frames
        With their times; an endless iterator is fine.
    rate_hz
        For information.
    """

    def __init__(self, frames: Iterator[Frame], rate_hz: float | None) -> None:
        self.rate_hz = rate_hz
        self.missed = 0
        self._frames = frames
        self._next = self._take()
        self.start_s: float | None = None

    def read(self) -> Shot:
        """Wait until the next frame is due.

        Raises
        ------
        Ended
            After the last frame.
        """
        if self._next is None:
            raise Ended
        if self.start_s is None:
            self.start_s = time.monotonic() - self._next.timestamp_s
        frame = self._newest_due(self._next)
        due_s = self._due_s(frame)
        time.sleep(max(0.0, due_s - time.monotonic()))
        return Shot(due_s, frame.image)

    def close(self) -> None:
        """Do nothing: whoever opened the recording closes it."""

    def _newest_due(self, frame: Frame) -> Frame:
        self._next = self._take()
        while self._next is not None and self._due_s(self._next) <= time.monotonic():
            self.missed += 1
            frame, self._next = self._next, self._take()
        return frame

    def _due_s(self, frame: Frame) -> float:
        return (self.start_s or 0.0) + frame.timestamp_s

    def _take(self) -> Frame | None:
        try:
            return next(self._frames, None)
        except SourceError as error:
            # the live source takes a SourceError for a lost connection, and would try again
            raise Ended(error) from error


class PlayedSource:
    """A recording as a live source: it starts when it is iterated, and the newest frame wins.

    Parameters
    ----------
    info
        Of the recording.
    frames
        Makes the frames, at the first iteration.
    close
        Called once the source is closed.
    """

    def __init__(
        self,
        info: SourceInfo,
        frames: Callable[[], Iterator[Frame]],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._info = SourceInfo(info.name, True, info.width, info.height, info.rate_hz, info.frames)
        self._make, self._close = frames, close
        self._feed: PacedFeed | None = None
        self._live: LatestSource | None = None
        self._closed = False

    @property
    def info(self) -> SourceInfo:
        """What is known of the recording."""
        return self._info

    @property
    def start_s(self) -> float | None:
        """When stream time 0 was, s of ``time.monotonic``; None before the first frame."""
        return None if self._feed is None else self._feed.start_s

    @property
    def dropped(self) -> int:
        """Frames that were not taken before the next one came."""
        missed = 0 if self._feed is None else self._feed.missed
        return missed + (0 if self._live is None else self._live.dropped)

    def __iter__(self) -> Iterator[Frame]:
        if self._closed:
            return
        try:
            self._feed = feed = PacedFeed(self._make(), self._info.rate_hz)
            self._live = LatestSource(self._info.name, lambda: feed)
            yield from self._live
        except Ended as end:
            if end.failure is not None:
                raise end.failure from None

    def close(self) -> None:
        """Stop; safe to call twice and from another thread."""
        self._closed = True
        if self._live is not None:
            self._live.close()
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class TakenSource:
    """Frames that are ready, as fast as they are taken.

    Parameters
    ----------
    info
        Of the frames; ``live`` is False.
    frames
        Finite.
    """

    def __init__(self, info: SourceInfo, frames: Iterator[Frame]) -> None:
        self._info, self._frames, self._closed = info, frames, False

    @property
    def info(self) -> SourceInfo:
        """What is known of the frames."""
        return self._info

    @property
    def dropped(self) -> int:
        """Always 0: every frame is taken."""
        return 0

    def __iter__(self) -> Iterator[Frame]:
        for frame in self._frames:
            if self._closed:
                return
            yield frame

    def close(self) -> None:
        """End the iteration; safe to call twice and from another thread."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

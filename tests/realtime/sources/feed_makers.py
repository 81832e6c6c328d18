"""A device that does as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engines.errors import SourceError
from realtime.sources.latest import LatestSource, Patience, Shot

IMAGE = np.zeros((4, 6, 3), np.uint8)


class ScriptedFeed:
    """Gives shots at the times (s) of a script; then is lost, or silent until closed."""

    rate_hz = 30.0

    def __init__(self, times_s: list[float], *, lost: bool = True) -> None:
        self._times = iter(times_s)
        self._lost = lost
        self.gate = threading.Semaphore(0)
        self.closed = threading.Event()
        self.over = threading.Event()

    def read(self) -> Shot:
        while not self.gate.acquire(timeout=0.01) and not self.over.is_set():
            pass
        for time_s in self._times:
            return Shot(time_s, IMAGE)
        if not self._lost:
            self.over.wait()
        raise SourceError("the cable is out")

    def close(self) -> None:
        self.closed.set()

    def let(self, count: int) -> None:
        self.gate.release(count)


def ready(feed: ScriptedFeed, count: int) -> ScriptedFeed:
    feed.let(count)
    return feed


@contextmanager
def opened(*feeds: ScriptedFeed, patience: Patience | None = None) -> Iterator[LatestSource]:
    """A live source on one feed after the other, none of which blocks at the end."""
    waiting = iter(feeds)
    with LatestSource("cam", lambda: next(waiting), patience) as source:
        try:
            yield source
        finally:
            for feed in feeds:
                feed.over.set()

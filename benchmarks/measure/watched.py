"""A source that shows how far it is and times how long its frames take to come."""

import time
from collections.abc import Callable, Iterator

from tqdm import tqdm

from realtime.sources.base import Source
from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame


class Watched(WrappedSource):
    """Passes frames on; shows progress with the time left on standard error, on a terminal.

    Parameters
    ----------
    source
        Any source.
    seconds
        Stream time that is wanted, or None for all there is.
    waited
        Told how long each frame took to come, ms.
    """

    def __init__(
        self,
        source: Source,
        seconds: float | None = None,
        waited: Callable[[float], None] = lambda _: None,
    ) -> None:
        super().__init__(source)
        self._seconds, self._waited = seconds, waited
        self._dropped_before = 0
        self.frames = 0

    @property
    def dropped(self) -> int:
        """Frames dropped since the first one was taken: a camera runs while a model loads."""
        return self._source.dropped - self._dropped_before

    def __iter__(self) -> Iterator[Frame]:
        total_s = self._total_s()
        form = None if total_s else "{desc}: {n:.0f} s"
        with tqdm(
            desc="measuring", total=total_s, unit="s", leave=False, disable=None, bar_format=form
        ) as bar:
            first_s: float | None = None
            asked_s = time.perf_counter()
            for frame in self._source:
                self._waited((time.perf_counter() - asked_s) * 1e3)
                if first_s is None:
                    self._dropped_before, first_s = self._source.dropped, frame.timestamp_s
                self.frames += 1
                played_s = frame.timestamp_s - first_s
                bar.update((played_s if total_s is None else min(played_s, total_s)) - bar.n)
                yield frame
                asked_s = time.perf_counter()

    def _total_s(self) -> float | None:
        info = self._source.info
        length = info.frames / info.rate_hz if info.frames and info.rate_hz else None
        known = [value for value in (self._seconds, length) if value is not None]
        return round(min(known), 1) if known else None

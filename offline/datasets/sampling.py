"""Which frames of a video are read, and by what clock.

By default all of them with their own timestamps: the 30 Hz clock of :mod:`realtime.clock` then
resamples by time. The papers take every 7th frame of SAMM-LV's 200 per second and call that 30
per second, which is 28.6; ``Sampling(7)`` does the same, so that results can be compared.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from engines.errors import UsageError
from realtime.sources.base import Source, SourceInfo
from realtime.sources.wrapped import WrappedSource
from realtime.types import RATE_HZ, Frame


@dataclass(frozen=True, slots=True)
class Sampling:
    """Every n-th frame, each shown for one tick of the 30 Hz clock; or all, in their own time.

    Attributes
    ----------
    every
        1 for all frames with their own timestamps; n > 1 for frames 0, n, 2n …, frame k of which
        is then at k / 30 s.

    Raises
    ------
    UsageError
        If it is below 1.
    """

    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise UsageError(f"every {self.every}th frame: the least is 1, for all of them")

    @property
    def by_time(self) -> bool:
        """True where all frames are read and time alone decides."""
        return self.every == 1

    def frames(self, count: int) -> int:
        """Return how many of so many frames are read."""
        return math.ceil(count / self.every)

    def frame(self, index: int, count: int | None = None) -> int:
        """Return where a frame of the source, 0-based, comes to lie among those read.

        That is ``round((onset - 1) / 7)`` of the released code for a 1-based onset and every 7th
        frame, halves upwards.

        Parameters
        ----------
        index
            Frame of the source.
        count
            Frames of the source, if known: then never past the last frame read.
        """
        nearest = math.floor(index / self.every + 0.5)
        return nearest if count is None else min(nearest, self.frames(count) - 1)


ALL_FRAMES: Final = Sampling()


class SampledSource(WrappedSource):
    """Every n-th frame of a source, frame k of them at k / 30 s.

    Parameters
    ----------
    source
        Any finite source; closed with this one.
    sampling
        Which frames to keep; those left out on purpose do not count as dropped.
    """

    def __init__(self, source: Source, sampling: Sampling) -> None:
        super().__init__(source)
        self._every = sampling.every
        count = source.info.frames
        self._info = replace(
            source.info,
            rate_hz=float(RATE_HZ),
            frames=None if count is None else sampling.frames(count),
        )

    @property
    def info(self) -> SourceInfo:
        """What is known of the frames that are kept."""
        return self._info

    def __iter__(self) -> Iterator[Frame]:
        kept = (frame for place, frame in enumerate(self._source) if place % self._every == 0)
        for index, frame in enumerate(kept):
            yield replace(frame, index=index, timestamp_s=index / RATE_HZ)

"""Any frame of a video by its number, through the source that the pipeline reads."""

import logging
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import FesError, SourceError
from offline.labelling.frame_index import FrameIndex
from realtime.sources.base import Source
from realtime.sources.file import Start, open_file
from realtime.sources.folder import FolderSource
from realtime.sources.open import open_source
from realtime.types import Frame

log = logging.getLogger(__name__)

Picture = tuple[int, NDArray[np.uint8]]

REACH: Final = 120
"""Frames that are rather read over than sought."""

BEHIND_BYTES: Final = 48 * 1024 * 1024
BEHIND: Final = 24
"""Frames before the one asked for that are handed out too, within these bytes: the next step may
go back."""

MARGINS_S: Final = (0.0, 2.0, 12.0)
"""How much earlier to seek, try by try: some containers seek too far, some codecs need a run-up."""


@dataclass(slots=True)
class Reading:
    """A source that was read up to some frame, which is the next one that it yields."""

    source: Source
    frames: Iterator[Frame]
    next: int


class Film:
    """Reads frames in any order; what it hands out is what a reading from the start yields.

    Each frame is compared with its sum of that reading. Where seeking gives other pixels, or none,
    the file is read from its start.

    Parameters
    ----------
    index
        Of the video; only frames that it holds by now can be read.
    """

    def __init__(self, index: FrameIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._reading: Reading | None = None

    def read(self, frame: int) -> list[Picture]:
        """Return some frames on the way, and last the one that is asked for.

        Images are uint8 RGB (H, W, 3).

        Raises
        ------
        SourceError
            If the video has no such frame, or cannot be read again.
        """
        if not 0 <= frame < len(self._index):
            raise SourceError(f"{self._index.path} has no frame {frame} that was read by now")
        with self._lock:
            for reading in self._readings(frame):
                found = self._follow(reading, frame)
                if found:
                    self._reading = reading
                    return found
                reading.source.close()
        raise SourceError(f"frame {frame} of {self._index.path} cannot be read again")

    def close(self) -> None:
        """Close what is open."""
        with self._lock:
            self._drop()

    def _readings(self, frame: int) -> Iterator[Reading]:
        """Yield ways to a frame, the nearest first."""
        here, self._reading = self._reading, None
        if here is not None and here.next <= frame <= here.next + REACH:
            yield here
        elif here is not None:
            here.source.close()
        if self._index.path.is_dir():
            first = max(0, frame - BEHIND)
            folder = FolderSource(self._index.path, first=first)
            yield Reading(folder, iter(folder), first)
            return
        yield from self._sought(frame)
        source = open_source(str(self._index.path))
        yield Reading(source, iter(source), 0)

    def _sought(self, frame: int) -> Iterator[Reading]:
        zero_s = self._index.zero_s
        if zero_s is None or frame <= REACH:
            return
        for margin_s in MARGINS_S:
            start = Start(max(0.0, self._index.time_s(frame) - margin_s), zero_s)
            try:
                source = open_file(self._index.path, start)
                first = next(frames := iter(source), None)
            except FesError as error:
                log.debug("%s: %s", self._index.path, error)
                continue
            number = None if first is None else self._index.number(first.timestamp_s)
            if first is None or number is None or number > frame:
                source.close()
                continue
            yield Reading(source, _again(first, frames), number)

    def _follow(self, reading: Reading, frame: int) -> list[Picture]:
        """Read on to a frame; return nothing if it does not come as it was."""
        held: deque[Picture] = deque(maxlen=BEHIND + 1)
        try:
            while reading.next <= frame:
                found = next(reading.frames, None)
                if found is None:
                    return []
                held.append((reading.next, found.image))
                reading.next += 1
                while len(held) > 1 and len(held) * found.image.nbytes > BEHIND_BYTES:
                    held.popleft()
        except FesError as error:
            log.debug("%s: %s", self._index.path, error)
            return []
        right = [picture for picture in held if self._index.holds(*picture)]
        return right if right and right[-1][0] == frame else []

    def _drop(self) -> None:
        if self._reading is not None:
            self._reading.source.close()
        self._reading = None


def _again(first: Frame, rest: Iterator[Frame]) -> Iterator[Frame]:
    yield first
    yield from rest

"""A source whose times are those that its video can hold."""

import math
from collections.abc import Iterator
from dataclasses import replace

from realtime.recording.encoder import snap
from realtime.recording.layout import FLICKS
from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame


class Snapped(WrappedSource):
    """A source with times rounded to what a video can hold, by less than a nanosecond.

    The pipeline and the video then have the very same times, so that the video gives the very
    same events.
    """

    def __iter__(self) -> Iterator[Frame]:
        last_s = -math.inf
        for frame in super().__iter__():
            time_s = snap(frame.timestamp_s)
            if time_s <= last_s:  # nanoseconds apart: they still increase
                time_s = snap(last_s + 1 / FLICKS)
            last_s = time_s
            yield frame if time_s == frame.timestamp_s else replace(frame, timestamp_s=time_s)

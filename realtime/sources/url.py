"""A network stream, RTSP or HTTP, through PyAV."""

import time
from collections import deque
from collections.abc import Iterator
from typing import Final

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from engines.errors import SourceError
from realtime.sources.av_input import open_input, reason, to_rgb
from realtime.sources.base import Source
from realtime.sources.file import FileSource
from realtime.sources.latest import LOST_S, LatestSource, Patience, Shot
from realtime.sources.redact import redact
from realtime.sources.timestamps import Arrival

TIMEOUT_S: Final = 10.0

# multipart JPEG carries no time; FFmpeg counts its frames at an invented rate
_NO_OWN_TIME: Final = frozenset(("mpjpeg", "mjpeg"))
_RECORDED: Final = ("http://", "https://")


class UrlFeed:
    """One connection to a network stream; implements :class:`realtime.sources.latest.Feed`."""

    def __init__(self, container: InputContainer, stream: VideoStream, name: str) -> None:
        self._container = container
        self._stream = stream
        self._name = name
        self._own_time = container.format.name not in _NO_OWN_TIME
        self._arrival = Arrival()
        self._reformatter = VideoReformatter()
        self._packets = container.demux(stream)
        self._waiting: deque[VideoFrame] = deque()

    @property
    def rate_hz(self) -> float | None:
        """Frame rate that the stream states, or None."""
        rate = self._stream.average_rate
        return float(rate) if rate and self._own_time else None

    def read(self) -> Shot:
        """Wait for the next whole picture.

        Raises
        ------
        SourceError
            If the stream ends, fails, or is silent for longer than the timeout.
        """
        while not self._waiting:
            self._waiting.extend(self._receive())
        picture = self._waiting.popleft()
        own_s = picture.time if self._own_time and picture.pts is not None else None
        captured_s = self._arrival.stamp(time.monotonic(), own_s)
        return Shot(captured_s, to_rgb(picture, self._reformatter), self._arrival.leap_s)

    def close(self) -> None:
        """Close the connection."""
        self._container.close()

    def _receive(self) -> Iterator[VideoFrame]:
        try:
            packet = next(self._packets, None)
        except (FFmpegError, OSError) as error:
            raise SourceError(f"{self._name} failed: {reason(error)}") from None
        if packet is None:
            raise SourceError(f"{self._name} ended")
        try:
            pictures = packet.decode()
        except FFmpegError:  # what was lost on the way is decoded again from the next key frame
            return
        yield from (picture for picture in pictures if not picture.is_corrupt)


def open_url(url: str, timeout_s: float = TIMEOUT_S, lost_s: float = LOST_S) -> Source:
    """Open a network stream.

    A recording that a web server offers (HTTP with a known duration) is read in full and in
    order, like a file. Everything else is live.

    Parameters
    ----------
    url
        May hold a user and password; they are shown nowhere.
    timeout_s
        Longest wait for the connection, for the first frame, and between frames, s.
    lost_s
        How long it may be away before it counts as lost, s.

    Raises
    ------
    SourceError
        If the stream does not answer in time or holds no video.
    """
    name = redact(url)
    ready: list[UrlFeed] = []
    if url.lower().startswith(_RECORDED):
        container, stream = _open(url, name, timeout_s)
        if container.duration:
            return FileSource(container, stream, name)
        ready.append(UrlFeed(container, stream, name))
    return LatestSource(
        name,
        lambda: ready.pop() if ready else UrlFeed(*_open(url, name, timeout_s), name),
        Patience(first_s=2 * timeout_s, lost_s=lost_s),
    )


def _open(url: str, name: str, timeout_s: float) -> tuple[InputContainer, VideoStream]:
    live = not url.lower().startswith(_RECORDED)
    options = {"fflags": "nobuffer", "flags": "low_delay"} if live else {}
    if url.lower().startswith(("rtsp://", "rtsps://")):
        options["rtsp_transport"] = "tcp"
    return open_input(url, name, timeout_s, options)

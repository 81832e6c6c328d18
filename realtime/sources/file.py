"""A video file, read in full and in order, with its own presentation timestamps."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from engines.errors import SourceError
from realtime.sources.av_input import declared_end_s, open_input, reason, to_rgb
from realtime.sources.base import SourceInfo
from realtime.sources.timestamps import Presentation
from realtime.types import Frame

_SHORTFALL_S: Final = 0.5
"""The last frame may end this much before the duration that the container declares."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where reading begins, in a file that was read before.

    Attributes
    ----------
    time_s
        Stream time of a frame; reading begins at a frame from which the codec can reach it,
        as a rule the key frame before.
    zero_s
        ``FileSource.zero_s`` of a reading from the beginning, so that times are the same.
    """

    time_s: float
    zero_s: Fraction


def open_file(path: Path, start: Start | None = None) -> "FileSource":
    """Open a video file.

    Parameters
    ----------
    path
        The file.
    start
        Where reading begins: at the beginning if None. Frames count from 0 wherever it begins;
        their times say which they are.

    Raises
    ------
    SourceError
        If there is no such file, or it holds no video that can be read.
    """
    if not path.is_file():
        raise SourceError(f"cannot open {path}: there is no such file")
    # the prefix keeps FFmpeg from taking a name such as "a:b.mp4" for a protocol
    return FileSource(*open_input(f"file:{path}", str(path)), str(path), start)


class FileSource:
    """Frames of one finite container.

    A file that is truncated or corrupt yields what can be read before the damage; then the
    iteration raises.

    Parameters
    ----------
    container, stream
        Opened by :func:`realtime.sources.av_input.open_input`; closed by this object.
    name
        For logs and errors.
    start
        Where reading begins.

    Raises
    ------
    SourceError
        At once if not even the first frame can be decoded; from the iteration if the file is
        damaged, ends early, or changes the size of its picture.
    """

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        name: str,
        start: Start | None = None,
    ) -> None:
        self._container = container
        self._stream = stream
        self._name = name
        self._lock = threading.Lock()
        self._closed = False
        self._read = 0
        self._end_s = 0.0
        self._reformatter = VideoReformatter()
        nominal = stream.guessed_rate or stream.average_rate or Fraction(30)
        time_base = stream.time_base or Fraction(1, 1000)
        self._time = Presentation(time_base, nominal, None if start is None else start.zero_s)
        if start is not None:
            self._seek(start, time_base)
        # without it, damage is painted over with whatever was there before
        stream.codec_context.options = {"err_detect": "explode"}
        self._packets = container.demux(stream)
        self._info, self._frames = self._start()

    @property
    def info(self) -> SourceInfo:
        """What is known of the file."""
        return self._info

    @property
    def dropped(self) -> int:
        """Always 0: a file is read in full."""
        return 0

    @property
    def irregular(self) -> int:
        """Frames whose timestamp was absent or did not increase."""
        return self._time.irregular

    @property
    def zero_s(self) -> Fraction | None:
        """Presentation timestamp of stream time 0, s; None where the file has no timestamps."""
        return self._time.zero_s

    def __iter__(self) -> Iterator[Frame]:
        return self._frames

    def close(self) -> None:
        """Close the file; safe to call twice and from another thread."""
        with self._lock:
            self._closed = True
            self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _seek(self, start: Start, time_base: Fraction) -> None:
        target = round((Fraction(start.time_s) + start.zero_s) / time_base)
        try:
            self._container.seek(target, stream=self._stream)
        except (FFmpegError, OSError) as error:
            self.close()
            raise SourceError(f"cannot seek in {self._name}: {reason(error)}") from None

    def _start(self) -> tuple[SourceInfo, Iterator[Frame]]:
        """Read the first frame: what cannot give one is no source."""
        frames = self._decode()
        try:
            first = next(frames)
        except StopIteration:
            self.close()
            raise SourceError(f"{self._name} holds no picture that can be read") from None
        except SourceError:
            self.close()
            raise
        height, width = first.image.shape[:2]
        rate = self._stream.average_rate
        rate_hz = float(rate) if rate else None
        count = self._stream.frames or None
        info = SourceInfo(self._name, False, width, height, rate_hz, count)
        return info, self._same_size(first, frames)

    def _same_size(self, first: Frame, rest: Iterator[Frame]) -> Iterator[Frame]:
        yield first
        for frame in rest:
            if frame.image.shape != first.image.shape:
                raise SourceError(
                    f"{self._name} changes the size of its picture at frame {frame.index} "
                    f"({frame.timestamp_s:.3f} s): cut it there and give the parts one by one"
                )
            if self._closed:
                return
            yield frame

    def _decode(self) -> Iterator[Frame]:
        while (packet := self._next_packet()) is not None:
            for picture in self._pictures(packet):
                stamp = self._time.stamp(picture.pts if picture.pts is not None else picture.dts)
                if stamp is not None:
                    self._end_s = max(self._end_s, _end_s(picture))
                    self._read += 1
                    image = to_rgb(picture, self._reformatter)
                    yield Frame(self._read - 1, stamp, image, time.monotonic())
        if not self._closed:
            self._check_end()

    def _next_packet(self) -> "Packet[VideoStream] | None":
        with self._lock:
            if self._closed:
                return None
            try:
                return next(self._packets, None)
            except (FFmpegError, OSError) as error:
                raise self._damaged(reason(error)) from None

    def _pictures(self, packet: "Packet[VideoStream]") -> list[VideoFrame]:
        with self._lock:
            try:
                return [] if self._closed else packet.decode()
            except EOFError:
                return []
            except FFmpegError as error:
                if self._read == 0:  # a recording may start amid a group of pictures
                    return []
                raise self._damaged(reason(error)) from None

    def _check_end(self) -> None:
        declared_s = declared_end_s(self._container, self._stream)
        if declared_s is not None and self._end_s < declared_s - _SHORTFALL_S:
            raise self._damaged(f"it ends at {self._end_s:.1f} s of {declared_s:.1f} s")

    def _damaged(self, why: str) -> SourceError:
        return SourceError(
            f"{self._name} is truncated or corrupt: {why}; {self._read} frames were read"
        )


def _end_s(picture: VideoFrame) -> float:
    if picture.pts is None or picture.time_base is None:
        return 0.0
    unit = picture.time_base
    return (picture.pts + (picture.duration or 0)) * unit.numerator / unit.denominator

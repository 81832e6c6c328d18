"""Pictures to a file without loss, each with its exact time."""

import os
from fractions import Fraction
from pathlib import Path
from typing import Final, cast

import av
from av.codec import codecs_available
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from engines.errors import UsageError
from realtime.recording.appender import OnFailure, Syncer, open_new, write_all
from realtime.recording.layout import FLICKS
from realtime.types import Frame

_UNIT: Final = Fraction(1, FLICKS)

KEY_EVERY: Final = 30
"""Pictures from one that stands by itself to the next: what damage can spoil."""

CODECS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    # half the size of the other with the picture of a camera
    ("libx264rgb", {"crf": "0", "preset": "ultrafast", "tune": "zerolatency"}),
    # where FFmpeg was built without x264
    ("ffvhuff", {}),
)
"""Lossless in RGB, quick, and no picture is held back; the first that is there is taken."""


def snap(time_s: float) -> float:
    """Return the nearest time that a video can hold, at most 0.8 ns away, s.

    Times of a file are such times already, up to rates that are not whole in
    :data:`realtime.recording.layout.FLICKS`.
    """
    return round(time_s * FLICKS) / FLICKS


class _Growing:
    """The file as FFmpeg's writer sees it: it cannot go back, so that what is there stays."""

    def __init__(self, file: int) -> None:
        self._file = file

    def write(self, content: bytes) -> int:
        """Write everything."""
        write_all(self._file, content)
        return len(content)


class Encoder:
    """Writes one video; every picture is in the file when :meth:`write` returns.

    The first picture is at 0 in the file, whatever its stream time: the duration that FFmpeg
    reads from such a file is wrong otherwise.

    Parameters
    ----------
    path
        The file, which must not exist.
    size
        Width and height of all pictures, px.
    on_failure
        Called, in another thread, when the disk refuses what was written before.
    codec
        One of :data:`CODECS`; the first that is there if None.

    Raises
    ------
    OSError
        If it cannot be written.
    UsageError
        If FFmpeg has none of the codecs.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], on_failure: OnFailure, codec: str | None = None
    ) -> None:
        name, options = _codec(codec)
        self._file = open_new(path)
        try:
            self._container, self._stream = _open_video(self._file, size, name, options)
        except BaseException:
            os.close(self._file)
            raise
        self._first: int | None = None
        self._open = True
        self._syncer = Syncer(self._file, on_failure)

    def write(self, frame: Frame) -> None:
        """Write one picture.

        Raises
        ------
        OSError
            If the file system refuses, such as a full disk.
        """
        picture = VideoFrame.from_ndarray(frame.image, format="rgb24")
        time = round(frame.timestamp_s * FLICKS)
        self._first = time if self._first is None else self._first
        picture.pts = time - self._first
        picture.time_base = _UNIT
        self._mux(picture)

    def close(self) -> None:
        """Finish the file as far as the disk takes it; safe to call twice.

        Raises
        ------
        OSError
            If the file system refuses.
        """
        if not self._open:
            return
        self._open = False
        try:
            try:
                self._mux(None)
            finally:
                self._container.close()
        except FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error
        finally:
            self._syncer.close()
            os.close(self._file)

    def _mux(self, picture: VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(picture))
        except FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error


def _open_video(
    file: int, size: tuple[int, int], codec: str, options: dict[str, str]
) -> "tuple[OutputContainer, VideoStream]":
    # "flush_packets": nothing waits for a block to be full
    container: OutputContainer = av.open(
        _Growing(file), "w", format="nut", options={"flush_packets": "1"}
    )
    stream = cast("VideoStream", container.add_stream(codec, rate=30, options=options))
    stream.width, stream.height = size
    stream.pix_fmt = "rgb24"
    stream.time_base = _UNIT
    context = stream.codec_context
    context.time_base, context.gop_size, context.thread_count = _UNIT, KEY_EVERY, 1
    return container, stream


def require_codec() -> None:
    """Raise ``UsageError`` if FFmpeg has none of the codecs."""
    _codec(None)


def _codec(name: str | None) -> tuple[str, dict[str, str]]:
    for codec, options in CODECS:
        if codec in codecs_available and name in (None, codec):
            return codec, dict(options)
    raise UsageError(
        "--record-video: this build of PyAV can write neither "
        f"{' nor '.join(codec for codec, _ in CODECS)}; install PyAV's own wheel"
    )

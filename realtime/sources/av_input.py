"""What files and network streams share: opening through PyAV, and any pixel format to RGB."""

import re
import time
from typing import Final

import numpy as np
from av import open as av_open
from av import time_base as av_time_base
from av.container import InputContainer
from av.error import ExitError, FFmpegError
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from engines.errors import SourceError

_NO_ANSWER: Final = "no answer in time"


def open_input(
    target: str,
    name: str,
    timeout_s: float | None = None,
    options: dict[str, str] | None = None,
) -> tuple[InputContainer, VideoStream]:
    """Open a container and find its picture.

    It is decoded in the thread that asks, by no other: whoever wants the decoding to overlap with
    something else reads in a thread of its own.

    Parameters
    ----------
    target
        What FFmpeg opens; may hold credentials.
    name
        What errors show.
    timeout_s
        Longest wait to open, and for each later read, s.
    options
        FFmpeg's options for the container.

    Raises
    ------
    SourceError
        If it cannot be opened or has no video stream.
    """
    start_s = time.monotonic()
    try:
        container = av_open(target, options=options or {}, timeout=timeout_s)
    # "from None": the text of FFmpeg's error repeats the address with its credentials
    except (FFmpegError, OSError) as error:
        # RTSP reports its own timeout as invalid data
        late = timeout_s is not None and time.monotonic() - start_s >= timeout_s
        why = _NO_ANSWER if late else reason(error)
        raise SourceError(f"cannot open {name}: {why}") from None
    try:
        stream = _picture(container, name)
        stream.codec_context.thread_count = 1
        return container, stream
    except SourceError:
        container.close()
        raise


def _picture(container: InputContainer, name: str) -> VideoStream:
    if container.format.name == "tty":  # FFmpeg renders any text file as a video of its text
        raise SourceError(f"cannot open {name}: it is text, not a video")
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # the cover of an album
            return stream
    raise SourceError(f"{name} holds no video: give a file or stream with a picture")


def declared_end_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Return when the picture ends by the container's own word, s, or None where it is silent."""
    if stream.duration is not None and stream.time_base is not None:
        return float((stream.duration + (stream.start_time or 0)) * stream.time_base)
    tag = re.fullmatch(r"(\d+):(\d+):(\d+\.?\d*)", stream.metadata.get("DURATION", ""))
    if tag:  # Matroska's, per stream
        hours, minutes, seconds = tag.groups()
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    alone = len(container.streams) == 1
    return container.duration / av_time_base if alone and container.duration else None


def reason(error: Exception) -> str:
    """Return an error's cause in words, without the address that it concerns."""
    if isinstance(error, ExitError | TimeoutError):
        return _NO_ANSWER
    text = error.strerror if isinstance(error, OSError | FFmpegError) else None
    if text == "Invalid data found when processing input":
        return "it is not a video, or it is damaged"
    return (text or type(error).__name__).lower()


def to_rgb(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """Return the picture as it is meant to be seen: uint8 RGB (H, W, 3), upright, contiguous.

    Grey, alpha, planar and deeper than 8-bit formats are converted; the rotation that the
    container asks for is applied in steps of a quarter turn. The conversion is the only copy,
    except for a picture that is turned or whose rows FFmpeg pads.

    Parameters
    ----------
    frame
        As it was decoded.
    reformatter
        The source's own: what it prepares for one picture serves the next.
    """
    # left to itself, FFmpeg starts threads for every single picture
    image = reformatter.reformat(frame, format="rgb24", threads=1).to_ndarray()
    turns = round(frame.rotation / 90) % 4
    upright = np.rot90(image, turns) if turns else image
    return np.ascontiguousarray(upright, dtype=np.uint8)

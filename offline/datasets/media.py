"""What can be known of a video without decoding it: its rate, its length, its frames' times."""

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from engines.errors import SourceError
from realtime.sources.av_input import open_input, reason
from realtime.sources.folder import SUFFIXES as IMAGES
from realtime.sources.folder import frame_number

_JITTER_S: Final = 2e-3
"""Containers round timestamps to whole milliseconds; a frame farther off shows a varying rate."""

_UNKNOWN_HZ: Final = 30.0
"""Rate of a file that does not say."""


@dataclass(frozen=True, slots=True)
class Media:
    """The frames of one video.

    Attributes
    ----------
    source
        Folder of images, or video file.
    fps
        Rate: nominal, Hz.
    frames
        Their number, at least 1.
    times_s
        When each is shown, s from the first; empty where the rate is constant.
    remark
        What is odd about them, or empty.
    first_number
        In the name of the first image; None for a file, and where names have no number.
    """

    source: Path
    fps: float
    frames: int
    times_s: tuple[float, ...] = ()
    remark: str = ""
    first_number: int | None = None

    def time_s(self, frame: int) -> float:
        """Return when a frame is shown, s from the first."""
        return self.times_s[frame] if self.times_s else frame / self.fps


def probe(source: Path, fps: float) -> Media:
    """Look at a folder of images, which are shown at ``fps``, or at a video file.

    Raises
    ------
    SourceError
        If there is no image in the folder, or the file holds no video.
    """
    return probe_folder(source, fps) if source.is_dir() else probe_file(source)


def probe_folder(folder: Path, fps: float) -> Media:
    """Count the images of one folder; hidden files and folders below are left out.

    Raises
    ------
    SourceError
        If there is none, or the folder cannot be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = [Path(e.name) for e in entries if not e.name.startswith(".")]
    except OSError as error:
        raise SourceError(f"cannot read {folder}: {(error.strerror or '').lower()}") from error
    numbers = [frame_number(name)[0] for name in names if name.suffix.lower() in IMAGES]
    if not numbers:
        raise SourceError(f"{folder} holds no image: put its frames there")
    count, first = len(numbers), min(numbers)
    known = int(first) if math.isfinite(first) else None
    return Media(folder, fps, count, remark=_oddity(numbers), first_number=known)


def _oddity(numbers: list[float]) -> str:
    """Labels count frames in order, so a number left out shifts all labels behind it."""
    first, last, count = min(numbers), max(numbers), len(numbers)
    if math.isinf(last):
        nameless = sum(math.isinf(number) for number in numbers)
        return f"{nameless} of {count} images have no number in their names and come last"
    if last - first + 1 == count == len(set(numbers)):
        return ""
    return (
        f"{count} images, but their names count {first:.0f} to {last:.0f}: labels that mean these "
        "numbers are off"
    )


def probe_file(path: Path) -> Media:
    """Read the timestamps of a video file without decoding it.

    Raises
    ------
    SourceError
        If it cannot be opened, holds no video, or ends in mid-packet.
    """
    # the prefix keeps FFmpeg from taking a name such as "a:b.mp4" for a protocol
    container, stream = open_input(f"file:{path}", str(path))
    with container:
        average, header = stream.average_rate, stream.frames
        if container.format.name == "avi" and average and header:
            return Media(path, float(average), header)  # by definition at a constant rate
        try:
            marks = [_mark_s(p) for p in container.demux(stream) if p.size and not p.is_discard]
        except (FFmpegError, OSError) as error:
            raise SourceError(f"cannot read {path}: {reason(error)}") from None
    nominal_hz = float(average or _UNKNOWN_HZ)
    timed = {mark for mark in marks if mark is not None}
    if None in marks:
        return Media(path, nominal_hz, len(marks), remark="has frames without timestamps")
    return _timed(path, sorted(timed), nominal_hz)


def _mark_s(packet: "Packet[VideoStream]") -> float | None:
    if packet.pts is None or packet.time_base is None:
        return None
    return float(packet.pts * packet.time_base)


def _timed(path: Path, marks: list[float], nominal_hz: float) -> Media:
    if not marks:
        raise SourceError(f"{path} holds no picture that can be read")
    times = tuple(mark - marks[0] for mark in marks)
    fps = (len(times) - 1) / times[-1] if len(times) > 1 else nominal_hz
    steady = all(abs(time_s - n / fps) <= _JITTER_S for n, time_s in enumerate(times))
    return Media(path, fps, len(times), () if steady else times)

"""Timelines: when the instances of a truth file happen, in videos that are to be rendered.

A truth file has the columns ``video, kind, onset, apex, offset`` in inclusive frames at a rate, and
may have ``video_duration_s``. Frame n is at ``(n - base) / rate`` s. A subject is what stands
before the first underscore of a video's name.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.csv_rows import read_table
from offline.evaluation.instances import Instance
from offline.evaluation.tables import read_truth
from offline.synth_options import SHORTEST_S

MARGIN_S: Final = 1.0
"""From a video's last offset to its end, where the file gives no duration."""

DURATION: Final = "video_duration_s"


@dataclass(frozen=True, slots=True)
class Moment:
    """One instance of a timeline, s of its video; the ends are the times of its frames."""

    kind: Kind
    onset_s: float
    apex_s: float
    offset_s: float


@dataclass(frozen=True, slots=True)
class TimelineVideo:
    """One video of a timeline.

    Attributes
    ----------
    name
        As in the file.
    subject
        What stands before the first underscore of the name.
    number
        Of the subject, from 1, among all of the file in the order of their names.
    take
        Number of the rest of its name, from 0, among all such rests of the file.
    seconds
        Length.
    moments
        Instances in the order of their onsets.
    """

    name: str
    subject: str
    number: int
    take: int
    seconds: float
    moments: tuple[Moment, ...]

    @property
    def overlaps(self) -> int:
        """Number of pairs of instances that share a moment."""
        return sum(
            later.onset_s <= earlier.offset_s for earlier, later in combinations(self.moments, 2)
        )


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a truth file says of its videos, and what was done to it.

    Attributes
    ----------
    videos
        In the order of their names.
    ignored
        Rows of uncertain instances; left out.
    middle_apexes
        Instances whose apex is missing or outside, so that the middle is taken.
    """

    videos: tuple[TimelineVideo, ...]
    ignored: int = 0
    middle_apexes: int = 0


def read_timeline(path: Path, rate_hz: float, base: int = 0) -> Timeline:
    """Read a truth file.

    Parameters
    ----------
    path
        The CSV file.
    rate_hz
        Of its frames.
    base
        Number of the first frame, 0 or 1. A frame before the first counts as the first.

    Raises
    ------
    UsageError
        If the file cannot be read, has no instance, or names a video that cannot name a file; if
        an instance ends after its video.
    """
    if not 0 < rate_hz < float("inf"):
        raise UsageError(f"--timeline-fps {rate_hz:g}: a rate is above 0")
    labels = read_truth(path)
    if not labels.instances:
        raise UsageError(f"{path}: holds no instance to render")
    by_video: dict[str, list[Instance]] = {}
    for one in labels.instances:
        by_video.setdefault(_name(path, one.video), []).append(one)
    numbers = _numbers(map(subject_of, by_video))
    takes = _numbers(name.partition("_")[2] for name in by_video)
    durations = _durations(path)
    videos = []
    for name, rows in sorted(by_video.items()):
        subject, moments = subject_of(name), _moments(rows, rate_hz, base)
        number, take = numbers[subject], takes[name.partition("_")[2]] - 1
        seconds = _length_s(path, name, moments, durations)
        videos.append(TimelineVideo(name, subject, number, take, seconds, moments))
    return Timeline(
        tuple(videos),
        len(labels.ignored),
        sum(one.sound_apex is None for one in labels.instances),
    )


def subject_of(video: str) -> str:
    """Return the subject in a video's name."""
    return video.partition("_")[0]


def choose_videos(
    timeline: Timeline,
    only: Sequence[str] = (),
    subjects: int | None = None,
    videos: int | None = None,
) -> tuple[TimelineVideo, ...]:
    """Return a part of a timeline's videos; what each of them shows does not depend on it.

    Parameters
    ----------
    timeline
        All of them.
    only
        These, by name.
    subjects
        Those of so many subjects, the first in the order of their names.
    videos
        So many of them, the first in the order of their names.

    Raises
    ------
    UsageError
        If a video that is named is not there.
    """
    names = {video.name for video in timeline.videos}
    if absent := [name for name in only if name not in names]:
        raise UsageError(f"--only-videos {absent[0]}: the timeline has no such video")
    chosen = [
        video
        for video in timeline.videos
        if (not only or video.name in only) and (subjects is None or video.number <= subjects)
    ]
    return tuple(chosen[:videos])


def _name(path: Path, name: str) -> str:
    if name.startswith(".") or any(sign in name for sign in "/\\\0"):
        raise UsageError(f"{path}: a video called {name!r} cannot name a file; rename it")
    return name


def _numbers(names: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(sorted(set(names)), start=1)}


def _moments(rows: Sequence[Instance], rate_hz: float, base: int) -> tuple[Moment, ...]:
    def seconds(frame: int) -> float:
        return max(frame - base, 0) / rate_hz

    moments = []
    for row in rows:
        apex = row.sound_apex
        middle = (row.onset + row.offset) // 2
        at = [seconds(f) for f in (row.onset, middle if apex is None else apex, row.offset)]
        moments.append(Moment(row.kind or Kind.MACRO, at[0], at[1], at[2]))
    return tuple(sorted(moments, key=lambda m: (m.onset_s, m.offset_s, m.kind)))


def _length_s(
    path: Path, name: str, moments: Sequence[Moment], durations: Mapping[str, float]
) -> float:
    last_s = max(moment.offset_s for moment in moments)
    seconds = durations.get(name, max(last_s + MARGIN_S, SHORTEST_S))
    if seconds <= last_s:
        raise UsageError(
            f"{path}: {name} lasts {seconds:g} s, but an instance ends at {last_s:g} s; "
            f"correct its {DURATION}"
        )
    return seconds


def _durations(path: Path) -> dict[str, float]:
    """Return the length of every video that has one, s; its rows agree."""
    found: dict[str, float] = {}
    for row in read_table(path, ("video",)).rows():
        if not row.has(DURATION):
            continue
        text, name = row.text(DURATION), row.text("video")
        try:
            seconds = float(text)
        except ValueError:
            seconds = math.nan
        if not 0 < seconds < float("inf") or found.setdefault(name, seconds) != seconds:
            raise UsageError(
                f"{path}: {name} has the {DURATION} {text!r}; give one number of seconds "
                "above 0 for each video"
            )
    return found

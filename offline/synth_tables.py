"""Truth of rendered videos in frames, and its tables.

``truth.csv`` (0-based frames, inclusive) is what this project reads. ``annotations.csv`` and the
two naming rules have the columns of the CAS(ME)² workbook: no header, 1-based frames.
"""

import csv
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from engines.errors import UsageError
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression, visible_frames
from realtime.synthesis.render import Renderer
from realtime.synthesis.script import Script

EMOTIONS: Final = (
    ("AU12", "happiness"),
    ("AU9", "disgust"),
    ("AU10", "disgust"),
    ("AU20", "fear"),
    ("AU15", "sadness"),
    ("AU2", "surprise"),
    ("AU26", "surprise"),
    ("AU4", "anger"),
)
"""The first action unit of an expression that is listed names its emotion."""

FACS_SIDES: Final = {Side.BOTH: "", Side.LEFT: "R", Side.RIGHT: "L"}
"""FACS names the subject's side, a script the picture's."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One expression in frames, 0-based and inclusive.

    ``onset`` and ``offset`` are the first and the last frame that visibly moved, ``apex`` is the
    first at the peak. ``peak_px`` is the displacement there of the mesh point that moves most,
    canonical px.
    """

    kind: str
    onset: int
    apex: int
    offset: int
    units: str
    emotion: str
    peak_px: float


@dataclass(frozen=True, slots=True)
class VideoTruth:
    """All that is known of one rendered video.

    Attributes
    ----------
    video
        File name without suffix.
    subject, portrait, take
        Number of the person from 1, name of their picture, and number of their video from 0.
    rate_hz, frames
        Mean frame rate, and number of frames.
    expressions
        In order of time.
    distractors
        Blinks and bursts of speech: name, first and last frame.
    label
        Name of the person where a timeline gives one, else empty.
    """

    video: str
    subject: int
    portrait: str
    take: int
    rate_hz: float
    frames: int
    expressions: tuple[Labelled, ...]
    distractors: tuple[tuple[str, int, int], ...]
    label: str = ""

    @property
    def folder(self) -> str:
        """The subject, as tables and folders name it."""
        return self.label or f"s{self.subject:02d}"

    @property
    def codes(self) -> tuple[object, object]:
        """Participant and code of the video: what the two naming rules make its name of."""
        if self.label:
            return self.label, self.video.partition("_")[2]
        return self.subject, 101 + self.take


def frame_expressions(
    script: Script, renderer: Renderer, times: Sequence[float]
) -> tuple[Labelled, ...]:
    """Express what a script that was played to its end showed in frames at ``times``, s."""
    found = [_labelled(expression, renderer, times) for expression in script.truth]
    return tuple(label for label in found if label is not None)


def frame_distractors(script: Script, times: Sequence[float]) -> tuple[tuple[str, int, int], ...]:
    """Express a played script's blinks and speech in frames at ``times``, s."""
    spans = [(d.name, *_frames(d.start_s, d.end_s, times)) for d in script.distractors]
    return tuple(spans)


def _labelled(
    expression: Expression, renderer: Renderer, times: Sequence[float]
) -> Labelled | None:
    frames = visible_frames(expression, np.asarray(times))
    if frames is None:
        return None
    moved = renderer.displacement(expression.actions(expression.apex_s))
    peak_px = round(float(np.linalg.norm(moved, axis=1).max()), 3)
    side = FACS_SIDES[expression.side]
    names = [name for name, _ in expression.mix]
    emotion = next((emotion for name, emotion in EMOTIONS if name in names), "others")
    units = "+".join(f"{side}{name.removeprefix('AU')}" for name in names)
    return Labelled(expression.kind.value, *frames, units, emotion, peak_px)


def _frames(start_s: float, end_s: float, times: Sequence[float]) -> tuple[int, int]:
    """First and last frame inside an interval, or the frame nearest to one that holds none."""
    first = min(bisect_left(times, start_s - 1e-9), len(times) - 1)
    return first, max(first, bisect_right(times, end_s + 1e-9) - 1)


def read_truth_file(path: Path) -> VideoTruth:
    """Read the JSON file of one video.

    Raises
    ------
    UsageError
        If it is missing or is not such a file.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        expressions = tuple(Labelled(**row) for row in document.pop("expressions"))
        spans = tuple((str(n), int(a), int(b)) for n, a, b in document.pop("distractors"))
        return VideoTruth(**document, expressions=expressions, distractors=spans)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            f"{path}: no truth of a video; delete that video, and run again"
        ) from error


def write_tables(out: Path, videos: Sequence[VideoTruth]) -> None:
    """Write every table of a dataset, in the order of the videos."""
    rows = [(video, row) for video in videos for row in video.expressions]
    header = ("subject", "video", "onset", "apex", "offset", "kind", "peak_px")
    plain = [(v.folder, v.video, r.onset, r.apex, r.offset, r.kind, r.peak_px) for v, r in rows]
    _write(out / "truth.csv", [header, *plain])
    listed = [(v.folder, v.video, v.portrait, f"{v.rate_hz:.6g}", v.frames) for v in videos]
    _write(out / "videos.csv", [("subject", "video", "portrait", "fps", "frames"), *listed])
    _write(out / "annotations.csv", [row for video in videos for row in _casme_rows(video)])
    subjects = {v.subject: (v.codes[0], v.folder, v.subject) for v in videos}
    _write(out / "naming_rule1.csv", [subjects[number] for number in sorted(subjects)])
    takes = {v.take: (v.codes[1], f"synthetic{v.take + 1}") for v in videos}
    _write(out / "naming_rule2.csv", [takes[take] for take in sorted(takes)])


def _casme_rows(video: VideoTruth) -> list[tuple[object, ...]]:
    return [
        (
            video.subject,
            f"synthetic{video.take + 1}_{count}",
            row.onset + 1,
            row.apex + 1,
            row.offset + 1,
            row.units,
            row.emotion,
            f"{row.kind}-expression",
            "",
        )
        for count, row in enumerate(video.expressions, start=1)
    ]


def _write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
    partial.replace(path)

"""Labels in frames of a video become intervals on the 30 Hz grid."""

from collections.abc import Sequence

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.evaluation.instances import Instance
from realtime.types import RATE_HZ

Labelled = tuple[tuple[Interval, ...], tuple[Interval, ...], tuple[str, ...]]
"""Labels and ignored intervals in ticks, and what was rejected."""


def label_interval(label: Instance, timestamps_s: Sequence[float]) -> Interval:
    """Return a label on the 30 Hz grid, each of its frames at the tick nearest to its time.

    Parameters
    ----------
    label
        In frames, 0-based. An apex that is unknown, or outside the interval, is taken to be in
        the middle.
    timestamps_s
        Of every frame, relative to the first.

    Raises
    ------
    UsageError
        If it has no kind, or names a frame that the video does not have.
    """
    if label.kind is None:
        raise UsageError(f"{label.video}: a label without a kind cannot be trained on")
    return _interval(label, label.kind, timestamps_s)


def ignored_interval(label: Instance, timestamps_s: Sequence[float]) -> Interval:
    """Return an ignored label on the grid; one of no kind is given one, which is never read.

    Raises
    ------
    UsageError
        If it names a frame that the video does not have.
    """
    return _interval(label, label.kind or Kind.MACRO, timestamps_s)


def split_labels(
    labels: Sequence[Instance], frames: int
) -> tuple[tuple[Instance, ...], tuple[str, ...]]:
    """Return the labels that lie inside a video of some frames, and what is wrong with others."""
    inside = tuple(label for label in labels if label.onset >= 0 and label.offset < frames)
    outside = tuple(
        f"{label.video}: {label.kind or 'ignored'} label at frames {label.onset} to "
        f"{label.offset}, but the video has {frames} frames"
        for label in labels
        if label not in inside
    )
    return inside, outside


def _interval(label: Instance, kind: Kind, timestamps_s: Sequence[float]) -> Interval:
    apex = label.sound_apex
    middle = (label.onset + label.offset) // 2
    onset, apex_tick, offset = (
        tick_of(frame, timestamps_s)
        for frame in (label.onset, middle if apex is None else apex, label.offset)
    )
    return Interval(kind, onset, apex_tick, offset)


def tick_of(frame: int, timestamps_s: Sequence[float]) -> int:
    """Return the tick of the 30 Hz grid that is nearest to a frame's time.

    Raises
    ------
    UsageError
        If the video has no such frame.
    """
    if not 0 <= frame < len(timestamps_s):
        raise UsageError(
            f"a label names frame {frame}, but the video has {len(timestamps_s)} frames"
        )
    return round(timestamps_s[frame] * RATE_HZ)

"""How long after what happened it is said: expressions of known time against their events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.measure.recorder import Arrival
from engines.intervals import Interval
from realtime.events.messages import Phase
from realtime.synthesis.expressions import Expression, visible_frames
from realtime.types import RATE_HZ

LEAST_IOU: Final = 0.5
"""A final expression that overlaps a true one of its kind by as much has found it."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long after a moment an event came.

    Attributes
    ----------
    algorithmic_s
        From the moment to the capture of the frame that decided, s of stream time: what the
        method needs of the future.
    compute_ms
        From the capture of that frame to the published event, ms: what the machine needs.
    """

    algorithmic_s: float
    compute_ms: float

    @property
    def total_s(self) -> float:
        """From the moment to the event, s."""
        return self.algorithmic_s + self.compute_ms / 1e3


@dataclass(frozen=True, slots=True)
class Fate:
    """A true expression and what was said of it.

    Attributes
    ----------
    true
        As an annotator would mark it: its visible ticks.
    found
        Whether a final expression of its kind overlaps it by half.
    end
        Delay of that ``end`` after the true offset; None where it was not found, or where only
        the end of the stream decided it.
    new
        Delay of the first ``new`` of the same expression after the true onset, likewise.
    """

    true: Interval
    found: bool
    end: Delay | None = None
    new: Delay | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """When a recording was played.

    Attributes
    ----------
    start_s
        When stream time 0 was, s of ``time.monotonic``.
    frames
        Number of its frames, at 30 Hz.
    """

    start_s: float
    frames: int

    def delay(self, arrival: Arrival, moment_s: float) -> Delay | None:
        """Return how long after a moment of stream time an event came.

        The frame that decided is the one that was captured as long before the arrival as the
        event says it took. None where that is the last frame: there the end of the stream
        decides, sooner than a stream that goes on would.
        """
        arrived_s = arrival.arrived_s - self.start_s
        took_ms = arrival.expression.compute_delay_ms or 0.0
        frame = round((arrived_s - took_ms / 1e3) * RATE_HZ)
        if frame >= self.frames - 1:
            return None
        decided_s = frame / RATE_HZ
        return Delay(decided_s - moment_s, (arrived_s - decided_s) * 1e3)


def visible(truth: Iterable[Expression], frames: int) -> list[Interval]:
    """Return the ticks on which each expression can be seen, in order of onset.

    Parameters
    ----------
    truth
        In the time of the frames.
    frames
        Number of frames, at 30 Hz. What lies beyond them, or shows in none, is left out.
    """
    times_s = np.arange(frames) / RATE_HZ
    out = []
    for expression in truth:
        seen = visible_frames(expression, times_s)
        if seen is not None and expression.offset_s <= times_s[-1]:
            out.append(Interval(expression.kind, *seen))
    return sorted(out, key=lambda interval: interval.onset)


def fates(
    truth: Sequence[Interval], arrivals: Sequence[Arrival], timing: Timing
) -> tuple[list[Fate], list[Interval]]:
    """Match true expressions with those that were said.

    Pairs of one kind are made in order of overlap, each true and each said expression at most
    once.

    Parameters
    ----------
    truth
        Visible ticks.
    arrivals
        Every expression event, in order of arrival.
    timing
        When the recording was played.

    Returns
    -------
    list of Fate, list of Interval
        One fate per true expression, in the same order; and final expressions that match none.
    """
    ends = [a for a in arrivals if a.expression.phase is Phase.END]
    said = [_interval(end) for end in ends]
    pairs = sorted(
        ((-one.iou(other), i, j) for i, one in enumerate(truth) for j, other in enumerate(said)
         if one.kind is other.kind and one.iou(other) >= LEAST_IOU),
    )  # fmt: skip
    match: dict[int, int] = {}
    for _, i, j in pairs:
        if i not in match and j not in match.values():
            match[i] = j
    found = [
        _fate(true, ends[match[i]] if i in match else None, arrivals, timing)
        for i, true in enumerate(truth)
    ]
    return found, [one for j, one in enumerate(said) if j not in match.values()]


def _fate(true: Interval, end: Arrival | None, arrivals: Sequence[Arrival], at: Timing) -> Fate:
    if end is None:
        return Fate(true, found=False)
    same = (a for a in arrivals if a.expression.id == end.expression.id)
    new = next((a for a in same if a.expression.phase is Phase.NEW), None)
    return Fate(
        true,
        found=True,
        end=at.delay(end, true.offset / RATE_HZ),
        new=None if new is None else at.delay(new, true.onset / RATE_HZ),
    )


def _interval(end: Arrival) -> Interval:
    expression = end.expression
    onset_s, offset_s = expression.onset_s, expression.offset_s
    if onset_s is None or offset_s is None:
        raise ValueError(f"expression {expression.id} ended without onset or offset")
    ticks = (round(time_s * RATE_HZ) for time_s in (onset_s, expression.apex_s, offset_s))
    return Interval(expression.kind, *ticks)

"""One time axis for all sources of a session, and tiers on it in which nothing overlaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from offline.sessions.study import Study
from realtime.recording.session import RecordedSource

TICK_S: Final = 1 / 30
"""How long a moment is shown where only intervals can be."""


@dataclass(frozen=True, slots=True)
class Span:
    """A labelled piece of the axis, s."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """Spans in order, none of which overlaps another.

    Attributes
    ----------
    name
        Letters, digits and underscores: every program takes it.
    source
        Number of the source.
    """

    name: str
    source: int
    spans: tuple[Span, ...]


class Axis:
    """Stream times of all sources as seconds of one axis.

    It is that of source 0. Cameras began a moment after each other, which is taken into account
    by the monotonic clock, or else the time of day; files begin together.

    Parameters
    ----------
    sources
        By their numbers.
    from_first_frame
        Let the axis begin at the first frame of source 0 that was processed, where its video
        begins, instead of at its stream time 0, when the camera was opened.
    """

    def __init__(self, sources: Sequence[RecordedSource], from_first_frame: bool = False) -> None:
        first = sources[0].first_frame_s or 0.0 if from_first_frame and sources else 0.0
        self._shifts = [_shift_s(sources[0], source) - first for source in sources]

    def at(self, source: int, time_s: float) -> float:
        """Return a moment of a source's stream time on the axis, s, to the microsecond."""
        return round(time_s + self._shifts[source], 6)


def _shift_s(first: RecordedSource, other: RecordedSource) -> float:
    if other is first:
        return 0.0
    if first.zero_monotonic_s is not None and other.zero_monotonic_s is not None:
        return other.zero_monotonic_s - first.zero_monotonic_s
    if first.started_utc is not None and other.started_utc is not None:
        parted = datetime.fromisoformat(other.started_utc) - datetime.fromisoformat(
            first.started_utc
        )
        return parted.total_seconds()
    return 0.0


def expression_tiers(study: Study, axis: Axis, shortest_s: float) -> list[Tier]:
    """Return the expressions, a tier for each source, face and kind.

    Expressions of one kind in one face do not overlap as a rule; one that does goes to a further
    tier, whose name ends in ``_2`` and so on.

    Parameters
    ----------
    study, axis
        What is shown, and where.
    shortest_s
        Shortest span that can be shown, s.
    """
    groups: dict[tuple[int, int, str], list[Span]] = {}
    for found in study.expressions:
        start_s = axis.at(found.source, found.start_s)
        end_s = max(axis.at(found.source, found.end_s), start_s + shortest_s)
        apex_s = axis.at(found.source, found.apex_s)
        opened = "" if found.ended else " open"
        text = f"{found.kind} score={found.score:.2f} apex={apex_s:.3f}{opened}"
        key = (found.source, found.face, found.kind.value)
        groups.setdefault(key, []).append(Span(start_s, end_s, text))
    out: list[Tier] = []
    for (source, face, kind), spans in sorted(groups.items()):
        out += lanes(f"source{source}_face{face}_{kind}", source, spans)
    return out


def gap_tiers(study: Study, axis: Axis, shortest_s: float) -> list[Tier]:
    """Return the gaps, a tier for each source, also where there is none."""
    out: list[Tier] = []
    for source in range(len(study.sources)):
        spans = []
        for moment in study.moments:
            if moment.type == "gap" and moment.source == source:
                start_s = axis.at(source, moment.time_s)
                end_s = axis.at(source, moment.until_s or moment.time_s)
                spans.append(Span(start_s, max(end_s, start_s + shortest_s), moment.detail))
        out += lanes(f"source{source}_gaps", source, spans)
    return out


def lanes(name: str, source: int, spans: Iterable[Span]) -> list[Tier]:
    """Lay spans into as many tiers as it takes that none overlaps another; one at least."""
    ends: list[float] = []
    laid: list[list[Span]] = [[]]
    for span in sorted(spans, key=lambda one: (one.start_s, one.end_s)):
        free = next((lane for lane, end in enumerate(ends) if end <= span.start_s), len(ends))
        if free == len(ends):
            ends.append(span.end_s)
            if free > 0:
                laid.append([])
        ends[free] = span.end_s
        laid[free].append(span)
    names = [name if lane == 0 else f"{name}_{lane + 1}" for lane in range(len(laid))]
    return [Tier(n, source, tuple(lane)) for n, lane in zip(names, laid, strict=True)]


def end_of(study: Study, axis: Axis) -> float:
    """Return how far the sources were followed, on the axis, s."""
    return max((axis.at(number, last) for number, last in enumerate(study.lasts_s)), default=0.0)

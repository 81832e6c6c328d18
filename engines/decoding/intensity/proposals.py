"""Runs of high intensity: the pieces of a segment, and the proposals in a piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engines.decoding.curves import Curve
from engines.decoding.intensity.rules import IntensityKindRules, IntensityRules
from engines.decoding.intensity.segment import Segment
from engines.intervals import Kind


@dataclass(frozen=True, slots=True)
class Piece:
    """Ticks from which proposals never reach out, inclusive."""

    onset: int
    offset: int


@dataclass(frozen=True, slots=True)
class Span:
    """A proposal before it has a kind: ticks, ``onset <= apex <= offset``."""

    onset: int
    apex: int
    offset: int

    @property
    def length(self) -> int:
        """Duration in ticks, both ends counted."""
        return self.offset - self.onset + 1

    @property
    def known_at(self) -> int:
        """The last tick that the contrast reads."""
        return self.offset + -(-self.length // 4)


def runs_above(values: Curve, threshold: float) -> list[tuple[int, int]]:
    """Return first and last index of each run of values above a threshold."""
    high = np.zeros(len(values) + 2, np.int8)
    high[1:-1] = values > threshold
    edges = np.flatnonzero(np.diff(high)).tolist()
    return [(start, end - 1) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def cut(run: Sequence[float], longest: int) -> int:
    """Return where a run that is too long is cut: the index that begins the next piece.

    Parameters
    ----------
    run
        Its first ``longest`` values or more.
    longest
        Most values in a piece, at least 2.
    """
    start = longest // 2
    later = np.asarray(run[start:longest])
    return longest - 1 - int(np.argmin(later[::-1]))


def pieces(values: Curve, rules: IntensityRules) -> Iterator[Piece]:
    """Yield the pieces of a whole segment, in order (package docstring, step 1)."""
    longest = rules.longest_run
    for start, end in runs_above(values, rules.thresholds[0]):
        first = start
        while end - first + 1 > longest:
            following = first + cut(values[first : first + longest].tolist(), longest)
            yield Piece(first, following - 1)
            first = following
        yield Piece(first, end)


def spans(segment: Segment, piece: Piece, rules: IntensityRules) -> list[Span]:
    """Return the distinct proposals of a piece, in order of onset, then offset."""
    values = np.array(segment.between(piece.onset, piece.offset))
    found = {run for threshold in rules.thresholds for run in runs_above(values, threshold)}
    return [
        Span(
            piece.onset + start,
            piece.onset + start + int(np.argmax(values[start : end + 1])),
            piece.onset + end,
        )
        for start, end in sorted(found)
    ]


def fits(segment: Segment, span: Span, kind: Kind, rules: IntensityKindRules) -> bool:
    """Whether a proposal is of a kind and has a length that the kind allows."""
    action = segment.action[kind][span.apex - segment.first]
    return action >= rules.action_threshold and rules.shortest <= span.length <= rules.longest


def known_at(segment: Segment, piece: Piece, rules: IntensityRules) -> int:
    """Return the tick whose scores make a piece that has ended final."""
    needed = [
        span.known_at
        for span in spans(segment, piece, rules)
        if any(fits(segment, span, kind, rules.of(kind)) for kind in Kind)
    ]
    return max(needed, default=piece.offset)

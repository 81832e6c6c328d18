"""Instances on given frames become expressions that show on exactly these frames."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engines.intervals import Kind
from offline.synth_timeline import Moment
from realtime.synthesis.expressions import (
    MACRO_MIXES,
    MICRO_MIXES,
    PLATEAU_SAG,
    VISIBLE,
    Expression,
    Mix,
    draw_expression,
)

QUICKEST_S, SLOWEST_S = 0.2, 0.65
"""Longest rise of a macro-expression, drawn; what is left before its apex is a plateau."""

RELEASE: Final = 1.2
"""A fall takes longer than a rise by this factor."""


@dataclass(frozen=True, slots=True)
class Span:
    """An instance in frames of the rendered video, 0-based and inclusive."""

    kind: Kind
    onset: int
    apex: int
    offset: int


def nearest_frame(times_s: Sequence[float], time_s: float) -> int:
    """Return the frame whose time is nearest, the later one of two as near."""
    after = bisect_left(times_s, time_s)
    if after == 0:
        return 0
    if after == len(times_s):
        return after - 1
    # half way, as computed from decimal rates, is seldom exactly half way
    return after - 1 if time_s - times_s[after - 1] < times_s[after] - time_s - 1e-9 else after


def span_of(moment: Moment, times_s: Sequence[float]) -> Span:
    """Return a moment in frames: each of its three times at the nearest frame.

    Onset and offset are inclusive, so that it keeps one frame at least.
    """
    onset, apex, offset = (
        nearest_frame(times_s, time_s)
        for time_s in (moment.onset_s, moment.apex_s, moment.offset_s)
    )
    return Span(moment.kind, onset, apex, offset)


def draw_expressions(
    spans: Sequence[Span], times_s: Sequence[float], rng: np.random.Generator
) -> tuple[Expression, ...]:
    """Draw what the spans of one video show: action units, side and intensity as ever.

    An expression that overlaps others takes action units that they do not use, where there are
    any left.

    Parameters
    ----------
    spans
        In the order of their onsets.
    times_s
        Of the frames.
    rng
        Of all choices.

    Returns
    -------
    tuple of Expression
        One for each span; :func:`realtime.synthesis.expressions.visible_frames` finds the frames
        of the span in it.
    """
    out: list[Expression] = []
    for index, span in enumerate(spans):
        drawn = draw_expression(rng, span.kind, times_s[span.onset])
        others = [out[k] for k in range(index) if spans[k].offset >= span.onset]
        mix = _free_mix(drawn, others, rng)
        out.append(fit(replace(drawn, mix=mix), span, times_s, float(rng.uniform())))
    return tuple(out)


def fit(drawn: Expression, span: Span, times_s: Sequence[float], slowness: float) -> Expression:
    """Return an expression moved and stretched so that it shows on a span and nowhere else.

    It becomes visible (6 % of its peak) half-way between the last frame before the span and the
    first inside, peaks at the apex, and vanishes likewise. A micro-expression rises all the way
    to its apex; of a macro-expression, the rise takes 0.2 to 0.65 s at most, by ``slowness`` in
    [0, 1], and the rest is a plateau.
    """
    before, after = _edge(times_s, span.onset, -1), _edge(times_s, span.offset, 1)
    apex_s = times_s[span.apex]
    limit = float("inf")
    if span.kind is Kind.MACRO:
        limit = QUICKEST_S + slowness * (SLOWEST_S - QUICKEST_S)
    attack_s = _limb(apex_s - before, limit)
    release_s = _limb(after - apex_s, RELEASE * limit)
    return replace(
        drawn,
        onset_s=before - _unseen(apex_s - before, attack_s) * attack_s,
        apex_s=apex_s,
        offset_s=after + _unseen(after - apex_s, release_s) * release_s,
        attack_s=attack_s,
        release_s=release_s,
    )


def shares_units(expression: Expression, others: Sequence[Expression]) -> bool:
    """Say whether an expression moves by an action unit that one of the others uses."""
    used = {name for other in others for name, _ in other.mix}
    return any(name in used for name, _ in expression.mix)


def _free_mix(drawn: Expression, others: Sequence[Expression], rng: np.random.Generator) -> Mix:
    if not shares_units(drawn, others):
        return drawn.mix
    mixes = MICRO_MIXES if drawn.kind is Kind.MICRO else MACRO_MIXES
    free = [mix for mix in mixes if not shares_units(replace(drawn, mix=mix), others)]
    return free[int(rng.integers(len(free)))] if free else drawn.mix


def _edge(times_s: Sequence[float], frame: int, step: int) -> float:
    """Half-way from a frame to its neighbour; as far beyond the first and the last frame."""
    other = frame + step
    if 0 <= other < len(times_s):
        return (times_s[frame] + times_s[other]) / 2
    spacing = abs(times_s[frame] - times_s[frame - step]) if len(times_s) > 1 else 1 / 30
    return times_s[frame] + step * spacing / 2


def _limb(visible_s: float, limit_s: float) -> float:
    """Duration of a rise of which the visible part takes ``visible_s``, or the limit."""
    whole = visible_s / (1 - _part(1.0))
    return whole if whole <= limit_s else limit_s


def _unseen(visible_s: float, limb_s: float) -> float:
    """Share of a limb that is too weak to be seen; behind a plateau the limb is weaker."""
    plateau = visible_s - (1 - _part(1.0)) * limb_s > 1e-9
    return _part(1 - PLATEAU_SAG if plateau else 1.0)


def _part(level: float) -> float:
    """Share of a limb at whose end 6 % of the peak are reached, where the limb ends at a level."""
    return float(np.arcsin(np.sqrt(VISIBLE / level)) * 2 / np.pi)

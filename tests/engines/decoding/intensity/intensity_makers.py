"""Intensity curves, rules, and the decoder of GIM as an independent, slow computation."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engines.decoding import IntensityKindRules, IntensityRules
from engines.intervals import Interval, Kind

Scores = dict[str, NDArray[np.float32]]
NAMES = ("intensity", "micro_action", "macro_action")


def scores_of(intensity: list[float], micro: float = 0.0, macro: float = 0.9) -> Scores:
    """Scores with these intensities and action scores that stay as they are."""
    curve = np.array(intensity, np.float32)
    ticks = len(curve)
    return {
        "intensity": curve,
        "micro_action": np.full(ticks, micro, np.float32),
        "macro_action": np.full(ticks, macro, np.float32),
    }


def _white(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    return rng.random(ticks)


def _coarse(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    # plateaus, ties, and values that equal a threshold
    return np.repeat(rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], ticks), 3)[:ticks]


def _smooth(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    width = int(rng.integers(3, 12))
    wave = np.convolve(rng.normal(size=ticks + width - 1), np.ones(width) / width, "valid")
    return 1 / (1 + np.exp(-7 * wave[:ticks]))


def _high(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    return 0.5 + 0.5 * rng.random(ticks)


def _bumps(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    time = np.arange(ticks)
    curve = 0.05 * rng.random(ticks)
    for _ in range(max(1, ticks // 25)):
        centre, width = rng.uniform(-5, ticks + 5), rng.uniform(1, 12)
        curve = np.maximum(curve, rng.random() * np.exp(-((time - centre) ** 2) / (2 * width**2)))
    return curve


MAKERS = {"white": _white, "coarse": _coarse, "smooth": _smooth, "high": _high, "bumps": _bumps}


@st.composite
def score_sequences(draw: st.DrawFn, longest: int = 140) -> Scores:
    """Curves of 0 to ``longest`` ticks; plateaus, all high, and runs at both ends among them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    ticks = draw(st.integers(0, longest))
    curve = MAKERS[draw(st.sampled_from(sorted(MAKERS)))](rng, ticks)
    actions = [MAKERS[draw(st.sampled_from(["coarse", "smooth"]))](rng, ticks) for _ in range(2)]
    return dict(zip(NAMES, (c.astype(np.float32) for c in (curve, *actions)), strict=True))


@st.composite
def kind_rules(draw: st.DrawFn) -> IntensityKindRules:
    shortest, longest = sorted(draw(st.tuples(*[st.integers(0, 40)] * 2)))
    return IntensityKindRules(
        action_threshold=draw(st.sampled_from([0.0, 0.5, 0.75])),
        score_floor=draw(st.sampled_from([0.0, 0.05, 0.3])),
        shortest=draw(st.sampled_from([0, shortest])),
        longest=draw(st.sampled_from([3000, longest])),
    )


@st.composite
def intensity_rules(draw: st.DrawFn) -> IntensityRules:
    """Any rules, the paper's among them."""
    if draw(st.integers(0, 4)) == 0:
        return IntensityRules()
    return IntensityRules(
        thresholds=draw(
            st.sampled_from([(0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), (0.25, 0.5, 0.75), (0.0,)])
        ),
        micro=draw(kind_rules()),
        macro=draw(kind_rules()),
        soft_sigma=draw(st.sampled_from([0.0, 0.05, 0.3, 2.0])),
        nms_iou=draw(st.sampled_from([0.0, 0.1, 0.5, 0.9])),
        micro_inside_macro=draw(st.sampled_from([0.0, 0.5, 1.0])),
        longest_run=draw(st.sampled_from([2, 3, 7, 20, 50, 600])),
    )


# The definition once more, tick by tick and in exact numbers where it can be.


def brute_force(scores: Scores, rules: IntensityRules) -> list[Interval]:
    """Decode by trying every interval of the segment."""
    curve = [float(v) for v in scores["intensity"]]
    bounds = _piece_of_tick(curve, rules)
    kept: dict[Kind, list[Interval]] = {}
    for kind in Kind:
        action = [float(v) for v in scores[f"{kind}_action"]]
        found = []
        for onset in range(len(curve)):
            for offset in range(onset, len(curve)):
                if bounds[onset] is None or bounds[onset] != bounds[offset]:
                    break
                one = _proposal(curve, action, bounds, (onset, offset), kind, rules)
                found += [one] if one else []
        kept[kind] = _soft_then_hard(found, rules, kind)
    micro = [
        m
        for m in kept[Kind.MICRO]
        if all(m.intersection(b) <= rules.micro_inside_macro * m.length for b in kept[Kind.MACRO])
    ]
    return sorted([*micro, *kept[Kind.MACRO]], key=place)


def place(one: Interval) -> tuple[int, int, str, int]:
    return (one.onset, one.apex, one.kind.value, one.offset)


def _piece_of_tick(curve: list[float], rules: IntensityRules) -> list[int | None]:
    """Number the pieces; None where the intensity is low."""
    out: list[int | None] = [None] * len(curve)
    number = start = 0
    for tick, value in enumerate(curve):
        if value <= rules.thresholds[0]:
            continue
        if tick == 0 or out[tick - 1] is None:
            number, start = number + 1, tick
        out[tick] = number
        if tick - start == rules.longest_run:
            half = range(start + rules.longest_run // 2, tick)
            start = max(half, key=lambda t: (-curve[t], t))
            number += 1
            out[start : tick + 1] = [number] * (tick + 1 - start)
    return out


def _proposal(
    curve: list[float],
    action: list[float],
    bounds: list[int | None],
    ends: tuple[int, int],
    kind: Kind,
    rules: IntensityRules,
) -> Interval | None:
    onset, offset = ends
    inside = curve[onset : offset + 1]
    around = [
        curve[t] if 0 <= t < len(curve) and bounds[t] == bounds[onset] else -1.0
        for t in (onset - 1, offset + 1)
    ]
    if not any(min(inside) > t and max(around) <= t for t in rules.thresholds):
        return None
    own = rules.of(kind)
    apex = onset + inside.index(max(inside))
    if action[apex] < own.action_threshold or not own.shortest <= len(inside) <= own.longest:
        return None
    score = contrast_by_quarters(curve, onset, offset)
    return Interval(kind, onset, apex, offset, score) if score >= own.score_floor else None


def contrast_by_quarters(curve: list[float], onset: int, offset: int) -> float:
    """Equation 15 with each tick split into quarters: L of them lie on each side."""
    quarters = [Fraction(v) for v in curve for _ in range(4)]
    length = offset - onset + 1
    inner = sum(map(Fraction, curve[onset : offset + 1]))
    before = range(4 * onset - length, 4 * onset)
    after = range(4 * offset + 4, 4 * offset + 4 + length)
    outer = sum(quarters[q] for q in (*before, *after) if 0 <= q < len(quarters))
    # exact sums, so that what is equal in the definition is equal here
    return float(inner) / length - float(outer / 4) / (length / 2)


def _soft_then_hard(found: list[Interval], rules: IntensityRules, kind: Kind) -> list[Interval]:
    """First all of soft suppression, then all of the hard one."""
    left = [(one.score, one) for one in found]
    taken: list[tuple[float, Interval]] = []
    while left:
        best = min(left, key=lambda pair: (-pair[0], pair[1].onset, pair[1].offset))
        left.remove(best)
        taken.append(best)
        if rules.soft_sigma:
            left = [
                (s * math.exp(-(one.iou(best[1]) ** 2) / rules.soft_sigma), one) for s, one in left
            ]
    kept: list[tuple[float, Interval]] = []
    for score, one in taken:
        if all(one.iou(other) <= rules.nms_iou for _, other in kept):
            kept.append((score, one))
    floor = rules.of(kind).score_floor
    return [Interval(i.kind, i.onset, i.apex, i.offset, s) for s, i in kept if s >= floor]

"""Scores of snippets, rules, and the decoder of snippets as an independent, slow computation."""

import math
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engines.decoding import PooledShares, SnippetRules
from engines.intervals import Interval, Kind

Scores = dict[str, NDArray[np.float32]]
NAMES = ("attention", "micro", "macro", "background")
EIGHT = 8.0


def scores_of(
    attention: list[float],
    micro: list[float] | None = None,
    macro: list[float] | None = None,
) -> Scores:
    """Scores with this attention; a class that is not given scores as attention does."""
    rows = (attention, micro or attention, macro or attention, [0.0] * len(attention))
    return {n: np.array(row, np.float32) for n, row in zip(NAMES, rows, strict=True)}


def even_edges(snippets: int, ticks: float = EIGHT, first: float = 0.0) -> NDArray[np.float64]:
    return first + ticks * np.arange(snippets + 1.0)


@st.composite
def videos(draw: st.DrawFn, longest: int = 40) -> Scores:
    """Scores of 0 to ``longest`` snippets; ties, plateaus and negative T-CAMs among them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count = draw(st.integers(0, longest))
    attention = rng.random(count)
    if draw(st.booleans()):
        attention = np.repeat(rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], count), 2)[:count]
    classes = rng.normal(0, draw(st.sampled_from([0.1, 1.0, 5.0])), (3, count))
    rows = (attention, *classes)
    return {n: row.astype(np.float32) for n, row in zip(NAMES, rows, strict=True)}


@st.composite
def snippet_rules(draw: st.DrawFn) -> SnippetRules:
    """Any rules, the paper's among them."""
    if draw(st.integers(0, 4)) == 0:
        return SnippetRules()
    return SnippetRules(
        selection=draw(st.sampled_from(["top", "threshold"])),
        first_top=draw(st.integers(1, 9)),
        tops=draw(st.integers(1, 15)),
        lowest_threshold=0.25,
        highest_threshold=0.75,
        levels=draw(st.integers(1, 5)),
        contrast_reach=draw(st.sampled_from([0.0, 0.25, 1.0])),
        video_weight=draw(st.sampled_from([0.0, 0.15, 0.5])),
        video_score=draw(st.sampled_from(["logit", "probability"])),
        pooled=PooledShares(*draw(st.tuples(*[st.integers(1, 9)] * 3))),
        nms_iou=draw(st.sampled_from([0.0, 0.01, 0.5])),
        nms_within_kind=draw(st.booleans()),
        score_floor=draw(st.sampled_from([0.0, 0.1, 0.5])),
        kind_by=draw(st.sampled_from(["duration", "class"])),
        longest_micro_s=draw(st.sampled_from([0.2, 0.5, 0.54])),
    )


# The definition once more, snippet by snippet and in exact numbers where it can be.


def brute_force(scores: Scores, rules: SnippetRules, edges: NDArray[np.float64]) -> list[Interval]:
    """Decode by trying every run of snippets."""
    curves = {name: [Fraction(float(v)) for v in scores[name]] for name in NAMES}
    count = len(curves["attention"])
    video = _video(curves, rules) if count else {}
    found = []
    for first in range(count):
        for last in range(first, count):
            if not any(_is_run(kept, first, last) for kept in _levels(curves["attention"], rules)):
                continue
            phi = {
                kind: float(_contrast(curves[kind], first, last, rules))
                + rules.video_weight * video[kind]
                for kind in Kind
            }
            short = edges[last + 1] - edges[first] <= 30 * rules.longest_micro_s + 1e-6
            if rules.kind_by == "duration":
                phi = {Kind.MICRO if short else Kind.MACRO: max(phi.values())}
            for kind, score in phi.items():
                if score >= rules.score_floor:
                    found.append((-score, first, last, kind))
    kept: list[Interval] = []
    for score, first, last, kind in sorted(found):
        one = _interval(kind, first, last, -score, curves[kind], edges)
        rivals = [k for k in kept if k.kind is kind or not rules.nms_within_kind]
        if all(one.iou(rival) <= rules.nms_iou for rival in rivals):
            kept.append(one)
    return kept


def _levels(attention: list[Fraction], rules: SnippetRules) -> list[set[int]]:
    if rules.selection == "threshold":
        values = np.linspace(rules.lowest_threshold, rules.highest_threshold, rules.levels)
        return [{k for k, a in enumerate(attention) if float(a) > value} for value in values]
    order = sorted(range(len(attention)), key=lambda k: (-attention[k], k))
    every = range(rules.first_top, rules.first_top + rules.tops)
    return [set(order[: max(1, math.floor(len(attention) / m))]) for m in every]


def _is_run(kept: set[int], first: int, last: int) -> bool:
    inside = all(k in kept for k in range(first, last + 1))
    return inside and first - 1 not in kept and last + 1 not in kept


def _contrast(curve: list[Fraction], first: int, last: int, rules: SnippetRules) -> Fraction:
    length = last - first + 1
    inner = sum(curve[first : last + 1], Fraction()) / length
    total, weights = Fraction(), Fraction()
    for side in (range(first - 1, -1, -1), range(last + 1, len(curve))):
        left = Fraction(rules.contrast_reach) * length
        for k in side:
            share = min(Fraction(1), left)
            total, weights, left = total + share * curve[k], weights + share, left - share
    return inner - (total / weights if weights else Fraction())


def _video(curves: dict[str, list[Fraction]], rules: SnippetRules) -> dict[str, float]:
    means = {}
    for name in NAMES[1:]:
        best = sorted(curves[name], reverse=True)
        best = best[: max(1, len(best) // getattr(rules.pooled, name))]
        means[name] = float(sum(best, Fraction()) / len(best))
    if rules.video_score == "logit":
        return means
    total = sum(math.exp(value) for value in means.values())
    return {name: math.exp(value) / total for name, value in means.items()}


def _interval(
    kind: Kind,
    first: int,
    last: int,
    score: float,
    curve: list[Fraction],
    edges: NDArray[np.float64],
) -> Interval:
    onset = math.floor(edges[first] + 0.5)
    offset = max(onset, math.floor(edges[last + 1] + 0.5) - 1)
    peak = max(range(first, last + 1), key=lambda k: (curve[k], -k))
    apex = math.floor((edges[peak] + edges[peak + 1]) / 2)
    return Interval(kind, onset, min(max(apex, onset), offset), offset, score / (1 + score))

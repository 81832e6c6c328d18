"""The decoder's definition: all expressions of one video at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.decoding.batch import in_order
from engines.decoding.curves import Curve, read_curve
from engines.decoding.intensity.suppression import overlaps
from engines.decoding.snippets.contrast import class_scores
from engines.decoding.snippets.proposals import Spans, propose
from engines.decoding.snippets.rules import ATTENTION, SnippetRules
from engines.intervals import TICK_HZ, Interval, Kind

ROUNDING: Final = 1e-6
"""Ticks by which a proposal may be longer by rounding than the longest micro-expression."""

Edges = NDArray[np.float64]
"""Where snippets begin and end, ticks, float64 (T + 1,)."""


@dataclass(frozen=True, slots=True)
class Found:
    """One proposal that was kept.

    Attributes
    ----------
    first, last
        Its snippets, inclusive, counted from the first of the scores.
    interval
        What it says in ticks.
    """

    first: int
    last: int
    interval: Interval


def decode_snippets(
    scores: Mapping[str, NDArray[np.float32]], rules: SnippetRules, edges: Edges
) -> tuple[Interval, ...]:
    """Find the expressions of one video (MC-WES section 3.5; see the package docstring).

    Parameters
    ----------
    scores
        ``attention``, ``micro``, ``macro`` and ``background``, float32 (T,), of consecutive
        snippets: what lies between two gaps is a video of its own. Attention is in [0, 1], the
        others are finite. Other names are not read.
    rules
        What to go by.
    edges
        float64 (T + 1,), ticks: snippet k covers the time from ``edges[k]`` to ``edges[k + 1]``.

    Returns
    -------
    tuple of Interval
        In order of onset, then apex, then kind, then offset; scores are φ / (1 + φ).

    Raises
    ------
    ValueError
        If a score is missing, not finite or of another length, attention is no probability, or
        the edges do not rise.
    """
    return in_order(found.interval for found in find(scores, rules, edges))


def find(
    scores: Mapping[str, NDArray[np.float32]], rules: SnippetRules, edges: Edges
) -> list[Found]:
    """Return what :func:`decode_snippets` finds with its snippets, best first."""
    curves = read_snippet_scores(scores, rules)
    _require_edges(edges, len(curves[ATTENTION]))
    if not len(curves[ATTENTION]):
        return []
    spans = propose(curves[ATTENTION], rules)
    return _suppress(_candidates(curves, spans, rules, edges), rules)


def read_snippet_scores(
    scores: Mapping[str, NDArray[np.float32]], rules: SnippetRules
) -> dict[str, Curve]:
    """Return the scores that the rules read, float64 (T,) each.

    Raises
    ------
    ValueError
        As :func:`decode_snippets`.
    """
    curves = {ATTENTION: read_curve(scores, ATTENTION)}
    for name in rules.outputs[1:]:
        if name not in scores:
            raise ValueError(f"scores have no {name!r}")
        curves[name] = np.asarray(scores[name], np.float64)
        if curves[name].shape != curves[ATTENTION].shape:
            raise ValueError(f"scores {', '.join(rules.outputs)} must be as long as each other")
        if not np.isfinite(curves[name]).all():
            raise ValueError(f"score {name!r} holds a value that is not finite")
    return curves


def bounded(score: float) -> float:
    """Return φ / (1 + φ), which lies in [0, 1) and keeps the order; φ is 0 or more."""
    return score / (1 + score)


def _require_edges(edges: Edges, snippets: int) -> None:
    if edges.shape != (snippets + 1,):
        raise ValueError(f"{snippets} snippets have {snippets + 1} edges, not {edges.shape}")
    if not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise ValueError("the edges of snippets must rise")


def _candidates(
    curves: Mapping[str, Curve], spans: Spans, rules: SnippetRules, edges: Edges
) -> list[Found]:
    """Return one proposal per span, or one per span and class, that reach the least score."""
    phi = class_scores(curves, spans, rules)
    out = []
    for row, (first, last) in enumerate(spans.tolist()):
        scores = {kind: float(phi[kind][row]) for kind in Kind}
        for kind, score in _kinds(scores, float(edges[last + 1] - edges[first]), rules):
            if score >= rules.score_floor:
                peak = first + int(np.argmax(curves[kind][first : last + 1]))
                out.append(Found(first, last, _interval(kind, (first, peak, last), score, edges)))
    return sorted(out, key=lambda f: (-f.interval.score, f.first, f.last, f.interval.kind))


def _kinds(
    scores: Mapping[Kind, float], ticks: float, rules: SnippetRules
) -> list[tuple[Kind, float]]:
    if rules.kind_by == "class":
        return list(scores.items())
    short = ticks <= rules.longest_micro_s * TICK_HZ + ROUNDING
    return [(Kind.MICRO if short else Kind.MACRO, max(scores.values()))]


def _interval(kind: Kind, snippets: tuple[int, int, int], score: float, edges: Edges) -> Interval:
    first, peak, last = snippets
    onset = nearest(edges[first])
    offset = max(onset, nearest(edges[last + 1]) - 1)
    centre = int(np.floor((edges[peak] + edges[peak + 1]) / 2))
    return Interval(kind, onset, min(max(onset, centre), offset), offset, bounded(score))


def nearest(edge: float) -> int:
    """Return the tick nearest to an edge, the later of two."""
    return int(np.floor(edge + 0.5))


def _suppress(ordered: list[Found], rules: SnippetRules) -> list[Found]:
    """Return those that no better one suppresses."""
    bounds = np.array([(f.interval.onset, f.interval.offset + 1) for f in ordered]).reshape(-1, 2)
    micro = np.array([f.interval.kind is Kind.MICRO for f in ordered], bool)
    free = np.ones(len(ordered), bool)
    kept = []
    for row, found in enumerate(ordered):
        if not free[row]:
            continue
        kept.append(found)
        rivals = micro == micro[row] if rules.nms_within_kind else np.ones_like(micro)
        free &= ~(rivals & (overlaps(bounds, row) > rules.nms_iou))
    return kept

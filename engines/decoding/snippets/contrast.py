"""Scores of proposals: the outer-inner contrast (MC-WES equations 23 to 25)."""

from collections.abc import Mapping

import numpy as np

from engines.decoding.curves import Curve
from engines.decoding.snippets.proposals import Spans, top_count
from engines.decoding.snippets.rules import BACKGROUND, SnippetRules
from engines.intervals import Kind


def contrast(curve: Curve, spans: Spans, reach: float) -> Curve:
    """Return the inner less the outer mean of one class's scores, float64 (P,).

    Equation 24 is the mean over the proposal's d snippets. Equation 25 is the mean over the ψd
    snippets before and the ψd after it; where ψd is not whole, the farthest one counts by the
    fraction. Snippets beyond the video are left out of the mean; where none is left, as of a
    proposal that is the whole video, it is 0. As printed, the sums of equation 25 also hold the
    proposal's first and last snippet, which its divisor does not count; they are left out here.

    Parameters
    ----------
    curve
        float64 (T,), the suppressed T-CAM of one class.
    spans
        int64 (P, 2).
    reach
        ψ.
    """
    first, end = spans[:, 0].astype(float), spans[:, 1] + 1.0
    length = end - first
    # scores stand still within a snippet, so that their integral is a broken line
    edges = np.arange(len(curve) + 1.0)
    total = np.concatenate([[0.0], np.cumsum(curve)])

    def between(start: Curve, stop: Curve) -> Curve:
        return np.asarray(np.interp(stop, edges, total) - np.interp(start, edges, total))

    before = np.maximum(first - reach * length, 0.0)
    after = np.minimum(end + reach * length, edges[-1])
    weight = (first - before) + (after - end)
    outer = between(before, first) + between(end, after)
    mean = np.divide(outer, weight, out=np.zeros_like(outer), where=weight > 0)
    return np.asarray(between(first, end) / length - mean)


def video_scores(curves: Mapping[str, Curve], rules: SnippetRules) -> dict[str, float]:
    """Return p of equation 23 per class: what the whole video says.

    The mean of the max(1, floor(T / h)) highest scores of each class (equations 7 and 8), or the
    softmax of these over the classes, as ``rules.video_score`` says.

    Parameters
    ----------
    curves
        The suppressed T-CAM, float64 (T,) per class, T at least 1.
    rules
        With h.
    """
    shares = {
        **{str(k): getattr(rules.pooled, k) for k in Kind},
        BACKGROUND: rules.pooled.background,
    }
    means = {}
    for name, share in shares.items():
        count = top_count(len(curves[name]), share)
        means[name] = float(np.sort(curves[name])[-count:].mean())
    if rules.video_score == "logit":
        return means
    highest = max(means.values())
    parts = {name: float(np.exp(value - highest)) for name, value in means.items()}
    return {name: part / sum(parts.values()) for name, part in parts.items()}


def class_scores(
    curves: Mapping[str, Curve], spans: Spans, rules: SnippetRules
) -> dict[Kind, Curve]:
    """Return φ of equation 23 per kind, float64 (P,)."""
    video = video_scores(curves, rules)
    return {
        kind: contrast(curves[kind], spans, rules.contrast_reach) + rules.video_weight * video[kind]
        for kind in Kind
    }

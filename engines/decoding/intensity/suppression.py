"""Soft and hard non-maximum suppression of one kind's proposals."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engines.decoding.curves import Curve
from engines.intervals import Interval


def suppress(
    proposals: Sequence[Interval], *, sigma: float, iou: float, floor: float
) -> list[Interval]:
    """Return what remains of one kind's proposals, best first (package docstring, step 6).

    Soft suppression is that of Bodla et al. (2017), equation 2.

    Parameters
    ----------
    proposals
        With scores of 0 or more.
    sigma
        Width of the Gaussian, above 0; 0 leaves the scores as they are.
    iou
        A proposal goes that overlaps a kept one more than this.
    floor
        Least score afterwards. What falls below could only lower what is lower still.

    Returns
    -------
    list of Interval
        With their lowered scores.
    """
    ordered = sorted(proposals, key=lambda p: (p.onset, p.offset))
    score = np.array([p.score for p in ordered])
    left = np.ones(len(ordered), bool)
    free = np.ones(len(ordered), bool)
    bounds = np.array([(p.onset, p.offset + 1) for p in ordered]).reshape(-1, 2)
    kept: list[Interval] = []
    for _ in ordered:
        # the first of equals, which is the earlier one
        best = int(np.argmax(np.where(left, score, -1.0)))
        if score[best] < floor:
            break
        shared = overlaps(bounds, best)
        if free[best]:
            kept.append(replace(ordered[best], score=float(score[best])))
            free &= shared <= iou
        left[best] = False
        if sigma > 0:
            score[left] *= np.exp(-(shared[left] ** 2) / sigma)
    return kept


def overlaps(bounds: NDArray[np.int64], one: int) -> Curve:
    """Return the IoU of every interval with one of them.

    Parameters
    ----------
    bounds
        int64 (P, 2): first tick, and the one after the last.
    one
        Row of the one.
    """
    first, end = bounds.T
    shared = np.clip(np.minimum(end, end[one]) - np.maximum(first, first[one]), 0, None)
    union = (end - first) + (end[one] - first[one]) - shared
    return np.asarray(shared / union)

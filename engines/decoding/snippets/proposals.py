"""Runs of snippets that attention proposes (MC-WES section 3.5)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engines.decoding.curves import Curve
from engines.decoding.snippets.rules import SnippetRules

Spans = NDArray[np.int64]
"""First and last snippet of each proposal, int64 (P, 2), in order, no two equal."""


def propose(attention: Curve, rules: SnippetRules) -> Spans:
    """Return the runs of consecutive snippets that any level of attention keeps.

    Parameters
    ----------
    attention
        float64 (T,), in [0, 1].
    rules
        Which levels.

    Returns
    -------
    array
        int64 (P, 2); one that several levels yield counts once.
    """
    found = [_runs(kept) for kept in _levels(attention, rules)]
    return np.asarray(np.unique(np.concatenate([np.empty((0, 2), np.int64), *found]), axis=0))


def _levels(attention: Curve, rules: SnippetRules) -> Iterator[NDArray[np.bool_]]:
    if rules.selection == "threshold":
        for threshold in np.linspace(rules.lowest_threshold, rules.highest_threshold, rules.levels):
            yield attention > threshold
        return
    # stable, so that of equals the earlier comes first
    order = np.argsort(-attention, kind="stable")
    counts = {
        top_count(len(attention), m) for m in range(rules.first_top, rules.first_top + rules.tops)
    }
    for count in sorted(counts):
        kept = np.zeros(len(attention), bool)
        kept[order[:count]] = True
        yield kept


def top_count(snippets: int, share: int) -> int:
    """Return max(1, floor(T / h)), as in equation 7."""
    return max(1, snippets // share)


def _runs(kept: NDArray[np.bool_]) -> Spans:
    steps = np.diff(np.concatenate([[0], kept.astype(np.int8), [0]]))
    return np.stack([np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1], axis=1)

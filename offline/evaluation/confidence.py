"""Confidence intervals of every figure that is a share of counts."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.evaluation.bootstrap import ShareIntervals, bootstrap
from offline.evaluation.metrics import group_positions
from offline.evaluation.micro_f1 import MicroOutcomes
from offline.evaluation.outcomes import Outcomes
from offline.evaluation.rules import Rules
from offline.evaluation.thresholds import OVERALL

_Counts: TypeAlias = NDArray[np.int64]


def share_intervals(
    outcomes: Outcomes,
    videos: Mapping[str, int],
    micro: MicroOutcomes | None,
    subjects: Mapping[str, str],
    rules: Rules,
) -> dict[str, ShareIntervals]:
    """Return intervals over subjects, by kind, for ``overall`` and by name of an F1-ME.

    All are from the same draws. The bar of F1-ME(p) is not sought anew in each draw. The result is
    empty where there is one subject or where no draws are wanted.

    Parameters
    ----------
    outcomes, videos
        Of the predictions that count, and the position of each video in them.
    micro
        Outcomes of the F1-ME, if there are any.
    subjects
        Subject by video.
    rules
        Draws, level and seed.
    """
    if not rules.draws:
        return {}
    kinds = () if rules.ignore_kind else tuple(Kind)
    counts = {kind.value: _by_subject(outcomes, videos, subjects, kind) for kind in kinds}
    counts[OVERALL] = _by_subject(outcomes, videos, subjects)
    if micro is not None:
        for figure, short in micro.outcomes.items():
            counts[figure.value] = _by_subject(short, micro.videos[figure], subjects)
    rng = np.random.default_rng(rules.seed)
    stacked = np.stack(list(counts.values()), axis=1)
    intervals = bootstrap(stacked, rng, draws=rules.draws, level=rules.level)
    return {} if intervals is None else dict(zip(counts, intervals, strict=True))


def _by_subject(
    outcomes: Outcomes,
    videos: Mapping[str, int],
    subjects: Mapping[str, str],
    kind: Kind | None = None,
) -> _Counts:
    """Return int64 (subjects, 3): true positives, false positives, false negatives."""
    names, group = group_positions(videos, subjects)
    of_truth, of_predictions = outcomes.of_kind(kind)
    # What is of another kind falls into one more group, which is left out.
    truth = np.where(of_truth, group[outcomes.truth.video], len(names))
    predictions = np.where(of_predictions, group[outcomes.predictions.video], len(names))
    return outcomes.tally(truth, predictions, len(names) + 1)[:-1, :3]

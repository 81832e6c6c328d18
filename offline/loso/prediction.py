"""What a trained network finds in videos."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.outcomes import Comparison
from offline.evaluation.scores import operating_points
from offline.evaluation.variants import HIT
from offline.loso.plan import Decoding
from offline.methods.network import SpottingNetwork
from offline.methods.spotting import Curves, spot_video
from offline.snippets.record import Record

F1: Final = "val_f1"
"""Key of the F1 over both kinds in a run's metrics."""

F1_AT_BAR: Final = "val_f1_at_bar"
BAR: Final = "val_bar"


@dataclass(frozen=True, slots=True)
class Spotted:
    """One video as a network sees it.

    Attributes
    ----------
    curves
        float32 (T,) by score name: probabilities, NaN where there are no features.
    found
        Expressions, ticks.
    """

    curves: Curves
    found: tuple[Interval, ...]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """Which ticks have scores, bool (T,)."""
        vector: NDArray[np.float32] = next(iter(self.curves.values()))
        return ~np.isnan(vector)


def spot(model: SpottingNetwork, record: Record, decoding: Decoding) -> Spotted:
    """Score and decode one video; ticks without features end segments.

    Parameters
    ----------
    model
        In evaluation mode.
    record
        Features of the video; its labels are not read.
    decoding
        From scores to expressions.
    """
    curves, found = spot_video(model, record, decoding.rules)
    return Spotted(curves, decoding.cap(found))


def f1_on(
    model: SpottingNetwork, records: Sequence[Record], decoding: Decoding
) -> dict[str, float]:
    """Return ``val_f1``, over both kinds and all records, by the protocol.

    Parameters
    ----------
    model
        In evaluation mode.
    records
        Of different videos, with labels.
    decoding
        From scores to expressions.
    """
    truth, found, ignored = _instances(model, records, decoding)
    return {F1: evaluate(truth, found, ignored=ignored).overall.counts.f1}


def f1_and_bar_on(
    model: SpottingNetwork, records: Sequence[Record], decoding: Decoding
) -> dict[str, float]:
    """Return ``val_f1`` and, by the protocol too, the bar on the score with the best F1.

    ``val_bar`` is missing where no proposal is right: any bar is as good as none. Of several bars
    it is the highest. ``val_f1_at_bar`` is the F1 of the proposals that score at least that.

    Parameters
    ----------
    model
        In evaluation mode.
    records
        Of different videos, with labels.
    decoding
        From scores to expressions.
    """
    truth, found, ignored = _instances(model, records, decoding)
    outcomes = Comparison.of(truth, found, ignored, lowest_iou=HIT).at(HIT)
    f1 = outcomes.overall().counts.f1
    bar = operating_points(outcomes).best()
    if bar is None or not f1:
        return {F1: f1, F1_AT_BAR: 0.0}
    above = [one for one in found if one.score >= bar]
    return {
        F1: f1,
        F1_AT_BAR: evaluate(truth, above, ignored=ignored).overall.counts.f1,
        BAR: bar,
    }


def _instances(
    model: SpottingNetwork, records: Sequence[Record], decoding: Decoding
) -> tuple[list[Instance], list[Instance], list[Instance]]:
    """Return what is labelled, found and ignored."""
    return (
        [Instance.of(r.name, i) for r in records for i in r.intervals],
        [Instance.of(r.name, i) for r in records for i in spot(model, r, decoding).found],
        [Instance.of(r.name, i) for r in records for i in r.ignored],
    )

"""Average precision and F1 over IoU thresholds, as temporal action localisation reports them.

MC-WES (section 5) calls mean average precision the better measure of spotting: it needs neither one
IoU nor one bar on the score.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.intervals import Kind
from offline.evaluation.metrics import by_kind
from offline.evaluation.outcomes import Comparison, Outcomes
from offline.evaluation.scores import operating_points

IOUS: Final = tuple(tenths / 10 for tenths in range(1, 10))
"""0.1 to 0.9; each is the float nearest to its decimal, which a sum of steps is not."""

OVERALL: Final = "overall"


@dataclass(frozen=True, slots=True)
class Curve:
    """One figure at each IoU threshold; None where it does not exist.

    Attributes
    ----------
    values
        In the order of the thresholds.
    """

    values: tuple[float | None, ...]

    @property
    def mean(self) -> float | None:
        """Average over the thresholds; None if any is missing."""
        known = [v for v in self.values if v is not None]
        return sum(known) / len(known) if known and len(known) == len(self.values) else None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Figures over IoU thresholds.

    Attributes
    ----------
    ious
        The thresholds.
    ap
        Average precision by kind, and ``overall``, of both kinds together.
    mean_ap
        mAP: mean of the average precisions of the kinds that have labels.
    f1
        F1 by kind, and ``overall``.
    """

    ious: tuple[float, ...]
    ap: Mapping[str, Curve]
    mean_ap: Curve
    f1: Mapping[str, Curve]

    def to_dict(self) -> dict[str, object]:
        """Return all figures as a JSON-ready dictionary."""
        return {
            "iou": list(self.ious),
            "ap": {name: _to_dict(curve) for name, curve in self.ap.items()},
            "map": _to_dict(self.mean_ap),
            "f1": {name: _to_dict(curve) for name, curve in self.f1.items()},
        }


def over_thresholds(
    ranked: Comparison, kept: Comparison, *, ignore_kind: bool, ious: tuple[float, ...] = IOUS
) -> Thresholds:
    """Return average precision and F1 over IoU thresholds.

    Parameters
    ----------
    ranked
        All predictions, for average precision.
    kept
        The predictions that count for F1: those above a bar on the score, or all.
    ignore_kind
        Whether kinds were compared; if not, there are no figures by kind and no mAP.
    ious
        None below the lowest threshold of the comparisons.
    """
    kinds = () if ignore_kind else tuple(Kind)
    ap: dict[str, list[float | None]] = {name: [] for name in (*kinds, OVERALL)}
    f1: dict[str, list[float | None]] = {name: [] for name in ap}
    for iou in ious:
        outcomes = ranked.at(iou)
        for kind in kinds:
            ap[kind].append(operating_points(outcomes, kind).average_precision())
        ap[OVERALL].append(operating_points(outcomes).average_precision())
        for name, value in _f1(outcomes if kept is ranked else kept.at(iou), kinds).items():
            f1[name].append(value)
    mean_ap = [_mean([ap[kind][n] for kind in kinds]) for n in range(len(ious))]
    return Thresholds(ious, _curves(ap), Curve(tuple(mean_ap)), _curves(f1))


def _f1(outcomes: Outcomes, kinds: tuple[Kind, ...]) -> dict[str, float]:
    figures = by_kind(outcomes) if kinds else {}
    return {
        **{kind: figures[kind].counts.f1 for kind in kinds},
        OVERALL: outcomes.overall().counts.f1,
    }


def _mean(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return float(np.mean(known)) if known else None


def _curves(values: Mapping[str, list[float | None]]) -> dict[str, Curve]:
    return {str(name): Curve(tuple(curve)) for name, curve in values.items()}


def _to_dict(curve: Curve) -> dict[str, object]:
    return {"values": list(curve.values), "mean": curve.mean}

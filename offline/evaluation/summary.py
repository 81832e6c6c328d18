"""Everything that evaluation says of a set of predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from offline.evaluation.bootstrap import ShareIntervals
from offline.evaluation.confidence import share_intervals
from offline.evaluation.figures import Figures, Report
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.micro_f1 import MicroF1, MicroOutcomes, micro_outcomes
from offline.evaluation.outcomes import Comparison
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import Subjects
from offline.evaluation.thresholds import IOUS, Thresholds, over_thresholds

PROTOCOL_RULES: Final = Rules()


@dataclass(frozen=True, slots=True)
class Summary:
    """All figures.

    Attributes
    ----------
    rules
        How predictions were judged.
    subjects
        Who is in each video.
    report
        Counts and boundary errors: overall, by kind, by video, and by subject where any is known.
    micro
        Outcomes behind the F1-ME; None without a frame rate.
    thresholds
        Average precision and F1 over IoU thresholds.
    intervals
        Confidence intervals by name of a kind, ``overall``, or name of an F1-ME; empty without
        draws or with one subject.
    """

    rules: Rules
    subjects: Subjects
    report: Report
    micro: MicroOutcomes | None
    thresholds: Thresholds
    intervals: Mapping[str, ShareIntervals]

    @property
    def micro_figures(self) -> dict[MicroF1, Figures]:
        """F1-ME(0.5), (1.0) and (p); empty without a frame rate."""
        outcomes = {} if self.micro is None else self.micro.outcomes
        return {figure: o.overall(self.rules.fps) for figure, o in outcomes.items()}

    def to_dict(self) -> dict[str, object]:
        """Return all figures as a JSON-ready dictionary."""
        intervals = {name: i.to_dict() for name, i in self.intervals.items()}
        return {
            "rules": self.rules.to_dict(),
            **self.report.to_dict(),
            "f1_me": self._micro_dict(),
            "iou_thresholds": self.thresholds.to_dict(),
            "confidence": {
                "unit": "subject" if self.subjects.named else "video",
                "units": self.subjects.count,
                "intervals": intervals or None,
            },
            "videos_without_subject": list(self.subjects.unknown),
        }

    def _micro_dict(self) -> dict[str, object] | None:
        if self.micro is None:
            return None
        figures = {figure.value: f.to_dict() for figure, f in self.micro_figures.items()}
        return {**figures, "bar": self.micro.bar, "bar_choice": self.micro.choice.value}


def summarise(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    subjects: Subjects,
    *,
    ignored: Sequence[Instance] = (),
    rules: Rules = PROTOCOL_RULES,
) -> Summary:
    """Compare predictions with labels in every way that this project reports.

    Parameters
    ----------
    truth, predictions, ignored
        Instances of any number of videos, in frames of the same rate (see :func:`evaluate`).
    subjects
        Who is in each video, videos with neither label nor prediction included.
    rules
        How predictions are judged.
    """
    ranked = _compare(truth, predictions, ignored, rules)
    above = [p for p in predictions if rules.counts(p)]
    kept = _compare(truth, above, ignored, rules) if rules.barred else ranked
    micro = None
    if rules.fps is not None:
        micro = micro_outcomes(
            truth, predictions, ignored, fps=rules.fps, iou=rules.iou, bar=rules.bar,
            above=None if rules.bars is None else above,
            all_outcomes=ranked.at(rules.iou), variant=rules.variant,
        )  # fmt: skip
    return Summary(
        rules=rules,
        subjects=subjects,
        report=evaluate(
            truth,
            above,
            ignored=ignored,
            iou=rules.iou,
            ignore_kind=rules.ignore_kind,
            variant=rules.variant,
            fps=rules.fps,
            subjects=subjects.by_video if subjects.named else None,
        ),
        micro=micro,
        thresholds=over_thresholds(ranked, kept, ignore_kind=rules.ignore_kind),
        intervals=share_intervals(kept.at(rules.iou), kept.videos, micro, subjects.by_video, rules),
    )


def _compare(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    ignored: Sequence[Instance],
    rules: Rules,
) -> Comparison:
    return Comparison.of(
        truth,
        predictions,
        ignored,
        lowest_iou=min(*IOUS, rules.iou),
        ignore_kind=rules.ignore_kind,
        variant=rules.variant,
    )

"""What a set of predictions is worth: counts, F1 and boundary errors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.intervals import Kind
from offline.evaluation.figures import BoundaryErrors, Counts, Figures, Report
from offline.evaluation.instances import Instance
from offline.evaluation.matching import HIT, hits, match


def evaluate(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    *,
    ignored: Sequence[Instance] = (),
    iou: float = HIT,
    ignore_kind: bool = False,
) -> Report:
    """Compare predictions with labels.

    Parameters
    ----------
    truth, predictions
        Instances of any number of videos, in frames of the same rate.
    ignored
        Intervals with uncertain labels. A prediction that hits no label and has a share of at
        least ``iou`` of its frames in one of them is neither right nor wrong.
    iou
        Least inclusive IoU of a hit, above 0 and at most 1.
    ignore_kind
        Whether a prediction of one kind may find a label of the other. The report then has no
        figures by kind.

    Returns
    -------
    Report
        Videos without labels are in it: their false positives count.

    Raises
    ------
    ValueError
        If ``iou`` is out of range.
    """
    if not 0 < iou <= 1:
        raise ValueError(f"iou is above 0 and at most 1, not {iou}")
    outcomes = _outcomes(truth, predictions, ignored, iou, ignore_kind)
    kinds = {} if ignore_kind else {k: _figures(o for o in outcomes if o.kind is k) for k in Kind}
    by_video: dict[str, list[_Outcome]] = {}
    for outcome in outcomes:
        by_video.setdefault(outcome.video, []).append(outcome)
    videos = {video: _figures(by_video[video]) for video in sorted(by_video)}
    return Report(iou, _figures(outcomes), kinds, videos)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A matched pair, a label without a prediction, or a prediction without a label."""

    prediction: Instance | None
    truth: Instance | None
    neutral: bool = False

    @property
    def _any(self) -> Instance:
        found = self.truth or self.prediction
        if found is None:
            raise ValueError("an outcome has a label, a prediction or both")
        return found

    @property
    def video(self) -> str:
        return self._any.video

    @property
    def kind(self) -> Kind | None:
        return self._any.kind

    @property
    def counts(self) -> Counts:
        if self.neutral:
            return Counts(ignored=1)
        if self.prediction is None:
            return Counts(fn=1)
        return Counts(fp=1) if self.truth is None else Counts(tp=1)


def _outcomes(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    ignored: Sequence[Instance],
    iou: float,
    ignore_kind: bool,
) -> list[_Outcome]:
    matches = match(truth, predictions, iou=iou, ignore_kind=ignore_kind)
    touching = {h.prediction for h in hits(truth, predictions, iou=iou, ignore_kind=ignore_kind)}
    found = {m.truth for m in matches}
    used = {m.prediction for m in matches}
    outcomes = [_Outcome(predictions[m.prediction], truth[m.truth]) for m in matches]
    outcomes += [_Outcome(None, label) for i, label in enumerate(truth) if i not in found]
    for index, prediction in enumerate(predictions):
        if index not in used:
            excused = any(prediction.intersection(i) / prediction.length >= iou for i in ignored)
            outcomes.append(_Outcome(prediction, None, excused and index not in touching))
    return outcomes


def _figures(outcomes: Iterable[_Outcome]) -> Figures:
    outcomes = list(outcomes)
    counts = sum((outcome.counts for outcome in outcomes), Counts())
    pairs = [(o.prediction, o.truth) for o in outcomes if o.prediction and o.truth]
    apexes = [(p.apex, t.sound_apex) for p, t in pairs]
    return Figures(
        counts,
        BoundaryErrors(
            onset=_mean([abs(p.onset - t.onset) for p, t in pairs]),
            apex=_mean([abs(p - t) for p, t in apexes if p is not None and t is not None]),
            offset=_mean([abs(p.offset - t.offset) for p, t in pairs]),
        ),
    )


def _mean(values: Sequence[int]) -> float | None:
    return sum(values) / len(values) if values else None

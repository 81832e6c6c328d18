"""What a bar on the score keeps: operating points, the best of them, average precision."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.evaluation.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class OperatingPoints:
    """Counts of the predictions that score at least a bar, for each distinct score.

    Predictions of one score enter together: no figure depends on the order of tied rows.
    Matching goes by score, so that what lies below a bar changes nothing above it.

    Attributes
    ----------
    scores
        float64 (K,), the bars, falling.
    tp, fp
        int64 (K,).
    labels
        How many there are to be found.
    """

    scores: NDArray[np.float64]
    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    labels: int

    def best(self) -> float | None:
        """Return the bar with the highest F1, the highest of several; None without predictions."""
        if not len(self.scores):
            return None
        # 2 TP / (2 TP + FP + FN), and TP + FN are all labels
        f1 = 2 * self.tp / np.maximum(1, self.tp + self.fp + self.labels)
        return float(self.scores[np.argmax(f1)])

    def average_precision(self) -> float | None:
        """Return the area under precision over recall, by all-point interpolation.

        At each recall the precision is the highest that is reached at that recall or a greater
        one, as in PASCAL VOC since 2010. None without labels, where no recall exists.
        """
        if not self.labels:
            return None
        recall = self.tp / self.labels
        precision = self.tp / np.maximum(1, self.tp + self.fp)
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        return float(np.sum(np.diff(recall, prepend=0.0) * envelope))


def operating_points(outcomes: Outcomes, kind: Kind | None = None) -> OperatingPoints:
    """Return the counts over all bars on the score, of one kind or of everything.

    Parameters
    ----------
    outcomes
        A matching of all predictions.
    kind
        Labels and predictions of this kind alone. Only where kinds were compared.
    """
    of_truth, of_predictions = outcomes.of_kind(kind)
    score = outcomes.predictions.score
    found = outcomes.matched.prediction[of_truth[outcomes.matched.truth]]
    wrong = np.flatnonzero(outcomes.wrong & of_predictions)
    bars, place = np.unique(-np.concatenate([score[found], score[wrong]]), return_inverse=True)
    tp = np.bincount(place[: len(found)], minlength=len(bars))
    fp = np.bincount(place[len(found) :], minlength=len(bars))
    return OperatingPoints(-bars, np.cumsum(tp), np.cumsum(fp), int(of_truth.sum()))

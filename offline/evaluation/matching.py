"""One-to-one matching of predictions with labels (MEGC protocol)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from offline.evaluation.instances import Instance

HIT: Final = 0.5
"""IoU from which a prediction counts as a hit."""


@dataclass(frozen=True, slots=True)
class Match:
    """A prediction and the label that it found.

    Attributes
    ----------
    prediction, truth
        Positions in the two sequences that were matched.
    iou
        Their inclusive intersection over union.
    """

    prediction: int
    truth: int
    iou: float


def match(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    *,
    iou: float = HIT,
    ignore_kind: bool = False,
) -> tuple[Match, ...]:
    """Match each prediction with at most one label, and each label with at most one prediction.

    Predictions choose in order of score, each the free label of its video and kind that it
    overlaps most; among equal scores the pair with the greatest IoU goes first, then the one
    that is earlier.

    Parameters
    ----------
    truth, predictions
        Instances of any number of videos.
    iou
        Least inclusive IoU of a hit.
    ignore_kind
        Whether a prediction of one kind may find a label of the other.

    Returns
    -------
    tuple of Match
        In the order in which they were made.
    """
    free_truth = set(range(len(truth)))
    free_predictions = set(range(len(predictions)))
    matches = []
    for pair in _ranked(truth, predictions, iou, ignore_kind):
        if pair.truth in free_truth and pair.prediction in free_predictions:
            free_truth.remove(pair.truth)
            free_predictions.remove(pair.prediction)
            matches.append(pair)
    return tuple(matches)


def hits(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    *,
    iou: float = HIT,
    ignore_kind: bool = False,
) -> Iterator[Match]:
    """Yield every pair of one video and kind whose IoU is a hit, matched or not."""
    by_video = defaultdict(list)
    for index, label in enumerate(truth):
        by_video[label.video].append(index)
    for index, prediction in enumerate(predictions):
        for other in by_video[prediction.video]:
            label = truth[other]
            overlap = prediction.iou(label)
            if overlap >= iou and (ignore_kind or label.kind == prediction.kind):
                yield Match(index, other, overlap)


def _ranked(
    truth: Sequence[Instance], predictions: Sequence[Instance], iou: float, ignore_kind: bool
) -> list[Match]:
    def rank(pair: Match) -> tuple[float, float, int, int, int, int]:
        guess, label = predictions[pair.prediction], truth[pair.truth]
        return (-guess.score, -pair.iou, guess.onset, label.onset, pair.prediction, pair.truth)

    return sorted(hits(truth, predictions, iou=iou, ignore_kind=ignore_kind), key=rank)

"""Matching of predictions with labels (MEGC protocol), and its named variants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from offline.evaluation.columns import Columns, video_positions
from offline.evaluation.instances import Instance
from offline.evaluation.pairs import Pairs, find_pairs
from offline.evaluation.variants import HIT, PROTOCOL, Matching, Variant


@dataclass(frozen=True, slots=True)
class Match:
    """A prediction and the label that it found.

    Attributes
    ----------
    prediction, truth
        Positions in the two sequences that were matched.
    iou
        Their intersection over union.
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
    variant: Variant = PROTOCOL,
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
        Least inclusive IoU of a hit, above 0 and at most 1.
    ignore_kind
        Whether a prediction of one kind may find a label of the other.
    variant
        Another way to match, for cross-checks: see :class:`Variant`.

    Returns
    -------
    tuple of Match
        In the order in which they were made.
    """
    pairs = _pairs(truth, predictions, iou, ignore_kind, variant)
    return tuple(_matches(assign(pairs, len(truth), len(predictions), variant.matching)))


def hits(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    *,
    iou: float = HIT,
    ignore_kind: bool = False,
    variant: Variant = PROTOCOL,
) -> Iterator[Match]:
    """Yield every pair of one video and kind whose IoU is a hit, matched or not."""
    yield from _matches(_pairs(truth, predictions, iou, ignore_kind, variant))


def assign(pairs: Pairs, labels: int, predictions: int, matching: Matching) -> Pairs:
    """Return the pairs that are matched.

    Parameters
    ----------
    pairs
        All hits, best first.
    labels, predictions
        How many there are.
    matching
        Whether a prediction is used up by the label that it finds.
    """
    once = matching is Matching.ONE_TO_ONE
    found, used = bytearray(labels), bytearray(predictions)
    kept = []
    rows = zip(pairs.prediction.tolist(), pairs.truth.tolist(), strict=True)
    for row, (guess, label) in enumerate(rows):
        if not found[label] and not (once and used[guess]):
            found[label] = used[guess] = 1
            kept.append(row)
    return pairs.take(np.array(kept, np.int64))


def require_iou(iou: float) -> None:
    """Refuse a threshold that no IoU can be compared with.

    Raises
    ------
    ValueError
        If it is not above 0 and at most 1.
    """
    if not 0 < iou <= 1:
        raise ValueError(f"iou is above 0 and at most 1, not {iou}")


def _pairs(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    iou: float,
    ignore_kind: bool,
    variant: Variant,
) -> Pairs:
    require_iou(iou)
    videos = video_positions(truth, predictions)
    labels, guesses = Columns.of(truth, videos), Columns.of(predictions, videos)
    return find_pairs(labels, guesses, iou=iou, ignore_kind=ignore_kind, variant=variant)


def _matches(pairs: Pairs) -> Iterator[Match]:
    columns = (pairs.prediction.tolist(), pairs.truth.tolist(), pairs.iou.tolist())
    for prediction, truth, iou in zip(*columns, strict=True):
        yield Match(prediction, truth, iou)

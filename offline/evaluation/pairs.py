"""Every prediction with every label that it hits, in the order in which they are matched."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from offline.evaluation.columns import Columns, rows_by_video
from offline.evaluation.variants import PROTOCOL, Variant

CHUNK: Final = 2_000_000
"""Candidate pairs that are looked at together; it bounds the memory."""

_Part: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of one video (and kind, unless kinds are ignored), best first.

    Attributes
    ----------
    prediction, truth
        int64 (M,), rows.
    iou
        float64 (M,).
    """

    prediction: NDArray[np.int64]
    truth: NDArray[np.int64]
    iou: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.iou)

    def at(self, iou: float, variant: Variant = PROTOCOL) -> "Pairs":
        """Return the pairs that are hits at a threshold, in the same order."""
        return self.take(self.iou > iou if variant.above else self.iou >= iou)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Pairs":
        """Return some of the pairs."""
        return Pairs(self.prediction[rows], self.truth[rows], self.iou[rows])


def find_pairs(
    truth: Columns,
    predictions: Columns,
    *,
    iou: float,
    ignore_kind: bool = False,
    variant: Variant = PROTOCOL,
) -> Pairs:
    """Return all hits at a threshold.

    Parameters
    ----------
    truth, predictions
        Their videos are numbered alike.
    iou
        Threshold, above 0 and at most 1.
    ignore_kind
        Whether kinds may differ.
    variant
        Whether the threshold itself is a hit, and whether lengths count both ends.

    Returns
    -------
    Pairs
        By descending score, then descending IoU, then the frames of prediction and label, so that
        the order of rows in a file decides only between pairs that are alike in all of these.
    """
    parts = list(_candidates(truth, predictions, iou, variant))
    guess = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
    label = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
    overlap = np.concatenate([np.empty(0), *(part[2] for part in parts)])
    pairs = Pairs(guess, label, overlap).at(iou, variant)
    if not ignore_kind:
        pairs = pairs.take(predictions.kind[pairs.prediction] == truth.kind[pairs.truth])
    return pairs.take(_order(pairs, truth, predictions))


def _order(pairs: Pairs, truth: Columns, predictions: Columns) -> NDArray[np.int64]:
    guess, label = pairs.prediction, pairs.truth
    keys = (
        -predictions.score[guess],
        -pairs.iou,
        *_frames(predictions, guess),
        *_frames(truth, label),
        guess,
        label,
    )
    return np.asarray(np.lexsort(keys[::-1]), np.int64)


def _frames(columns: Columns, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    apex = np.where(columns.has_apex, columns.apex, -1)
    return columns.onset[rows], columns.offset[rows], apex[rows], columns.kind[rows]


def _candidates(
    truth: Columns, predictions: Columns, iou: float, variant: Variant
) -> Iterator[_Part]:
    """Yield rows and IoU of the pairs that could be hits, a video or a part of one at a time."""
    labels = rows_by_video(truth)
    extra = int(variant.plus_one)
    for video, guesses in rows_by_video(predictions).items():
        if video not in labels:
            continue
        found = labels[video]
        onsets = truth.onset[found]
        first, last = _reach(predictions.onset[guesses], predictions.offset[guesses], iou, extra)
        low = np.searchsorted(onsets, first, "left")
        high = np.maximum(np.searchsorted(onsets, last, "right"), low)
        for rows, columns in _expand(low, high):
            guess, label = guesses[rows], found[columns]
            overlap = _iou(predictions, guess, truth, label, extra)
            near = overlap >= iou
            yield guess[near], label[near], overlap[near]


def _reach(
    onset: NDArray[np.int64], offset: NDArray[np.int64], iou: float, extra: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first and last frame at which a label that is hit can begin.

    With P the length of the prediction: a label that begins g frames earlier is at least g longer
    than what both share, and that is at most P, so g <= P (1 / iou - 1). One that begins later
    shares what is left of the prediction, at least iou * P. A frame is added for rounding.
    """
    length = np.asarray(offset - onset + extra, np.float64)
    first = np.asarray(onset - length * (1 / iou - 1) - 1, np.float64)
    return first, np.asarray(offset + extra - iou * length + 1, np.float64)


def _expand(
    low: NDArray[np.int64], high: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield the pairs (row, column) with ``low[row] <= column < high[row]``, in chunks."""
    counts = high - low
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.unique(np.searchsorted(ends, np.arange(CHUNK, total, CHUNK), "left") + 1)
    for rows in np.split(np.arange(len(low)), cuts):
        count = counts[rows]
        starts = np.cumsum(count) - count
        inside = np.arange(int(count.sum())) - np.repeat(starts, count)
        yield np.repeat(rows, count), inside + np.repeat(low[rows], count)


def _iou(
    predictions: Columns,
    guess: NDArray[np.int64],
    truth: Columns,
    label: NDArray[np.int64],
    extra: int,
) -> NDArray[np.float64]:
    """Return float64 (M,), the IoU of pairs; 0 where neither has a length."""
    p0, p1 = predictions.onset[guess], predictions.offset[guess]
    t0, t1 = truth.onset[label], truth.offset[label]
    shared = np.maximum(0, np.minimum(p1, t1) - np.maximum(p0, t0) + extra)
    union = (p1 - p0 + extra) + (t1 - t0 + extra) - shared
    return np.asarray(shared / np.maximum(union, 1), np.float64)

"""Who found whom: the outcome of every label and every prediction, counted by any grouping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.evaluation.columns import KIND_CODES, Columns, rows_by_video, video_positions
from offline.evaluation.figures import BoundaryErrors, Counts, Figures
from offline.evaluation.instances import Instance
from offline.evaluation.matching import assign, require_iou
from offline.evaluation.pairs import Pairs, find_pairs
from offline.evaluation.variants import PROTOCOL, Variant


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of T labels and P predictions.

    Attributes
    ----------
    truth, predictions
        As they were compared.
    matched
        The pairs that were matched.
    missed
        bool (T,), labels that nothing found.
    wrong
        bool (P,), predictions that count as false positives.
    neutral
        bool (P,), predictions that count neither way.
    """

    truth: Columns
    predictions: Columns
    matched: Pairs
    missed: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    neutral: NDArray[np.bool_]

    def tally(
        self, of_truth: NDArray[np.int64], of_predictions: NDArray[np.int64], groups: int
    ) -> NDArray[np.int64]:
        """Count by group.

        Parameters
        ----------
        of_truth, of_predictions
            int64 (T,) and (P,), the group of each label and prediction, 0 to ``groups`` − 1. A
            matched pair belongs to the group of its label.
        groups
            How many there are.

        Returns
        -------
        int64 (groups, 4)
            True positives, false positives, false negatives, ignored.
        """
        members = (
            of_truth[self.matched.truth],
            of_predictions[self.wrong],
            of_truth[self.missed],
            of_predictions[self.neutral],
        )
        return np.stack([np.bincount(m, minlength=groups) for m in members], axis=1)

    def figures(
        self,
        of_truth: NDArray[np.int64],
        of_predictions: NDArray[np.int64],
        groups: int,
        fps: float | None = None,
    ) -> list[Figures]:
        """Return counts and boundary errors by group (see :meth:`tally`)."""
        tally = self.tally(of_truth, of_predictions, groups)
        group = of_truth[self.matched.truth]
        guess, label = self.matched.prediction, self.matched.truth
        p, t = self.predictions, self.truth
        apex = p.has_apex[guess] & t.has_apex[label]
        onset_errors = _means(p.onset[guess] - t.onset[label], group, groups)
        offset_errors = _means(p.offset[guess] - t.offset[label], group, groups)
        apex_errors = _means((p.apex[guess] - t.apex[label])[apex], group[apex], groups)
        apexes = np.bincount(group[apex], minlength=groups).tolist()
        errors = zip(onset_errors, apex_errors, offset_errors, apexes, strict=True)
        return [
            Figures(Counts(*counts), BoundaryErrors(*error, fps))
            for counts, error in zip(tally.tolist(), errors, strict=True)
        ]

    def overall(self, fps: float | None = None) -> Figures:
        """Return the figures of everything."""
        truth = np.zeros(len(self.truth), np.int64)
        return self.figures(truth, np.zeros(len(self.predictions), np.int64), 1, fps)[0]

    def of_kind(self, kind: Kind | None) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return masks (T,) and (P,) of a kind; of everything for None."""
        if kind is None:
            return np.ones(len(self.truth), np.bool_), np.ones(len(self.predictions), np.bool_)
        code = KIND_CODES[kind]
        return self.truth.kind == code, self.predictions.kind == code


@dataclass(frozen=True, slots=True)
class Comparison:
    """Predictions and labels with all their hits, ready to be matched at any threshold.

    Attributes
    ----------
    videos
        Position of each video, in order of names.
    truth, predictions, ignored
        Instances as arrays.
    pairs
        Every hit at the lowest threshold, best first.
    variant
        How they are matched.
    """

    videos: Mapping[str, int]
    truth: Columns
    predictions: Columns
    ignored: Columns
    pairs: Pairs
    variant: Variant

    @classmethod
    def of(
        cls,
        truth: Sequence[Instance],
        predictions: Sequence[Instance],
        ignored: Sequence[Instance] = (),
        *,
        lowest_iou: float,
        ignore_kind: bool = False,
        variant: Variant = PROTOCOL,
    ) -> Self:
        """Find all hits at the lowest threshold that will be asked for."""
        require_iou(lowest_iou)
        videos = video_positions(truth, predictions, ignored)
        labels, guesses = Columns.of(truth, videos), Columns.of(predictions, videos)
        pairs = find_pairs(
            labels, guesses, iou=lowest_iou, ignore_kind=ignore_kind, variant=variant
        )
        return cls(videos, labels, guesses, Columns.of(ignored, videos), pairs, variant)

    def at(self, iou: float) -> Outcomes:
        """Match at a threshold, not below the lowest."""
        require_iou(iou)
        hits = self.pairs.at(iou, self.variant)
        matched = assign(hits, len(self.truth), len(self.predictions), self.variant.matching)
        missed = np.ones(len(self.truth), np.bool_)
        missed[matched.truth] = False
        unused = np.ones(len(self.predictions), np.bool_)
        unused[matched.prediction] = False
        # A second prediction of a label is wrong wherever it lies.
        excused = unused & _within(self.ignored, self.predictions, iou)
        excused[hits.prediction] = False
        return Outcomes(self.truth, self.predictions, matched, missed, unused & ~excused, excused)


def _within(ignored: Columns, predictions: Columns, share: float) -> NDArray[np.bool_]:
    """Return bool (P,), whether a share of a prediction lies in one ignored interval."""
    out = np.zeros(len(predictions), np.bool_)
    guesses = rows_by_video(predictions) if len(ignored) else {}
    for video, onset, offset in zip(
        ignored.video.tolist(), ignored.onset.tolist(), ignored.offset.tolist(), strict=True
    ):
        rows = guesses.get(video)
        if rows is not None:
            first, last = predictions.onset[rows], predictions.offset[rows]
            shared = np.minimum(last, offset) - np.maximum(first, onset) + 1
            out[rows] |= shared / (last - first + 1) >= share
    return out


def _means(
    differences: NDArray[np.int64], group: NDArray[np.int64], groups: int
) -> list[float | None]:
    sums = np.bincount(group, weights=np.abs(differences), minlength=groups).tolist()
    counts = np.bincount(group, minlength=groups).tolist()
    return [s / n if n else None for s, n in zip(sums, counts, strict=True)]

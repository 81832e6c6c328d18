"""What a set of predictions is worth: counts, F1 and boundary errors."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.evaluation.columns import KIND_CODES
from offline.evaluation.figures import Figures, Report
from offline.evaluation.instances import Instance
from offline.evaluation.outcomes import Comparison, Outcomes
from offline.evaluation.variants import HIT, PROTOCOL, Variant


def evaluate(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    *,
    ignored: Sequence[Instance] = (),
    iou: float = HIT,
    ignore_kind: bool = False,
    variant: Variant = PROTOCOL,
    fps: float | None = None,
    subjects: Mapping[str, str] | None = None,
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
    variant
        Another way to match, for cross-checks.
    fps
        Frame rate of all videos, Hz, for errors in seconds.
    subjects
        Who is in each video. It may name videos with neither label nor prediction; they are in
        the report as well.

    Returns
    -------
    Report
        Videos without labels are in it: their false positives count.

    Raises
    ------
    ValueError
        If ``iou`` is out of range, or ``subjects`` lacks a video.
    """
    comparison = Comparison.of(
        truth, predictions, ignored, lowest_iou=iou, ignore_kind=ignore_kind, variant=variant
    )
    names = comparison.videos.keys() | ({} if subjects is None else subjects).keys()
    outcomes = comparison.at(iou)
    return Report(
        iou=iou,
        overall=outcomes.overall(fps),
        kinds={} if ignore_kind else by_kind(outcomes, fps),
        videos=_by_video(outcomes, comparison.videos, {name: name for name in names}, fps),
        subjects={} if subjects is None else _by_video(outcomes, comparison.videos, subjects, fps),
    )


def by_kind(outcomes: Outcomes, fps: float | None = None) -> dict[Kind, Figures]:
    """Return figures by kind."""
    # The code of None is the last one counted, and is left out.
    truth, predictions = (
        np.where(c.kind < 0, len(Kind), c.kind) for c in (outcomes.truth, outcomes.predictions)
    )
    figures = outcomes.figures(truth, predictions, len(Kind) + 1, fps)
    return {kind: figures[KIND_CODES[kind]] for kind in Kind}


def group_positions(
    videos: Mapping[str, int], groups: Mapping[str, str]
) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of groups, sorted, and the position of each video's group.

    Parameters
    ----------
    videos
        Position of each video.
    groups
        The group, such as the subject, of each of them and perhaps of more videos.

    Raises
    ------
    ValueError
        If a video has no group.
    """
    absent = videos.keys() - groups.keys()
    if absent:
        raise ValueError(f"nobody says who is in video {min(absent)!r}")
    names = sorted(set(groups.values()))
    position = {name: n for n, name in enumerate(names)}
    return names, np.array([position[groups[video]] for video in videos], np.int64)


def _by_video(
    outcomes: Outcomes, videos: Mapping[str, int], groups: Mapping[str, str], fps: float | None
) -> dict[str, Figures]:
    names, group = group_positions(videos, groups)
    truth, predictions = (group[c.video] for c in (outcomes.truth, outcomes.predictions))
    figures = outcomes.figures(truth, predictions, len(names), fps)
    return dict(zip(names, figures, strict=True))

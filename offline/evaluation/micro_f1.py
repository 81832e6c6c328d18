"""F1-ME(0.5), F1-ME(1.0) and F1-ME(p) of MC-WES, section 4.2.

All three compare proposals that are chosen by their duration with the micro-expression labels; the
kind that a proposal was given plays no part. F1-ME(0.5) and F1-ME(1.0) take every proposal shorter
than 0.5 s and 1.0 s. F1-ME(p) takes those shorter than 0.5 s of the proposal set whose overall F1
is highest, that is, of those above the best bar on the score. The paper finds that bar on the very
labels it reports on; the report calls that an oracle. A bar chosen elsewhere can be given instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.outcomes import Comparison, Outcomes
from offline.evaluation.scores import operating_points
from offline.evaluation.variants import PROTOCOL, Variant


class MicroF1(StrEnum):
    """The three figures."""

    SHORT = "F1-ME(0.5)"
    LONGER = "F1-ME(1.0)"
    BEST = "F1-ME(p)"


class BarChoice(StrEnum):
    """Where the bar on the score of F1-ME(p) comes from."""

    ORACLE = "oracle"
    GIVEN = "given"


SECONDS: Final = {MicroF1.SHORT: 0.5, MicroF1.LONGER: 1.0, MicroF1.BEST: 0.5}


@dataclass(frozen=True, slots=True)
class MicroOutcomes:
    """Outcomes behind the three figures.

    Attributes
    ----------
    outcomes
        Of each figure.
    videos
        Position of each video, in the outcomes of each figure.
    bar
        Least score of the proposals of F1-ME(p); None where there are none, or each video has
        its own.
    choice
        Where the bar comes from.
    """

    outcomes: Mapping[MicroF1, Outcomes]
    videos: Mapping[MicroF1, Mapping[str, int]]
    bar: float | None
    choice: BarChoice


def micro_outcomes(
    truth: Sequence[Instance],
    predictions: Sequence[Instance],
    ignored: Sequence[Instance],
    *,
    fps: float,
    iou: float,
    all_outcomes: Outcomes,
    bar: float | None = None,
    above: Sequence[Instance] | None = None,
    variant: Variant = PROTOCOL,
) -> MicroOutcomes:
    """Compare short proposals with the micro-expression labels.

    Parameters
    ----------
    truth, predictions, ignored
        All labels and all proposals, before any bar on the score.
    fps
        Frame rate of all videos, Hz. A duration is the inclusive length over it.
    iou
        Threshold of a hit.
    all_outcomes
        Of all predictions with all labels at this threshold: gives the overall F1.
    bar
        Least score of the proposals of F1-ME(p); by default the one of the highest overall F1.
    above
        Proposals of F1-ME(p) in place of a bar, where each video has its own.
    variant
        How they are matched.
    """
    oracle = bar is None and above is None
    chosen = operating_points(all_outcomes).best() if oracle else bar
    if above is None:
        above = [p for p in predictions if chosen is None or p.score >= chosen]
    micro = [label for label in truth if label.kind is Kind.MICRO]
    outcomes, videos = {}, {}
    for figure, seconds in SECONDS.items():
        of = above if figure is MicroF1.BEST else predictions
        short = [p for p in of if p.length / fps < seconds]
        comparison = Comparison.of(
            micro, short, ignored, lowest_iou=iou, ignore_kind=True, variant=variant
        )
        outcomes[figure], videos[figure] = comparison.at(iou), comparison.videos
    choice = BarChoice.ORACLE if oracle else BarChoice.GIVEN
    return MicroOutcomes(outcomes, videos, chosen, choice)

"""Features of held-out frames by class (SpotFormer, figure 7)."""

from collections.abc import Sequence

import numpy as np

from offline.report.blocks import Block, Chart, Figure, Section
from offline.report.charts.scatter import scatter
from offline.report.kinds import LABEL_NAMES
from offline.report.principal import project
from offline.report.run_data import Run, Training
from offline.report.sections.legends import CLASSES

_MOST = 6


def features(runs: Sequence[Run]) -> Section:
    """Return scatter plots of the folds with the most micro-expression frames."""
    blocks: list[Block] = []
    for run in runs:
        charts = [chart for one in _richest(run) if (chart := _chart(one)) is not None]
        if charts:
            blocks.append(Figure(_caption(run, len(charts)), tuple(charts), "grid", CLASSES))
    return Section("features", "Features of held-out frames", tuple(blocks))


def _richest(run: Run) -> list[Training]:
    held = [one for one in run.trainings if one.features is not None]
    return sorted(held, key=lambda one: (-_micro_frames(one), one.name))[:_MOST]


def _micro_frames(training: Training) -> int:
    micro = LABEL_NAMES.index("micro")
    return int(np.sum(training.features.labels == micro)) if training.features else 0


def _chart(training: Training) -> Chart | None:
    projection = project(training.features) if training.features else None
    return None if projection is None else Chart(scatter(f"subject {training.name}", projection))


def _caption(run: Run, shown: int) -> str:
    held = sum(one.features is not None for one in run.trainings)
    which = (
        f"{shown} of {held} folds, those with the most micro frames"
        if shown < held
        else "all folds"
    )
    return (
        f"{run.name}: what the network’s head reads at frames of the held-out subject, on two "
        f"principal components, in percent of the variance; {which}. Each fold has a network of "
        "its own, so that axes of different folds are not comparable. An evenly spaced sample of "
        "each class is drawn, and the components are those of the sample (compare SpotFormer, "
        "figure 7)."
    )

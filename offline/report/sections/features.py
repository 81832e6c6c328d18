"""Features of held-out frames, or snippets, by class (SpotFormer, figure 7)."""

from collections.abc import Sequence

import numpy as np

from offline.report.blocks import Block, Chart, Figure, Section
from offline.report.charts.scatter import scatter
from offline.report.kinds import LABEL_NAMES
from offline.report.principal import project
from offline.report.run_data import Run, Training
from offline.report.sections.glance import source
from offline.report.sections.legends import CLASSES

_MOST = 6


def features(runs: Sequence[Run]) -> Section:
    """Return scatter plots of the folds with the most micro-expression frames."""
    blocks: list[Block] = []
    for run in runs:
        charts = [chart for one in _richest(run) if (chart := _chart(one)) is not None]
        if charts:
            blocks.append(Figure(_caption(run, len(charts)), tuple(charts), "grid", CLASSES))
    return Section("features", f"Features of held-out {_rows(runs)}", tuple(blocks))


def _rows(runs: Sequence[Run]) -> str:
    """Return what has features, in words."""
    snippets = [bool(source(run)) for run in runs]
    if not any(snippets):
        return "frames"
    return "snippets" if all(snippets) else "frames and snippets"


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
    reader = "classifier reads at snippets" if source(run) else "head reads at frames"
    return (
        f"{run.name}: what the network’s {reader} of the held-out subject, on two "
        f"principal components, in percent of the variance; {which}. Each fold has a network of "
        "its own, so that axes of different folds are not comparable. An evenly spaced sample of "
        "each class is drawn, and the components are those of the sample (compare SpotFormer, "
        "figure 7)."
    )

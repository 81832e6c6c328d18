"""What a method that learns from points made of them (GIM, figure 4)."""

from collections.abc import Sequence

import numpy as np

from offline.report.blocks import Block, Chart, Figure, Section
from offline.report.charts.soft_label import soft_label
from offline.report.run_data import Run
from offline.report.sections.legends import PSEUDO_LABELS

_MOST = 12


def pseudo_labels(runs: Sequence[Run]) -> Section:
    """Return a chart for each of some expressions that the trainings of the runs kept."""
    blocks: list[Block] = []
    for run in runs:
        charts = _charts(run)
        if charts:
            blocks.append(Figure(_caption(run, len(charts)), charts, "cards", PSEUDO_LABELS))
    return Section("pseudo-labels", "Pseudo-labels", tuple(blocks))


def _charts(run: Run) -> tuple[Chart, ...]:
    """Return the charts of an evenly spaced selection of all that were kept."""
    kept = [
        (one, one.soft_labels, row)
        for one in run.trainings
        if one.soft_labels is not None
        for row in range(len(one.soft_labels))
    ]
    chosen = np.unique(np.linspace(0, len(kept) - 1, _MOST).round().astype(int)) if kept else []
    charts = []
    for place in chosen:
        training, labels, row = kept[int(place)]
        under = f"fold {training.name}" if run.loso else ""
        charts.append(Chart(soft_label(labels, row), under))
    return tuple(charts)


def _caption(run: Run, shown: int) -> str:
    return (
        f"{run.name}: pseudo-labels of {shown} training expressions after the last epoch, over the "
        "intensity that the trained network gives (compare GIM, figure 4). The network was shown "
        "the labelled frame alone; the band is what the dataset says."
    )

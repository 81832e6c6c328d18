"""Average precision and F1 over IoU thresholds."""

from collections.abc import Sequence

import numpy as np

from offline.evaluation.thresholds import OVERALL, Curve, Thresholds
from offline.report.blocks import Block, Chart, Figure, Key, Row, Section, Table
from offline.report.charts.lines import Line, lines
from offline.report.kinds import TITLES
from offline.report.run_data import Run
from offline.report.values import decimals

_MAP = "mAP"


def overlap(runs: Sequence[Run]) -> Section:
    """Return a table of average precision and charts of it and of F1."""
    found = [(n, run.name, run.evidence.summary.thresholds)
             for n, run in enumerate(runs) if run.evidence is not None]  # fmt: skip
    if not found:
        return Section("overlap", "Over IoU", ())
    charts = [_chart(f"AP {title.lower()}", name, found, precision=True)
              for name, title in TITLES.items() if name != OVERALL]  # fmt: skip
    charts += [_chart("mAP", _MAP, found, precision=True)]
    charts += [_chart(f"F1 {title.lower()}", name, found, precision=False)
               for name, title in TITLES.items()]  # fmt: skip
    legend = tuple(Key(f"line run{n % 6}", name) for n, name, _ in found)
    figure = Figure(
        "Average precision (all-point interpolation) and F1 over the least IoU of a hit.",
        tuple(charts), "grid", legend,
    )  # fmt: skip
    blocks: tuple[Block, ...] = (_table(found), figure)
    return Section("overlap", "Over IoU", blocks)


def _table(found: Sequence[tuple[int, str, Thresholds]]) -> Table:
    rows = []
    for _, name, thresholds in found:
        for title, curve in _curves(thresholds).items():
            values = (*curve.values, curve.mean)
            rows.append(Row((name, title, *(decimals(v, 3) for v in values)), "ours"))
    ious = found[0][2].ious
    return Table(
        "Average precision and mAP over IoU thresholds",
        ("", "Figure", *(f"{iou:g}" for iou in ious), "Mean"),
        tuple(rows),
        "mAP is the mean over the kinds that have labels; MC-WES (section 5) calls it the better "
        "measure, since it needs neither one IoU nor one bar on the score.",
        frozenset({0, 1}),
    )


def _curves(thresholds: Thresholds) -> dict[str, Curve]:
    curves = {f"AP {TITLES[name].lower()}": thresholds.ap[name]
              for name in TITLES if name in thresholds.ap and name != OVERALL}  # fmt: skip
    if curves:
        curves[_MAP] = thresholds.mean_ap
    return {**curves, "AP both kinds as one list": thresholds.ap[OVERALL]}


def _chart(
    title: str, name: str, found: Sequence[tuple[int, str, Thresholds]], *, precision: bool
) -> Chart:
    drawn = []
    for n, run, thresholds in found:
        table = {**thresholds.ap, _MAP: thresholds.mean_ap} if precision else thresholds.f1
        if name in table:
            values = [np.nan if v is None else v for v in table[name].values]
            drawn.append(Line(run, np.array(thresholds.ious), np.array(values), f"run{n % 6}"))
    return Chart(lines(title, drawn, "least IoU", floor=0.0, ceiling=1.0, dots=True))

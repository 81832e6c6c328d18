"""F1 by kind beside the published rows, and the counts behind it."""

from collections.abc import Sequence
from typing import Final

from offline.report.blocks import Chart, Figure, Key, Row, Table
from offline.report.charts.forest import Figure as Dot
from offline.report.charts.forest import forest
from offline.report.kinds import TITLES
from offline.report.published import SELECTION_NOTE, published_details, published_rows
from offline.report.run_data import Evidence, Run
from offline.report.sections.glance import dataset_title, selection, supervision
from offline.report.sections.measured import (
    Measured,
    f1_by_kind,
    f1_cell,
    interval_note,
    printed,
    published_heading,
    share_cells,
)

COLUMNS: Final = ("macro", "micro", "overall")


def f1_table(same: Sequence[Measured]) -> Table:
    """Return F1 of runs on one dataset and of published methods."""
    run = same[0][1]
    told = printed(published_rows(run.dataset, "kinds"), COLUMNS)
    described = same[0][2].summary.rules.describe()
    note = f"{described[0].upper()}{described[1:]}. {interval_note(same)}"
    return Table(
        f"F1 on {dataset_title(run)}",
        ("", "Labels used", "Macro", "Micro", "Overall", "Selection", "Source"),
        (*(_f1_row(run, evidence) for _, run, evidence in same), *told),
        f"{note} {SELECTION_NOTE}" if told else note,
        frozenset({0, 1, 5, 6}),
    )


def _f1_row(run: Run, evidence: Evidence) -> Row:
    figures, found = f1_by_kind(evidence), evidence.summary.intervals
    cells = [f1_cell(figures.get(name), found.get(name)) for name in COLUMNS]
    ends = (selection(run), "this run")
    return Row((run.name, supervision(run), *cells, *ends), "ours")


def f1_figure(same: Sequence[Measured]) -> Figure:
    """Return the same as a chart for each kind, published methods in order of F1."""
    told = published_rows(same[0][1].dataset, "kinds")
    charts = []
    for name, title in TITLES.items():
        dots = [_dot(measured, name) for measured in same if name in f1_by_kind(measured[2])]
        others = [
            Dot(row.method, float(row.figures[name]), "published")
            for row in told
            if name in row.figures
        ]
        others.sort(key=lambda dot: -dot.value)
        if dots:
            charts.append(Chart(forest(f"F1 {title.lower()}", [*dots, *others])))
    legend = [Key("dot run0", "measured, with interval")]
    if told:
        legend.append(Key("dot published", "published, without interval"))
    caption = f"F1 on {dataset_title(same[0][1])}. {interval_note(same)}"
    return Figure(caption, tuple(charts), "grid", tuple(legend))


def _dot(measured: Measured, name: str) -> Dot:
    n, run, evidence = measured
    found = evidence.summary.intervals.get(name)
    value = f1_by_kind(evidence)[name].counts.f1
    if found is None or found.f1 is None:
        return Dot(run.name, value, f"run{n % 6}")
    return Dot(run.name, value, f"run{n % 6}", found.f1.low, found.f1.high)


def counts_table(same: Sequence[Measured]) -> Table:
    """Return counts, precision, recall and F1 by kind (SpotFormer, table 6)."""
    rows = [
        _counts_row(run, evidence, name)
        for name in TITLES
        for _, run, evidence in same
        if name in f1_by_kind(evidence)
    ]
    told = published_details(same[0][1].dataset)
    if told:
        rows.append(published_heading(10))
    for row in told:
        f = row.figures
        total = str(int(f["tp"]) + int(f["fn"]))
        cells = (total, f["tp"], f["fp"], f["fn"], f["precision"], f["recall"], f["f1"])
        rows.append(Row((row.method, TITLES[row.group], *cells, row.source), "published"))
    return Table(
        f"Counts, precision and recall on {dataset_title(same[0][1])}",
        ("", "Kind", "Labels", "TP", "FP", "FN", "Precision", "Recall", "F1", "Source"),
        tuple(rows),
        interval_note(same),
        frozenset({0, 1, 9}),
    )


def _counts_row(run: Run, evidence: Evidence, name: str) -> Row:
    figures = f1_by_kind(evidence)[name]
    c = figures.counts
    counts = (str(c.tp + c.fn), str(c.tp), str(c.fp), str(c.fn))
    shares = share_cells(figures, evidence.summary.intervals.get(name))
    return Row((run.name, TITLES[name], *counts, *shares, "this run"), "ours")

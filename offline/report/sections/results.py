"""The papers' tables, with the papers' own rows beside ours."""

from collections.abc import Sequence
from typing import Final

from offline.datasets.catalog import PUBLISHED
from offline.evaluation.micro_f1 import BarChoice, MicroF1
from offline.report.blocks import Block, Row, Section, Table, Text
from offline.report.kinds import ORDER, TITLES
from offline.report.published import published_rows
from offline.report.run_data import Evidence, Run
from offline.report.sections.f1 import counts_table, f1_figure, f1_table
from offline.report.sections.glance import dataset_title, selection, supervision
from offline.report.sections.measured import Measured, f1_by_kind, f1_cell, printed
from offline.report.values import ABSENT, decimals
from realtime.types import RATE_HZ

_ME_COLUMNS: Final = ("f1_me_05", "f1_me_10", "f1_me_p", "recall", "precision", "overall")


def results(runs: Sequence[Run]) -> Section:
    """Return tables and charts for each dataset that a run was evaluated on."""
    groups: dict[str, list[Measured]] = {}
    for n, run in enumerate(runs):
        if run.evidence is not None:
            groups.setdefault(run.dataset, []).append((n, run, run.evidence))
    blocks: list[Block] = []
    for same in groups.values():
        blocks += [*_coverage(same), f1_table(same), f1_figure(same), counts_table(same)]
        blocks += [_micro_table(same), _errors(same)]
    return Section("results", "Spotting", tuple(blocks))


def _coverage(same: Sequence[Measured]) -> list[Block]:
    """Warn where a run has not the labels that published rows are over."""
    lines = []
    for _, run, evidence in same:
        told = PUBLISHED.get(run.dataset)
        if told is None or told.macro is None or told.micro is None:
            continue
        macro, micro = (sum(t.kind is kind for t in evidence.truth) for kind in ORDER)
        if (macro, micro) != (told.macro, told.micro):
            lines.append(
                f"{run.name} is over {macro} macro and {micro} micro labels; the dataset is "
                f"published with {told.macro} and {told.micro}. Its rows and the published ones "
                "are not over the same labels."
            )
    if same[0][1].dataset == "casme3":
        lines.append(
            "The published rows of CAS(ME)³ are over 2071 macro and 207 micro labels (PWES, "
            "section 4.1), not over all that are distributed."
        )
    return [Text(tuple(lines), "warning")] if lines else []


def _micro_table(same: Sequence[Measured]) -> Table:
    rows = [_micro_row(run, evidence) for _, run, evidence in same]
    told = printed(published_rows(same[0][1].dataset, "f1-me"), _ME_COLUMNS)
    oracle = any(e.summary.micro and e.summary.micro.choice is BarChoice.ORACLE for *_, e in same)
    note = "Proposals shorter than 0.5 s and 1.0 s against the micro labels (MC-WES, section 4.2)."
    if oracle:
        note += (
            " The bar on the score behind F1-ME(p) is the one that is best on these very labels, "
            "as the paper defines it: an oracle."
        )
    head = ("F1-ME(0.5)", "F1-ME(1.0)", "F1-ME(p)", "Recall", "Precision", "F1")
    return Table(
        f"F1-ME on {dataset_title(same[0][1])}",
        ("", "Labels used", *head, "Selection", "Source"),
        (*rows, *told),
        note,
        frozenset({0, 1, 8, 9}),
    )


def _micro_row(run: Run, evidence: Evidence) -> Row:
    figures, found = evidence.summary.micro_figures, evidence.summary.intervals
    cells = [f1_cell(figures.get(name), found.get(name.value)) for name in MicroF1]
    counts = evidence.summary.report.overall.counts
    shares = (decimals(counts.recall), decimals(counts.precision), decimals(counts.f1))
    ends = (selection(run), "this run")
    return Row((run.name, supervision(run), *cells, *shares, *ends), "ours")


def _errors(same: Sequence[Measured]) -> Table:
    rows = []
    for _, run, evidence in same:
        for name, figures in f1_by_kind(evidence).items():
            cells = [_apart(ticks) for ticks in figures.errors.in_frames().values()]
            counts = (str(figures.counts.tp), str(figures.errors.apexes))
            rows.append(Row((run.name, TITLES[name], *cells, *counts), "ours"))
    return Table(
        f"Mean absolute error of what was found on {dataset_title(same[0][1])}",
        ("", "Kind", "Onset", "Apex", "Offset", "Hits", "With apex"),
        tuple(rows),
        "In ticks of the 30 Hz grid, and in seconds.",
        frozenset({0, 1}),
    )


def _apart(ticks: float | None) -> str:
    return ABSENT if ticks is None else f"{ticks:.1f} ({ticks / RATE_HZ:.3f} s)"

"""What the tables of results share."""

from collections.abc import Sequence

from offline.evaluation.bootstrap import ShareIntervals
from offline.evaluation.figures import Figures
from offline.evaluation.thresholds import OVERALL
from offline.report.blocks import Cell, Row, stacked
from offline.report.kinds import ORDER
from offline.report.published import SELECTION, PublishedRow
from offline.report.run_data import Evidence, Run
from offline.report.values import ABSENT, decimals, interval

Measured = tuple[int, Run, Evidence]
"""Position among the runs, run, and what was found in it."""


def f1_by_kind(evidence: Evidence) -> dict[str, Figures]:
    """Return figures by name of a kind, macro first, and ``overall``."""
    report = evidence.summary.report
    kinds = {kind.value: report.kinds[kind] for kind in ORDER if kind in report.kinds}
    return {**kinds, OVERALL: report.overall}


def f1_cell(figures: Figures | None, found: ShareIntervals | None) -> Cell:
    """Return an F1 with its interval."""
    if figures is None:
        return ABSENT
    return stacked(decimals(figures.counts.f1), interval(found.f1 if found else None))


def share_cells(figures: Figures, found: ShareIntervals | None) -> tuple[Cell, Cell, Cell]:
    """Return precision, recall and F1 with their intervals."""
    c = figures.counts
    return (
        stacked(decimals(c.precision), interval(found.precision if found else None)),
        stacked(decimals(c.recall), interval(found.recall if found else None)),
        f1_cell(figures, found),
    )


def printed(rows: Sequence[PublishedRow], columns: Sequence[str]) -> list[Row]:
    """Return published rows under a heading of their own; nothing where there are none.

    Parameters
    ----------
    rows
        As the papers print them.
    columns
        Names of the figures, in the order of the table, which has a column for the method and one
        for the labels used before them, and one for selection and one for the source after them.
    """
    if not rows:
        return []
    out = [published_heading(len(columns) + 4)]
    for row in rows:
        cells = [row.figures.get(column, ABSENT) for column in columns]
        ends = (SELECTION[row.selection], row.source)
        out.append(Row((row.method, row.supervision, *cells, *ends), "published"))
    return out


def published_heading(columns: int) -> Row:
    """Return the row that stands above published ones."""
    return Row(("Published", *[""] * (columns - 1)), "band")


def interval_note(same: Sequence[Measured]) -> str:
    """Return what the numbers in brackets are."""
    summaries = [evidence.summary for *_, evidence in same if evidence.summary.intervals]
    if not summaries:
        return "No confidence intervals: they need two subjects or more."
    rules = summaries[0].rules
    return (
        f"In brackets: {100 * rules.level:g} % percentile intervals over {rules.draws} draws of "
        f"subjects (seed {rules.seed}); they describe other people under the same model."
    )

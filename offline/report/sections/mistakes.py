"""False positives and misses: why they are wrong, and how they look as curves."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engines.intervals import Kind
from offline.report.blocks import Block, Chart, Figure, Row, Section, Table
from offline.report.charts.close_up import close_up
from offline.report.charts.timeline import Curves, where
from offline.report.judged import Judged, Reason
from offline.report.kinds import ORDER, TITLES
from offline.report.run_data import Evidence, Run
from offline.report.sections.glance import source
from offline.report.sections.legends import CLOSE_UP
from offline.report.values import counted, decimals


def mistakes(runs: Sequence[Run], most: int) -> Section:
    """Return a table of reasons and two galleries for each run.

    Parameters
    ----------
    runs
        All runs.
    most
        Charts in a gallery.
    """
    blocks: list[Block] = []
    for run in runs:
        if run.evidence is not None:
            blocks += [_reasons(run, run.evidence), *_galleries(run, run.evidence, most)]
    return Section("mistakes", "False positives and misses", tuple(blocks))


def _reasons(run: Run, evidence: Evidence) -> Table:
    verdict = evidence.verdict
    rows = []
    for title, judged in (("False positives", verdict.proposals), ("Misses", verdict.labels)):
        wrong = [j for j in judged if j.wrong]
        columns = [[j for j in wrong if j.instance.kind is kind] for kind in ORDER] + [wrong]
        rows.append(Row((title, *(str(len(column)) for column in columns)), "group"))
        for reason in Reason:
            counts = [Counter(j.reason for j in column)[reason] for column in columns]
            if counts[-1]:
                rows.append(Row((reason.value, *map(str, counts))))
    return Table(
        f"Why proposals of {run.name} are wrong and labels were missed",
        ("", *TITLES.values()),
        tuple(rows),
        "The first reason that applies. “Overlap too small” means that boundaries were too far off "
        f"for an IoU of {evidence.summary.rules.iou:g}.",
    )


def _galleries(run: Run, evidence: Evidence, most: int) -> list[Figure]:
    wrong = [p for p in evidence.verdict.proposals if p.wrong]
    wrong.sort(key=lambda p: (-p.instance.score, p.instance.video, p.instance.onset))
    missed = [(t, _peak(t, run.curves(t.instance.video)))
              for t in evidence.verdict.labels if t.wrong]  # fmt: skip
    missed.sort(key=lambda m: (m[1] is None, -(m[1] or 0.0), m[0].instance.video,
                               m[0].instance.onset))  # fmt: skip
    shown = missed[:most]
    figures = []
    if wrong and most:
        cards = [_card(run, evidence, p, f"score {p.instance.score:.3g}") for p in wrong[:most]]
        which = _which(len(cards), len(wrong), "false positive", "highest score first")
        figures.append(Figure(f"{run.name}: {which}.", tuple(cards), "cards", CLOSE_UP))
    if shown:
        what = "class score" if source(run) else "apex score"
        cards = [_card(run, evidence, t, f"{what} up to {decimals(peak, 2)}")
                 for t, peak in shown]  # fmt: skip
        order = f"those with the highest {what} within the label first"
        which = _which(len(cards), len(missed), "miss", order, "misses")
        figures.append(Figure(f"{run.name}: {which}.", tuple(cards), "cards", CLOSE_UP))
    return figures


def _card(run: Run, evidence: Evidence, judged: Judged, told: str) -> Chart:
    i = judged.instance
    svg = close_up(judged, run.curves(i.video), evidence.verdict.of_video(i.video),
                   evidence.ticks.get(i.video, i.offset + 1))  # fmt: skip
    why = judged.reason.value if judged.reason else ""
    best = f", best IoU {judged.iou:.2f}" if judged.iou else ""
    kind = i.kind.value if i.kind else ""
    return Chart(svg, f"{where(i)}, {told}. {why.capitalize()}{best}.", f"{kind} · {i.video}")


def _peak(label: Judged, curves: Curves) -> float | None:
    """Return the highest apex score within a label, of snippets the highest class score."""
    i = label.instance
    kind = (i.kind or Kind.MACRO).value
    curve = curves.get(f"{kind}_apex", curves.get(kind, np.zeros(0, np.float32)))
    values = curve[i.onset : i.offset + 1]
    known = values[np.isfinite(values)]
    return float(known.max()) if len(known) else None


def _which(shown: int, there_are: int, one: str, order: str, many: str | None = None) -> str:
    total = counted(there_are, one, many)
    return f"{total}, {order}" if shown == there_are else f"{shown} of {total}, {order}"

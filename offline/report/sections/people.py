"""Figures of every held-out subject."""

from collections.abc import Sequence

from engines.intervals import Kind
from offline.evaluation.figures import Figures
from offline.evaluation.metrics import evaluate
from offline.report.blocks import Details, Row, Section, Table, Text
from offline.report.charts.tally import tally
from offline.report.kinds import ORDER
from offline.report.run_data import Evidence, Run, Training
from offline.report.sections.legends import TALLY
from offline.report.values import ABSENT, decimals

_OPEN_UP_TO = 40


def people(runs: Sequence[Run]) -> Section:
    """Return a table of subjects for each run."""
    blocks = []
    for run in runs:
        if run.evidence is not None:
            table = _table(run, run.evidence)
            blocks.append(Details(run.name, (table,), len(table.rows) <= _OPEN_UP_TO))
    if not blocks:
        return Section("subjects", "Subjects", ())
    lead = Text(("Each subject was spotted by a network that was trained without them.",))
    return Section("subjects", "Subjects", (lead, _legend(), *blocks))


def _legend() -> Text:
    return Text((), legend=TALLY)


def _table(run: Run, evidence: Evidence) -> Table:
    figures = evidence.summary.report.subjects
    by_kind = {kind: _of_kind(evidence, kind) for kind in ORDER}
    largest = max((f.counts.tp + f.counts.fn + f.counts.fp for f in figures.values()), default=1)
    epochs = {one.name: _epoch(one) for one in run.trainings}
    videos = list(evidence.subjects.by_video.values())
    rows = []
    for name, figure in figures.items():
        c = figure.counts
        kinds = [_f1(by_kind[kind].get(name)) for kind in ORDER]
        rows.append(Row((
            name, str(videos.count(name)), str(c.tp + c.fn), str(c.tp), str(c.fp), str(c.fn),
            decimals(c.precision, 3), decimals(c.recall, 3), *kinds, decimals(c.f1, 3),
            epochs.get(name, ABSENT), tally(c, largest),
        )))  # fmt: skip
    return Table(
        f"Subjects of {run.name}",
        ("Subject", "Videos", "Labels", "TP", "FP", "FN", "Precision", "Recall", "F1 macro",
         "F1 micro", "F1", "Epoch", "Found, missed, wrong"),
        tuple(rows),
        "F1 of a kind is missing where the subject has neither label nor proposal of it.",
        frozenset({0, 12}),
    )  # fmt: skip


def _of_kind(evidence: Evidence, kind: Kind) -> dict[str, Figures]:
    rules = evidence.summary.rules
    if rules.ignore_kind:
        return {}
    report = evaluate(
        [t for t in evidence.truth if t.kind is kind],
        [p for p in evidence.predictions if p.kind is kind and rules.counts(p)],
        ignored=evidence.ignored, iou=rules.iou, variant=rules.variant,
        subjects=evidence.subjects.by_video,
    )  # fmt: skip
    return dict(report.subjects)


def _f1(figures: Figures | None) -> str:
    if figures is None or not (figures.counts.tp + figures.counts.fn + figures.counts.fp):
        return ABSENT
    return decimals(figures.counts.f1, 3)


def _epoch(training: Training) -> str:
    epoch = training.selection.get("epoch")
    return str(epoch) if isinstance(epoch, int) else ABSENT

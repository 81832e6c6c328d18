"""The table of an ablation."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.intervals import Kind
from offline.ablation.cases import Case
from offline.evaluation.summary import Summary
from offline.evaluation.thresholds import OVERALL
from offline.mcwes.config import SnippetModel
from offline.methods.registry import published_rules
from offline.snippets.reads import random_note
from offline.spotformer.config import SpotFormerConfig
from offline.training.data import SIMULATED
from offline.training.settings import Settings

HEADER: Final = (
    "case", "reads", "weights", "MaE", "ME", "overall", "95 % interval", "TP", "FP", "FN",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """What one case came to.

    Attributes
    ----------
    case, settings
        What it is.
    train_on, test_on
        Datasets.
    weights
        Trained values of the network.
    subjects
        Who was tested, out of how many that the case asks for.
    summary
        The figures.
    folds
        Whether each tested subject was left out in turn.
    """

    case: Case
    settings: Settings
    train_on: tuple[str, ...]
    test_on: tuple[str, ...]
    weights: int
    subjects: tuple[int, int]
    summary: Summary
    folds: bool

    @property
    def partial(self) -> bool:
        """Whether folds are missing."""
        return self.subjects[0] < self.subjects[1]

    @property
    def approximation(self) -> str:
        """What of the input is not measured as such, in words; empty for nothing."""
        recorded = {*self.train_on, *self.test_on} - {SIMULATED}
        return approximation(self.settings.model) if recorded else ""

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "case": self.case.name,
            "preset": self.case.preset,
            "method": self.settings.method,
            "train_on": list(self.train_on),
            "test_on": list(self.test_on),
            "loso": self.folds,
            "subjects_tested": self.subjects[0],
            "subjects_to_test": self.subjects[1],
            "reads": self.settings.reads,
            "approximated": self.approximation,
            "features": self.settings.files.source,
            "weights": self.weights,
            "settings": dataclasses.asdict(self.settings),
            "decoder": published_rules(self.settings).to_dict(),
            "evaluation": self.summary.to_dict(),
        }


def table_text(rows: Sequence[Row], notes: Sequence[str]) -> str:
    """Return the table, F1 at IoU 0.5 by the protocol, and what must be said beside it."""
    cells = [HEADER, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    marks = [
        f"{row.case.name}: PARTIAL, {row.subjects[0]} of {row.subjects[1]} subjects"
        for row in rows
        if row.partial
    ]
    asides = {text for row in rows if (text := row.approximation)}
    asides |= {note for row in rows if (note := random_note(row.settings.files.source))}
    return "\n".join([*notes, *marks, *sorted(asides), "", *lines])


def approximation(model: SpotFormerConfig | SnippetModel) -> str:
    """Return in words what of recorded windows is not measured as such; empty for nothing.

    See :mod:`offline.spotformer.inputs`.
    """
    if isinstance(model, SnippetModel) or model.flow != "adjacent":
        return ""
    late = model.window - 2
    return f"{model.reads}: the last {late} ticks of a run hold differences of SW-MRO"


def _cells(row: Row) -> tuple[str, ...]:
    report = row.summary.report
    counts = report.overall.counts
    f1 = [report.kinds[kind].counts.f1 for kind in (Kind.MACRO, Kind.MICRO)] + [counts.f1]
    shares = row.summary.intervals.get(OVERALL)
    interval = shares.f1 if shares else None
    return (
        row.case.name,
        row.settings.reads,
        str(row.weights),
        *(f"{value:.4f}" for value in f1),
        f"{interval.low:.4f} to {interval.high:.4f}" if interval else "-",
        *(str(count) for count in (counts.tp, counts.fp, counts.fn)),
    )

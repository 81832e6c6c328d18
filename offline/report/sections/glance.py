"""What a reader must know first: the figures, and what they may not be quoted without."""

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from engines.intervals import Kind
from offline.evaluation.thresholds import OVERALL
from offline.report.blocks import Block, Cell, Section, Text, Tiles
from offline.report.kinds import TITLES
from offline.report.published import DATASET_TITLES
from offline.report.run_data import Evidence, Run
from offline.report.values import ABSENT, counted, decimals, interval, section
from offline.snippets.reads import random_note

_SUPERVISION: Final = {"spotformer": "frames", "gim": "points", "pwes": "points",
                       "mc-wes": "videos"}  # fmt: skip


def glance(runs: Sequence[Run]) -> Section:
    """Return the first section: one block of large numbers for each evaluated run."""
    blocks: list[Block] = []
    for run in runs:
        blocks += _warnings(run)
        if run.evidence is not None:
            blocks.append(_tiles(run, run.evidence))
    return Section("glance", "At a glance", tuple(blocks))


def dataset_title(run: Run) -> str:
    """Return the name of a run's dataset as papers write it."""
    return DATASET_TITLES.get(run.dataset, run.dataset or "unnamed data")


def supervision(run: Run) -> str:
    """Return on what labels a run's method trains, in the words of the published rows."""
    return _SUPERVISION.get(str(run.config.get("method")), ABSENT)


def source(run: Run) -> str:
    """Return how the snippets of a run were measured; empty for a method of windows."""
    told = section(run.config, "snippets").get("source")
    return told if isinstance(told, str) else ""


def selection(run: Run) -> Cell:
    """Return the rule by which epochs were chosen; an oracle stands out."""
    if run.selection == "oracle":
        return Markup('<em class="flag">oracle</em>')
    return run.selection or "not stated"


def scope(run: Run, evidence: Evidence) -> str:
    """Return in one line what a run's figures are over."""
    labels = [sum(t.kind is kind for t in evidence.truth) for kind in (Kind.MACRO, Kind.MICRO)]
    return (
        f"{dataset_title(run)}: {counted(evidence.subjects.count, 'subject')}, "
        f"{counted(len(evidence.subjects.by_video), 'video')}, {labels[0]} macro and "
        f"{labels[1]} micro labels, {counted(len(evidence.predictions), 'proposal')}"
    )


def _tiles(run: Run, evidence: Evidence) -> Tiles:
    report, intervals = evidence.summary.report, evidence.summary.intervals
    figures = {kind.value: report.kinds[kind] for kind in (Kind.MACRO, Kind.MICRO)
               if kind in report.kinds} | {OVERALL: report.overall}  # fmt: skip
    tiles = []
    for name, figure in figures.items():
        found = intervals.get(name)
        counts = figure.counts
        under = [f"{counts.tp} of {counts.tp + counts.fn} found, {counts.fp} proposals wrong"]
        if found and found.f1:
            level = 100 * evidence.summary.rules.level
            under.insert(0, f"{level:g} % interval {interval(found.f1)}")
        tiles.append((f"F1 {TITLES[name].lower()}", decimals(counts.f1, 3), tuple(under)))
    return Tiles(f"{run.name}: {scope(run, evidence)}", tuple(tiles))


def _warnings(run: Run) -> list[Block]:
    note = random_note(source(run))
    lines = [f"{run.name}: {note}."] if note else []
    if run.selection == "oracle":
        lines.append(
            f"{run.name}: selection “oracle”. Epochs were chosen on the held-out subjects’ own "
            "labels; the figures serve to compare with papers that do so, and are not what a new "
            "person may expect."
        )
    if not run.finished:
        what = "only what is finished is shown" if run.loso else "its training has not ended"
        lines.append(f"{run.name}: unfinished, {what}.")
    lines += [f"{run.name}: {gap}." for gap in run.gaps]
    told = run.result.get("warnings")
    if isinstance(told, list):
        said = (line for line in told if isinstance(line, str) and line != note)
        lines += [f"{run.name}: {line}." for line in said if not line.startswith("selection")]
    return [Text(tuple(lines), "warning")] if lines else []

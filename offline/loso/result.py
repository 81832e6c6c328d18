"""The figures of a LOSO run, from the folds that are finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from offline.evaluation.rules import Rules
from offline.evaluation.subjects import Subjects
from offline.evaluation.summary import Summary, summarise
from offline.evaluation.tables import read_predictions
from offline.evaluation.text import summary_text
from offline.loso.corpus import Clip, Corpus
from offline.loso.folder import (
    CONFIG,
    PREDICTIONS,
    RESULT,
    SUBJECTS,
    TRUTH,
    LosoFolder,
    read_json,
    workplace,
    write_json,
)
from offline.loso.plan import Bar, LosoPlan, Selection
from offline.loso.selection import bar_of
from offline.loso.tables import (
    ignored_of,
    labels_of,
    write_predictions,
    write_subjects,
    write_truth,
)
from offline.snippets.reads import random_note
from offline.training.changes import commands_of
from realtime.types import RATE_HZ


@dataclass(frozen=True, slots=True)
class LosoResult:
    """What a LOSO run came to.

    Attributes
    ----------
    plan, corpus
        What was asked for, and of which videos.
    done
        Subjects whose folds are finished; the figures are theirs alone.
    summary
        The evaluator's figures, in ticks of 30 Hz.
    choices
        Content of ``selection.json`` by subject.
    commands
        What was typed, first things first.
    """

    plan: LosoPlan
    corpus: Corpus
    done: tuple[str, ...]
    summary: Summary
    choices: Mapping[str, Mapping[str, object]]
    commands: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Subjects whose folds are not finished."""
        return tuple(one for one in self.corpus.subjects if one not in self.done)

    def to_dict(self) -> dict[str, object]:
        """Return everything for JSON."""
        selection, bar = self.plan.selection, self.plan.bar
        return {
            "warnings": self.warnings(),
            "commands": list(self.commands),
            "selection": {
                "rule": selection.value,
                "meaning": selection.meaning,
                "oracle": selection is Selection.ORACLE,
                "epochs": {name: choice["epoch"] for name, choice in self.choices.items()},
            },
            "bar": {
                "rule": bar.value,
                "meaning": bar.meaning,
                "scores": {name: bar_of(choice) for name, choice in self.choices.items()},
            },
            "folds": {
                "subjects": list(self.corpus.subjects),
                "done": list(self.done),
                "missing": list(self.missing),
            },
            "data": self.corpus.describe(),
            "rate_hz": RATE_HZ,
            "plan": self.plan.describe(),
            "evaluation": self.summary.to_dict(),
            "environment": workplace(),
        }

    def warnings(self) -> list[str]:
        """Return what the figures must not be quoted without, in words."""
        lines = []
        if self.plan.selection is Selection.ORACLE:
            lines.append(f"selection {self.plan.selection.meaning}")
        if note := random_note(self.corpus.source):
            lines.append(note)
        if self.missing:
            lines.append(
                f"PARTIAL: {len(self.done)} of {len(self.corpus.subjects)} folds; "
                f"missing {', '.join(self.missing)}"
            )
        if self.corpus.absent:
            labels = sum(one.labels for one in self.corpus.absent)
            lines.append(
                f"{len(self.corpus.absent)} videos without features take no part, and with them "
                f"{labels} labels"
            )
        return lines

    def text(self) -> str:
        """Return the printed table; its first lines name the selection."""
        plan, about = self.plan, self.corpus.about
        notes = [
            f"leave one subject out: {self.corpus.name}, selection {plan.selection.value} "
            f"({plan.selection.meaning})",
            *_of_points(plan),
            f"seed {plan.seed}, offsets that were not annotated: {about.get('imputation', '-')}",
        ]
        if plan.bar is not Bar.NONE:
            notes.append(f"score bar {plan.bar.value} ({plan.bar.meaning})")
        lines = [line for line in self.warnings() if not line.startswith("selection")]
        return "\n".join([*notes, *lines, "", summary_text(self.summary, ("subject",))])


def _of_points(plan: LosoPlan) -> list[str]:
    """Return what the training saw of the labels, in words; nothing where it saw all of them."""
    if plan.points is None:
        return []
    told = ", ".join(f"{key} {value}" for key, value in plan.points.describe().items())
    return [f"trained from points alone: {told}"]


def gather(folder: LosoFolder, plan: LosoPlan, corpus: Corpus) -> LosoResult | None:
    """Evaluate the finished folds and write the tables and the result; None without any.

    Parameters
    ----------
    folder
        Of the run.
    plan, corpus
        What the run is.
    """
    done = tuple(one for one in corpus.subjects if folder.fold(one).finished)
    if not done:
        return None
    clips = [clip for clip in corpus.clips if clip.subject in done]
    found = [one for name in done for one in read_predictions(folder.fold(name).predictions)]
    choices = {name: read_json(folder.fold(name).selection) for name in done}
    bars = _bars(clips, choices) if plan.bar is not Bar.NONE else None
    subjects = {clip.name: clip.subject for clip in clips}
    write_predictions(folder.path / PREDICTIONS, found, subjects)
    write_truth(folder.path / TRUTH, clips)
    write_subjects(folder.path / SUBJECTS, clips, bars)
    summary = summarise(
        [one for clip in clips for one in labels_of(clip)],
        found,
        Subjects(subjects, ()),
        ignored=[one for clip in clips for one in ignored_of(clip)],
        rules=Rules(fps=float(RATE_HZ), seed=plan.seed, bars=bars),
    )
    commands = commands_of(read_json(folder.path / CONFIG))
    result = LosoResult(plan, corpus, done, summary, choices, tuple(commands))
    write_json(folder.path / RESULT, result.to_dict())
    return result


def _bars(clips: Sequence[Clip], choices: Mapping[str, Mapping[str, object]]) -> dict[str, float]:
    """Return the bar of each video's fold, where there is one."""
    found = {clip.name: bar_of(choices[clip.subject]) for clip in clips}
    return {video: bar for video, bar in found.items() if bar is not None}

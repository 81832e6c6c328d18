"""A case without folds: one network, trained once, and what it finds in the test videos."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.ablation.datasets import Datasets
from offline.ablation.split import Sides, Split
from offline.data.records import FeatureRecord
from offline.evaluation.instances import Instance
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import Subjects
from offline.evaluation.summary import Summary, summarise
from offline.evaluation.tables import read_predictions
from offline.loso.corpus import Clip, load_clips
from offline.loso.folder import PREDICTIONS, SUBJECTS, TRUTH, read_json, write_json
from offline.loso.plan import LosoPlan
from offline.loso.prediction import spot
from offline.loso.tables import (
    ignored_of,
    labels_of,
    write_predictions,
    write_subjects,
    write_truth,
)
from offline.methods.registry import load_network
from offline.snippets.record import Record
from offline.training.changes import changed_settings, with_command
from offline.training.data import SIMULATED, simulated_recipe
from offline.training.start import Source, train
from offline.training.validation import draw_held_out
from realtime.types import RATE_HZ

CASE: Final = "case.json"
RUN: Final = "run"


@dataclass(frozen=True, slots=True)
class Single:
    """One training and its test.

    Attributes
    ----------
    out
        Folder of the case.
    plan
        Settings, decoding and seed; the last epoch is used.
    sides, data, split
        What it is trained and tested on.
    command
        What was typed.
    """

    out: Path
    plan: LosoPlan
    sides: Sides
    data: Datasets
    split: Split
    command: str = ""

    def run(self, progress: bool = True) -> Summary:
        """Train and test, or go on, or read what is finished.

        Raises
        ------
        UsageError
            If the folder holds something else, or there is nothing to train on or to test.
        KeyboardInterrupt
            After an interrupt; the same call goes on.
        """
        self._claim()
        drawn = self._drawn() if SIMULATED in self.sides.test else []
        tested = [*self.split.test, *(_clip(record) for record in drawn)]
        if not tested:
            raise UsageError(f"{self.out.name}: nobody is left to be tested; add data")
        if not (self.out / PREDICTIONS).is_file():
            self._work(tested, drawn, progress)
        return self._evaluate(tested)

    def _claim(self) -> None:
        """Take the folder, if it is empty or holds the same case."""
        path, now = self.out / CASE, self._describe()
        before: dict[str, object] = {}
        if path.exists():
            before = read_json(path)
            if changed := changed_settings(before, now, LosoPlan().describe()):
                raise UsageError(
                    f"{self.out}: holds a case with another {', '.join(changed)}; "
                    "choose a new --out"
                )
        elif self.out.exists() and (not self.out.is_dir() or any(self.out.iterdir())):
            raise UsageError(f"{self.out}: holds something other than a case; choose a new --out")
        write_json(path, with_command(now, before, self.command))

    def _describe(self) -> dict[str, object]:
        return {
            **self.plan.describe(),
            "train_on": self.data.describe(self.sides.train),
            "test_on": self.data.describe(self.sides.test),
            "held_out": list(self.split.held_out),
        }

    def _drawn(self) -> list[FeatureRecord]:
        """Return simulated test videos, which no training draws, each of a subject of its own."""
        recipe = simulated_recipe(self.plan.settings.files)
        return [
            dataclasses.replace(record, name=name, subject=name)
            for number, record in enumerate(draw_held_out(recipe, self.plan.seed))
            for name in [f"{SIMULATED}/{number:02d}"]
        ]

    def _sources(self) -> list[Source]:
        sources = []
        if self.split.train:
            names = "+".join(name for name in self.sides.train if name != SIMULATED)
            sources.append(Source(names, load_clips(self.split.train)))
        if SIMULATED in self.sides.train:
            sources.append(Source(SIMULATED, simulated_recipe(self.plan.settings.files)))
        return sources

    def _work(self, tested: Sequence[Clip], drawn: Sequence[FeatureRecord], progress: bool) -> None:
        run = train(
            self.plan.settings,
            self._sources(),
            self.out / RUN,
            self.plan.seed,
            points=self.plan.points,
            threads=self.plan.threads,
            device=self.plan.device,
            progress=progress,
            command=self.command,
        )
        model = load_network(run).to(self.plan.device).eval()
        found: list[Instance] = []
        for name, record in self._records(drawn):
            spotted = spot(model, record, self.plan.decoding)
            found += [Instance.of(name, interval) for interval in spotted.found]
        write_truth(self.out / TRUTH, tested)
        write_subjects(self.out / SUBJECTS, tested)
        write_predictions(self.out / PREDICTIONS, found, {c.name: c.subject for c in tested})

    def _records(self, drawn: Sequence[FeatureRecord]) -> Iterable[tuple[str, Record]]:
        """Yield the test videos by name, one recorded one in memory at a time."""
        for clip in self.split.test:
            yield clip.name, load_clips([clip])[0]
        yield from ((record.name, record) for record in drawn)

    def _evaluate(self, tested: Sequence[Clip]) -> Summary:
        return summarise(
            [one for clip in tested for one in labels_of(clip)],
            read_predictions(self.out / PREDICTIONS),
            Subjects({clip.name: clip.subject for clip in tested}, ()),
            ignored=[one for clip in tested for one in ignored_of(clip)],
            rules=Rules(fps=float(RATE_HZ), seed=self.plan.seed),
        )


def _clip(record: FeatureRecord) -> Clip:
    return Clip(
        Path(), record.name, record.subject, len(record.scored), record.intervals, record.ignored,
        digest="",
    )  # fmt: skip

"""All cases of an ablation, one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from offline.ablation.cases import Case
from offline.ablation.datasets import Datasets, read_all
from offline.ablation.options import Options
from offline.ablation.single import Single
from offline.ablation.split import Sides, loso_corpus, split
from offline.ablation.table import Row
from offline.evaluation.summary import Summary
from offline.loso.plan import LosoPlan
from offline.loso.run import run_loso
from offline.methods.registry import method_of
from offline.training.settings import Settings, load_settings
from offline.work.executor import Executor


@dataclass(frozen=True, slots=True)
class Entry:
    """One case and what it is trained and tested on.

    Attributes
    ----------
    case, settings
        What it is.
    sides
        Names of its datasets.
    data
        All datasets, their features those that the network reads.
    """

    case: Case
    settings: Settings
    sides: Sides
    data: Datasets


@dataclass(frozen=True, slots=True)
class Ablation:
    """Cases, each with its settings and datasets, all of which are known to be there.

    Attributes
    ----------
    entries
        In the table's order.
    options
        What the cases share.
    """

    entries: tuple[Entry, ...]
    options: Options

    @classmethod
    def of(cls, cases: Sequence[Case], texts: Sequence[str], options: Options) -> "Ablation":
        """Check all cases before the first one is trained.

        Parameters
        ----------
        cases
            In the table's order.
        texts
            ``NAME=FOLDER`` of feature files, of every sort that a case reads, or
            ``simulated``.
        options
            What the cases share.

        Raises
        ------
        UsageError
            If a preset, a dataset or its features of a sort are not there, or a case cannot be
            tested in this way.
        """
        chosen = [(case, load_settings(case.preset, options.overrides)) for case in cases]
        data = read_all(texts, [settings.files for _, settings in chosen])
        entries = []
        for case, settings in chosen:
            own = data[settings.files]
            entries.append(Entry(case, settings, Sides.of(case, own), own))
            options.plan_of(settings, own)
            if options.loso:
                loso_corpus(entries[-1].sides, own)
        return cls(tuple(entries), options)

    def run(
        self, out: Path, executor: Executor | None = None, progress: bool = True
    ) -> tuple[list[Row], list[str]]:
        """Train and test every case that is not finished, and return the rows.

        Parameters
        ----------
        out
            Folder of all cases.
        executor
            Where folds run.
        progress
            Whether to show progress on standard error.

        Returns
        -------
        rows, failures
            Of the cases that came to figures; a line for each fold that failed.

        Raises
        ------
        UsageError
            If a folder holds another case.
        KeyboardInterrupt
            After an interrupt; the same call goes on.
        """
        rows: list[Row] = []
        failures: list[str] = []
        with tqdm(
            self.entries, desc="cases", unit="case", disable=not progress, dynamic_ncols=True
        ) as bar:
            for entry in bar:
                case, sides = entry.case, entry.sides
                bar.set_postfix_str(case.name)
                plan = self.options.plan_of(entry.settings, entry.data)
                folds = loso_corpus(sides, entry.data) if self.options.loso else None
                if folds is None:
                    rows.append(self._once(entry, plan, out, progress))
                    continue
                corpus, people = folds
                run = run_loso(
                    plan,
                    corpus,
                    out / case.name,
                    executor=executor,
                    only=people,
                    progress=progress,
                    command=self.options.command,
                )
                failures += [f"{case.name}, fold {o.subject}: {o.reason}" for o in run.failed]
                if run.result is not None:
                    tested = (len(run.result.done), len(people))
                    rows.append(_row(case, plan, sides, tested, run.result.summary, folds=True))
        return rows, failures

    def _once(self, entry: Entry, plan: LosoPlan, out: Path, progress: bool) -> Row:
        case, sides, data = entry.case, entry.sides, entry.data
        chosen = split(sides, data, self.options.share, plan.seed)
        single = Single(out / case.name, plan, sides, data, chosen, self.options.command)
        summary = single.run(progress)
        count = summary.subjects.count
        return _row(case, plan, sides, (count, count), summary, folds=False)


def _row(
    case: Case, plan: LosoPlan, sides: Sides, tested: tuple[int, int], summary: Summary, folds: bool
) -> Row:
    model = method_of(plan.settings).build(plan.settings)
    return Row(
        case=case,
        settings=plan.settings,
        train_on=sides.train,
        test_on=sides.test,
        weights=model.parameters_count,
        subjects=tested,
        summary=summary,
        folds=folds,
    )

"""All folds of a LOSO run, wherever there are cores for them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from engines.errors import UsageError
from offline.loso.corpus import Corpus
from offline.loso.fold import FoldContext, Outcome, run_fold
from offline.loso.folder import CONFIG, LosoFolder, read_json
from offline.loso.plan import LosoPlan
from offline.loso.progress import FoldProgress
from offline.loso.result import LosoResult, gather
from offline.work.executor import Executor, LocalExecutor

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LosoRun:
    """What a command did and what there is now.

    Attributes
    ----------
    outcomes
        Of the folds that were asked for.
    result
        Figures over all finished folds; None where none is.
    """

    outcomes: tuple[Outcome, ...]
    result: LosoResult | None

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Folds that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def failures(self) -> dict[str, str]:
        """Why folds failed, by subject."""
        return {outcome.subject: outcome.reason for outcome in self.failed}

    @property
    def exit_code(self) -> int:
        """0, the code that all failures share, or 1."""
        codes = {outcome.exit_code for outcome in self.failed}
        return 0 if not codes else codes.pop() if len(codes) == 1 else 1


def run_loso(
    plan: LosoPlan,
    corpus: Corpus,
    out: Path,
    *,
    executor: Executor | None = None,
    only: Sequence[str] = (),
    progress: bool = True,
    command: str = "",
) -> LosoRun:
    """Train and spot every fold that is not finished yet, and evaluate all that are.

    The folds are independent of each other, and so the result is of how many run at a time and
    where; a run that was interrupted and repeated ends with the same figures.

    Parameters
    ----------
    plan
        What decides the figures.
    corpus
        The videos.
    out
        Folder of the run.
    executor
        Where folds run; one after the other in this process when None.
    only
        Subjects whose folds are done now; all when empty.
    progress
        Whether to show a progress bar.
    command
        What was typed, for the run's configuration and result.

    Raises
    ------
    UsageError
        If the folder holds another run, or a subject is unknown. A fold that fails is an outcome.
    KeyboardInterrupt
        After an interrupt; the same call goes on.
    """
    subjects = _chosen(corpus, only)
    folder = LosoFolder.start(out, {**plan.describe(), "data": _identity(corpus)}, command)
    config = read_json(out / CONFIG)
    work = partial(run_fold, FoldContext(out.resolve(), plan, corpus, config))
    outcomes = {}
    with FoldProgress([folder.fold(subject) for subject in subjects], plan, progress):
        for outcome in (executor or LocalExecutor()).run(work, subjects):
            outcomes[outcome.subject] = outcome
            _say(outcome)
    return LosoRun(tuple(outcomes[one] for one in subjects), gather(folder, plan, corpus))


def _chosen(corpus: Corpus, only: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(only) - set(corpus.subjects))
    if unknown:
        raise UsageError(
            f"--folds: no subject {', '.join(unknown)}; there are {', '.join(corpus.subjects)}"
        )
    return tuple(one for one in corpus.subjects if not only or one in only)


def _identity(corpus: Corpus) -> dict[str, object]:
    """Return what must not change between two commands on one folder."""
    return {"digest": corpus.digest, "videos": len(corpus.clips), "subjects": len(corpus.subjects)}


def _say(outcome: Outcome) -> None:
    if outcome.status == "failed":
        log.warning("fold %s failed: %s", outcome.subject, outcome.reason)
        log.debug("%s", outcome.trace)
    else:
        log.info("fold %s: %s", outcome.subject, outcome.status)

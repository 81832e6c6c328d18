"""One fold: train without a subject, choose an epoch, spot that subject's videos."""

import logging
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

import numpy as np
import torch
from filelock import FileLock, Timeout

from engines.errors import FesError, UsageError
from offline.atomic import replace_file
from offline.evaluation.instances import Instance
from offline.loso.corpus import Clip, Corpus, load_clips
from offline.loso.folder import CONFIG, FoldFolder, LosoFolder, read_json, write_json
from offline.loso.held_out import held_out_features
from offline.loso.plan import Bar, LosoPlan, Selection
from offline.loso.prediction import BAR, F1, F1_AT_BAR, Spotted, f1_and_bar_on, f1_on, spot
from offline.loso.selection import KEPT, Choice, best_epoch, candidates, validated, weights_of
from offline.loso.splits import inner_subjects
from offline.loso.tables import write_predictions
from offline.methods.network import SpottingNetwork
from offline.methods.registry import load_network
from offline.report.held_out import FEATURES, save_features
from offline.training.changes import changed_settings
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.settings import Settings
from offline.training.start import Source, Validate, train

log = logging.getLogger(__name__)

LOCK_S: Final = 10.0
"""How long a fold waits for whoever works on it, s: a worker that died lets go at once."""

Status = Literal["done", "present", "failed"]


@dataclass(frozen=True, slots=True)
class FoldContext:
    """What all folds of a run share; it can be pickled, so that any process can do one.

    Attributes
    ----------
    out
        Folder of the LOSO run.
    plan
        What is asked for.
    corpus
        All videos.
    config
        Configuration of the run, as its folder must hold it.
    """

    out: Path
    plan: LosoPlan
    corpus: Corpus
    config: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Fold:
    """One held-out subject of a run."""

    out: Path
    plan: LosoPlan
    corpus: Corpus
    subject: str

    @property
    def folder(self) -> FoldFolder:
        """Where everything of the fold goes."""
        return LosoFolder(self.out).fold(self.subject)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one fold.

    Attributes
    ----------
    subject
        Who was held out.
    status
        ``done`` now; ``present`` from before; ``failed``.
    reason
        Why it failed, one line.
    exit_code
        What such an error ends a command with; 0 where nothing failed.
    trace
        Traceback of a failure.
    """

    subject: str
    status: Status
    reason: str = ""
    exit_code: int = 0
    trace: str = ""


def run_fold(context: FoldContext, subject: str) -> Outcome:
    """Do one fold, or go on with it; a failure is an outcome, so that other folds go on.

    Parameters
    ----------
    context
        The run.
    subject
        Who is held out.
    """
    fold = Fold(context.out, context.plan, context.corpus, subject)
    try:
        _require_same_disk(context)
        with _held(fold.folder):
            if fold.folder.finished:
                return Outcome(fold.subject, "present")
            _work(fold)
    except FesError as error:
        return Outcome(fold.subject, "failed", str(error), error.exit_code, traceback.format_exc())
    except Exception as error:  # a defect in one fold must not cost the days of the others
        reason = f"unexpected {type(error).__name__}: {error}"
        return Outcome(fold.subject, "failed", reason, 1, traceback.format_exc())
    return Outcome(fold.subject, "done")


@contextmanager
def _held(folder: FoldFolder) -> Iterator[None]:
    """Keep others from working on the same fold; the system lets go if this process dies."""
    folder.lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.lock, timeout=LOCK_S):
            yield
    except Timeout as error:
        raise UsageError(
            f"{folder.path}: another process works on it; wait for its end and run again"
        ) from error


def _work(fold: Fold) -> None:
    torch.set_num_threads(fold.plan.threads)
    others = fold.corpus.without(fold.subject)
    choosing = _choosing(fold, others)
    log.info("fold %s: training on %d videos", fold.subject, len(others))
    run = _fit(fold, fold.folder.path, others, fold.plan.fold_settings)
    trials = _inner(fold, others, choosing) if choosing else []
    f1 = _f1_by_epoch(fold, run, trials)
    epoch = best_epoch(f1) if f1 else fold.plan.epochs
    weights = weights_of(epoch, fold.plan.epochs)
    bar = validated(trials, BAR).get(epoch)
    choice = Choice(fold.plan.selection, epoch, weights, f1, choosing, bar, fold.plan.bar)
    write_json(fold.folder.selection, choice.to_dict())
    _predict(fold, run, choice)
    if not fold.plan.settings.training.keep_every:
        _forget(run, choice)


def _fit(
    fold: Fold,
    path: Path,
    clips: Sequence[Clip],
    settings: Settings,
    validate: Validate | None = None,
) -> RunFolder:
    _clear_false_start(path)
    # no name of a folder: an interrupted fold goes on where the data have been moved to
    source = Source(f"all but {fold.subject}", load_clips(clips))
    return train(
        settings,
        [source],
        path,
        fold.plan.seed,
        points=fold.plan.points,
        threads=fold.plan.threads,
        device=fold.plan.device,
        validate=validate,
        progress=False,
        start_from=fold.plan.start_from,
    )


def _choosing(fold: Fold, others: Sequence[Clip]) -> tuple[str, ...]:
    """Return the training subjects that choose epoch or bar, before days go into training."""
    return inner_subjects(others, fold.plan.seed) if fold.plan.splits else ()


def _f1_by_epoch(
    fold: Fold, run: RunFolder, trials: Sequence[Mapping[str, float]]
) -> dict[int, float]:
    """Return what the epoch is chosen by; empty where it is the last one."""
    if fold.plan.selection is Selection.INNER:
        # epoch and bar are chosen together
        return validated(trials, F1 if fold.plan.bar is Bar.NONE else F1_AT_BAR)
    if fold.plan.selection is Selection.ORACLE:
        return _on_own_labels(fold, run)
    return {}


def _inner(fold: Fold, others: Sequence[Clip], choosing: Sequence[str]) -> list[dict[str, float]]:
    """Train on most of the training subjects; return the epochs as the rest of them find them."""
    learning = [clip for clip in others if clip.subject not in choosing]
    records = load_clips(clip for clip in others if clip.subject in choosing)
    measure = f1_on if fold.plan.bar is Bar.NONE else f1_and_bar_on
    validate = partial(measure, records=records, decoding=fold.plan.decoding)
    run = _fit(fold, fold.folder.inner, learning, fold.plan.inner_settings, validate)
    return run.metrics()


def _on_own_labels(fold: Fold, run: RunFolder) -> dict[int, float]:
    """Try every kept epoch on the held-out subject."""
    plan, f1 = fold.plan, {}
    records = load_clips(fold.corpus.of_subject(fold.subject))
    for epoch in candidates(plan.epochs, plan.keep_every):
        model = _model(plan, run, weights_of(epoch, plan.epochs))
        f1[epoch] = f1_on(model, records, plan.decoding)[F1]
    return f1


def _predict(fold: Fold, run: RunFolder, choice: Choice) -> None:
    model = _model(fold.plan, run, choice.weights)
    own = fold.corpus.of_subject(fold.subject)
    records = load_clips(own)
    found: list[Instance] = []
    for record in records:
        spotted = spot(model, record, fold.plan.decoding)
        _save_scores(fold.folder.scores(record.name), spotted)
        found += [Instance.of(record.name, interval) for interval in spotted.found]
    save_features(run.path / FEATURES, held_out_features(model, records, fold.plan.seed))
    write_predictions(fold.folder.predictions, found, {clip.name: clip.subject for clip in own})


def _save_scores(path: Path, spotted: Spotted) -> None:
    arrays = {"scored": spotted.scored, **spotted.curves}
    replace_file(path, lambda file: np.savez_compressed(file, **arrays))


def _model(plan: LosoPlan, run: RunFolder, weights: str) -> SpottingNetwork:
    return load_network(run, weights).to(plan.device).eval()


def _forget(run: RunFolder, choice: Choice) -> None:
    """Delete the weights that were kept to be chosen from, and were not."""
    for path in run.path.glob(KEPT):
        if path.name not in (choice.weights, WEIGHTS):
            path.unlink()


def _clear_false_start(path: Path) -> None:
    """Remove what is left of a run that was killed before its configuration was written."""
    if path.is_dir() and not (path / CONFIG).exists():
        for partial_file in path.glob("*.partial"):
            partial_file.unlink()


def _require_same_disk(context: FoldContext) -> None:
    config = context.out / CONFIG
    # another command may work on other folds of the same run, and be told of there
    if not config.is_file() or changed_settings(read_json(config), context.config, {}):
        raise UsageError(
            f"{context.out}: a worker does not see the run's folder; put --out and the features "
            "on storage that all machines share"
        )

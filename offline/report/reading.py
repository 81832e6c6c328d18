"""Opens the runs of a report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from engines.errors import UsageError
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import assign_subjects, read_subjects
from offline.evaluation.summary import Summary, summarise
from offline.evaluation.tables import read_prediction_table, read_truth
from offline.evaluation.variants import Matching, Variant
from offline.loso.folder import (
    CONFIG,
    ENVIRONMENT,
    FOLDS,
    PREDICTIONS,
    RESULT,
    SELECTION,
    SUBJECTS,
    TRUTH,
)
from offline.report.files import JsonObject, read_epochs, read_object, read_ticks
from offline.report.held_out import FEATURES, load_features
from offline.report.judged import Verdict
from offline.report.run_data import Evidence, Run, Training
from offline.report.soft_labels import SOFT_LABELS, load_soft_labels
from offline.report.values import as_number, counted, number_or, section
from offline.training.run_folder import METRICS
from realtime.types import RATE_HZ


def open_runs(paths: Sequence[Path]) -> list[Run]:
    """Return the runs of some folders, each once, in the order in which they are named.

    Raises
    ------
    UsageError
        If a folder holds no run, is named twice, or one of its files is damaged.
    """
    resolved = [path.resolve() for path in paths]
    for path, real in zip(paths, resolved, strict=True):
        if resolved.count(real) > 1:
            raise UsageError(f"{path}: is named more than once; name each run once")
    return [open_run(p, name) for p, name in zip(paths, _names(resolved), strict=True)]


def open_run(path: Path, name: str) -> Run:
    """Return the run of one folder; what is not there yet is named in its gaps.

    Raises
    ------
    UsageError
        If the folder holds no run, or one of its files is damaged.
    """
    if not (path / CONFIG).is_file():
        raise UsageError(f"{path}: not a run folder, it has no {CONFIG}")
    config = read_object(path / CONFIG)
    loso = (path / FOLDS).is_dir() or "selection" in config
    environment, result = read_object(path / ENVIRONMENT), read_object(path / RESULT)
    trainings = _folds(path) if loso else (_training(path, name, config),)
    expected = _expected(config, trainings) if loso else 1
    evidence = _evidence(path, result) if loso else None
    run = Run(name, path, loso, config, environment, result, trainings, expected, evidence)
    return Run(name, path, loso, config, environment, result, trainings, expected, evidence,
               tuple(_gaps(run)))  # fmt: skip


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the shortest ends of paths that tell them apart."""
    for parts in range(1, max(len(path.parts) for path in paths) + 1):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _folds(path: Path) -> tuple[Training, ...]:
    folder = path / FOLDS
    found = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    return tuple(
        Training(
            unquote(fold.name),
            read_epochs(fold / METRICS),
            (fold / PREDICTIONS).is_file(),
            read_object(fold / SELECTION),
            load_features(fold / FEATURES),
            load_soft_labels(fold / SOFT_LABELS),
        )
        for fold in found
    )


def _training(path: Path, name: str, config: JsonObject) -> Training:
    epochs = read_epochs(path / METRICS)
    wanted = as_number(section(config, "training").get("epochs"))
    done = epochs[-1]["epoch"] if epochs else 0.0
    finished = done >= wanted if wanted is not None else bool(epochs)
    return Training(
        name,
        epochs,
        finished,
        features=load_features(path / FEATURES),
        soft_labels=load_soft_labels(path / SOFT_LABELS),
    )


def _expected(config: JsonObject, trainings: Sequence[Training]) -> int:
    subjects = as_number(section(config, "data").get("subjects"))
    return max(len(trainings), int(subjects or 0))


def _evidence(path: Path, result: JsonObject) -> Evidence | None:
    truth, predictions = path / TRUTH, path / PREDICTIONS
    if not (truth.is_file() and predictions.is_file()):
        return None
    labels, guesses = read_truth(truth), read_prediction_table(predictions)
    listed = path / SUBJECTS
    named = read_subjects(listed) if listed.is_file() else {}
    instances = (*labels.instances, *labels.ignored, *guesses.instances)
    sources = (str(truth), labels.subjects), (str(predictions), guesses.subjects)
    people = assign_subjects({i.video for i in instances}, *sources, (str(listed), named))
    rules = _rules(path / RESULT, result)
    summary = summarise(
        labels.instances, guesses.instances, people, ignored=labels.ignored, rules=rules
    )
    return Evidence(
        labels.instances,
        labels.ignored,
        guesses.instances,
        people,
        read_ticks(listed) if listed.is_file() else {},
        summary,
        Verdict.of(labels.instances, guesses.instances, labels.ignored, rules),
    )


def _rules(path: Path, result: JsonObject) -> Rules:
    """Return the rules of a result, so that its figures are repeated; the protocol's by default."""
    stored = section(section(result, "evaluation"), "rules")
    draws = section(stored, "bootstrap")
    default = Rules(fps=float(RATE_HZ))
    above, plus_one = stored.get("above") is True, stored.get("plus_one") is not False
    try:
        matching = Matching(str(stored.get("matching", default.variant.matching.value)))
        return Rules(
            iou=number_or(stored.get("iou"), default.iou),
            ignore_kind=stored.get("ignore_kind") is True,
            variant=Variant(matching, above, plus_one),
            bar=as_number(stored.get("bar")),
            bars=_bars(stored),
            fps=default.fps,
            draws=int(number_or(draws.get("draws"), default.draws)),
            level=number_or(draws.get("level"), default.level),
            seed=int(number_or(draws.get("seed"), default.seed)),
        )
    except (UsageError, ValueError) as error:
        raise UsageError(f"{path}: its rules cannot be used: {error}") from error


def _bars(stored: JsonObject) -> dict[str, float] | None:
    if not isinstance(stored.get("bars"), Mapping):
        return None
    found = {video: as_number(bar) for video, bar in section(stored, "bars").items()}
    return {video: bar for video, bar in found.items() if bar is not None}


def _gaps(run: Run) -> list[str]:
    gaps = []
    if run.loso:
        done = sum(one.finished for one in run.trainings)
        if done < run.expected:
            gaps.append(f"{done} of {run.expected} folds are finished")
        elif not run.result:
            gaps.append(f"it has no {RESULT}")
        if run.evidence is None:
            gaps.append(f"it has no {TRUTH} with {PREDICTIONS}, so that nothing can be evaluated")
    elif not run.finished:
        gaps.append(f"{counted(len(run.trainings[0].epochs), 'epoch')} finished so far")
    if not run.environment:
        gaps.append(f"it has no {ENVIRONMENT}")
    if run.evidence and (told := _disagreement(run.evidence.summary, run.result)):
        gaps.append(told)
    return gaps


def _disagreement(summary: Summary, result: JsonObject) -> str:
    """Return in words where a stored result has other counts than its tables give."""
    stored = section(section(result, "evaluation"), "overall")
    counts = summary.report.overall.counts
    ours = {"tp": counts.tp, "fp": counts.fp, "fn": counts.fn}
    theirs: Mapping[str, object] = {key: stored.get(key, ours[key]) for key in ours}
    if theirs == ours:
        return ""
    return f"{RESULT} says {theirs}, its tables give {ours}; this page is made from the tables"

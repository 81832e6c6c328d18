"""Whole LOSO runs of tiny networks."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from engines.errors import UsageError
from offline.commands.evaluate import evaluate as evaluate_command
from offline.loso import fold as folds
from offline.loso.folder import LosoFolder
from offline.loso.plan import Selection
from offline.loso.progress import FoldProgress
from offline.loso.result import gather
from offline.loso.run import LosoRun, run_loso
from offline.training.run_folder import RunFolder
from tests.offline.loso.loso_makers import plan, write_corpus


def run(tmp_path: Path, out: str = "out", asked=None, subjects: str = "abc", **options) -> LosoRun:
    corpus = write_corpus(tmp_path / f"features-{subjects}", subjects, options.pop("quiet", ""))
    return run_loso(asked or plan(), corpus, tmp_path / out, progress=False, **options)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("selection", Selection)
def test_the_weights_of_a_fold_do_not_depend_on_the_held_out_subject(
    tmp_path: Path, selection: Selection
) -> None:
    """Other features and labels of that subject change every fold but the subject's own."""
    asked = plan(selection=selection, keep_every=1)
    for name, changed in (("x", ""), ("y", "b")):
        corpus = write_corpus(tmp_path / name, "abcd", quiet=changed, changed=changed)
        run_loso(asked, corpus, tmp_path / f"out-{name}", progress=False, only=("a", "b"))
    for subject, same in (("b", True), ("a", False)):
        one, other = (LosoFolder(tmp_path / f"out-{n}").fold(subject).path for n in "xy")
        weights = sorted(p.relative_to(one) for p in one.rglob("weights*.safetensors"))
        assert len(weights) >= 3 if selection is not Selection.LAST else weights
        found = [(one / w).read_bytes() == (other / w).read_bytes() for w in weights]
        assert all(found) if same else not any(found)


@pytest.mark.parametrize("selection", [Selection.LAST, Selection.INNER])
def test_what_is_trained_and_chosen_with_never_holds_the_held_out_subject(
    tmp_path: Path, monkeypatch, selection: Selection
) -> None:
    plain, seen = folds.load_clips, {}

    def listening(clips):
        loaded = plain(clips)
        seen.setdefault(path[0], []).append({record.subject for record in loaded})
        return loaded

    path = [""]
    plain_fit = folds._work

    def marking(fold):
        path[0] = fold.subject
        plain_fit(fold)

    monkeypatch.setattr(folds, "load_clips", listening)
    monkeypatch.setattr(folds, "_work", marking)
    run(tmp_path, asked=plan(selection=selection), subjects="abcd")
    for subject in "abcd":
        *before, last = seen[subject]
        assert last == {subject}, "only the prediction at the end reads it"
        assert before
        assert all(subject not in others for others in before)


def test_a_run_leaves_the_files_that_it_promises(tmp_path: Path) -> None:
    done = run(tmp_path, subjects="abc", quiet="c")
    out = tmp_path / "out"
    assert [outcome.status for outcome in done.outcomes] == ["done"] * 3
    fold = LosoFolder(out).fold("a")
    assert {p.name for p in fold.path.iterdir()} >= {
        "config.json", "environment.json", "metrics.jsonl", "weights.safetensors",
        "selection.json", "predictions.csv", "scores", "features.npz",
    }  # fmt: skip
    assert [m["epoch"] for m in RunFolder.existing(fold.path).metrics()] == [1, 2]
    with np.load(fold.scores("video-a"), allow_pickle=False) as stored:
        assert stored["scored"].sum() == 78
        assert stored["micro_apex"].shape == (80,)
    assert rows(out / "subjects.csv")[2] == {"video": "video-c", "subject": "c", "ticks": "80"}
    labels = rows(out / "truth.csv")
    assert [(r["video"], r["kind"], r["onset"], r["apex"], r["offset"]) for r in labels] == [
        (f"video-{who}", kind, *marks)
        for who in "ab"
        for kind, *marks in (("micro", "10", "14", "19"), ("macro", "40", "50", "60"))
    ]
    config = json.loads((fold.path / "config.json").read_text())
    assert config["data"] == [{"name": "all but a", "share": 1.0}]


def test_subjects_without_any_expression_stay_in_the_evaluation(tmp_path: Path) -> None:
    done = run(tmp_path, subjects="abc", quiet="c")
    assert done.result is not None
    assert set(done.result.summary.report.subjects) == {"a", "b", "c"}
    assert "video-c" in done.result.summary.report.videos
    counts = done.result.summary.report.overall.counts
    assert counts.tp + counts.fn == 4


def test_the_evaluate_command_repeats_the_figures_from_the_tables(tmp_path: Path, capsys) -> None:
    done = run(tmp_path)
    tables = [
        x for name in ("truth", "predictions", "subjects")
        for x in (f"--{name}", str(tmp_path / "out" / f"{name}.csv"))
    ]  # fmt: skip
    evaluate_command.main([*tables, "--fps", "30", "--seed", "3", "--json"], standalone_mode=False)
    printed = json.loads(capsys.readouterr().out)
    stored = json.loads((tmp_path / "out" / "result.json").read_text())["evaluation"]
    assert done.result is not None
    assert {key: printed[key] for key in stored} == stored


def test_an_unknown_fold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no subject z; there are a, b, c"):
        run(tmp_path, only=("z",))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"seed": 4}, "seed"), ({"epochs": 3}, "training"), ({"threads": 2}, "threads"),
        ({"selection": Selection.ORACLE}, "selection"),
    ],
)  # fmt: skip
def test_other_settings_in_a_folder_are_refused(tmp_path: Path, change, named: str) -> None:
    run(tmp_path, only=("a",))
    with pytest.raises(UsageError, match=f"another {named}; choose a new folder"):
        run(tmp_path, asked=plan(**change))


def test_other_data_in_a_folder_are_refused(tmp_path: Path) -> None:
    run(tmp_path, only=("a",))
    with pytest.raises(UsageError, match="another data"):
        run(tmp_path, subjects="abcd")


def test_a_fold_that_fails_is_named_and_the_others_go_on(tmp_path: Path, monkeypatch) -> None:
    plain = folds.train

    def failing(settings, sources, path, *rest, **options):
        if path.name == "b":
            raise RuntimeError("the disk is on fire")
        return plain(settings, sources, path, *rest, **options)

    with monkeypatch.context() as patch:
        patch.setattr(folds, "train", failing)
        done = run(tmp_path)
    assert done.failures == {"b": "unexpected RuntimeError: the disk is on fire"}
    assert done.exit_code == 1
    assert done.result is not None
    assert done.result.done == ("a", "c")
    assert "the disk is on fire" in done.failed[0].trace
    assert run(tmp_path).exit_code == 0


def test_a_fold_with_nothing_to_learn_from_fails_with_the_code_of_bad_usage(
    tmp_path: Path,
) -> None:
    done = run(tmp_path, subjects="abc", quiet="bc")
    assert list(done.failures) == ["a"]
    assert "no expression to train on" in done.failures["a"]
    assert done.exit_code == 2


def test_an_oracle_takes_each_subjects_best_epoch_and_says_so_loudly(tmp_path: Path) -> None:
    done = run(tmp_path, asked=plan(selection=Selection.ORACLE, epochs=3))
    assert done.result is not None
    report = done.result.summary.report
    for subject in "abc":
        fold = LosoFolder(tmp_path / "out").fold(subject)
        choice = json.loads(fold.selection.read_text())
        assert report.subjects[subject].counts.f1 == max(choice["f1"].values())
        assert choice["f1"][str(choice["epoch"])] == max(choice["f1"].values())
        assert {p.name for p in fold.path.glob("weights*")} == {
            "weights.safetensors", choice["weights"]
        }  # fmt: skip
    assert "ORACLE" in done.result.text().splitlines()[0]
    stored = json.loads((tmp_path / "out" / "result.json").read_text())
    assert stored["selection"]["oracle"] is True
    assert "ORACLE" in stored["warnings"][0]


def test_an_inner_choice_is_that_of_its_own_training(tmp_path: Path) -> None:
    run(tmp_path, asked=plan(selection=Selection.INNER, epochs=3), only=("a",), subjects="abcd")
    fold = LosoFolder(tmp_path / "out").fold("a")
    choice = json.loads(fold.selection.read_text())
    history = {m["epoch"]: m["val_f1"] for m in RunFolder.existing(fold.inner).metrics()}
    assert {float(epoch): f1 for epoch, f1 in choice["f1"].items()} == history
    assert history[choice["epoch"]] == max(history.values())
    assert len(choice["inner_subjects"]) == 1
    assert "a" not in choice["inner_subjects"]
    assert "val_f1" not in RunFolder.existing(fold.path).metrics()[0]


def test_weights_that_the_user_keeps_are_left(tmp_path: Path) -> None:
    run(tmp_path, asked=plan(keep_every=1), only=("a",))
    kept = {p.name for p in (tmp_path / "out" / "folds" / "a").glob("weights-*")}
    assert kept == {"weights-0001.safetensors", "weights-0002.safetensors"}


def test_a_worker_that_sees_another_disk_says_so(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "features")
    context = folds.FoldContext(tmp_path / "elsewhere", plan(), corpus, {"method": "spotformer"})
    outcome = folds.run_fold(context, "a")
    assert "storage that all machines share" in outcome.reason
    assert outcome.exit_code == 2


def test_without_a_finished_fold_there_is_no_result(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "features")
    assert gather(LosoFolder(tmp_path / "out"), plan(), corpus) is None


def test_progress_counts_the_epochs_of_all_folds(tmp_path: Path) -> None:
    asked = plan(selection=Selection.INNER)
    run(tmp_path, asked=asked, only=("a", "b"))
    folder = LosoFolder(tmp_path / "out")
    folder.fold("b").predictions.unlink()
    (folder.fold("b").inner / "metrics.jsonl").write_text("{}\n")
    progress = FoldProgress([folder.fold(one) for one in "abc"], asked, show=False)
    assert (progress.epochs(), progress.finished()) == (4 + 3 + 0, 1)

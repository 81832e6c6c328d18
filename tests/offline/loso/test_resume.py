"""LOSO runs that are interrupted, resumed, split up and shared."""

import csv
import json
import os
import signal
import threading
from pathlib import Path

import pytest

from engines.errors import UsageError
from offline.loso import fold as folds
from offline.loso.corpus import Corpus
from offline.loso.folder import LosoFolder
from offline.loso.plan import Selection
from offline.loso.run import LosoRun, run_loso
from offline.training import trainer
from offline.work.executor import LocalExecutor
from tests.offline.loso.loso_makers import files_of, plan, write_corpus


def run(tmp_path: Path, out: str = "out", asked=None, subjects: str = "abc", **options) -> LosoRun:
    corpus = write_corpus(tmp_path / f"features-{subjects}", subjects, options.pop("quiet", ""))
    return run_loso(asked or plan(), corpus, tmp_path / out, progress=False, **options)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Files of an uninterrupted run of one worker, with an inner split."""
    folder = tmp_path_factory.mktemp("whole")
    run(folder, asked=plan(selection=Selection.INNER))
    return files_of(folder / "out")


def test_workers_change_no_digit(tmp_path: Path, whole: dict[str, bytes]) -> None:
    run(tmp_path, asked=plan(selection=Selection.INNER), executor=LocalExecutor(2))
    assert files_of(tmp_path / "out") == whole


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send this process a Ctrl-C in a step, counted over all folds."""
    plain, done = trainer.spotformer_loss, [0]

    def counting(*arguments):
        done[0] += 1
        if done[0] == step:
            os.kill(os.getpid(), signal.SIGINT)
        return plain(*arguments)

    monkeypatch.setattr(trainer, "spotformer_loss", counting)


@pytest.mark.parametrize("step", [3, 6, 9])
def test_an_interrupted_and_resumed_run_equals_an_uninterrupted_one(
    tmp_path: Path, monkeypatch, whole: dict[str, bytes], step: int
) -> None:
    """In the second epoch of the first fold, in its inner training, in the second fold."""
    asked = plan(selection=Selection.INNER)
    with monkeypatch.context() as patch:
        interrupt_at(step, patch)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, asked=asked)
    assert not (tmp_path / "out" / "result.json").exists()
    run(tmp_path, asked=asked)
    assert files_of(tmp_path / "out") == whole


def test_finished_folds_are_not_done_again(tmp_path: Path, monkeypatch) -> None:
    run(tmp_path, only=("a",))
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "out" / "folds" / "a").rglob("*")}
    again = run(tmp_path)
    assert [outcome.status for outcome in again.outcomes] == ["present", "done", "done"]
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    monkeypatch.setattr(folds, "_work", None)
    assert {outcome.status for outcome in run(tmp_path).outcomes} == {"present"}


def test_some_folds_now_and_the_rest_later_make_the_same_run(tmp_path: Path) -> None:
    run(tmp_path, "whole")
    first = run(tmp_path, "parts", only=("c", "a"))
    assert first.result is not None
    assert first.result.done == ("a", "c")
    assert "PARTIAL: 2 of 3 folds; missing b" in first.result.text()
    assert {row["subject"] for row in rows(tmp_path / "parts" / "truth.csv")} == {"a", "c"}
    run(tmp_path, "parts", only=("b",))
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "whole")


def test_a_run_of_a_version_that_lacked_a_setting_goes_on_to_the_same_figures(
    tmp_path: Path, monkeypatch
) -> None:
    """Its folders lack what came later: keys of sections, and whole choices."""
    run(tmp_path, "whole")
    with monkeypatch.context() as patch:
        interrupt_at(6, patch)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path)
    folder = LosoFolder(tmp_path / "out")
    begun = folder.fold("b").path
    assert folder.fold("a").finished
    for path in (folder.path / "config.json", begun / "config.json"):
        config = json.loads(path.read_text())
        config.pop("bar", None)
        for section, key in (("model", "pooling"), ("training", "keep_every")):
            del config[section][key]
        path.write_text(json.dumps(config))
    run(tmp_path)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    (tmp_path / "out" / "config.json").write_text(json.dumps({**config, "model": {"width": 8}}))
    with pytest.raises(UsageError, match="another model"):
        run(tmp_path)


def test_an_interrupted_fold_goes_on_where_the_data_have_been_moved_to(
    tmp_path: Path, monkeypatch
) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(3, patch)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path)
    (tmp_path / "features-abc").rename(tmp_path / "elsewhere")
    corpus = Corpus.of_folder(tmp_path / "elsewhere")
    assert run_loso(plan(), corpus, tmp_path / "out", progress=False).exit_code == 0


def test_a_fold_that_was_killed_before_it_had_a_configuration_begins_anew(tmp_path: Path) -> None:
    fold = tmp_path / "out" / "folds" / "a"
    run(tmp_path, only=("b",))
    fold.mkdir()
    (fold / "config.json.partial").touch()
    assert run(tmp_path).exit_code == 0


def test_a_fold_that_another_process_holds_is_not_touched(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(folds, "LOCK_S", 0.1)
    held, leave = threading.Event(), threading.Event()
    folder = LosoFolder(tmp_path / "out").fold("a")

    def hold() -> None:
        with folds._held(folder):
            held.set()
            leave.wait(60)

    run(tmp_path, only=("b",))
    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)
    try:
        done = run(tmp_path)
    finally:
        leave.set()
        holder.join()
    assert "another process works on it" in done.failures["a"]
    assert not folder.path.exists()

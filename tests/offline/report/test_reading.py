from pathlib import Path

import pytest

from engines.errors import UsageError
from offline.report.reading import open_runs
from tests.offline.report.report_makers import write_json, write_loso, write_text, write_training


def test_runs_get_the_shortest_names_that_tell_them_apart(tmp_path: Path) -> None:
    paths = [write_training(tmp_path / one / "run") for one in "ab"]
    assert [run.name for run in open_runs(paths)] == ["a/run", "b/run"]
    assert [run.name for run in open_runs(paths[:1])] == ["run"]


def test_a_loso_run_is_read_with_its_folds_and_figures(tmp_path: Path) -> None:
    (run,) = open_runs([write_loso(tmp_path / "run", dataset="samm-lv")])
    assert run.loso
    assert run.finished
    assert run.dataset == "samm-lv"
    assert [fold.name for fold in run.trainings] == ["s1", "s2"]
    assert run.evidence is not None
    assert run.evidence.summary.report.overall.counts.tp == 2
    assert run.evidence.ticks == {"v1": 300, "v2": 300}


def test_a_subject_without_labels_and_proposals_is_counted(tmp_path: Path) -> None:
    people = (("v1", "s1", 300), ("v2", "s2", 300), ("v3", "s 3/x", 90))
    (run,) = open_runs([write_loso(tmp_path / "run", people=people)])
    assert run.evidence is not None
    assert run.evidence.subjects.count == 3
    assert sorted(run.curves("v3")) == sorted(run.curves("v1"))
    assert {fold.name for fold in run.trainings} == {"s1", "s2", "s 3/x"}


def test_the_rules_of_a_result_are_used_again(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run")
    rules = {"iou": 0.5, "bar": 0.75, "bootstrap": {"draws": 50, "level": 0.9, "seed": 4}}
    write_json(run / "result.json", {"evaluation": {"rules": rules}})
    (read,) = open_runs([run])
    assert read.evidence is not None
    counts = read.evidence.summary.report.overall.counts
    assert (counts.tp, counts.fp) == (2, 0)  # the wrong proposal scores 0.7
    assert read.evidence.summary.rules.draws == 50
    assert read.evidence.summary.rules.level == 0.9


@pytest.mark.parametrize("rules", [{"iou": 2}, {"matching": "twice"}])
def test_rules_that_cannot_be_used_are_refused(tmp_path: Path, rules: dict[str, object]) -> None:
    run = write_loso(tmp_path / "run")
    write_json(run / "result.json", {"evaluation": {"rules": rules}})
    with pytest.raises(UsageError, match=r"result\.json: its rules cannot be used"):
        open_runs([run])


def test_no_draws_stay_no_draws(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run")
    rules = {"bootstrap": {"draws": 0, "level": 0.95, "seed": 0}}
    write_json(run / "result.json", {"evaluation": {"rules": rules}})
    (read,) = open_runs([run])
    assert read.evidence is not None
    assert not read.evidence.summary.intervals


def test_a_folder_without_a_configuration_is_no_run(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(UsageError, match=r"not a run folder, it has no config\.json"):
            open_runs([path])


def test_a_run_is_named_once(tmp_path: Path) -> None:
    run = write_training(tmp_path / "run")
    with pytest.raises(UsageError, match="named more than once"):
        open_runs([run, tmp_path / "." / "run"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.json", "{"),
        ("config.json", "[]"),
        ("result.json", "\x00"),
        ("environment.json", "3"),
        ("truth.csv", "video,kind\nv1,micro\n"),
        ("truth.csv", "video,kind,onset,offset\nv1,micro,9,3\n"),
        ("predictions.csv", "video,kind,onset,offset,score\nv1,micro,1,3,nan\n"),
        ("subjects.csv", "video\nv1\n"),
        ("subjects.csv", "video,subject,ticks\nv1,s1,x\n"),
        ("folds/s1/metrics.jsonl", "{\n"),
        ("folds/s1/metrics.jsonl", '{"total": 1}\n'),
        ("folds/s1/selection.json", "null"),
        ("folds/s1/features.npz", "no archive"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, text: str) -> None:
    run = write_loso(tmp_path / "run")
    write_text(run / name, text)
    with pytest.raises(UsageError) as refused:
        open_runs([run])
    assert str(run / name) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_damaged_file_of_scores_is_named(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run")
    write_text(run / "folds" / "s1" / "scores" / "v1.npz", "no archive")
    (read,) = open_runs([run])
    with pytest.raises(UsageError, match=r"v1\.npz: holds no scores"):
        read.curves("v1")

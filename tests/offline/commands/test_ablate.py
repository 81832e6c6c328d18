import json
from pathlib import Path

import pytest

from engines.console import run_command
from offline.commands.ablate import ablate
from offline.data.store import save_record
from offline.evaluation.metrics import evaluate
from offline.evaluation.tables import read_predictions, read_truth
from offline.training import trainer
from tests.offline.loso.loso_makers import files_of, record, write_features

TINY = [
    *("model.width=8", "model.heads=2", "training.epochs=2", "training.steps_per_epoch=2"),
    *("training.segments=2", "training.segment_ticks=4", "training.learning_rate=1e-2"),
    *("training.plot_every=0", "training.pool_records=2", "training.micro_fraction=-1"),
]
CROSS = "cross-separate1,cross-merged"


def run(out: Path, presets: str, *options: str, capsys: pytest.CaptureFixture[str]):
    sets = [part for setting in TINY for part in ("--set", setting)]
    argv = ["--presets", presets, "--out", str(out), "--device", "cpu", *sets, *options]
    code = run_command(ablate, argv)
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.fixture
def features(tmp_path: Path) -> list[str]:
    """Options of two datasets of three and four subjects, for windows of 17 and of 9 ticks."""
    for window in (17, 9):
        write_features(tmp_path / "casme2" / str(window), "abc", window=window)
        write_features(tmp_path / "samm" / str(window), "abcd", window=window)
    return ["--data", f"casme2={tmp_path}/casme2", "--data", f"samm-lv={tmp_path}/samm"]


def test_each_case_gives_a_row_with_its_figures(tmp_path, features, capsys):
    presets = "spotformer-seq-st,spotformer-window-9,spotformer-adjacent"
    code, out, _ = run(tmp_path / "out", presets, *features, "--json", capsys=capsys)
    assert code == 0
    document = json.loads(out)
    assert [case["case"] for case in document["cases"]] == presets.split(",")
    for case in document["cases"]:
        folder = tmp_path / "out" / case["case"]
        truth = read_truth(folder / "truth.csv")
        figures = evaluate(truth.instances, read_predictions(folder / "predictions.csv"))
        counts = figures.overall.counts
        assert case["evaluation"]["overall"]["tp"] == counts.tp
        assert case["evaluation"]["overall"]["fp"] == counts.fp
        # one subject of three and one of four, with two expressions each
        assert counts.tp + counts.fn == 4
    assert document["selection"]["rule"] == "last"


def test_the_table_says_how_it_was_made_and_what_is_not_measured(tmp_path, features, capsys):
    presets = "spotformer-window-9,spotformer-adjacent"
    code, out, _ = run(tmp_path / "out", presets, *features, capsys=capsys)
    assert code == 0
    assert "one to one" in out
    assert "selection last" in out
    assert "seed 0" in out
    assert "adjacent frames, 17 ticks: the last 15 ticks of a run hold differences" in out
    assert "SW-MRO, 9 ticks:" not in out
    assert out.rstrip().splitlines()[-2].startswith("spotformer-window-9  SW-MRO, 9 ticks")


def test_every_window_of_the_set_is_trained_and_tested_on_features_of_its_own(
    tmp_path, features, capsys
):
    """Table 4 from beginning to end; the same people are held out in every row."""
    for window in (11, 15, 19, 21, 25):
        for name, people in (("casme2", "abc"), ("samm", "abcd")):
            write_features(tmp_path / name / str(window), people, window=window)
    code, out, err = run(tmp_path / "out", "windows", *features, "--json", capsys=capsys)
    assert code == 0, err
    cases = json.loads(out)["cases"]
    assert [case["reads"] for case in cases] == [
        f"SW-MRO, {window} ticks" for window in (9, 11, 15, 17, 19, 21, 25)
    ]
    assert {case["approximated"] for case in cases} == {""}
    described = [
        json.loads((tmp_path / "out" / case["case"] / "case.json").read_text()) for case in cases
    ]
    assert len({tuple(one["held_out"]) for one in described}) == 1
    assert len({one["train_on"]["casme2"] for one in described}) == len(cases)


def test_a_window_whose_features_are_not_there_is_refused_before_anything_is_trained(
    tmp_path, features, capsys
):
    code, _, err = run(tmp_path / "out", "windows", *features, capsys=capsys)
    assert code == 2
    assert "casme2: holds features for windows of 9, 17 ticks, not of 11" in err
    assert "extract again with --window 11" in err
    assert not (tmp_path / "out").exists()


def test_windows_that_differ_in_more_than_their_length_are_not_compared(tmp_path, features, capsys):
    (path,) = (tmp_path / "samm" / "9").glob("*-d.npz")
    save_record(path, record("video-d", "d", 3, quiet=True, window=9))
    presets = "spotformer-paper,spotformer-window-9"
    code, _, err = run(tmp_path / "out", presets, *features, capsys=capsys)
    assert code == 2
    assert "--data samm-lv: features for windows of 17 and of 9 ticks have other videos or" in err


def test_a_case_between_datasets_tests_all_of_one_and_a_merged_one_holds_subjects_out(
    tmp_path, features, capsys
):
    code, out, _ = run(tmp_path / "out", CROSS, *features, "--json", capsys=capsys)
    assert code == 0
    separate, merged = json.loads(out)["cases"]
    assert (separate["train_on"], separate["test_on"]) == (["casme2"], ["samm-lv"])
    assert set(separate["evaluation"]["subjects"]) == {f"samm-lv/{one}" for one in "abcd"}
    assert {name.split("/")[0] for name in merged["evaluation"]["subjects"]} == {
        "casme2",
        "samm-lv",
    }
    assert merged["subjects_tested"] == 2


def test_with_loso_every_subject_of_a_merged_dataset_is_tested(tmp_path, features, capsys):
    code, out, _ = run(tmp_path / "out", CROSS, *features, "--loso", "--json", capsys=capsys)
    assert code == 0
    separate, merged = json.loads(out)["cases"]
    assert not separate["loso"]
    assert merged["loso"]
    assert merged["subjects_tested"] == merged["subjects_to_test"] == 7
    assert len(list((tmp_path / "out" / "cross-merged" / "folds").glob("*/predictions.csv"))) == 7


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path, features, capsys, monkeypatch):
    presets = "spotformer-simul-ts,spotformer-no-flgp"
    run(tmp_path / "whole", presets, *features, capsys=capsys)
    plain, steps = trainer.spotformer_loss, [0]

    def interrupted(*arguments):
        steps[0] += 1
        if steps[0] == 6:  # in the second case
            raise KeyboardInterrupt
        return plain(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "spotformer_loss", interrupted)
        assert run(tmp_path / "parts", presets, *features, capsys=capsys)[0] == 130
    done = tmp_path / "parts" / "spotformer-simul-ts" / "predictions.csv"
    before = done.stat().st_mtime_ns
    assert run(tmp_path / "parts", presets, *features, capsys=capsys)[0] == 0
    assert done.stat().st_mtime_ns == before
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("options", [[], ["--loso"]])
def test_each_case_keeps_the_command_as_typed(tmp_path, features, capsys, options):
    code, out, _ = run(tmp_path / "out", "spotformer-seq-st", *features, *options, "--json",
                       capsys=capsys)  # fmt: skip
    assert code == 0
    typed = json.loads(out)["command"]
    assert typed.startswith("fes-offline ablate --presets spotformer-seq-st --out ")
    case = tmp_path / "out" / "spotformer-seq-st"
    for path in [case] if options else [case, case / "run"]:
        name = "case.json" if path == case and not options else "config.json"
        assert json.loads((path / name).read_text())["commands"] == [typed]


def test_a_folder_of_other_choices_is_refused(tmp_path, features, capsys):
    run(tmp_path / "out", "spotformer-paper", *features, capsys=capsys)
    code, _, err = run(tmp_path / "out", "spotformer-paper", *features, "--seed", "5",
                       capsys=capsys)  # fmt: skip
    assert code == 2
    assert "another held_out, seed; choose a new --out" in err


def test_simulated_features_need_no_dataset(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("offline.training.validation.SIMULATED_RECORDS", 2)
    code, out, _ = run(tmp_path / "out", "spotformer-window-9", "--data", "simulated", "--json",
                       capsys=capsys)  # fmt: skip
    assert code == 0
    (case,) = json.loads(out)["cases"]
    assert case["approximated"] == ""
    assert case["reads"] == "SW-MRO, 9 ticks"
    assert case["subjects_tested"] == 2


@pytest.mark.parametrize(
    ("presets", "options", "word"),
    [
        ("spotformer-none", [], "not a file"),
        ("cross-separate1,spotformer-none", [], "not a file"),
        (",", [], "name presets"),
        ("spotformer-paper", ["--train-on", "casme3"], "casme3"),
        ("spotformer-paper", ["--selection", "oracle"], "--loso"),
        ("spotformer-adjacent", ["--set", 'model.nodes=["posture_lips"]'], "posture"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_trained(
    tmp_path, features, capsys, presets, options, word
):
    code, out, err = run(tmp_path / "out", presets, *features, *options, capsys=capsys)
    assert code == 2
    assert word in err
    assert not out
    assert not (tmp_path / "out").exists()

import json
from pathlib import Path

import pytest

from engines.console import run_command
from offline.commands.ablate import ablate
from offline.evaluation.metrics import evaluate
from offline.evaluation.tables import read_predictions, read_truth
from offline.training import trainer
from tests.offline.loso.loso_makers import files_of, write_corpus

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
    """Options of two datasets of three and four subjects."""
    write_corpus(tmp_path / "casme2", "abc")
    write_corpus(tmp_path / "samm", "abcd")
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
    code, out, _ = run(tmp_path / "out", "spotformer-window-25", *features, capsys=capsys)
    assert code == 0
    assert "one to one" in out
    assert "selection last" in out
    assert "seed 0" in out
    assert "joined from two recorded windows of 17 ticks" in out
    assert out.rstrip().splitlines()[-1].startswith("spotformer-window-25  SW-MRO, 25 ticks")


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

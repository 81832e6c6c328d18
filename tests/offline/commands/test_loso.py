import json
import shlex
from html import unescape
from pathlib import Path

import pytest

from engines.console import run_command
from offline.commands.loso import loso
from offline.data.feature_files import window_of
from offline.report.page import PageOptions, render
from offline.report.reading import open_runs
from tests.offline.datasets.dataset_makers import write_csv
from tests.offline.loso.loso_makers import write_features
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film

TINY = [
    x
    for setting in (
        "model.width=8", "model.heads=2", "training.epochs=2", "training.steps_per_epoch=2",
        "training.segments=2", "training.segment_ticks=4",
    )
    for x in ("--set", setting)
]  # fmt: skip


def command(tmp_path: Path, *more: str, subjects: str = "abc", quiet: str = "") -> int:
    write_features(tmp_path / "features", subjects, quiet)
    data = ["--data", str(tmp_path / "features"), "--out", str(tmp_path / "out")]
    return run_command(loso, [*data, *TINY, "--device", "cpu", *more])


def test_the_table_names_data_selection_and_imputation(tmp_path: Path, capsys) -> None:
    assert command(tmp_path) == 0
    out, err = capsys.readouterr()
    head = out.splitlines()[:2]
    assert "leave one subject out: features, selection last (last epoch" in head[0]
    assert "seed 0, offsets that were not annotated: as in the feature files" in head[1]
    assert "3 subjects" in out
    assert "3/3 folds" in err


def test_json_is_the_result_and_alone_on_standard_output(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, "--selection", "oracle", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed.pop("failed") == {}
    assert printed == json.loads((tmp_path / "out" / "result.json").read_text())
    assert printed["selection"]["oracle"] is True
    assert printed["plan"]["training"]["epochs"] == 2
    assert printed["plan"]["seed"] == 0
    assert printed["environment"]["packages"]["torch"]


def test_the_same_command_goes_on_and_another_is_refused(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, "--folds", "b, c") == 0
    assert "PARTIAL: 2 of 3 folds; missing a" in capsys.readouterr().out
    assert command(tmp_path, "--seed", "1") == 2
    assert "another seed; choose a new folder" in capsys.readouterr().err
    assert command(tmp_path) == 0
    assert "PARTIAL" not in capsys.readouterr().out


def test_commands_are_kept_as_typed_in_the_order_of_their_first_use(tmp_path: Path, capsys) -> None:
    for more in (["--folds", "b, c"], [], ["--folds", "b, c"]):
        assert command(tmp_path, *more) == 0
    typed = [
        "fes-offline loso "
        + shlex.join(["--data", f"{tmp_path}/features", "--out", f"{tmp_path}/out", *TINY,
                      "--device", "cpu", *more])
        for more in (["--folds", "b, c"], [])
    ]  # fmt: skip
    for name in ("config.json", "result.json"):
        assert json.loads((tmp_path / "out" / name).read_text())["commands"] == typed
    page = unescape(render(open_runs([tmp_path / "out"]), PageOptions()))
    assert all(line in page for line in typed)


def test_a_bar_is_chosen_beside_the_last_epoch(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, "--bar", "inner", "--folds", "a") == 0
    assert "score bar inner (proposals count from the score" in capsys.readouterr().out
    choice = json.loads((tmp_path / "out" / "folds" / "a" / "selection.json").read_text())
    assert (choice["rule"], choice["bar"]["rule"]) == ("last", "inner")


def test_a_failed_fold_is_named_after_the_table_and_decides_the_exit_code(
    tmp_path: Path, capsys
) -> None:
    assert command(tmp_path, quiet="bc") == 2
    out, err = capsys.readouterr()
    assert "PARTIAL: 2 of 3 folds; missing a" in out
    assert err.splitlines()[-1].startswith("error: fold a failed: training data: no expression")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--folds", "z"], "no subject z; there are a, b, c"),
        (["--dataset", "casme2"], "give --dataset NAME with --root DIR, or --data DIR"),
        (["--decoder", "none"], "--decoder none: no decoder rules"),
        (["--ray", "nowhere"], "--ray nowhere: give HOST:PORT"),
        (["--ray", "local", "--workers", "2"], "--workers is of this machine"),
        (["--bar", "inner", "--selection", "oracle"], "--bar inner: the bar of another epoch"),
        (["--start-from", "nothing"], "--start-from nothing: holds no weights"),
        (["--set", "training.epoch=1"], "unknown key epoch"),
    ],
)
def test_what_cannot_be_honoured_is_refused_in_one_line(
    tmp_path: Path, capsys, arguments: list[str], said: str
) -> None:
    if "nowhere" in arguments:
        pytest.importorskip("ray")
    assert command(tmp_path, *arguments) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len([line for line in err.splitlines() if line.startswith("error:")]) == 1


def test_one_subject_is_refused(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, subjects="a") == 2
    assert "needs two subjects or more, there is only 'a'" in capsys.readouterr().err


def test_a_dataset_needs_its_folder(tmp_path: Path, capsys) -> None:
    arguments = ["--dataset", "casme2", "--out", str(tmp_path / "out")]
    assert run_command(loso, arguments) == 2
    assert "--dataset and --root belong together" in capsys.readouterr().err


def test_a_file_in_the_place_of_the_run_is_refused_before_features_are_read(
    tmp_path: Path, capsys
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").touch()
    assert command(tmp_path) == 2
    assert "something other than a LOSO run" in capsys.readouterr().err


def test_a_run_may_begin_with_the_weights_of_another(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, "--folds", "a") == 0
    start = str(tmp_path / "out" / "folds" / "a")
    second = ["--out", str(tmp_path / "second"), "--start-from", start, "--folds", "a"]
    assert command(tmp_path, *second) == 0
    config = json.loads((tmp_path / "second" / "config.json").read_text())
    assert config["start_from"]["name"] == "a"
    assert len(config["start_from"]["sha256"]) == 64


def test_features_of_a_dataset_are_measured_with_the_window_of_the_network(
    tmp_path: Path, capsys
) -> None:
    root, out = tmp_path / "faces", tmp_path / "out"
    root.mkdir()
    images = [shot.image for shot in film([], 30)]
    for name in ("one", "two"):
        write_film(root / f"{name}.mkv", images if name == "one" else images[::-1])
    rows = [("anna", "one", 3, 8, 14, "micro"), ("ben", "two", 2, 9, 24, "macro")]
    write_csv(root / "truth.csv", [("subject", "video", "onset", "apex", "offset", "kind"), *rows])
    kept = ["--features", str(tmp_path / "features"), "--device", "cpu", "--json"]
    for window in (25, 17):
        arguments = ["--dataset", "folder", "--root", str(root), "--out", f"{out}-{window}", *kept]
        assert run_command(loso, [*arguments, *TINY, "--set", f"model.window={window}"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert result["plan"]["model"]["window"] == window
        assert json.loads(result["data"]["features"])["window"] == window
    found = sorted(window_of(path) for path in (tmp_path / "features").glob("*.npz"))
    assert found == [17, 17, 25, 25]


def test_features_of_another_window_are_refused_in_one_line(tmp_path: Path, capsys) -> None:
    assert command(tmp_path, "--set", "model.window=25") == 2
    (line,) = (one for one in capsys.readouterr().err.splitlines() if one.startswith("error:"))
    assert "windows of 17 ticks, not of 25; extract again with --window 25" in line

import json
from pathlib import Path

import pytest

from engines.console import run_command
from engines.errors import UsageError
from engines.intervals import Kind
from offline.commands.evaluate import evaluate
from offline.evaluation.instances import Instance
from offline.evaluation.tables import read_predictions, read_truth

TRUTH = "video,kind,onset,apex,offset\n"
GUESS = "video,kind,onset,offset,score\n"
SHARED = Path(__file__).parents[4] / "shared" / "evaluation"


def write(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def test_labels_are_read_with_unknown_apexes_and_ignored_intervals(tmp_path: Path) -> None:
    text = TRUTH + "a,micro,3,5,9\na,macro,20,,60\nb,ignore,0,,5\n"
    labels = read_truth(write(tmp_path, text))
    assert labels.instances == (
        Instance("a", Kind.MICRO, 3, 9, 5),
        Instance("a", Kind.MACRO, 20, 60),
    )
    assert labels.ignored == (Instance("b", None, 0, 5),)


def test_predictions_are_read_with_or_without_an_apex(tmp_path: Path) -> None:
    path = write(tmp_path, "score,video,kind,onset,offset,apex\n0.5,a,micro,3,9,4\n")
    assert read_predictions(path) == (Instance("a", Kind.MICRO, 3, 9, 4, 0.5),)
    path = write(tmp_path, GUESS + "a,micro,3,9,0.5\n")
    assert read_predictions(path) == (Instance("a", Kind.MICRO, 3, 9, None, 0.5),)


def test_a_table_written_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    text = "\ufeff" + (GUESS + '"a, b",macro,3,9,1\n').replace("\n", "\r\n")
    assert read_predictions(write(tmp_path, text))[0].video == "a, b"


def test_a_table_without_rows_is_empty(tmp_path: Path) -> None:
    assert read_predictions(write(tmp_path, GUESS)) == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column video, kind, onset, offset, score"),
        ("video,kind,onset,offset,socre\n", "no column score"),
        (GUESS + "a,micro,1,2,1\na,micro,x,2,1\n", "line 3: onset 'x' is not a whole frame"),
        (GUESS + "a,micro,1.5,2,1\n", "line 2: onset '1.5' is not a whole frame"),
        (GUESS + "a,micro,3,2,1\n", "line 2: onset 3 is after offset 2"),
        (GUESS + "a,smile,1,2,1\n", "line 2: kind 'smile' is not micro or macro"),
        (GUESS + "a,ignore,1,2,1\n", "line 2: kind 'ignore' is not micro or macro"),
        (GUESS + ",micro,1,2,1\n", "line 2: video is empty"),
        (GUESS + "a,micro,1,2,nan\n", "line 2: score 'nan' is not a finite"),
        (GUESS + "a,micro,1,2,high\n", "line 2: score 'high' is not a finite"),
        (GUESS + "a,micro,1,2\n", "line 2: has not as many cells"),
        (GUESS + "a,micro,1,2,1,1\n", "line 2: has not as many cells"),
        (GUESS + 'a,"micro"x,1,2,1\n', "not a CSV file"),
    ],
)
def test_a_bad_line_is_named_in_one_line(tmp_path: Path, text: str, reason: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UsageError, match=reason) as caught:
        read_predictions(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.csv: cannot be read"):
        read_truth(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00video")
    with pytest.raises(UsageError, match="not a CSV file in UTF-8"):
        read_truth(path)


def test_the_command_prints_a_table_or_json_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = write(tmp_path, TRUTH + "a,micro,3,5,9\n", "t.csv")
    guess = write(tmp_path, GUESS + "a,micro,3,9,1\nz,micro,3,9,1\n", "p.csv")
    argv = ["--truth", str(truth), "--predictions", str(guess)]
    assert run_command(evaluate, argv) == 0
    shown = capsys.readouterr()
    assert "0.6667" in shown.out
    assert "1 predicted videos have no label, such as z" in shown.err
    assert run_command(evaluate, [*argv, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["overall"]["f1"] == pytest.approx(2 / 3)
    assert report["videos"]["z"]["fp"] == 1


def test_the_command_fails_with_code_2_for_a_bad_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(write(tmp_path, ""))
    assert run_command(evaluate, ["--truth", path, "--predictions", path]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.media
def test_the_published_figures_of_the_mdmd_baseline_are_reproduced(
    capsys: pytest.CaptureFixture[str],
) -> None:
    truth, guess = SHARED / "samm_lv_truth.csv", SHARED / "mdmd_samm_predictions.csv"
    if not truth.is_file():
        pytest.skip(f"no published predictions at {SHARED}")
    argv = ["--truth", str(truth), "--predictions", str(guess), "--json"]
    assert run_command(evaluate, argv) == 0
    report = json.loads(capsys.readouterr().out)
    micro, macro = report["kinds"]["micro"], report["kinds"]["macro"]
    assert (micro["tp"], micro["tp"] + micro["fp"], micro["tp"] + micro["fn"]) == (29, 1436, 159)
    assert (macro["tp"], macro["tp"] + macro["fp"], macro["tp"] + macro["fn"]) == (22, 356, 343)
    assert report["overall"]["f1"] == pytest.approx(0.0445, abs=5e-5)

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from engines.console import run_command
from offline.commands.evaluate import evaluate

TRUTH = "video,kind,onset,apex,offset\n"
GUESS = "video,kind,onset,offset,score\n"
SHARED = Path(__file__).parents[4] / "shared" / "evaluation"


class Files:
    """Writes tables and runs the command on them."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def run(self, truth: str, guess: str, *options: str) -> tuple[int, str, str]:
        argv = ["--truth", self.write("t.csv", truth), "--predictions", self.write("p.csv", guess)]
        code = run_command(evaluate, [*argv, *options])
        shown = self._capsys.readouterr()
        return code, shown.out, shown.err

    def figures(self, truth: str, guess: str, *options: str) -> dict[str, Any]:
        code, out, _ = self.run(truth, guess, "--json", *options)
        assert code == 0
        found = json.loads(out)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Files:
    return Files(tmp_path, capsys)


def test_the_table_goes_to_standard_output_and_a_video_without_label_is_counted_and_named(
    files: Files,
) -> None:
    truth, guess = TRUTH + "a,micro,3,5,9\n", GUESS + "a,micro,3,9,1\nz,micro,3,9,1\n"
    code, out, err = files.run(truth, guess)
    assert code == 0
    assert "one-to-one, inclusive-frame IoU >= 0.5, kinds compared" in out
    assert "0.6667" in out
    assert "2 predictions, 1 of their videos have no label" in out
    assert "1 predicted videos have no label; all that is predicted there is wrong: z" in err


def test_one_score_for_everything_is_told_and_two_are_not(files: Files) -> None:
    truth, guess = TRUTH + "a,micro,3,5,9\n", GUESS + "a,micro,3,9,1\n"
    for score, told in (("1", True), ("0.5", False)):
        _, _, err = files.run(truth, guess + f"a,macro,30,90,{score}\n")
        assert ("all predictions have one score" in err) is told


def test_a_bad_row_stops_with_the_option_that_leaves_it_out(files: Files) -> None:
    code, out, err = files.run(TRUTH, GUESS + "a,micro,9,3,1\n")
    assert (code, out) == (2, "")
    assert "line 2: onset 9 is after offset 3" in err
    assert "--skip-bad-rows" in err


def test_json_has_all_figures(files: Files) -> None:
    truth, guess = TRUTH + "a,micro,3,5,9\n", GUESS + "a,micro,3,9,1\nz,micro,3,9,1\n"
    found = files.figures(truth, guess, "--fps", "30")
    assert found["overall"]["f1"] == pytest.approx(2 / 3)
    assert found["videos"]["z"]["fp"] == 1
    assert found["inputs"]["videos_only_predicted"] == ["z"]
    assert found["f1_me"]["F1-ME(0.5)"]["f1"] == pytest.approx(2 / 3)
    assert found["confidence"]["unit"] == "video"
    assert found["rules"]["bootstrap"] == {"draws": 2000, "level": 0.95, "seed": 0}


def test_subjects_come_from_columns_or_a_list_which_may_name_more_videos(files: Files) -> None:
    truth = "video,subject,kind,onset,offset\na,one,micro,3,9\nb,one,micro,3,9\n"
    people = files.write("s.csv", "video,subject\nz,two\nquiet,three\n")
    guess = GUESS + "a,micro,3,9,1\nz,micro,3,9,1\n"
    found = files.figures(truth, guess, "--subjects", people)
    counts = {name: (f["tp"], f["fp"], f["fn"]) for name, f in found["subjects"].items()}
    assert counts == {"one": (1, 0, 1), "two": (0, 1, 0), "three": (0, 0, 0)}
    assert found["confidence"]["units"] == 3
    assert "quiet" in found["videos"]


def test_tables_that_differ_on_a_subject_stop_it(files: Files) -> None:
    truth = "video,subject,kind,onset,offset\na,one,micro,3,9\n"
    people = files.write("s.csv", "video,subject\na,two\n")
    code, out, err = files.run(truth, GUESS, "--subjects", people)
    assert (code, out) == (2, "")
    assert "is of subject 'one' in" in err


def test_the_same_seed_gives_the_same_output_and_another_does_not(files: Files) -> None:
    truth = TRUTH + "".join(f"v{n},micro,3,5,9\n" for n in range(9))
    guess = GUESS + "".join(f"v{n},micro,{3 + n},{9 + n},1\n" for n in range(9))
    first, again = (
        files.figures(truth, guess, "--seed", "4", "--bootstrap", "30") for _ in range(2)
    )
    assert first == again
    other = files.figures(truth, guess, "--seed", "5", "--bootstrap", "30")
    assert other["confidence"] != first["confidence"]
    assert other["overall"] == first["overall"]


def test_variants_are_named_in_what_is_printed(files: Files) -> None:
    truth = TRUTH + "a,macro,0,,49\na,macro,50,,99\n"
    guess = GUESS + "a,macro,0,99,1\n"
    many = files.figures(truth, guess, "--matching", "many-truths")
    assert many["overall"]["tp"] == 2
    assert many["rules"]["described"].startswith("many-truths")
    assert files.figures(truth, guess, "--above")["overall"]["tp"] == 0
    assert files.figures(truth, guess, "--no-plus-one")["overall"]["tp"] == 0
    assert files.figures(truth, guess)["overall"]["tp"] == 1


def test_kinds_and_low_scores_can_be_left_aside(files: Files) -> None:
    truth, guess = TRUTH + "a,macro,0,,9\n", GUESS + "a,micro,0,9,0.5\nb,micro,0,9,0.1\n"
    blind = files.figures(truth, guess, "--ignore-kind", "--bar", "0.5")
    assert (blind["overall"]["tp"], blind["overall"]["fp"]) == (1, 0)
    assert blind["kinds"] == {}


BAD = "a,micro,9,3,1\n"


def test_a_bad_prediction_row_stops_it_with_code_2_and_one_line(files: Files) -> None:
    code, out, err = files.run(TRUTH + "a,micro,3,5,9\n", GUESS + "a,micro,3,9,1\n" + BAD)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert "p.csv line 3: onset 9 is after offset 3" in err


def test_a_bad_row_is_left_out_on_request_counted_and_named(files: Files) -> None:
    truth = TRUTH + "a,micro,3,5,9\na,micro,3,5,9\n"
    guess = GUESS + "a,micro,3,9,1\n" + BAD
    code, out, err = files.run(truth, guess, "--skip-bad-rows")
    assert code == 0
    assert "left out as bad: 1 label rows, 1 prediction rows" in out
    assert "2 bad rows are left out" in err
    found = files.figures(truth, guess, "--skip-bad-rows")
    assert [row.split(" line ", 1)[1] for row in found["inputs"]["rejected_rows"]] == [
        "3: is the same as line 2",
        "3: onset 9 is after offset 3",
    ]
    assert found["overall"]["f1"] == 1


@pytest.mark.parametrize(
    "options", [("--iou", "0"), ("--iou", "nan"), ("--fps", "0"), ("--bar", "nan"),
                ("--bootstrap", "-1"), ("--matching", "best"), ("--subjects", "none.csv")],
)  # fmt: skip
def test_options_out_of_range_stop_it_with_code_2(files: Files, options: tuple[str, ...]) -> None:
    code, out, err = files.run(TRUTH, GUESS, *options)
    assert (code, out) == (2, "")
    assert "rror: " in err


def test_empty_tables_are_evaluated_and_said_to_be_empty(files: Files) -> None:
    code, out, err = files.run(TRUTH, GUESS, "--fps", "30")
    assert code == 0
    assert "there are 0 labels and 0 predictions" in err
    assert "nan" not in out


def test_tables_without_scores_are_evaluated_and_said_to_tie(files: Files) -> None:
    code, _, err = files.run(TRUTH + "a,micro,3,5,9\n", "video,kind,onset,offset\na,micro,3,9\n")
    assert code == 0
    assert "has no column score: all predictions tie" in err


def published() -> tuple[str, str]:
    truth, guess = SHARED / "samm_lv_truth.csv", SHARED / "mdmd_samm_predictions.csv"
    if not truth.is_file():
        pytest.skip(f"no published predictions at {SHARED}")
    return truth.read_text(), guess.read_text()


@pytest.mark.media
@pytest.mark.parametrize("matching", ["one-to-one", "many-truths"])
def test_the_published_figures_of_the_mdmd_baseline_are_reproduced(
    files: Files, matching: str
) -> None:
    report = files.figures(*published(), "--fps", "200", "--matching", matching)
    micro, macro = report["kinds"]["micro"], report["kinds"]["macro"]
    assert (micro["tp"], micro["tp"] + micro["fp"], micro["tp"] + micro["fn"]) == (29, 1436, 159)
    assert (macro["tp"], macro["tp"] + macro["fp"], macro["tp"] + macro["fn"]) == (22, 356, 343)
    assert report["overall"]["f1"] == pytest.approx(0.0445, abs=5e-5)


@pytest.mark.media
def test_f1_me_of_the_mdmd_baseline_takes_every_short_interval(files: Files) -> None:
    truth, guess = published()
    found = files.figures(truth, guess, "--fps", "200")["f1_me"]
    frames = [int(r["offset"]) - int(r["onset"]) + 1 for r in csv.DictReader(guess.splitlines())]
    for name, limit in (("F1-ME(0.5)", 100), ("F1-ME(1.0)", 200), ("F1-ME(p)", 100)):
        taken = sum(length < limit for length in frames)
        assert found[name]["tp"] + found[name]["fp"] == taken
        assert found[name]["tp"] + found[name]["fn"] == 159

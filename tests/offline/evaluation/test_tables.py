from pathlib import Path

import pytest

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.tables import read_prediction_table, read_predictions, read_truth

TRUTH = "video,kind,onset,apex,offset\n"
GUESS = "video,kind,onset,offset,score\n"


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
    assert labels.rejected == ()


def test_a_label_whose_apex_is_outside_its_interval_is_kept_as_read(tmp_path: Path) -> None:
    # SAMM-LV writes a missing apex as -1
    (label,) = read_truth(write(tmp_path, TRUTH + "a,micro,3,-1,9\n")).instances
    assert (label.apex, label.sound_apex) == (-1, None)


def test_apex_and_score_are_optional_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "score,video,kind,onset,offset,apex\n0.5,a,micro,3,9,4\n")
    assert read_predictions(path) == (Instance("a", Kind.MICRO, 3, 9, 4, 0.5),)
    path = write(tmp_path, GUESS + "a,micro,3,9,0.5\n")
    assert read_predictions(path) == (Instance("a", Kind.MICRO, 3, 9, None, 0.5),)
    table = read_prediction_table(write(tmp_path, "video,kind,onset,offset\na,micro,3,9\n"))
    assert table.instances == (Instance("a", Kind.MICRO, 3, 9, None, 1.0),)
    assert not table.scored
    assert read_truth(write(tmp_path, "video,kind,onset,offset\na,micro,3,9\n")).instances


def test_subjects_are_read_where_a_table_names_them(tmp_path: Path) -> None:
    text = "subject,video,kind,onset,offset\none,a,micro,3,9\n,b,micro,3,9\none,a,macro,3,90\n"
    assert read_truth(write(tmp_path, text)).subjects == {"a": "one"}
    assert read_prediction_table(write(tmp_path, text)).subjects == {"a": "one"}


def test_a_table_written_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    text = "\ufeff" + (GUESS + '"a, b",macro,3.0,9,1\n\n').replace("\n", "\r\n")
    (found,) = read_predictions(write(tmp_path, text))
    assert (found.video, found.onset) == ("a, b", 3)


def test_a_table_without_rows_is_empty(tmp_path: Path) -> None:
    assert read_predictions(write(tmp_path, GUESS)) == ()


BAD_FILES = [
    ("", "is empty"),
    ("\n \n", "is empty"),
    ("video|kind|onset|offset|score\n", "has no column video, kind, onset, offset"),
    ("video,kind,onset,ofset,score\n", "has no column offset; its header is"),
    ("video,kind,onset,offset,onset\n", "has two columns called 'onset'"),
    (GUESS + 'a,"micro"x,1,2,1\n', "line 2: is not CSV"),
    ('video,kind,onset,offset,"score\n', "line 1: is not CSV"),
    (GUESS + "a,micro,1,2,\0\n", "line 2: is not a CSV file in UTF-8"),
]
BAD_ROWS = [
    ("a,micro,x,2,1", "onset 'x' is not a whole frame"),
    ("a,micro,1.5,2,1", "onset '1.5' is not a whole frame"),
    ("a,micro,1_0,20,1", "onset '1_0' is not a whole frame"),
    ("a,micro,nan,2,1", "onset 'nan' is not a whole frame"),
    ("a,micro,1,9999999999999,1", "offset 9999999999999 is beyond any video"),
    ("a,micro,-1,2,1", "onset -1 is negative"),
    ("a,micro,3,2,1", "onset 3 is after offset 2"),
    ("a,micro,,2,1", "onset is empty"),
    ("a,smile,1,2,1", "kind 'smile' is not micro or macro"),
    ("a,ignore,1,2,1", "kind 'ignore' is not micro or macro"),
    (",micro,1,2,1", "video is empty"),
    ("a,micro,1,2,nan", "score 'nan' is not a finite"),
    ("a,micro,1,2,inf", "score 'inf' is not a finite"),
    ("a,micro,1,2,high", "score 'high' is not a finite"),
    ("a,micro,1,2", "has not as many cells"),
    ("a,micro,1,2,1,1", "has not as many cells"),
    ("z,macro,5,60,0.5", "is the same as line 2"),
]


@pytest.mark.parametrize(("text", "reason"), BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_even_where_bad_rows_are_skipped(
    tmp_path: Path, text: str, reason: str
) -> None:
    path = write(tmp_path, text)
    for skip_bad in (False, True):
        with pytest.raises(UsageError, match=reason) as caught:
            read_prediction_table(path, skip_bad=skip_bad)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS)
def test_a_bad_row_is_named_with_its_line_and_stops_or_is_left_out(
    tmp_path: Path, row: str, reason: str
) -> None:
    path = write(tmp_path, f"{GUESS}z,macro,5,60,0.5\n\n{row}\na,micro,3,9,1\n")
    named = f"{path} line 4: {reason}"
    with pytest.raises(UsageError) as caught:
        read_prediction_table(path)
    assert str(caught.value).startswith(named)
    assert "\n" not in str(caught.value)
    table = read_prediction_table(path, skip_bad=True)
    assert [i.video for i in table.instances] == ["z", "a"]
    (rejected,) = table.rejected
    assert rejected.startswith(named)


def test_all_bad_rows_are_counted_before_the_first_stops(tmp_path: Path) -> None:
    path = write(tmp_path, GUESS + "a,micro,3,2,1\n" * 3 + "a,micro,3,4,1\n")
    with pytest.raises(UsageError, match=r"line 2: onset 3 is after .* \(and 2 more bad rows\)"):
        read_prediction_table(path)


def test_two_predictions_of_one_interval_may_differ_in_score(tmp_path: Path) -> None:
    path = write(tmp_path, GUESS + "a,micro,3,9,0.5\na,micro,3,9,0.4\n")
    assert len(read_predictions(path)) == 2


def test_a_label_may_not_stand_twice_even_with_another_apex(tmp_path: Path) -> None:
    path = write(tmp_path, TRUTH + "a,micro,3,5,9\na,micro,3,6,9\na,macro,3,6,9\n")
    with pytest.raises(UsageError, match="line 3: is the same as line 2"):
        read_truth(path)
    assert len(read_truth(path, skip_bad=True).instances) == 2


def test_a_video_has_one_subject(tmp_path: Path) -> None:
    text = "video,subject,kind,onset,offset\na,one,micro,3,9\na,two,micro,30,39\n"
    with pytest.raises(UsageError, match="line 3: subject 'two' of video 'a' is 'one' in line 2"):
        read_truth(write(tmp_path, text))


def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.csv: cannot be read"):
        read_truth(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(GUESS.encode() + b"a,micro,1,2,1\n\xff\xfe\n")
    with pytest.raises(UsageError, match="line 3: is not a CSV file in UTF-8"):
        read_truth(path)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_stand_between_cells_as_well(tmp_path: Path, delimiter: str) -> None:
    rows = [("video", "kind", "onset", "offset", "score"), ("a,b", "micro", "3", "9", "0.5")]
    path = tmp_path / "p.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode("utf-8-sig"))
    (instance,) = read_predictions(path)
    assert (instance.video, instance.onset, instance.score) == ("a,b", 3, 0.5)


def test_a_decimal_comma_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("video;kind;onset;offset;score\na;micro;3;9;0,5\n")
    with pytest.raises(UsageError, match="line 2: score '0,5' is not a finite number"):
        read_predictions(path)


def test_rows_of_empty_cells_are_passed_over_and_lines_stay_numbered(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text("video,kind,onset,offset\n,,,\na,micro,3,9\n , ,,\na,micro,9,3\n")
    table = read_prediction_table(path, skip_bad=True)
    assert [one.onset for one in table.instances] == [3]
    assert [bad.partition("line ")[2] for bad in table.rejected] == ["5: onset 9 is after offset 3"]

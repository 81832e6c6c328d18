from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Kind
from offline.points.points import Point, read_points, write_points

HEADER = "video,frame,kind\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_bytes(text.encode())
    return path


def test_points_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "b,7,micro\na,0,macro\n")
    assert read_points(path) == [Point("b", 7, Kind.MICRO), Point("a", 0, Kind.MACRO)]


def test_other_columns_and_any_order_of_columns_are_fine(tmp_path: Path) -> None:
    path = write(tmp_path, "kind,subject,frame,time_s,video\nmicro,s1,7,0.2,a\n")
    assert read_points(path) == [Point("a", 7, Kind.MICRO)]


def test_a_file_saved_by_a_spreadsheet_is_read(tmp_path: Path) -> None:
    text = "\ufeff" + (HEADER + '"a, b",12.0,macro\n\n').replace("\n", "\r\n")
    assert read_points(write(tmp_path, text)) == [Point("a, b", 12, Kind.MACRO)]


def test_a_file_without_rows_has_no_points(tmp_path: Path) -> None:
    assert read_points(write(tmp_path, HEADER)) == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,7,tiny", "kind 'tiny' is not micro or macro"),
        ("a,7,Micro", "kind 'Micro' is not micro or macro"),
        ("a,-1,micro", "frame -1 is negative"),
        ("a,7.5,micro", "frame '7.5' is not a whole frame number"),
        ("a,nan,micro", "frame 'nan' is not a whole frame number"),
        ("a,,micro", "frame is empty"),
        (",7,micro", "video is empty"),
        ("a,7", "has not as many cells as the header"),
        ("b,3,macro", "frame 3 of video 'b' has a point in line 2"),
        ("b,3,micro", "frame 3 of video 'b' has a point in line 2"),
        ("a,9999999999999,micro", "beyond any video"),
    ],
)
def test_a_row_that_cannot_be_right_is_named_with_its_line(
    tmp_path: Path, row: str, reason: str
) -> None:
    path = write(tmp_path, HEADER + f"b,3,micro\n{row}\n")
    with pytest.raises(UsageError) as refused:
        read_points(path)
    assert str(refused.value).startswith(f"{path} line 3: ")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_first_bad_row_is_named_and_the_others_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "a,x,micro\na,1,macro\na,2,no\na,3,no\n")
    with pytest.raises(UsageError, match=r"line 2: .*and 2 more bad rows"):
        read_points(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("video,frame\n", "has no column kind"),
        ("video,frame,kind,kind\n", "two columns called 'kind'"),
        (HEADER + '"a,7,micro\n', "is not CSV"),
        (HEADER + "a,7,micro\n\0", "is not a CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_table_of_points_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        read_points(write(tmp_path, text))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_points(tmp_path / "absent.csv")


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda name: name == name.strip() and name
)
a_point = st.builds(Point, names, st.integers(0, 10**6), st.sampled_from(Kind))


@given(st.lists(a_point, max_size=12, unique_by=lambda point: (point.video, point.frame)))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, points: list[Point]
) -> None:
    path = tmp_path_factory.mktemp("points") / "points.csv"
    write_points(path, points)
    assert read_points(path) == points


def test_two_points_on_one_frame_are_never_written(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    with pytest.raises(UsageError, match="two points are on frame 3 of video 'a'"):
        write_points(path, [Point("a", 3, Kind.MICRO), Point("a", 3, Kind.MACRO)])
    assert not path.exists()


def test_a_point_has_a_video_and_a_frame_of_it() -> None:
    with pytest.raises(ValueError, match="negative"):
        Point("a", -1, Kind.MICRO)
    with pytest.raises(ValueError, match="name"):
        Point("", 1, Kind.MICRO)

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Kind
from offline.labelling.point_file import PointFile
from offline.points.points import Point, read_points

NAMES = {"a": "a", "a.mp4": "a", "b, c": "b, c"}


def point(frame: int, kind: Kind = Kind.MICRO, video: str = "a") -> Point:
    return Point(video, frame, kind)


def test_a_file_that_is_absent_is_made_with_its_header(tmp_path: Path) -> None:
    path = tmp_path / "new" / "points.csv"
    assert PointFile(path, NAMES).points == ()
    assert path.read_text() == "video,frame,kind\n"


def test_a_change_is_in_the_file_when_the_call_returns(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    file = PointFile(path, NAMES)
    file.put(point(7))
    assert read_points(path) == [point(7)]
    assert file.put(point(7, Kind.MACRO)) is Kind.MICRO
    assert read_points(path) == [point(7, Kind.MACRO)]
    assert file.remove("a", 7) is Kind.MACRO
    assert read_points(path) == []
    assert file.remove("a", 7) is None


def test_what_it_does_not_know_stays_to_the_byte(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    text = (
        "\ufeffkind,note,frame,video\r\n"
        'micro,"two\r\nlines",4,other\r\n'
        "blink,,9,a\r\n"
        "\r\n"
        "micro,kept,5,a.mp4\r\n"
        "macro,same frame,5,a\r\n"
        "macro,-,-3,a\r\n"
        "short,row\r\n"
        "macro,no end of line,8,zzz"
    )
    path.write_bytes(text.encode())
    file = PointFile(path, NAMES)
    assert file.points == (point(5),)
    assert file.others == 6
    file.put(Point("b, c", 12, Kind.MACRO))
    assert path.read_bytes() == (text + '\r\nmacro,,12,"b, c"\r\n').encode()
    file.remove("a", 5)
    left = text.replace("micro,kept,5,a.mp4\r\n", "")
    assert path.read_bytes() == (left + '\r\nmacro,,12,"b, c"\r\n').encode()


def test_what_somebody_else_writes_meanwhile_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    file = PointFile(path, NAMES)
    file.put(point(1))
    with path.open("a") as other:
        other.write("a,2,macro\nz,3,micro\n")
    file.put(point(4))
    assert read_points(path) == [
        point(1), point(2, Kind.MACRO), Point("z", 3, Kind.MICRO), point(4),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "frame,kind\n", 'video,frame,kind\n"a,1,micro\n'])
def test_a_file_that_is_no_table_of_points_is_refused_and_left_alone(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "points.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=str(path)):
        PointFile(path, NAMES)
    assert path.read_text() == text


def test_a_change_that_cannot_be_written_is_an_error_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "points.csv"
    file = PointFile(path, NAMES)
    file.put(point(1))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("offline.labelling.point_file.replace_file", full)
    with pytest.raises(UsageError, match="No space left on device; nothing was changed"):
        file.put(point(2))
    assert file.points == (point(1),)
    assert read_points(path) == [point(1)]


steps = st.lists(
    st.tuples(st.sampled_from(("put", "remove")), st.integers(0, 5), st.sampled_from(Kind),
              st.sampled_from(("a", "b, c"))),
    max_size=20,
)  # fmt: skip


@given(steps)
def test_after_any_steps_the_file_holds_what_a_table_in_memory_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, Kind, str]]
) -> None:
    path = tmp_path_factory.mktemp("points") / "points.csv"
    file, held = PointFile(path, NAMES), dict[tuple[str, int], Kind]()
    for action, frame, kind, video in steps:
        if action == "put":
            assert file.put(Point(video, frame, kind)) == held.get((video, frame))
            held[video, frame] = kind
        else:
            assert file.remove(video, frame) == held.pop((video, frame), None)
        expected = sorted(Point(v, f, k) for (v, f), k in held.items())
        assert sorted(read_points(path)) == expected == list(file.points)

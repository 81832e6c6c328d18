from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.labelling.desk import Desk
from offline.labelling.point_file import PointFile
from offline.points.points import Point, read_points


def desk(folder: Path) -> Desk:
    return Desk(PointFile(folder / "points.csv", {"a": "a", "b": "b"}), ["a", "b"])


def test_marks_are_set_replaced_and_deleted_and_each_says_so(tmp_path: Path) -> None:
    one = desk(tmp_path)
    assert one.mark(1, 30, Kind.MICRO) == "frame 30 is micro"
    assert one.mark(1, 30, Kind.MICRO) == "frame 30 is micro already"
    assert one.mark(1, 30, Kind.MACRO) == "frame 30 is macro, was micro"
    assert one.points == [(1, 30, "macro")]
    assert one.delete(1, 30) == "macro point at frame 30 deleted"
    assert one.delete(1, 30) == "frame 30 has no point"
    assert (one.points, one.steps) == ([], 3)


def test_undo_takes_steps_back_one_by_one_and_says_where(tmp_path: Path) -> None:
    one = desk(tmp_path)
    one.mark(0, 5, Kind.MICRO)
    one.mark(0, 5, Kind.MACRO)
    one.delete(0, 5)
    assert one.undo() == ("undone: frame 5 is macro again", (0, 5))
    assert one.undo() == ("undone: frame 5 is micro again", (0, 5))
    assert one.undo() == ("undone: frame 5 has no point again", (0, 5))
    assert one.undo() == ("nothing to undo", None)
    assert read_points(tmp_path / "points.csv") == []


def test_undo_leaves_what_was_changed_in_the_file_since(tmp_path: Path) -> None:
    one = desk(tmp_path)
    one.mark(0, 5, Kind.MICRO)
    (tmp_path / "points.csv").write_text("video,frame,kind\na,5,macro\n")
    said, where = one.undo()
    assert "changed in the file since" in said
    assert where == (0, 5)
    assert read_points(tmp_path / "points.csv") == [Point("a", 5, Kind.MACRO)]


def test_points_that_were_there_are_continued(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("video,frame,kind\nb,9,macro\nold,1,micro\na,3,micro\n")
    one = desk(tmp_path)
    assert (one.points, one.others) == ([(0, 3, "micro"), (1, 9, "macro")], 1)
    assert one.undo() == ("nothing to undo", None)


steps = st.lists(
    st.tuples(st.sampled_from(("mark", "delete")), st.integers(0, 1), st.integers(0, 4),
              st.sampled_from(Kind)),
    max_size=15,
)  # fmt: skip


@given(steps, steps)
def test_taking_every_step_back_leads_to_where_it_began(
    tmp_path_factory: pytest.TempPathFactory,
    first: list[tuple[str, int, int, Kind]],
    more: list[tuple[str, int, int, Kind]],
) -> None:
    folder = tmp_path_factory.mktemp("desk")

    def go(one: Desk, moves: list[tuple[str, int, int, Kind]]) -> None:
        for action, video, frame, kind in moves:
            if action == "mark":
                one.mark(video, frame, kind)
            else:
                one.delete(video, frame)

    go(desk(folder), first)
    one = desk(folder)
    before = one.points
    go(one, more)
    while one.steps:
        one.undo()
    assert one.points == before

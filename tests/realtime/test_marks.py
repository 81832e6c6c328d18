import csv
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import FesError, UsageError
from engines.intervals import Kind
from offline.points.points import Point, read_points
from realtime import live, marks
from realtime.events.messages import EventData, Mark, StreamEnd
from realtime.live import LiveOptions, run
from realtime.marks import Marker, open_marker
from realtime.sources.base import SourceInfo
from realtime.types import Frame
from tests.realtime.live_makers import Listener, ScriptedSource
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    manifest,
    ticks,
)

HEADER = "video,frame,kind,time_s,utc\n"
NOW = datetime(2024, 2, 29, 12, 0, 0, 125000, UTC)
UTC_TEXT = "2024-02-29T12:00:00.125Z"


class _Model:
    def __init__(self) -> None:
        self.manifest = manifest()


def marker(path: Path, told: list[EventData], times_s: list[float]) -> Marker:
    """A marker of a stream that has shown frames at some times."""
    one = Marker(path, ["cam"], lambda: NOW)
    list(one.follow(ScriptedSource(times_s)))
    one.announce(told.append)
    return one


def test_a_mark_is_written_at_the_nearest_frame_and_then_announced(tmp_path: Path) -> None:
    path, told = tmp_path / "marks.csv", list[EventData]()
    one = marker(path, told, [0.0, 0.1, 0.35, 0.4])
    assert one.take(Kind.MICRO, 0.2) == Mark(Kind.MICRO, 0.1, 1, UTC_TEXT)
    one.take(Kind.MACRO, 0.9)
    one.take(Kind.MACRO, -0.5)
    assert path.read_text() == (
        HEADER + f"cam,1,micro,0.100000,{UTC_TEXT}\ncam,3,macro,0.400000,{UTC_TEXT}\n"
        f"cam,0,macro,0.000000,{UTC_TEXT}\n"
    )
    assert [mark.frame for mark in told if isinstance(mark, Mark)] == [1, 3, 0]


@given(st.lists(st.floats(0, 20), min_size=1, unique=True), st.floats(-0.9, 20.9))
def test_the_frame_of_a_mark_is_the_one_whose_time_is_nearest(
    tmp_path_factory: pytest.TempPathFactory, times_s: list[float], time_s: float
) -> None:
    times_s.sort()
    one = marker(tmp_path_factory.mktemp("marks") / "m.csv", [], times_s)
    if times_s[0] - 1 <= time_s <= times_s[-1] + 1:
        mark = one.take(Kind.MICRO, time_s)
        assert mark.time_s == times_s[mark.frame]
        assert abs(mark.time_s - time_s) == min(abs(t - time_s) for t in times_s)
    else:
        with pytest.raises(ValueError, match="no frame is near"):
            one.take(Kind.MICRO, time_s)
    one.close()


def test_what_cannot_be_a_mark_is_not_written(tmp_path: Path) -> None:
    path, told = tmp_path / "marks.csv", list[EventData]()
    one = marker(path, told, ticks(30))
    one.take(Kind.MICRO, 0.5)
    for time_s in (0.5, 3.0, -2.0):
        with pytest.raises(ValueError, match=r"marked already|no frame is near"):
            one.take(Kind.MACRO, time_s)
    one.close()
    with pytest.raises(ValueError, match="not running"):
        one.take(Kind.MICRO, 0.1)
    assert len(told) == 1
    assert read_points(path) == [Point("cam", 15, Kind.MICRO)]


def test_before_the_stream_there_is_nothing_to_mark(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not running"):
        Marker(tmp_path / "marks.csv", ["cam"]).take(Kind.MICRO, 0.0)


def test_marks_are_appended_to_those_that_are_there_and_a_cut_line_is_ended(
    tmp_path: Path,
) -> None:
    path = tmp_path / "marks.csv"
    path.write_text("\ufeff" + HEADER + "older,7,micro,0.2,then")
    marker(path, [], ticks(3)).take(Kind.MACRO, 0.0)
    rows = path.read_text("utf-8-sig").splitlines()
    assert rows[1:] == ["older,7,micro,0.2,then", f"cam,0,macro,0.000000,{UTC_TEXT}"]


@pytest.mark.parametrize("content", [b"video,frame,kind\n", b"\xff\xfe1", b"\n{}\n"])
def test_another_table_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "marks.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"--marks: .*marks\.csv is no t"):
        Marker(path, ["cam"])
    assert path.read_bytes() == content


def test_a_file_that_cannot_be_made_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot write .*; give a file in an existing folder"):
        Marker(tmp_path / "absent" / "marks.csv", ["cam"])


def test_a_full_disk_is_an_error_and_nothing_is_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    told: list[EventData] = []
    one = marker(tmp_path / "marks.csv", told, ticks(3))
    monkeypatch.setattr(marks, "_append", full)
    with pytest.raises(FesError, match="No space left on device"):
        one.take(Kind.MICRO, 0.0)
    assert told == []


def test_marks_from_many_threads_are_whole_lines_of_different_frames(tmp_path: Path) -> None:
    path = tmp_path / "marks.csv"
    one = marker(path, [], ticks(400))
    threads = [
        threading.Thread(target=lambda n=n: [one.take(Kind.MICRO, (n + 8 * k) / 30)
                                             for k in range(50)])
        for n in range(8)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with path.open(newline="") as file:
        frames = [int(row["frame"]) for row in csv.DictReader(file)]
    assert sorted(frames) == list(range(400))


@pytest.mark.parametrize(
    ("name", "live_", "video"),
    [("films/one.two.mp4", False, "one.two"), ("rtsp://cam.local/x.mp4", True, "rtsp://cam.local/x.mp4")],
)  # fmt: skip
def test_a_file_is_called_what_labels_call_it_and_a_live_source_by_its_name(
    tmp_path: Path, name: str, live_: bool, video: str
) -> None:
    one = open_marker(tmp_path / "marks.csv", [SourceInfo(name, live_, 64, 48)])
    list(one.follow(ScriptedSource([0.0])))
    one.announce(lambda _: None)
    one.take(Kind.MICRO, 0.0)
    assert read_points(tmp_path / "marks.csv")[0].video == video


def test_each_source_has_its_own_frames_and_its_own_name(tmp_path: Path) -> None:
    path, told = tmp_path / "marks.csv", list[EventData]()
    one = Marker(path, ["left", "right"], lambda: NOW)
    list(one.follow(ScriptedSource([0.0, 0.1]), 0))
    list(one.follow(ScriptedSource([0.0, 0.2]), 1))
    one.announce(told.append)
    one.take(Kind.MICRO, 0.2, 1)
    one.take(Kind.MICRO, 0.2, 0)
    for absent in (-1, 2):
        with pytest.raises(ValueError, match="there is no source"):
            one.take(Kind.MICRO, 0.0, absent)
    assert told == [Mark(Kind.MICRO, 0.2, 1, UTC_TEXT, 1), Mark(Kind.MICRO, 0.1, 1, UTC_TEXT, 0)]
    assert read_points(path) == [Point("right", 1, Kind.MICRO), Point("left", 1, Kind.MICRO)]


def test_in_a_run_marks_come_among_the_events_and_none_after_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "load", lambda _: (_Model(), ScriptedBackend()))
    monkeypatch.setattr(live, "open_tracker", lambda *_: ScriptedTracker())
    one = Marker(tmp_path / "marks.csv", ["cam"], lambda: NOW)

    class Marked(ScriptedSource):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                if frame.index == 6:
                    one.take(Kind.MACRO, 5 / 30)
                yield frame

    class Late(Listener):
        def close(self) -> None:
            if self.closed:
                return
            super().close()
            with pytest.raises(ValueError, match="the stream has ended"):
                one.take(Kind.MICRO, 0.0)

    listener = Late()
    assert run(Marked(ticks(12)), LiveOptions(), [listener], marker=one)
    assert getattr(listener.heard[0], "marks", None) is True
    assert [e for e in listener.heard if isinstance(e, Mark)] == [
        Mark(Kind.MACRO, 5 / 30, 5, UTC_TEXT)
    ]
    assert isinstance(listener.heard[-1], StreamEnd)
    with pytest.raises(ValueError, match="not running"):
        one.take(Kind.MICRO, 0.1)

"""A watched source passes everything on."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from tqdm import tqdm

from benchmarks.measure.played import TakenSource
from benchmarks.measure.watched import Watched
from realtime.sources.base import Source, SourceInfo
from realtime.types import Frame

IMAGE = np.zeros((4, 6, 3), np.uint8)
INFO = SourceInfo("strip", False, 6, 4, 10.0, 30)


def strip(count: int) -> Iterator[Frame]:
    for index in range(count):
        yield Frame(index, index / 10, IMAGE)


class Camera(TakenSource):
    """Dropped twelve frames before anybody took one, and one more with each."""

    taken = 0

    @property
    def dropped(self) -> int:
        return 12 + self.taken

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            yield frame
            self.taken += 1


def test_frames_pass_unchanged_and_are_counted() -> None:
    source = Watched(TakenSource(INFO, strip(30)))
    plain: Source = source
    frames = list(plain)
    assert [frame.index for frame in frames] == list(range(30))
    assert source.frames == 30
    assert source.info is INFO


def test_what_a_camera_dropped_before_the_first_frame_does_not_count() -> None:
    """Of the 12 before, none; of the 4 after the first frame, 4."""
    source = Watched(Camera(INFO, strip(5)))
    seen = []
    for _ in source:
        seen.append(source.dropped)
    assert seen == [0, 1, 2, 3, 4]


def test_the_wait_for_each_frame_is_told() -> None:
    told: list[float] = []
    list(Watched(TakenSource(INFO, strip(7)), waited=told.append))
    assert len(told) == 7
    assert all(wait >= 0 for wait in told)


@pytest.mark.parametrize(
    ("seconds", "count", "total"), [(None, 30, "3.0"), (2.0, 30, "2.0"), (9.0, 30, "3.0")]
)
def test_progress_on_a_terminal_is_of_what_is_wanted_or_there(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, count: int, total: str
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()

    def on_terminal(**options: object) -> object:
        return tqdm(**options, file=terminal, mininterval=0)  # type: ignore[call-overload]

    monkeypatch.setattr("benchmarks.measure.watched.tqdm", on_terminal)
    list(Watched(TakenSource(INFO, strip(count)), seconds))
    assert f"/{total} " in terminal.getvalue()


def test_nothing_is_shown_where_there_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    list(Watched(TakenSource(INFO, strip(30))))
    assert capfd.readouterr() == ("", "")


def test_closing_closes_the_source() -> None:
    taken = []
    with Watched(TakenSource(INFO, strip(30))) as source:
        for frame in source:
            taken.append(frame.index)
            source.close()
    assert taken == [0]

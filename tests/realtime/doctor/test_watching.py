"""What is written down of sources whose frames are known."""

from collections.abc import Iterator
from typing import Self

import numpy as np
import pytest

from realtime.doctor.examination import examine
from realtime.doctor.watching import watch
from realtime.sources.base import SourceInfo
from realtime.types import LANDMARKS, MESH_POINTS, Face, Frame


class Film:
    """Frames at given times; counts what it drops."""

    def __init__(self, times_s: np.ndarray, dropped: int = 0) -> None:
        self.info = SourceInfo("film", True, 64, 64)
        self.dropped = 7
        self._times_s = times_s
        self._drops = dropped

    def __iter__(self) -> Iterator[Frame]:
        image = np.full((256, 256, 3), 100, np.uint8)
        for index, time_s in enumerate(self._times_s):
            if index == 1:
                self.dropped += self._drops
            yield Frame(index, float(time_s), image)

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


class Still:
    """A face that is there on all frames but those named."""

    def __init__(self, absent: range = range(0)) -> None:
        self._absent = absent
        mesh = np.zeros((MESH_POINTS, 3), np.float32)
        mesh[:, 0] = np.linspace(60, 190, MESH_POINTS)
        mesh[:, 1] = 100 + 60 * np.sin(np.arange(MESH_POINTS))
        landmarks = np.full((LANDMARKS, 2), 128, np.float32)
        landmarks[36], landmarks[45] = (80, 100), (176, 100)
        landmarks[39], landmarks[42] = (110, 100), (146, 100)
        landmarks[8] = (128, 200)
        self._face = Face(0, mesh, landmarks, 1.0)

    def track(self, frame: Frame) -> tuple[Face, ...]:
        return () if frame.index in self._absent else (self._face,)

    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_a_steady_film_of_a_still_face() -> None:
    found = examine(watch(Film(np.arange(120) / 30), Still(), seconds=10))
    assert found.size == (256, 256)
    assert found.pace.rate_hz == pytest.approx(30)
    assert (found.pace.frames, found.pace.missing, found.pace.dropped) == (120, 0, 0)
    assert found.face.present == 1
    assert found.face.eyes_px == pytest.approx(96)
    assert found.face.brightness == pytest.approx(100, abs=0.1)
    assert found.noise is not None
    assert found.noise.trusted_px == pytest.approx(0, abs=1e-3)


def test_it_stops_when_the_time_is_over() -> None:
    seen = watch(Film(np.arange(300) / 30), Still(), seconds=3)
    assert len(seen.times_s) == 91


def test_gaps_and_drops_are_counted() -> None:
    times_s = np.concatenate([np.arange(60) / 30, 2 + 10 / 30 + np.arange(60) / 30])
    found = examine(watch(Film(times_s, dropped=4), Still()))
    assert found.pace.missing == pytest.approx(10 / 130)
    assert found.pace.longest_ms == pytest.approx(1000 * 11 / 30)
    assert found.pace.dropped == 4


def test_a_face_that_is_away_half_of_the_time() -> None:
    found = examine(watch(Film(np.arange(100) / 30), Still(absent=range(50, 100))))
    assert found.face.present == pytest.approx(0.5)


@pytest.mark.parametrize("frames", [0, 1])
def test_hardly_any_frame_gives_no_rate(frames: int) -> None:
    found = examine(watch(Film(np.arange(frames) / 30), Still()))
    assert found.pace.rate_hz is None
    assert found.noise is None

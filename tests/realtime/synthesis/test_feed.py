"""The synthetic camera as a device, with a clock and a camera that do as they are told."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from engines.errors import SourceError
from realtime.sources.base import SourceInfo
from realtime.sources.latest import LatestSource
from realtime.synthesis import feed as module
from realtime.synthesis.camera import SyntheticCamera
from realtime.synthesis.feed import SyntheticFeed
from realtime.synthesis.portraits import Portrait
from realtime.types import Frame

IMAGE = np.zeros((4, 6, 3), np.uint8)
RATE_HZ = 10.0


class Clock:
    """Time that only sleeping and drawing pass."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds


class Camera:
    """Draws picture n in ``drawing_s[n]``, when its time has come."""

    def __init__(self, clock: Clock, drawing_s: list[float]) -> None:
        self.info = SourceInfo("synthetic:0", True, 6, 4, RATE_HZ)
        self._clock = clock
        self._drawing_s = drawing_s
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        start_s = self._clock.now_s
        for index, drawing_s in enumerate(self._drawing_s):
            if self._closed:
                return
            self._clock.now_s = max(self._clock.now_s, start_s + index / RATE_HZ) + drawing_s
            yield Frame(index, index / RATE_HZ, IMAGE)

    def close(self) -> None:
        self._closed = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(
        module, "time", SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep)
    )
    return clock


def captured(clock: Clock, drawing_s: list[float]) -> list[float]:
    """Capture times, from the first; each picture is delivered when it is captured."""
    feed = SyntheticFeed(cast("SyntheticCamera", Camera(clock, drawing_s)))
    times = []
    for _ in drawing_s:
        times.append(feed.read().captured_s)
        assert times[-1] == pytest.approx(clock.now_s)
    return [time - times[0] for time in times]


@pytest.mark.parametrize("drawing_s", [[0, 0, 0, 0], [0.09, 0.01, 0.099, 0.05]])
def test_pictures_are_captured_when_due_however_long_they_took_to_draw(
    clock: Clock, drawing_s: list[float]
) -> None:
    assert captured(clock, drawing_s) == pytest.approx([0, 0.1, 0.2, 0.3])


def test_a_picture_that_is_not_ready_in_time_is_captured_when_it_is(clock: Clock) -> None:
    assert captured(clock, [0.0, 0.15, 0.0, 0.0]) == pytest.approx([0, 0.15, 0.2, 0.3])


def test_the_slow_first_drawing_is_over_before_the_cameras_time_begins(clock: Clock) -> None:
    class SlowAtFirst(Camera):
        def __iter__(self) -> Iterator[Frame]:
            if not self._drawing_s:
                self._drawing_s = [0.0] * 4
                clock.sleep(2.0)
            yield from super().__iter__()

    feed = SyntheticFeed(cast("SyntheticCamera", SlowAtFirst(clock, [])))
    times = [feed.read().captured_s for _ in range(4)]
    assert np.diff(times) == pytest.approx([0.1] * 3)


def test_a_closed_camera_gives_no_more(clock: Clock) -> None:
    feed = SyntheticFeed(cast("SyntheticCamera", Camera(clock, [0.0] * 3)))
    feed.read()
    feed.close()
    with pytest.raises(SourceError, match="synthetic:0 was closed"):
        feed.read()


def test_a_live_source_of_the_real_camera_tells_when_its_frames_were_captured(
    portrait: Portrait,
) -> None:
    camera = SyntheticCamera(rate_hz=RATE_HZ, size=(160, 120), portrait=portrait)
    with LatestSource("synthetic", lambda: SyntheticFeed(camera)) as source:
        one, other = (frame for frame, _ in zip(source, range(2), strict=False))
    assert one.image.shape == (120, 160, 3)
    assert one.captured_s is not None
    assert other.captured_s is not None
    assert other.captured_s - one.captured_s == pytest.approx(other.timestamp_s - one.timestamp_s)

"""Pictures that are ready beforehand, in memory or in a file."""

import shutil
from collections import namedtuple
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure import reel as module
from benchmarks.measure.reel import Image, Reel, swing
from engines.errors import UsageError

SIZE = (8, 6)


def pictures(count: int) -> Iterator[Image]:
    for value in range(count):
        yield np.full((SIZE[1], SIZE[0], 3), value, np.uint8)


def make(count: int = 5) -> Reel:
    return Reel(pictures(count), count, 25.0, SIZE)


@pytest.fixture
def in_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY_BYTES", 10)


def check(reel: Reel) -> None:
    frames = list(reel.once())
    assert [frame.index for frame in frames] == [0, 1, 2, 3, 4]
    assert [frame.timestamp_s for frame in frames] == pytest.approx([0, 0.04, 0.08, 0.12, 0.16])
    assert [set(frame.image.ravel().tolist()) for frame in frames] == [{k} for k in range(5)]
    turning = [int(frame.image[0, 0, 0]) for frame in islice(reel.swinging(), 11)]
    assert turning == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1, 2]
    times = [frame.timestamp_s for frame in islice(reel.swinging(), 11)]
    assert times == pytest.approx([k / 25 for k in range(11)])


def test_a_reel_in_memory_plays_once_and_to_and_fro() -> None:
    reel = make()
    assert reel.in_memory
    assert reel.bytes_in_memory == 5 * 8 * 6 * 3
    check(reel)


@pytest.mark.usefixtures("in_file")
def test_a_reel_in_a_file_gives_the_same_bytes_and_takes_no_memory() -> None:
    reel = make()
    assert not reel.in_memory
    assert reel.bytes_in_memory == 0
    check(reel)


@pytest.mark.usefixtures("in_file")
def test_a_full_disk_is_refused_before_anything_is_rendered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(100, 90, 10))
    drawn = pictures(5)
    with pytest.raises(UsageError, match="no room"):
        Reel(drawn, 5, 25.0, SIZE)
    assert len(list(drawn)) == 5


def test_an_endless_renderer_is_asked_for_no_more_than_is_wanted() -> None:
    drawn = iter(list(pictures(9)))
    Reel(drawn, 5, 25.0, SIZE)
    assert len(list(drawn)) == 4


@pytest.mark.parametrize("count", [0, 6])
def test_too_few_pictures_are_an_error(count: int) -> None:
    with pytest.raises(ValueError, match="picture"):
        Reel(pictures(5), count, 25.0, SIZE)


@given(st.integers(1, 50), st.integers(0, 500))
def test_a_swing_moves_by_one_picture_and_stays_on_the_strip(count: int, index: int) -> None:
    here, there = swing(index, count), swing(index + 1, count)
    assert 0 <= here < count
    assert abs(there - here) == (1 if count > 1 else 0)

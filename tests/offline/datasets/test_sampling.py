import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import SourceError, UsageError
from engines.intervals import Kind
from offline.datasets.frames import open_video, sampled
from offline.datasets.records import DatasetVideo, LabelledInstance
from offline.datasets.sampling import SampledSource, Sampling
from realtime.clock import Clock, Tick
from realtime.sources.folder import FolderSource
from tests.offline.datasets.dataset_makers import write_frames

spans = st.tuples(st.integers(0, 5000), st.integers(0, 400), st.integers(0, 400)).map(
    lambda t: (t[0], t[0] + t[1], t[0] + t[1] + t[2])
)


def video(marks: tuple[int, int | None, int], frames: int | None, source: Path | None = None):
    onset, apex, offset = marks
    times = (onset / 200, None if apex is None else apex / 200, offset / 200)
    one = LabelledInstance("row 1", Kind.MACRO, onset, apex, offset, *times)
    return DatasetVideo("006", "006_1", source, 200.0, frames, (one,))


@given(st.integers(1, 100_000))
def test_a_frame_goes_where_the_released_code_puts_it(onset: int) -> None:
    # round((onset - 1) / 7) on 1-based frames; a seventh is never a half, so both round alike
    assert Sampling(7).frame(onset - 1) == round((onset - 1) / 7)


@given(spans, st.integers(1, 12), st.integers(0, 3000))
def test_moved_instances_stay_in_order_inside_the_frames_that_are_read(
    span: tuple[int, int, int], every: int, more: int
) -> None:
    moved = sampled(video(span, span[2] + 1 + more), Sampling(every))
    (one,) = moved.instances
    assert one.apex is not None
    assert moved.read_frames is not None
    assert 0 <= one.onset <= one.apex <= one.offset < moved.read_frames


def test_all_frames_is_no_change() -> None:
    whole = video((3, 5, 9), 20)
    assert sampled(whole, Sampling()) is whole


def test_an_unknown_apex_stays_unknown_and_an_unknown_length_clips_nothing() -> None:
    (one,) = sampled(video((7, None, 11), None), Sampling(7)).instances
    assert (one.onset, one.apex, one.apex_s, one.offset) == (1, None, None, 2)


def test_sampling_twice_or_less_than_every_frame_is_refused() -> None:
    with pytest.raises(UsageError, match="is read already"):
        sampled(sampled(video((3, 5, 9), 20), Sampling(7)), Sampling(7))
    with pytest.raises(UsageError, match="every 0th"):
        Sampling(0)


@pytest.mark.parametrize("count", [1, 6, 7, 8, 15])
def test_a_sampled_source_yields_every_seventh_frame_at_thirty_per_second(
    tmp_path: Path, count: int
) -> None:
    source = SampledSource(FolderSource(write_frames(tmp_path, count), 200.0), Sampling(7))
    with source:
        frames = list(source)
    assert len(frames) == math.ceil(count / 7) == source.info.frames
    assert source.info.rate_hz == 30.0
    assert [int(f.image[0, 0, 0]) for f in frames] == [10 * 7 * n for n in range(len(frames))]
    assert np.array([f.timestamp_s for f in frames]) == pytest.approx(np.arange(len(frames)) / 30)


def ticks(source: SampledSource | FolderSource) -> Iterator[int]:
    clock = Clock()
    for frame in source:
        for out in clock.push(frame):
            assert isinstance(out, Tick)
            yield out.frame.index


def test_by_time_the_live_clock_takes_the_frame_nearest_to_each_tick(tmp_path: Path) -> None:
    with open_video(video((3, 5, 9), 24, write_frames(tmp_path, 24))) as source:
        assert list(ticks(source))[:4] == [round(200 * tick / 30) for tick in range(4)]


def test_every_seventh_frame_gives_one_tick_each(tmp_path: Path) -> None:
    whole = video((3, 5, 9), 24, write_frames(tmp_path, 24))
    with open_video(sampled(whole, Sampling(7))) as source:
        assert list(ticks(source)) == [0, 1, 2, 3]


def test_a_video_without_frames_cannot_be_opened() -> None:
    with pytest.raises(SourceError, match="006_1: its frames are missing"):
        open_video(video((3, 5, 9), None))


def test_closing_ends_the_iteration(tmp_path: Path) -> None:
    source = SampledSource(FolderSource(write_frames(tmp_path, 20), 200.0), Sampling(7))
    frames = iter(source)
    next(frames)
    source.close()
    assert list(frames) == []

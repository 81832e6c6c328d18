import logging

import numpy as np
import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.gim.sampler import VideoSampler
from offline.training.points import PointsOfFile
from offline.training.sources import Source
from tests.offline.gim.gim_training_makers import MICRO, TRUTH, gim_record, settings
from tests.offline.training.tiny_records import TinyRecipe

WHOLE = settings(most_ticks=0)


def sampler(*sources: Source, chosen=WHOLE, points=TRUTH, seed=0) -> VideoSampler:
    return VideoSampler(sources, chosen, points, seed)


def recorded(*names: str) -> Source:
    return Source("recorded", [gim_record(name, seed=n) for n, name in enumerate(names)])


def test_an_epoch_takes_each_video_once_in_an_order_of_its_own():
    drawn = sampler(recorded(*"abcdef"))
    assert drawn.steps_per_epoch() == 6
    passes = [[drawn.video(6 * n + step).name for step in range(6)] for n in range(4)]
    assert all(sorted(one) == list("abcdef") for one in passes)
    assert len({tuple(one) for one in passes}) > 1


def test_equal_seeds_and_steps_give_equal_ticks_and_others_do_not():
    cut = settings(most_ticks=32)
    one, same, other = (sampler(recorded("a"), chosen=cut, seed=seed) for seed in (1, 1, 2))
    for step in (5, 2):
        np.testing.assert_array_equal(one.video(step).windows, same.video(step).windows)
    firsts = [
        [drawn.video(step).windows[0, 0, 0, 0] for step in range(8)] for drawn in (one, other)
    ]
    assert firsts[0] != firsts[1]


def test_sources_share_the_steps_as_weighted():
    first = Source("first", [gim_record("first")], 3.0)
    second = Source("second", [gim_record("second")], 1.0)
    drawn = sampler(first, second)
    names = [drawn.video(step).name for step in range(400)]
    # five standard deviations of 400 draws
    assert abs(names.count("first") / 400 - 0.75) < 5 * np.sqrt(0.75 * 0.25 / 400)
    assert drawn.steps_per_epoch() == 2


def test_a_recipe_needs_a_length_of_an_epoch_and_gives_points_from_its_truth():
    source = Source("simulated", TinyRecipe())
    drawn = sampler(source, chosen=settings(steps_per_epoch=5))
    assert drawn.steps_per_epoch() == 5
    video = drawn.video(7)
    (point,), (label,) = video.points, video.truth
    assert label.onset <= point.tick <= label.offset
    assert drawn.video(7).name == video.name
    with pytest.raises(UsageError, match="steps_per_epoch must be set"):
        sampler(source).steps_per_epoch()


def test_a_table_cannot_name_frames_of_a_recipe(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("video,frame,kind\nvideo,3,micro\n", encoding="utf-8")
    with pytest.raises(UsageError, match="use --points-from-truth"):
        sampler(Source("simulated", TinyRecipe()), points=PointsOfFile.read(path))


def test_a_video_without_a_point_stays_out_unless_asked_for(caplog):
    source = Source("mine", [gim_record("full"), gim_record("empty", intervals=())])
    with caplog.at_level(logging.WARNING):
        assert sampler(source).steps_per_epoch() == 1
    assert "mine: 1 videos without a point, left out: empty" in caplog.text
    caplog.clear()
    both = sampler(source, chosen=settings(empty_videos=True, most_ticks=0))
    assert both.steps_per_epoch() == 2
    assert "trained on as neutral: empty" in caplog.text
    assert {both.video(step).name for step in range(2)} == {"full", "empty"}


def test_one_class_only_is_named_and_goes_on(caplog):
    source = Source("mine", [gim_record(intervals=(MICRO,))])
    with caplog.at_level(logging.WARNING):
        assert sampler(source).steps_per_epoch() == 1
    assert "mine: no point is macro; the network will not find that kind" in caplog.text


def test_a_video_too_short_for_anything_is_named(caplog):
    short = gim_record("short")
    short.scored[1:] = False
    assert sampler(Source("mine", [short, gim_record("long")])).steps_per_epoch() == 1
    assert "without two scored ticks, left out: short" in caplog.text


@pytest.mark.parametrize(
    "sources",
    [[], [Source("a", [gim_record()], 0.0)], [Source("a", [])],
     [Source("a", [gim_record(intervals=())])]],
)  # fmt: skip
def test_data_that_cannot_be_trained_on_are_refused_in_one_line(sources):
    with pytest.raises(UsageError, match="training data") as caught:
        sampler(*sources)
    assert "\n" not in str(caught.value)


def test_labels_beyond_their_point_are_not_read():
    """A record whose boundaries differ, and not its points, gives the same to learn from."""
    wide = (Interval(Kind.MACRO, 30, 50, 69),)
    narrow = (Interval(Kind.MACRO, 49, 50, 51),)
    videos = []
    for intervals in (wide, narrow):
        record = gim_record(intervals=intervals)
        record.features[...] = 0
        apexes = TRUTH.__class__(TRUTH.how.APEX, 0)
        videos.append(sampler(Source("a", [record]), points=apexes).video(0))
    assert videos[0].points == videos[1].points
    np.testing.assert_array_equal(videos[0].scored, videos[1].scored)


def test_a_step_of_several_videos_takes_the_next_ones_and_an_epoch_still_takes_each():
    drawn = sampler(recorded(*"abcde"), chosen=settings(most_ticks=0, videos_per_step=2))
    assert drawn.steps_per_epoch() == 3
    steps = [drawn.videos(step) for step in range(3)]
    assert [len(one) for one in steps] == [2, 2, 2]
    names = [video.name for step in steps for video in step]
    assert sorted(names[:5]) == list("abcde")

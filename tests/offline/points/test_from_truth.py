import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.points.from_truth import DEFAULT_SIGMA, How, points_from_truth
from offline.points.points import Point


@st.composite
def an_instance(draw: st.DrawFn) -> Instance:
    onset = draw(st.integers(0, 60))
    offset = onset + draw(st.integers(6, 40))
    apex = draw(st.none() | st.integers(onset - 3, offset + 3))
    video = draw(st.sampled_from(("a", "b", "c")))
    return Instance(video, draw(st.sampled_from(Kind)), onset, offset, apex)


some_instances = st.lists(an_instance(), max_size=6)


@given(some_instances, st.sampled_from(How), st.integers(0, 50))
def test_every_instance_has_one_point_of_its_kind_within_it_and_no_frame_has_two(
    instances: list[Instance], how: How, seed: int
) -> None:
    points = points_from_truth(instances, how, seed)
    ordered = sorted(instances, key=lambda i: (i.video, i.onset, i.offset, i.kind or ""))
    assert len(points) == len(instances)
    for point, instance in zip(points, ordered, strict=True):
        assert (point.video, point.kind) == (instance.video, instance.kind)
        assert instance.onset <= point.frame <= instance.offset
    assert len({(point.video, point.frame) for point in points}) == len(points)


@given(some_instances, st.randoms(use_true_random=False))
def test_points_of_a_video_do_not_depend_on_the_order_of_rows_or_on_other_videos(
    instances: list[Instance], random: Random
) -> None:
    points = points_from_truth(instances, "gaussian", 4)
    shuffled = list(instances)
    random.shuffle(shuffled)
    assert points_from_truth(shuffled, "gaussian", 4) == points
    alone = points_from_truth([i for i in instances if i.video == "a"], "gaussian", 4)
    assert alone == [point for point in points if point.video == "a"]


def test_the_seed_decides() -> None:
    instances = [Instance("a", Kind.MACRO, 100 * k, 100 * k + 80, 100 * k + 30) for k in range(20)]
    for how in (How.UNIFORM, How.GAUSSIAN):
        assert points_from_truth(instances, how, 1) == points_from_truth(instances, how, 1)
        assert points_from_truth(instances, how, 1) != points_from_truth(instances, how, 2)


def test_the_apex_is_the_point_and_the_middle_where_it_is_unknown_or_outside() -> None:
    instances = [
        Instance("a", Kind.MICRO, 0, 10, 7),
        Instance("a", Kind.MICRO, 20, 31),
        Instance("a", Kind.MACRO, 40, 60, -1),
    ]
    assert points_from_truth(instances, "apex", 0) == [
        Point("a", 7, Kind.MICRO),
        Point("a", 25, Kind.MICRO),
        Point("a", 50, Kind.MACRO),
    ]


def test_gaussian_points_have_their_mean_at_the_apex_and_their_deviation_is_sigma() -> None:
    count, length = 4000, 1201
    instances = [Instance("a", Kind.MACRO, k * 2000, k * 2000 + length - 1, k * 2000 + 600)
                 for k in range(count)]  # fmt: skip
    points = points_from_truth(instances, How.GAUSSIAN, 0)
    away = np.array([p.frame - i.onset - 600 for p, i in zip(points, instances, strict=True)])
    sigma = DEFAULT_SIGMA * length
    # both within four standard errors
    assert abs(away.mean()) < 4 * sigma / math.sqrt(count)
    assert abs(away.std() - sigma) < 4 * sigma / math.sqrt(2 * count)


def test_uniform_points_reach_both_ends_of_their_instance() -> None:
    instances = [Instance("a", Kind.MACRO, 10 * k, 10 * k + 4) for k in range(400)]
    points = points_from_truth(instances, How.UNIFORM, 0)
    where = [p.frame - i.onset for p, i in zip(points, instances, strict=True)]
    counts = np.bincount(where, minlength=5)
    # 80 expected each, standard deviation 8
    assert counts.min() > 48
    assert counts.max() < 112


def test_a_taken_frame_is_left_for_the_nearest_free_one() -> None:
    instances = [Instance("a", Kind.MACRO, 0, 20, 10), Instance("a", Kind.MICRO, 8, 14, 10)]
    frames = [point.frame for point in points_from_truth(instances, "apex", 0)]
    assert frames == [10, 9]


def test_an_earlier_point_makes_room_for_one_that_has_no_other_frame() -> None:
    instances = [Instance("a", Kind.MACRO, 4, 6, 5), Instance("a", Kind.MICRO, 5, 5, 5)]
    points = points_from_truth(instances, "apex", 0)
    assert points == [Point("a", 4, Kind.MACRO), Point("a", 5, Kind.MICRO)]


def test_more_instances_than_frames_are_named() -> None:
    instances = [Instance("v", Kind.MICRO, 5, 5), Instance("v", Kind.MACRO, 5, 5)]
    with pytest.raises(UsageError, match="v: there are more labels around frames 5 to 5"):
        points_from_truth(instances, "apex", 0)


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.nan, math.inf])
def test_a_sigma_that_is_no_width_is_refused(sigma: float) -> None:
    with pytest.raises(UsageError, match="sigma"):
        points_from_truth([], "gaussian", 0, sigma)


def test_what_cannot_be_drawn_is_named() -> None:
    with pytest.raises(UsageError, match="choose uniform, gaussian, apex"):
        points_from_truth([], "middle", 0)
    with pytest.raises(UsageError, match="without a kind"):
        points_from_truth([Instance("a", None, 0, 5)], "apex", 0)
    with pytest.raises(UsageError, match="before the first frame"):
        points_from_truth([Instance("a", Kind.MICRO, -2, 5)], "apex", 0)


def test_no_instances_give_no_points() -> None:
    assert points_from_truth([], "gaussian", 0) == []

"""Rendered motion that is no expression."""

import numpy as np
import pytest

from benchmarks.flow_motions import (
    MOTIONS,
    REST_TICKS,
    TICKS,
    WINDOW_TICK,
    Motion,
    ease,
    moving,
    parts,
    shoot_motion,
)
from realtime.synthesis.disturbances import STILL, Disturbances
from realtime.synthesis.state import HeadPose, Light
from realtime.types import HALF_WINDOW, RATE_HZ, WINDOW
from tests.realtime.flow.flow_makers import renderer


def test_a_motion_takes_half_a_second_after_a_rest() -> None:
    times = np.array(parts())
    assert len(times) == TICKS
    assert (times[: REST_TICKS + 1] == 0).all()
    assert times[-1] == 1
    duration_s = (WINDOW - 1) / RATE_HZ
    assert duration_s == pytest.approx(0.5, abs=0.04)


def test_the_window_that_is_read_spans_the_whole_motion() -> None:
    assert WINDOW_TICK - HALF_WINDOW == REST_TICKS
    assert WINDOW_TICK + HALF_WINDOW == TICKS - 1


@pytest.mark.parametrize("motion", MOTIONS, ids=lambda motion: motion.name)
def test_a_motion_is_smooth_and_moves_only_what_it_says(motion: Motion) -> None:
    for state in motion.variants:
        moved = [state(part) for part in parts()]
        assert moved[0].pose == HeadPose()
        assert (moved[-1].pose != HeadPose()) == motion.head
        assert not motion.head or all(one.light == Light() for one in moved)
        assert not any(one.expression.any() or one.distractor.any() for one in moved)
        yaw = np.array([one.pose.yaw_deg for one in moved])
        assert np.abs(np.diff(yaw)).max() <= 0.1 * max(np.abs(yaw).max(), 1e-9)


def test_directions_are_opposite() -> None:
    turns = next(motion for motion in MOTIONS if motion.name.startswith("yaw"))
    assert [state(1.0).pose.yaw_deg for state in turns.variants] == [10, -10]


def test_a_motion_eases_in_and_out() -> None:
    assert (ease(-1), ease(0), ease(0.5), ease(1), ease(2)) == pytest.approx((0, 0, 0.5, 1, 1))
    assert ease(0.1) < 0.1
    assert ease(0.9) > 0.9


def test_the_same_seed_gives_the_same_pictures_and_noise_makes_them_differ() -> None:
    state = moving(HeadPose())
    noisy = [shoot_motion(renderer(), state, Disturbances(noise=1.0), seed=s) for s in (3, 3, 4)]
    clean = shoot_motion(renderer(), state, STILL)
    assert all(np.array_equal(a, b) for a, b in zip(noisy[0], noisy[1], strict=True))
    assert not np.array_equal(noisy[0][0], noisy[2][0])
    assert not np.array_equal(noisy[0][0], noisy[0][1])
    assert all(np.array_equal(clean[0], picture) for picture in clean)

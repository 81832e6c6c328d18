"""What simulated recordings are made of: shapes, courses, and the measurement."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline.simulate.disturbances import Motion
from offline.simulate.patterns import (
    BROW_LEFT,
    BROW_RIGHT,
    CORNER_LEFT,
    CORNER_RIGHT,
    LOWER,
    UPPER,
    Pattern,
    draw_displacement,
    draw_pattern,
    draw_sideways,
)
from offline.simulate.profiles import add_course, draw_course, ease, smooth_noise
from offline.simulate.sensor import measure, repeat_frames
from realtime.flow.posture import KEEP
from realtime.types import FLOW_NODES, HALF_WINDOW, NODES, WINDOWS

SEEDS = st.integers(0, 2**32 - 1)
HEAD = slice(NODES.index("head_shift"), NODES.index("head_roll_scale") + 1)
MOVING = HEAD.stop

many = settings(deadline=None, max_examples=30)


@many
@given(SEEDS, st.sampled_from(UPPER + LOWER))
def test_the_largest_displacement_of_a_drawn_pattern_is_1(seed: int, pattern: Pattern) -> None:
    drawn = draw_displacement(np.random.default_rng(seed), pattern)
    assert drawn.shape == (len(FLOW_NODES), 2)
    assert np.hypot(*drawn.T).max() == pytest.approx(1)


@many
@given(SEEDS)
def test_the_largest_displacement_of_a_mouth_to_one_side_is_1(seed: int) -> None:
    drawn = draw_sideways(np.random.default_rng(seed))
    assert np.hypot(*drawn.T).max() == pytest.approx(1)
    assert (drawn[:CORNER_LEFT] == 0).all()


@pytest.mark.parametrize("pattern", UPPER + LOWER, ids=lambda pattern: pattern.name)
def test_a_pattern_with_equal_sides_is_a_mirror_image_of_itself(pattern: Pattern) -> None:
    out = pattern.displacement(1.0, 1.0)
    mirror = np.array([-1, 1])
    assert (out[list(BROW_LEFT)] == out[list(BROW_RIGHT)] * mirror).all()
    assert (out[CORNER_LEFT] == out[CORNER_RIGHT] * mirror).all()


def test_a_side_that_does_not_take_part_does_not_move() -> None:
    raised = next(pattern for pattern in UPPER if pattern.name.startswith("AU1+2"))
    out = raised.displacement(0.0, 1.0)
    assert (out[list(BROW_LEFT)] == 0).all()
    assert (out[list(BROW_RIGHT), 1] < 0).all()


def test_patterns_are_drawn_by_their_share() -> None:
    rng = np.random.default_rng(0)
    two = (Pattern("rare", share=1), Pattern("common", share=3))
    names = [draw_pattern(rng, two).name for _ in range(2000)]
    assert names.count("common") / 2000 == pytest.approx(0.75, abs=0.04)


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_an_ease_rises_to_1_without_a_step_back(count: int) -> None:
    values = ease(count)
    assert len(values) == count
    assert values[-1] == pytest.approx(1)
    assert (np.diff(values, prepend=0) > 0).all()


@many
@given(SEEDS, st.integers(1, 30), st.integers(0, 60), st.integers(1, 30), st.floats(0, 0.5))
def test_a_course_peaks_at_its_apex_and_ends_at_what_stays(
    seed: int, rise: int, hold: int, fall: int, stays: float
) -> None:
    course = draw_course(np.random.default_rng(seed), rise, hold, fall, stays)
    assert len(course.values) == rise + hold + fall
    assert course.apex == rise - 1
    assert course.values[course.apex] == pytest.approx(1)
    # a long hold sags, and what stays with it
    assert course.values[-1] == pytest.approx(stays, abs=0.5 * stays + 1e-9)


def test_a_course_is_added_where_it_is_and_what_it_leaves_stays() -> None:
    track = np.zeros((8, 2))
    add_course(track, 2, np.array([1.0, 2.0, 0.5]), np.array([1.0, -10.0]))
    expected = np.array([0, 0, 1, 2, 0.5, 0.5, 0.5, 0.5])
    assert (track[:, 0] == expected).all()
    assert (track[:, 1] == -10 * expected).all()


@pytest.mark.parametrize("start", [5, 50])
def test_a_course_that_reaches_beyond_the_end_is_cut(start: int) -> None:
    track = np.zeros(6)
    add_course(track, start, np.array([1.0, 2.0, 3.0]), np.array(1.0))
    assert track.tolist() == ([0] * 5 + [1] if start == 5 else [0] * 6)


def test_smooth_noise_has_unit_variance_and_the_width_that_was_asked_for() -> None:
    """White noise under a Gaussian of width w is correlated as exp(-(d / 2w)^2)."""
    noise = smooth_noise(np.random.default_rng(0), 200_000, 5.0)
    assert noise.std() == pytest.approx(1, abs=0.05)
    for distance in (1, 5, 10):
        found = np.corrcoef(noise[:-distance], noise[distance:])[0, 1]
        assert found == pytest.approx(np.exp(-((distance / 10) ** 2)), abs=0.03)


@many
@given(SEEDS, st.sampled_from(WINDOWS))
def test_head_rows_are_the_displacement_between_two_ticks(seed: int, window: int) -> None:
    """They carry no noise: with i = t - w // 2, row s of window t is d(i + s) - d(i)."""
    rng = np.random.default_rng(seed)
    track = rng.normal(0, 3, (30, MOVING, 2))
    windows = measure(rng, track, window)
    assert windows.shape == (30, window, len(NODES), 2)
    index = np.clip(np.arange(30)[:, None] + np.arange(window) - window // 2, 0, 29)
    expected = track[index] - track[index[:, :1]]
    assert windows[:, :, HEAD] == pytest.approx(expected[:, :, HEAD], abs=1e-4)


def test_a_measured_displacement_is_the_true_one_but_for_noise_and_reach() -> None:
    """A step of 3 px on every patch at tick 20, seen by windows that span it."""
    track = Motion.still(40).stacked()
    track[20:, : len(FLOW_NODES), 0] = 3.0
    seen = [
        measure(np.random.default_rng(seed), track)[20, -1, : len(FLOW_NODES), 0].mean()
        for seed in range(40)
    ]
    assert np.median(seen) == pytest.approx(3, rel=0.06)


def test_posture_adds_up_motion_and_forgets_it_slowly() -> None:
    """After a step, k ticks later, KEEP^k of it is left; noise averages out over seeds."""
    track = Motion.still(80).stacked()
    track[20:, : len(FLOW_NODES), 1] = 4.0
    brow = NODES.index("posture_brow_left")
    rows = np.median(
        [measure(np.random.default_rng(seed), track)[:, 0, brow, 1] for seed in range(40)], axis=0
    )
    for later in (0, 15, 40):
        # the first frame of the window of tick t is that of tick t - 8
        found = rows[20 + HALF_WINDOW + later]
        assert found == pytest.approx(4 * KEEP**later, abs=0.25)
    assert np.abs(rows[:25]).max() < 0.25


@many
@given(SEEDS)
def test_a_camera_of_another_rate_shows_every_tick_a_moment_near_it(seed: int) -> None:
    track = np.arange(90, dtype=float)
    shown = repeat_frames(np.random.default_rng(seed), track)
    assert shown.shape == track.shape
    assert (np.diff(shown) >= 0).all()
    # half a frame at 15 Hz, rounding to a tick, and up to one frame of phase
    assert np.abs(shown - track)[5:-5].max() <= 4

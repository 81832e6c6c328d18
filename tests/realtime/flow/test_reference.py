"""The reference flow's parts: whole-pixel following, the nose, and squares around points."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.flow.parameters import FlowParameters
from realtime.flow.reference import MAX_SHIFTS, aligned_flow, around, farneback, nose_vector
from tests.realtime.flow.flow_makers import texture

SHAPE = (120, 140)
NOSE = np.array([58, 50, 78, 66], np.float32)
PARAMETERS = FlowParameters(window_px=15)


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.4, -0.7), (2.6, 1.2)])
def test_a_shift_within_reach_is_found_everywhere_inside(shift: tuple[float, float]) -> None:
    flow = farneback(texture(SHAPE), texture(SHAPE, shift), PARAMETERS)[20:-20, 20:-20]
    assert np.median(flow, axis=(0, 1)) == pytest.approx(shift, rel=0.02, abs=0.05)


def test_a_crop_that_follows_the_nose_finds_a_shift_that_one_call_loses() -> None:
    shift = (12.0, -8.0)
    first, second = texture(SHAPE), texture(SHAPE, shift)
    middle = (slice(40, 80), slice(50, 90))
    once = farneback(first, second, PARAMETERS)[middle]
    followed = aligned_flow(first, second, NOSE, PARAMETERS)[middle]
    assert np.abs(once - shift).max() > 1
    assert np.abs(followed - shift).max() < 0.01


def test_pictures_that_have_nothing_in_common_are_given_up_after_some_shifts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def far_away(*_: object) -> NDArray[np.float32]:
        calls.append(1)
        return np.full((*SHAPE, 2), 5, np.float32)

    monkeypatch.setattr("realtime.flow.reference.farneback", far_away)
    flow = aligned_flow(texture(SHAPE), texture(SHAPE, seed=1), NOSE, PARAMETERS)
    assert len(calls) == 1 + MAX_SHIFTS
    assert (flow == 5 + 5 * MAX_SHIFTS).all()


def test_the_nose_is_the_mean_of_its_box() -> None:
    flow = np.zeros((*SHAPE, 2), np.float32)
    flow[50:67, 58:79] = 1.5, -0.5
    assert nose_vector(flow, NOSE) == pytest.approx((1.5, -0.5))
    assert nose_vector(flow, NOSE + np.float32(50)) == pytest.approx((0, 0))


@pytest.mark.parametrize(
    "box", [(-900, -900, -800, -800), (900, 900, 950, 950), (30.2, 30.2, 30.4, 30.4), (9, 9, 2, 2)]
)
def test_a_nose_box_of_no_pixel_reads_the_nearest(box: tuple[float, ...]) -> None:
    flow = np.full((*SHAPE, 2), (2, 3), np.float32)
    assert nose_vector(flow, np.array(box, np.float32)) == pytest.approx((2, 3))


@pytest.mark.parametrize("point", [(60, 50), (60.4, 49.6), (-30, 50), (500, 500), (139, 0)])
def test_a_square_around_a_point_is_moved_inside_the_border(point: tuple[float, float]) -> None:
    plane = np.indices(SHAPE).astype(np.float32).transpose(1, 2, 0)
    square = around(plane, np.array(point, np.float32), 5)
    assert square.shape == (11, 11, 2)
    x, y = (
        np.clip(round(place), 5, size - 6) for place, size in zip(point, SHAPE[::-1], strict=True)
    )
    assert square[5, 5].tolist() == [y, x]

"""Rendering in another process gives what rendering here gives."""

import numpy as np
import pytest

from benchmarks.measure.rendering import count_of, render, truth_of
from engines.errors import FesError
from realtime.synthesis.camera import SyntheticCamera


def test_frames_and_truth_are_those_of_the_synthetic_camera_of_the_seed() -> None:
    """Seed 3 begins an expression within 1.2 s."""
    made = render(3, 1.2)
    with SyntheticCamera(3, False, 1.2) as camera:
        shown = list(camera)
    frames = list(made.reel.once())
    assert len(frames) == len(shown) == 36
    assert all(
        np.array_equal(one.image, other.image) for one, other in zip(frames, shown, strict=True)
    )
    assert made.name == camera.info.name
    info = made.info()
    assert (info.width, info.height, info.rate_hz, info.frames) == (640, 480, 30, 36)


def test_truth_is_known_without_rendering() -> None:
    with SyntheticCamera(3, False, 4.0, size=(64, 48)) as camera:
        assert len(list(camera)) == 120
    assert camera.truth
    assert truth_of(3, 120, 4.0) == camera.truth


def test_no_expression_ends_within_the_rest() -> None:
    truth = truth_of(0, count_of(60), 50.0)
    assert truth
    assert all(expression.offset_s <= 50.0 for expression in truth)


@pytest.mark.parametrize(("seconds", "count"), [(0.001, 1), (1.0, 30), (1.51, 45)])
def test_a_length_is_a_number_of_frames_and_at_least_one(seconds: float, count: int) -> None:
    assert count_of(seconds) == count


def test_a_renderer_that_fails_is_an_error_and_no_endless_wait() -> None:
    with pytest.raises(FesError, match="rendering"):
        render(-1, 0.1, until_s=0.1)

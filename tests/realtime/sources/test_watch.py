"""Frozen and black pictures are told from those of a camera that works."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.sources.condition import Condition
from realtime.sources.watch import FEWEST, WATCHED_S, PictureWatch

SHAPE = (48, 64, 3)


def noisy(level: float, seed: int, spread: float = 2.0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(level, spread, SHAPE)
    return np.clip(np.round(noise), 0, 255).astype(np.uint8)


def conditions(images: list[NDArray[np.uint8]], rate_hz: float = 10) -> list[Condition]:
    watch = PictureWatch()
    return [watch.see(number / rate_hz, image) for number, image in enumerate(images)]


def test_a_still_scene_seen_by_a_sensor_is_live() -> None:
    assert set(conditions([noisy(120, seed) for seed in range(50)])) == {Condition.LIVE}


def test_the_same_picture_for_two_seconds_is_frozen() -> None:
    told = conditions([noisy(120, 1)] * 40)
    first = told.index(Condition.FROZEN)
    assert first / 10 == pytest.approx(WATCHED_S + 0.1)
    assert set(told[:first]) == {Condition.LIVE}
    assert set(told[first:]) == {Condition.FROZEN}


def test_one_value_that_differs_makes_another_picture() -> None:
    """Of every two neighbours one byte differs, at a place that a coarse look passes over."""
    base = noisy(120, 1)
    other = base.copy()
    other[1, 1, 0] ^= 1
    assert set(conditions([base, other] * 25)) == {Condition.LIVE}


def test_a_camera_that_thaws_is_live_at_once_and_is_frozen_only_after_two_seconds_more() -> None:
    still = noisy(120, 1)
    told = conditions([*[still] * 30, noisy(120, 2), *[noisy(120, 3)] * 20])
    assert told[29] is Condition.FROZEN
    assert set(told[30:]) == {Condition.LIVE}


@pytest.mark.parametrize("level", [0.0, 4.0, 8.0])
def test_pictures_of_a_covered_lens_are_black_with_noise_or_without(level: float) -> None:
    for images in ([noisy(level, seed) for seed in range(40)], [noisy(level, 1, 0.0)] * 40):
        told = conditions(images)
        assert told[-1] is Condition.BLACK
        assert Condition.FROZEN not in told
        assert told[10] is Condition.LIVE


def test_a_dark_room_with_a_face_in_it_is_live() -> None:
    def dim(seed: int) -> NDArray[np.uint8]:
        image = noisy(5, seed)
        image[10:40, 20:50] += 40
        return image

    assert set(conditions([dim(seed) for seed in range(40)])) == {Condition.LIVE}


def test_few_pictures_are_not_enough_however_long_they_take() -> None:
    told = conditions([noisy(120, 1)] * 8, rate_hz=0.25)
    assert told[:FEWEST] == [Condition.LIVE] * FEWEST
    assert told[-1] is Condition.FROZEN


def test_a_picture_of_another_size_is_another_one() -> None:
    watch = PictureWatch()
    for number in range(30):
        side = 16 + 8 * (number % 2)
        image = np.full((side, side, 3), 99, np.uint8)
        assert watch.see(number / 10, image) is Condition.LIVE

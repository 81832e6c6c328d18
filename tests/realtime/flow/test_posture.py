"""Posture: motion added up and slowly forgotten."""

import numpy as np
import pytest

from realtime.flow.posture import KEEP, MEMORY_S, PATHS, Posture, posture_nodes
from realtime.types import FLOW_NODES, RATE_HZ

PATCHES = len(FLOW_NODES)


def push(posture: Posture, tick: int, pairs: list[tuple[int, float]]) -> None:
    """Push the pairs (start, shift of every patch) that end at a tick."""
    starts = np.array([start for start, _ in pairs], np.int64)
    moved = np.array([np.full((PATCHES, 2), shift) for _, shift in pairs], np.float32)
    posture.push(tick, starts, moved.reshape(-1, PATCHES, 2))


def test_a_posture_begins_at_rest() -> None:
    posture = Posture()
    push(posture, 0, [])
    assert (posture.at(0) == 0).all()


def test_what_is_left_of_a_step_after_its_memory_is_one_part_in_e() -> None:
    """Every path to a tick tells the same, so their mean is the closed form."""
    posture = Posture()
    push(posture, 0, [])
    push(posture, 1, [(0, 5.0)])
    end = 1 + round(MEMORY_S * RATE_HZ)
    for tick in range(2, end + 1):
        push(posture, tick, [(start, 0) for start in range(max(1, tick - 16), tick)])
        assert posture.at(tick)[0, 0] == pytest.approx(5 * KEEP ** (tick - 1), rel=1e-4)
    assert posture.at(end)[0, 0] == pytest.approx(5 / np.e, rel=1e-3)


def test_a_steady_motion_of_one_tick_paths_is_a_geometric_sum() -> None:
    posture = Posture()
    push(posture, 0, [])
    for tick in range(1, 50):
        push(posture, tick, [(tick - 1, 0.2)])
        expected = 0.2 * (1 - KEEP**tick) / (1 - KEEP)
        assert posture.at(tick)[3, 1] == pytest.approx(expected, rel=1e-4)


def test_paths_average_their_noise() -> None:
    posture = Posture()
    for tick in range(2):
        push(posture, tick, [])
    push(posture, 2, [(0, 1.0), (1, 3.0)])
    assert posture.at(2)[0, 0] == pytest.approx(2)


def test_pairs_from_long_ago_or_from_before_the_beginning_are_left_out() -> None:
    posture = Posture()
    for tick in range(PATHS + 1):
        push(posture, tick, [])
    last = PATHS + 1
    push(posture, last, [(0, 100), (-3, 100), (last - 1, 1)])
    assert posture.at(last)[0, 0] == pytest.approx(1)


def test_ticks_before_the_first_frame_count_like_others() -> None:
    """Copies of the first frame have negative ticks."""
    posture = Posture()
    push(posture, -3, [])
    push(posture, -2, [(-3, 2.0)])
    push(posture, -1, [(-3, 2.0), (-2, 0.0)])
    assert posture.at(-1)[4, 1] == pytest.approx(2, rel=0.02)


def test_a_tick_that_is_not_known_is_refused() -> None:
    posture = Posture()
    with pytest.raises(KeyError, match="tick 0"):
        posture.at(0)
    for tick in range(PATHS + 2):
        push(posture, tick, [])
    with pytest.raises(KeyError, match="tick 0"):
        posture.at(0)


def test_a_posture_that_was_read_does_not_change_afterwards() -> None:
    posture = Posture()
    push(posture, 0, [])
    read = posture.at(0)
    for tick in range(1, 2 * PATHS + 4):
        push(posture, tick, [(tick - 1, 1.0)])
    assert (read == 0).all()


@pytest.mark.parametrize("shape", [(10, 2), (17, 10, 2), (3, 5, 10, 2), (0, 10, 2)])
def test_postures_of_any_number_of_windows_are_summed_up_alike(shape: tuple[int, ...]) -> None:
    patches = np.random.default_rng(2).normal(0, 3, shape).astype(np.float32)
    out = posture_nodes(patches)
    assert out.shape == (*shape[:-2], 4, 2)
    assert out.dtype == np.float32
    assert out[..., 0, :] == pytest.approx(patches[..., 0:3, :].mean(axis=-2), abs=1e-6)
    assert out[..., 1, :] == pytest.approx(patches[..., 3:6, :].mean(axis=-2), abs=1e-6)
    apart = (patches[..., 8, 0] - patches[..., 6, 0]) / 2
    assert out[..., 2, 0] == pytest.approx(apart, abs=1e-6)


def test_memory_is_constant() -> None:
    posture = Posture()
    for tick in range(1000):
        push(posture, tick, [(tick - 1, 0)])
    assert len(posture._known) <= PATHS + 2


def test_ten_patches_are_summed_up_in_brows_mouth_corners_and_lips() -> None:
    patches = np.arange(20, dtype=np.float32).reshape(10, 2)
    left, right, corners, lips = posture_nodes(patches)
    assert left.tolist() == [2, 3]
    assert right.tolist() == [8, 9]
    # corners are patches 6 (12, 13) and 8 (16, 17)
    assert corners.tolist() == [(16 - 12) / 2, (17 + 13) / 2]
    assert lips.tolist() == [15, 19]

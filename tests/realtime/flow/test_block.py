"""Sums over blocks, against plain NumPy written from the definitions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from realtime.flow.kernels.block import (
    DAMPING,
    MOMENTS,
    ROW_STEP,
    box_sums,
    corner_of,
    cut,
    misfit,
    moments,
    share_of,
    solved,
    structures_of,
)

Floats = NDArray[np.float32]
Exact = NDArray[np.float64]

SHAPE = (40, 50)
ROOM = 64
EDGE_PX = 1.001
"""What is read beyond a block's first pixel needs this much of the image."""

SIDES = st.integers(0, 8).map(lambda half: 2 * half + 1)
STARTS = st.tuples(st.floats(-60, 60), st.floats(-60, 60))
PLACES = st.tuples(st.integers(0, SHAPE[1] - 18), st.integers(0, SHAPE[0] - 18))


def expansions(seed: int = 0) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0, 3, (2, 5, *SHAPE)).astype(np.float32)
    return first, second


def inside(start: tuple[float, float], place: tuple[int, int], side: tuple[int, int]) -> Exact:
    """The displacement nearest to ``start`` that keeps the block inside the image."""
    low = -np.array(place, float)
    high = np.array(SHAPE[::-1]) - np.array(side) - EDGE_PX + low
    return np.asarray(np.clip(start, low, high))


def slopes_and_curvatures(planes: Exact) -> tuple[Exact, Exact]:
    """b (rows, columns, 2) and A (rows, columns, 2, 2) of the planes of an expansion."""
    bx, by, xx, yy, xy2 = planes
    matrix = np.stack([np.stack([xx, xy2 / 2], -1), np.stack([xy2 / 2, yy], -1)], -1)
    return np.stack([bx, by], -1), matrix


def block_of(
    planes: Floats, place: tuple[int, int], side: tuple[int, int], shift: Exact | None = None
) -> Exact:
    """Every second row of a displaced block, bilinear, (5, rows, columns)."""
    shift = np.zeros(2) if shift is None else shift
    y, x = np.mgrid[0 : side[1] : ROW_STEP, 0 : side[0]].astype(float)
    at = [y + place[1] + shift[1], x + place[0] + shift[0]]
    return np.array([map_coordinates(plane.astype(float), at, order=1) for plane in planes])


def cut_from(image: Floats, place: tuple[int, int], side: tuple[int, int]) -> Floats:
    """What a window keeps of its first image there."""
    out = np.full((MOMENTS, ROOM, ROOM), np.nan, np.float32)
    cut(image, *place, *side, out)
    return out


@settings(deadline=None, max_examples=60)
@given(PLACES, st.tuples(SIDES, SIDES))
def test_a_cut_block_is_every_second_row_and_nothing_else(
    place: tuple[int, int], side: tuple[int, int]
) -> None:
    first, _ = expansions(3)
    (x, y), (columns, rows) = place, side
    out = cut_from(first, place, side)
    deep = (rows + 1) // ROW_STEP
    assert (out[:, :deep, :columns] == first[:, y : y + rows : ROW_STEP, x : x + columns]).all()
    assert np.isnan(out[:, deep:]).all()
    assert np.isnan(out[:, :, columns:]).all()


@settings(deadline=None, max_examples=60)
@given(PLACES, st.tuples(SIDES, SIDES), STARTS)
def test_moments_are_products_of_the_mean_curvature_and_half_the_change_of_slope(
    place: tuple[int, int], side: tuple[int, int], start: tuple[float, float]
) -> None:
    first, second = expansions()
    used, out = np.array(start, np.float32), np.zeros((MOMENTS, ROOM, ROOM), np.float32)
    lines = np.zeros((MOMENTS, ROOM), np.float32)
    block = cut_from(first, place, side)
    moments(block, second, np.array(place), np.array(side), used, lines, out)
    expected = inside(start, place, side)
    assert used == pytest.approx(expected, abs=1e-4)

    b1, a1 = slopes_and_curvatures(block_of(first, place, side))
    b2, a2 = slopes_and_curvatures(block_of(second, place, side, used.astype(float)))
    mean = (a1 + a2) / 2
    h = np.einsum("...ij,...j->...i", mean, (b1 - b2) / 2)
    g = mean @ mean
    here = out[:, : h.shape[0], : h.shape[1]]
    wanted = np.stack([h[..., 0], h[..., 1], g[..., 0, 0], g[..., 0, 1], g[..., 1, 1]])
    assert here == pytest.approx(wanted, abs=1e-3)


@settings(deadline=None, max_examples=60)
@given(PLACES, SIDES, STARTS)
def test_the_misfit_is_that_of_the_first_images_curvature_summed(
    place: tuple[int, int], side: int, start: tuple[float, float]
) -> None:
    first, second = expansions(1)
    used = np.array(start, np.float32)
    found = misfit(cut_from(first, place, (side, side)), second, *place, side, used)
    assert used == pytest.approx(inside(start, place, (side, side)), abs=1e-4)

    b1, a1 = slopes_and_curvatures(block_of(first, place, (side, side)))
    b2, _ = slopes_and_curvatures(block_of(second, place, (side, side), used.astype(float)))
    wanted = np.einsum("...ij,...j->...i", a1, (b1 - b2) / 2).sum(axis=(0, 1))
    assert found == pytest.approx(wanted, abs=2e-2)


@settings(deadline=None, max_examples=30)
@given(PLACES, SIDES)
def test_structures_are_the_squared_curvature_summed(place: tuple[int, int], side: int) -> None:
    first, _ = expansions(2)
    middle = np.array([place], np.float32) + side // 2
    out = np.empty((1, 3), np.float32)
    structures_of(first, middle, side, out)
    _, matrix = slopes_and_curvatures(block_of(first, place, (side, side)))
    total = (matrix @ matrix).sum(axis=(0, 1))
    assert out[0] == pytest.approx([total[0, 0], total[0, 1], total[1, 1]], rel=1e-4, abs=1e-3)


@pytest.mark.parametrize(
    "start",
    [(np.nan, np.nan), (np.nan, 1.0), (np.inf, -np.inf), (1e30, -1e30), (-1e9, 1e9), (1e19, 0.0)],
)
def test_a_block_that_is_sent_out_of_the_image_is_measured_at_its_border(
    start: tuple[float, float],
) -> None:
    first, second = expansions()
    place, side = (12, 9), (15, 11)
    used, out = np.array(start, np.float32), np.full((MOMENTS, 6, 15), np.nan, np.float32)
    lines = np.zeros((MOMENTS, ROOM), np.float32)
    block = cut_from(first, place, side)
    moments(block, second, np.array(place), np.array(side), used, lines, out)
    assert np.isfinite(out).all()
    low, high = -np.array(place), np.array(SHAPE[::-1]) - np.array(side) - 1 - np.array(place)
    assert ((low <= used) & (used <= high)).all()
    used = np.array(start, np.float32)
    block = cut_from(first, place, (15, 15))
    assert np.isfinite(misfit(block, second, *place, 15, used)).all()
    assert np.isfinite(used).all()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 7), st.integers(0, 10), st.integers(0, 10), st.integers(0, 2**32 - 1))
def test_box_sums_are_the_sums_of_every_window(half: int, wide: int, high: int, seed: int) -> None:
    window = 2 * half + 1
    side = np.array([window + 2 * wide, window + 2 * high])
    plane = np.random.default_rng(seed).normal(0, 1, (ROOM, ROOM)).astype(np.float32)
    out, line = np.full((ROOM, ROOM), np.nan, np.float32), np.full(ROOM, 9.0, np.float32)
    box_sums(plane, side, window, line, out)

    read = plane[: (side[1] + 1) // ROW_STEP, : side[0]].astype(float)
    windows = sliding_window_view(read, ((window + 1) // ROW_STEP, window))[:, ::2]
    wanted = windows.sum(axis=(-2, -1))
    assert wanted.shape == (high + 1, wide + 1)
    assert out[: high + 1, : wide + 1] == pytest.approx(wanted, abs=1e-3)
    assert np.isnan(out[high + 1 :]).all()
    assert np.isnan(out[:, wide + 1 :]).all()


@pytest.mark.parametrize(("window", "pixels"), [(1, 1), (3, 2 * 3), (15, 8 * 15), (17, 9 * 17)])
def test_the_share_is_one_part_in_the_pixels_that_are_read(window: int, pixels: int) -> None:
    assert share_of(window) == pytest.approx(1 / pixels)
    plane = np.ones((ROOM, ROOM), np.float32)
    out = np.empty((1, 1), np.float32)
    box_sums(plane, np.array([window, window]), window, np.empty(ROOM, np.float32), out)
    assert out[0, 0] * share_of(window) == pytest.approx(1)


def exact32(*numbers: float) -> list[np.float32]:
    return [np.float32(number) for number in numbers]


NUMBERS = arrays(np.float64, 9, elements=st.floats(-20, 20, width=32))


@settings(deadline=None)
@given(NUMBERS)
def test_a_textured_window_is_solved_as_a_library_does(numbers: Exact) -> None:
    root, h, used, head = numbers[:3], numbers[3:5], numbers[5:7], numbers[7:]
    lower = np.array([[2 + abs(root[0]), 0], [root[1], 2 + abs(root[2])]])
    g = lower @ lower.T
    found = solved(*exact32(g[0, 0], g[0, 1], g[1, 1], *h, *used, *head))
    damped = g * (1 + DAMPING / np.linalg.det(g))
    wanted = head + np.linalg.solve(damped, h + g @ (used - head))
    assert found == pytest.approx(wanted, abs=0.02)


@settings(deadline=None)
@given(NUMBERS)
def test_a_flat_window_moves_with_the_head_wherever_it_was_measured(numbers: Exact) -> None:
    used, head = exact32(*numbers[5:7]), exact32(*numbers[7:])
    assert solved(*exact32(0, 0, 0, 0, 0), *used, *head) == pytest.approx(head)


def test_damping_draws_to_the_head_the_more_the_flatter_the_window_is() -> None:
    """G = c·1 and a displacement of 4: the closed form is 4·c² / (c² + damping)."""
    for c in (1e-3, 1e-2, 0.03, 0.1, 1.0):
        u, v = solved(*exact32(c, 0, c, 4 * c, 0, 0, 0, 0, 0))
        assert u == pytest.approx(4 * c**2 / (c**2 + DAMPING), rel=1e-4)
        assert v == 0


@pytest.mark.parametrize("side", [1, 15, 25])
@pytest.mark.parametrize(
    "point",
    [(0.0, 0.0), (24.6, 20.4), (-1e30, 1e30), (np.nan, np.nan), (np.inf, -np.inf), (49.0, 39.0)],
)
def test_a_square_around_any_point_is_inside_the_image(
    point: tuple[float, float], side: int
) -> None:
    image = np.zeros((5, *SHAPE), np.float32)
    x, y = corner_of(np.array(point, np.float32), side, image)
    assert 0 <= x <= SHAPE[1] - side
    assert 0 <= y <= SHAPE[0] - side


def test_a_square_inside_the_image_has_its_point_in_the_middle() -> None:
    image = np.zeros((5, *SHAPE), np.float32)
    assert corner_of(np.array([24.6, 20.4], np.float32), 15, image) == (25 - 7, 20 - 7)

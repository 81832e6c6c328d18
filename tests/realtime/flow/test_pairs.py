"""One window's step: points, blocks, the nose and the patches, against known motion."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.flow.kernels.block import MOMENTS, ROW_STEP, corner_of, cut, structures_of
from realtime.flow.kernels.displacement import STRIDE
from realtime.flow.kernels.expansion import expansion_of
from realtime.flow.kernels.pairs import (
    LEAST_TRUST,
    PATCHES,
    follow,
    measure_block,
    measure_points,
    nose_area,
    nose_motion,
    pool_patches,
    rigid_motion,
)
from realtime.flow.kernels.windows import Scratch
from tests.realtime.flow.flow_makers import texture

Floats = NDArray[np.float32]

SHAPE = (120, 140)
WINDOW_PX = 15
RADIUS_PX = 5
STEP_SHAPE = (30, 35)
PER_PX = 1 / (2 * STRIDE)
"""Lattice points of the newest step per px: every second pixel of an image of half the size."""

SHIFTS = [(0.0, 0.0), (0.3, -0.2), (-1.0, 0.6), (0.0, 1.4)]
DISTANCE_PX = 7 * 96.0


def dirty_room() -> Scratch:
    room = Scratch.new()
    for part in room:
        part.fill(9)
    return room


def expanded(shift: tuple[float, float] = (0, 0)) -> Floats:
    return expansion_of(texture(SHAPE, shift), 1.5)


def flat() -> Floats:
    return expansion_of(np.full(SHAPE, 90, np.uint8), 1.5)


def px(*numbers: float) -> Floats:
    return np.array(numbers, np.float32)


def test_following_adds_the_step_where_the_point_has_gone() -> None:
    """F(x) + step(x + F(x)) in closed form, for a step that grows along x and down y."""
    rows, columns = np.mgrid[: STEP_SHAPE[0], : STEP_SHAPE[1]].astype(np.float32)
    # px of the step's level; twice as many of the crop
    step = np.stack([0.1 * columns, -0.05 * rows], axis=-1)
    points = np.array([[20, 30], [64, 50], [31.5, 87.2]], np.float32)
    shifts = np.array([[3, -1], [0, 0], [-4.5, 2.5]], np.float32)
    reached = points + shifts
    expected = shifts + 2 * PER_PX * reached * (0.1, -0.05)
    follow(points, shifts, step, PER_PX)
    assert shifts == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("lost", [1e9, -1e9, np.inf, -np.inf, np.nan])
def test_a_point_that_left_the_image_follows_its_border(lost: float) -> None:
    step = np.ones((*STEP_SHAPE, 2), np.float32)
    points, shifts = np.array([[lost, 3], [3, lost]], np.float32), np.zeros((2, 2), np.float32)
    follow(points, shifts, step, PER_PX)
    assert shifts == pytest.approx(2, abs=1e-5)


def test_a_point_whose_displacement_is_no_number_reads_nothing_outside_the_step() -> None:
    step = np.ones((*STEP_SHAPE, 2), np.float32)
    shifts = np.full((1, 2), np.nan, np.float32)
    follow(np.full((1, 2), 3, np.float32), shifts, step, PER_PX)
    assert np.isnan(shifts).all()


def block_at(image: Floats, place: tuple[int, int], side: tuple[int, int]) -> Floats:
    out = np.empty((MOMENTS, (side[1] + 1) // ROW_STEP, side[0]), np.float32)
    cut(image, *place, *side, out)
    return out


def blocks_around(image: Floats, points: Floats, side: int) -> Floats:
    return np.array([block_at(image, corner_of(p, side, image), (side, side)) for p in points])


def measured_block(
    first: Floats,
    second: Floats,
    start: Floats,
    head: Floats,
    place: tuple[int, int] = (50, 45),
    side: tuple[int, int] = (25, 25),
) -> Floats:
    room = dirty_room()
    count = measure_block(
        block_at(first, place, side), second, np.array(place), np.array(side), start, head,
        WINDOW_PX, room.planes, room.sums, room.vectors,
    )  # fmt: skip
    return room.vectors[:count]


@pytest.mark.parametrize("shift", SHIFTS)
@pytest.mark.parametrize("off", [(0.0, 0.0), (0.4, -0.4)])
def test_a_blocks_shift_is_recovered_from_a_start_nearby(
    shift: tuple[float, float], off: tuple[float, float]
) -> None:
    start = px(shift[0] + off[0], shift[1] + off[1])
    found = measured_block(expanded(), expanded(shift), start, px(0, 0))
    assert found.shape == (36, 2)
    assert np.abs(found - shift).max() < 0.1
    assert found.mean(axis=0) == pytest.approx(shift, abs=0.03)


def test_a_block_gives_what_each_of_its_windows_gives_alone_row_by_row() -> None:
    first, second = expanded(), expanded((0.4, 0.3))
    found = measured_block(first, second, px(0.2, 0.1), px(0, 0), (50, 45), (21, 17))
    alone = [
        measured_block(first, second, px(0.2, 0.1), px(0, 0), (50 + x, 45 + y), (15, 15))
        for y in (0, 2)
        for x in (0, 2, 4, 6)
    ]
    assert found == pytest.approx(np.concatenate(alone), abs=1e-4)


def test_damping_draws_a_flat_block_to_the_heads_motion() -> None:
    head = px(3.25, -2.5)
    found = measured_block(flat(), flat(), px(1, 1), head)
    assert np.abs(found - head).max() < 1e-3


@pytest.mark.parametrize("start", [(np.nan, np.nan), (1e9, -1e9), (np.inf, 0), (-70, 60)])
def test_a_block_that_starts_out_of_the_image_ends_somewhere_finite(
    start: tuple[float, float],
) -> None:
    begin = px(*start)
    found = measured_block(expanded(), expanded(), begin, px(0, 0))
    assert np.isfinite(found).all()
    assert np.isfinite(begin).all()


def test_a_block_of_more_vectors_than_there_is_room_for_is_cut() -> None:
    room = dirty_room()
    vectors = room.vectors[:7].copy()
    place, side = (50, 45), (25, 25)
    count = measure_block(
        block_at(expanded(), place, side), expanded(), np.array(place), np.array(side), px(0, 0),
        px(0, 0), WINDOW_PX, room.planes, room.sums, vectors,
    )  # fmt: skip
    assert count == 7


def points_of(first: Floats, second: Floats, heads: Floats, trust: NDArray[np.float64]) -> Floats:
    points = np.array([[40, 40], [70.3, 60.8], [-30, 200], [139, 0]], np.float32)
    structures = np.empty((4, 3), np.float32)
    structures_of(first, points, WINDOW_PX, structures)
    shifts = np.full((4, 2), 99, np.float32)
    blocks = blocks_around(first, points, WINDOW_PX)
    measure_points(blocks, second, points, heads, trust, structures, WINDOW_PX, shifts)
    return shifts


@pytest.mark.parametrize("shift", SHIFTS)
def test_the_shift_of_single_points_is_recovered_from_the_heads_motion(
    shift: tuple[float, float],
) -> None:
    heads = np.tile(px(*shift) + px(0.2, -0.3), (4, 1))
    found = points_of(expanded(), expanded(shift), heads, np.ones(4))
    assert np.abs(found[:2] - shift).max() < 0.1


def test_points_that_are_not_trusted_move_with_the_head() -> None:
    heads = np.arange(8, dtype=np.float32).reshape(4, 2) / 8
    trust = np.array([0, LEAST_TRUST * 0.99, 0, 0])
    assert (points_of(expanded(), expanded((2, 2)), heads, trust) == heads).all()


def test_points_on_flat_skin_move_with_the_head() -> None:
    heads = np.arange(8, dtype=np.float32).reshape(4, 2)
    assert np.abs(points_of(flat(), flat(), heads, np.ones(4)) - heads).max() < 1e-3


@pytest.mark.parametrize("lost", [1e9, -1e9, np.inf, np.nan])
def test_points_that_the_head_carries_out_of_the_image_read_nothing_outside_it(lost: float) -> None:
    heads = np.full((4, 2), lost, np.float32)
    shifts = points_of(expanded(), expanded(), heads, np.ones(4))
    assert shifts.shape == (4, 2)
    if abs(lost) < np.inf:
        assert np.isfinite(shifts).all()


@pytest.mark.parametrize("shift", SHIFTS)
def test_rigid_motion_of_a_shift_is_that_shift(shift: tuple[float, float]) -> None:
    rng = np.random.default_rng(3)
    rigid = rng.uniform((30, 30), (110, 90), (47, 2)).astype(np.float32)
    centred = rigid - rigid.mean(axis=0)
    depth = rng.uniform(-20, 20, 47).astype(np.float32)
    structures = np.empty((47, 3), np.float32)
    first = expanded()
    structures_of(first, rigid, WINDOW_PX, structures)
    shifts = np.tile(px(*shift) + px(0.3, 0.2), (47, 1))
    motion = rigid_motion(
        blocks_around(first, rigid, WINDOW_PX), expanded(shift), rigid, centred, depth,
        np.ones(47), structures, WINDOW_PX, 96.0, shifts,
    )  # fmt: skip
    assert motion[:2] == pytest.approx(shift, abs=0.03)
    assert np.abs(motion[2:]).max() < 1e-3
    assert np.median(np.abs(shifts - shift)) < 0.05


BOXES = [
    (60, 50, 75, 62),  # a plain one
    (60.4, 50.6, 60.4, 50.6),  # no extent at all
    (5, 5, 135, 115),  # larger than a block may be
    (-900, -900, 900, 900),
    (-60, -60, -40, -40),  # beside the image
    (300, 300, 310, 310),
    (75, 62, 60, 50),  # turned inside out
]


@pytest.mark.parametrize("box", BOXES)
def test_a_nose_box_of_any_size_anywhere_gives_the_shift(box: tuple[float, ...]) -> None:
    room, shift = dirty_room(), np.array([[0.7, -0.2]], np.float32)
    place, side = np.empty(2, np.int64), np.empty(2, np.int64)
    nose_area(px(*box), WINDOW_PX, expanded(), place, side)
    block = block_at(expanded(), (place[0], place[1]), (side[0], side[1]))
    motion = nose_motion(
        block, expanded((0.9, -0.4)), px(*box), WINDOW_PX, room.planes, room.sums,
        room.vectors, room.squares, shift,
    )  # fmt: skip
    assert motion[:2] == pytest.approx((0.9, -0.4), abs=0.2)
    assert (motion[2:] == 0).all()
    assert shift[0] == pytest.approx(motion[:2])


def pooled(
    first: Floats, second: Floats, motion: NDArray[np.float64], shifts: Floats, patches: Floats
) -> Floats:
    room, out = dirty_room(), np.full((PATCHES, 2), 99, np.float32)
    depth = np.linspace(-10, 10, PATCHES, dtype=np.float32)
    centre = px(*patches.mean(axis=0))
    blocks = blocks_around(first, patches, 2 * RADIUS_PX + WINDOW_PX)
    pool_patches(
        blocks, second, motion, patches, centre, depth, WINDOW_PX, RADIUS_PX, DISTANCE_PX,
        room.planes, room.sums, room.vectors, room.squares, shifts, out,
    )  # fmt: skip
    return out


def patch_places() -> Floats:
    return np.random.default_rng(8).uniform((25, 25), (115, 95), (PATCHES, 2)).astype(np.float32)


@pytest.mark.parametrize("shift", SHIFTS)
def test_patches_that_move_with_the_head_have_no_motion_of_their_own(
    shift: tuple[float, float],
) -> None:
    shifts = np.tile(px(*shift), (PATCHES, 1))
    motion = np.array([*shift, 0, 0, 0, 0])
    out = pooled(expanded(), expanded(shift), motion, shifts, patch_places())
    assert np.abs(out).max() < 0.15
    assert np.abs(shifts - shift).max() < 0.1


def test_what_the_head_does_not_explain_stays_on_the_patches() -> None:
    shifts = np.full((PATCHES, 2), 1, np.float32)
    motion = np.array([-0.5, 2.0, 0, 0, 0, 0])
    out = pooled(expanded(), expanded((1.2, 0.8)), motion, shifts, patch_places())
    assert np.median(out, axis=0) == pytest.approx((1.7, -1.2), abs=0.08)


def test_a_turn_of_the_head_is_taken_out_pixel_by_pixel() -> None:
    """A flat picture moves with the head, and every term of that motion is removed again."""
    motion = np.array([1.0, -2.0, 0.03, -0.04, 0.02, 0.05])
    shifts = np.zeros((PATCHES, 2), np.float32)
    out = pooled(flat(), flat(), motion, shifts, patch_places())
    # the damping draws to the motion at the patch's middle; within it differs by a few per cent
    assert np.abs(out).max() < 0.06 * 1.5 * RADIUS_PX


def test_patches_outside_the_image_are_pooled_at_its_border() -> None:
    places = np.array([[-500, 60], [1e9, -1e9], [139, 119], [0, 0], [np.nan, 5]] * 2, np.float32)
    shifts = np.zeros((PATCHES, 2), np.float32)
    out = pooled(expanded(), expanded((0.5, 0.25)), np.zeros(6), shifts, np.nan_to_num(places))
    assert np.median(out, axis=0) == pytest.approx((0.5, 0.25), abs=0.1)
    room = np.full((PATCHES, 2), np.nan, np.float32)
    assert np.isfinite(pooled(expanded(), expanded(), np.zeros(6), room, patch_places())).all()

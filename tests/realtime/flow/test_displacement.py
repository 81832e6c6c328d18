"""One refinement of the flow, and how flows of levels and frames are put together."""

import numpy as np
import pytest
from numpy.typing import NDArray

from realtime.flow.kernels.displacement import STRIDE, refine, upsample
from realtime.flow.kernels.expansion import expansion_of
from tests.realtime.flow.flow_makers import texture

Floats = NDArray[np.float32]

SHAPE = (80, 96)
LATTICE = (SHAPE[0] // STRIDE, SHAPE[1] // STRIDE)
INSIDE = (slice(10, -10), slice(10, -10))


def flow_between(first: NDArray[np.uint8], second: NDArray[np.uint8], rounds: int = 8) -> Floats:
    flow = np.zeros((*LATTICE, 2), np.float32)
    moments = np.empty((*LATTICE, 5), np.float32)
    sums = np.empty((LATTICE[1], 5), np.float32)
    box = np.array([0, LATTICE[0], 0, LATTICE[1]], np.int32)
    one, other = expansion_of(first, 1.5), expansion_of(second, 1.5)
    for _ in range(rounds):
        refine(one, other, flow, box, 3, moments, sums)
    return flow


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.25, 0.0), (0.0, -0.5), (0.7, 0.4), (-1.5, 1.0)])
def test_a_small_shift_of_a_textured_image_is_recovered(shift: tuple[float, float]) -> None:
    flow = flow_between(texture(SHAPE), texture(SHAPE, shift))[INSIDE]
    assert np.median(flow, axis=(0, 1)) == pytest.approx(shift, rel=0.02, abs=0.05)


@pytest.mark.parametrize("grey", [0, 130, 255])
def test_a_flat_image_has_no_flow(grey: int) -> None:
    flat = np.full(SHAPE, grey, np.uint8)
    assert np.abs(flow_between(flat, flat)).max() < 1e-3


def test_what_lies_outside_the_box_is_left_alone() -> None:
    flow = np.full((*LATTICE, 2), 7, np.float32)
    moments = np.empty((*LATTICE, 5), np.float32)
    sums = np.empty((LATTICE[1], 5), np.float32)
    box = np.array([5, 20, 8, 30], np.int32)
    expansion = expansion_of(texture(SHAPE), 1.5)
    refine(expansion, expansion, flow, box, 3, moments, sums)
    outside = np.ones(LATTICE, bool)
    outside[5:20, 8:30] = False
    assert (flow[outside] == 7).all()
    assert (flow[~outside] != 7).all()


def test_an_empty_box_does_nothing() -> None:
    flow = np.full((*LATTICE, 2), 7, np.float32)
    scratch = np.empty((*LATTICE, 5), np.float32), np.empty((LATTICE[1], 5), np.float32)
    expansion = expansion_of(texture(SHAPE), 1.5)
    refine(expansion, expansion, flow, np.zeros(4, np.int32), 3, *scratch)
    assert (flow == 7).all()


def test_a_finer_level_doubles_the_displacement_and_keeps_its_place() -> None:
    rows, columns = np.mgrid[:10, :12].astype(np.float32)
    coarse = np.stack([columns, -rows], axis=-1)
    fine = np.empty((20, 24, 2), np.float32)
    upsample(coarse, fine)
    rows, columns = np.mgrid[:18, :22].astype(np.float32)
    assert np.allclose(fine[:18, :22], np.stack([columns, -rows], axis=-1), atol=0.01)

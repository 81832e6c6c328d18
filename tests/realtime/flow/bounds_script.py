"""Runs the streaming flow's kernels on extremes; for a process with NUMBA_BOUNDSCHECK=1.

Prints how many steps were computed; any access beyond an array ends it with an IndexError.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import PairBank
from realtime.flow.kernels.block import box_sums
from realtime.flow.kernels.displacement import refine, upsample
from realtime.flow.kernels.expansion import expansion_of
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.flow.streaming import StreamingBank
from tests.realtime.flow.flow_makers import make_sites, texture

Image = NDArray[np.uint8]

CROPS = (
    FlowParameters(zoom=0.5, window_px=15, patch_radius_px=5),
    FlowParameters(zoom=0.25, levels=4),
    FlowParameters(zoom=0.3, window_px=53, patch_radius_px=5),
    FlowParameters(zoom=0.1, window_px=5, patch_radius_px=7),
    FlowParameters(zoom=0.4, window_px=1, patch_radius_px=0, levels=1),
)


def checks_are_on() -> bool:
    """Say whether a kernel that is told to leave its arrays is stopped."""
    small, line = np.zeros((2, 2), np.float32), np.zeros(2, np.float32)
    try:
        box_sums(small, np.array([9, 9]), 3, line, small)
    except IndexError:
        return True
    return False


def pictures(shape: tuple[int, int]) -> list[Image]:
    """Pictures whose flow is as large and as wrong as can be."""
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, shape).astype(np.uint8) for _ in range(2)]
    rows = np.arange(shape[0])[:, None] + np.zeros(shape, int)
    stripes = [((rows + k) // 3 % 2 * 255).astype(np.uint8) for k in range(2)]
    far = [texture(shape, (30.0 * k, -25.0 * k)) for k in range(3)]
    ends = [np.full(shape, grey, np.uint8) for grey in (0, 255)]
    return [*far, *noise, *stripes, *ends, *far]


def extremes(places: Sites, shape: tuple[int, int]) -> Iterator[Sites]:
    """Places far outside, at the corners and at no place at all; nose boxes of any form."""
    height, width = shape
    yield places
    for x, y in ((0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)):
        corner = np.array([x, y], np.float32)
        yield moved(places, 0, corner)
    for far in (-1e4, 1e4, 1e9, -1e9, 3e18, np.inf, np.nan):
        yield moved(places, 1, np.full(2, far, np.float32))
    for box in ((-9e3, -9e3, 9e3, 9e3), (9, 9, -9, -9), (0, 0, width, height), (np.nan,) * 4):
        yield replace(places, nose=np.array(box, np.float32))
    depth = np.full_like(places.rigid_depth, 1e30)
    yield replace(places, rigid_depth=depth, patch_depth=depth[:10])


def moved(places: Sites, spread: float, shift: NDArray[np.float32]) -> Sites:
    nose = np.concatenate([shift, shift + 1]).astype(np.float32)
    size = np.float32(spread)
    return replace(
        places, patches=places.patches * size + shift, rigid=places.rigid * size + shift, nose=nose
    )


def run(bank: PairBank, crops: list[Image], places: Sites) -> int:
    """Push pictures, a window on each, and return the number of steps."""
    steps = 0
    for tick, crop in enumerate(crops):
        steps += len(bank.push(crop))
        bank.open(tick, places)
    bank.clear()
    return steps


def run_lattice() -> None:
    """Refine the largest wrong flows on the smallest lattices, one after the other."""
    for shape in ((3, 3), (4, 7), (20, 18)):
        rng = np.random.default_rng(1)
        first, second = (
            expansion_of(rng.integers(0, 256, shape).astype(np.uint8), 1.5) for _ in range(2)
        )
        rows, columns = (shape[0] + 1) // 2, (shape[1] + 1) // 2
        room = np.zeros((rows, columns, 5), np.float32), np.zeros((columns, 5), np.float32)
        for size, radius in itertools.product((0, 1e3, -1e9, 1e30, np.inf, -np.inf), (0, 3, 40)):
            flow = np.full((rows, columns, 2), size, np.float32)
            for _ in range(3):
                refine(
                    first, second, flow, np.array([0, rows, 0, columns], np.int32), radius, *room
                )
            upsample(flow, np.zeros((2 * rows, 2 * columns, 2), np.float32))


def main() -> None:
    """Run everything."""
    if not checks_are_on():
        raise SystemExit("the kernels run without bounds checks")
    run_lattice()
    steps = 0
    for parameters, alignment in itertools.product(CROPS, Alignment):
        bank = StreamingBank(alignment, parameters)
        crops = pictures(parameters.crop_size)
        for places in extremes(make_sites(parameters), parameters.crop_size):
            steps += run(bank, crops, places)
    print("checks are on:", steps, "steps")  # noqa: T201


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()

"""Main-direction pooling: the compiled form against the one written as the papers have it."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from realtime.flow.kernels.pooling import MAX_SAMPLES, NOSE_KEEP, PATCH_KEEP
from realtime.flow.kernels.pooling import main_direction as compiled
from realtime.flow.pooling import main_direction as oracle

# eighths are exact in every precision, so that both forms see the same ties
px = st.integers(-160, 160).map(lambda eighths: eighths / 8)
vectors = st.integers(1, 60).flatmap(lambda n: arrays(np.float32, (n, 2), elements=px))


def main_direction(
    patch: NDArray[np.float32], count: int, edge: float, keep: float
) -> tuple[float, float]:
    """The compiled form, in room as it is left by other patches."""
    return compiled(patch, count, edge, keep, np.full(MAX_SAMPLES, 77.0))


@settings(deadline=None)
@given(vectors, st.sampled_from([(30.0, PATCH_KEEP), (45.0, NOSE_KEEP), (30.0, 1.0)]))
@example(np.array([[1, 0], [1, 0], [2, 0]], np.float32), (30.0, PATCH_KEEP))
@example(np.array([[0.1, 0.2]], np.float32), (30.0, PATCH_KEEP))
@example(np.array([[0, 0], [0.125, -0.125]], np.float32), (45.0, NOSE_KEEP))
@example(np.array([[-1, 0], [-2, 2]], np.float32), (45.0, NOSE_KEEP))
@example(np.zeros((36, 2), np.float32), (30.0, PATCH_KEEP))
def test_the_compiled_pooling_is_the_papers(
    patch: NDArray[np.float32], rules: tuple[float, float]
) -> None:
    edge, keep = rules
    fast = main_direction(patch, len(patch), edge, keep)
    assert fast == pytest.approx(oracle(patch, edge, keep), abs=1e-6)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_compiled_pooling_is_the_papers_on_measured_looking_vectors(seed: int) -> None:
    patch = np.random.default_rng(seed).normal(0.3, 0.5, (36, 2)).astype(np.float32)
    fast = main_direction(patch, len(patch), 30.0, PATCH_KEEP)
    assert fast == pytest.approx(oracle(patch, 30.0, PATCH_KEEP), abs=1e-6)


def test_only_the_vectors_counted_are_read() -> None:
    patch = np.full((5, 2), np.nan, np.float32)
    patch[:2] = (3, 0)
    assert main_direction(patch, 2, 30.0, PATCH_KEEP) == pytest.approx((3, 0))


def test_the_largest_of_the_fullest_direction_stand_for_the_patch() -> None:
    """Three go right (two largest kept: mean of 4 and 2), two go up."""
    patch = np.array([[1, 0], [2, 0], [4, 0], [0, -9], [0, -9]], np.float32)
    assert main_direction(patch, 5, 30.0, PATCH_KEEP) == pytest.approx((3, 0))


@pytest.mark.parametrize("count", [1, 2, 36])
def test_vectors_that_are_all_alike_stand_for_themselves(count: int) -> None:
    patch = np.tile(np.array([1.5, -2.0], np.float32), (count, 1))
    assert main_direction(patch, count, 45.0, NOSE_KEEP) == pytest.approx((1.5, -2.0))
    assert oracle(patch, 45.0, NOSE_KEEP) == pytest.approx((1.5, -2.0))

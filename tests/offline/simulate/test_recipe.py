"""Simulated recordings and their truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.simulate.recipe import SimulatedRecipe
from realtime.types import FLOW_NODES, NODES, RATE_HZ, WINDOW

SHORT = SimulatedRecipe(seconds=12.0, expressions_per_minute=40.0)
SEEDS = st.integers(0, 2**32 - 1)
MOTION = slice(0, NODES.index("head_roll_scale") + 1)

few = settings(deadline=None, max_examples=15)


@few
@given(SEEDS)
def test_equal_seeds_give_equal_recordings(seed: int) -> None:
    one, other = (SHORT.draw(np.random.default_rng(seed)) for _ in range(2))
    assert one.intervals == other.intervals
    assert (one.features == other.features).all()


def test_other_seeds_give_other_recordings() -> None:
    one, other = (SHORT.draw(np.random.default_rng(seed)) for seed in (0, 1))
    assert (one.features != other.features).any()


@few
@given(SEEDS)
def test_expressions_lie_inside_the_recording_one_after_the_other(seed: int) -> None:
    record = SHORT.draw(np.random.default_rng(seed))
    end = -1
    for interval in record.intervals:
        assert end < interval.onset <= interval.apex <= interval.offset
        end = interval.offset
    assert end < len(record.features)


@few
@given(SEEDS)
def test_an_expression_is_as_long_as_its_kind_says(seed: int) -> None:
    for interval in SHORT.draw(np.random.default_rng(seed)).intervals:
        if interval.kind is Kind.MICRO:
            assert 3 <= interval.length <= 15
        else:
            assert interval.length >= 16


@few
@given(SEEDS)
def test_a_recording_is_finite_scored_throughout_and_starts_every_window_at_rest(seed: int) -> None:
    record = SHORT.draw(np.random.default_rng(seed))
    assert record.features.shape == (12 * RATE_HZ, WINDOW, len(NODES), 2)
    assert record.features.dtype == np.float32
    assert np.isfinite(record.features).all()
    assert record.scored.all()
    assert (record.features[:, 0, MOTION] == 0).all()


def test_a_recipe_without_expressions_gives_none() -> None:
    recipe = SimulatedRecipe(seconds=12.0, expressions_per_minute=1e-9)
    assert all(recipe.draw(np.random.default_rng(seed)).intervals == () for seed in range(5))


@pytest.mark.parametrize(("share", "kind"), [(1.0, Kind.MICRO), (0.0, Kind.MACRO)])
def test_a_recipe_of_one_kind_has_that_kind_alone(share: float, kind: Kind) -> None:
    recipe = SimulatedRecipe(seconds=12.0, expressions_per_minute=40.0, micro_share=share)
    records = [recipe.draw(np.random.default_rng(seed)) for seed in range(6)]
    kinds = {interval.kind for record in records for interval in record.intervals}
    assert kinds == {kind}


def test_expressions_move_the_face_more_than_what_is_no_expression() -> None:
    """Between onset and apex the patches go further than where nothing is labelled."""
    recipe = SimulatedRecipe(seconds=30.0, expressions_per_minute=25.0, macro_px=(8.0, 12.0))
    inside, outside = [], []
    for seed in range(4):
        record = recipe.draw(np.random.default_rng(seed))
        moved = np.abs(record.features[:, -1, : len(FLOW_NODES)]).max(axis=(1, 2))
        rising = np.zeros(len(moved), bool)
        labelled = np.zeros(len(moved), bool)
        for interval in record.intervals:
            labelled[max(0, interval.onset - WINDOW) : interval.offset + WINDOW] = True
            if interval.kind is Kind.MACRO:
                rising[(interval.onset + interval.apex) // 2] = True
        inside.append(moved[rising])
        outside.append(moved[~labelled])
    assert np.median(np.concatenate(inside)) > 3 * np.median(np.concatenate(outside))

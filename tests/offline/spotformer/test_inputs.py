"""Other windows from stored ones, against windows that are measured as such."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from offline.data.records import FeatureRecord
from offline.simulate.recipe import SimulatedRecipe
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.inputs import RecipeFor, record_for, scored_runs, supply_for, windows_for
from realtime import types
from realtime.flow import extractor, streaming
from realtime.types import FLOW_NODES, NODES
from tests.realtime.flow.flow_makers import make_face, moved, texture

Floats = NDArray[np.float32]
FLOW = slice(0, len(FLOW_NODES) + 4)
"""All nodes but posture."""


def config(**changes) -> SpotFormerConfig:
    return SpotFormerConfig(width=8, heads=2, **changes)


def additive(ticks: int, window: int, seed: int = 0) -> Floats:
    """Windows (T, window, 18, 2) of a motion that is known in every frame, ends padded."""
    where = np.random.default_rng(seed).normal(size=(ticks, len(NODES), 2)).cumsum(axis=0)
    half = window // 2
    frames = np.clip(np.arange(ticks)[:, None] + np.arange(window) - half, 0, ticks - 1)
    out = where[frames].astype(np.float32)
    out[:, :, FLOW] -= out[:, :1, FLOW]
    return out


@pytest.mark.parametrize("window", [5, 9, 15, 19, 25, 33])
@pytest.mark.parametrize("ticks", [1, 7, 60])
def test_where_flow_adds_up_other_windows_are_those_of_the_motion(window, ticks):
    made = windows_for(additive(ticks, 17), config(window=window))
    np.testing.assert_allclose(made, additive(ticks, window), atol=1e-4)


@given(st.integers(1, 40), st.sampled_from([5, 9, 17, 25]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_where_flow_adds_up_adjacent_flow_is_the_step_of_the_motion(ticks, window, seed):
    made = windows_for(additive(ticks, 17, seed), config(window=window, flow="adjacent"))
    expected = additive(ticks, window, seed)[:, :, FLOW]
    np.testing.assert_array_equal(made[:, 0, FLOW], 0)
    np.testing.assert_allclose(made[:, 1:, FLOW], np.diff(expected, axis=1), atol=1e-4)


def test_windows_of_the_networks_own_length_are_passed_on_untouched():
    features = additive(30, 17)
    assert windows_for(features, config()) is features


@pytest.mark.parametrize("flow", ["first-frame", "adjacent"])
def test_no_ticks_give_no_windows(flow):
    made = windows_for(np.zeros((0, 17, 18, 2), np.float32), config(window=9, flow=flow))
    assert made.shape == (0, 9, 18, 2)


def extract(monkeypatch: pytest.MonkeyPatch, window: int) -> Floats:
    """Features of a moving texture by an extractor for windows of some length."""
    with monkeypatch.context() as patch:
        for module in (types, extractor, streaming):
            patch.setattr(module, "WINDOW", window)
        patch.setattr(extractor, "HALF_WINDOW", window // 2)
        reader = extractor.WindowExtractor()
        found = []
        for tick in range(30):
            shift = (3 * np.sin(tick / 4), 2 * np.sin(tick / 3))
            image, face = texture((240, 320), shift), moved(make_face(), (0.1 * tick, 0))
            found += (reader.push if tick else reader.first)(tick, image, face)
        found += reader.finish()
        reader.close()
    return np.stack([one.features for one in found])


def test_shorter_windows_are_those_of_an_extractor_for_them_to_the_last_bit(monkeypatch):
    stored = extract(monkeypatch, 17)
    assert np.abs(stored[:, :, FLOW]).max() > 1  # px: the head moves
    for window in (9, 13):
        measured = extract(monkeypatch, window)
        made = windows_for(stored, config(window=window))
        measured_as_such = len(stored) - (17 - window) // 2
        np.testing.assert_array_equal(
            made[:measured_as_such, :, FLOW], measured[:measured_as_such, :, FLOW]
        )


def test_adjacent_flow_is_that_measured_between_neighbours_to_the_last_bit(monkeypatch):
    stored, pairs = extract(monkeypatch, 17), extract(monkeypatch, 3)
    made = windows_for(stored, config(flow="adjacent"))
    # row t of three ticks begins at frame t - 1
    for tick in range(8, len(stored) - 15):
        neighbours = pairs[tick - 8 + 1 : tick + 8 + 1, 1, FLOW]
        np.testing.assert_array_equal(made[tick, 1:, FLOW], neighbours)


def record(scored: NDArray[np.bool_]) -> FeatureRecord:
    return FeatureRecord("v", "s", additive(len(scored), 17), scored, ())


def test_nothing_is_taken_across_a_gap():
    scored = np.ones(60, np.bool_)
    scored[25:30] = False
    before = record(scored)
    after = dataclasses.replace(before, features=before.features.copy())
    after.features[30:] += 5
    for change in ({"window": 9}, {"window": 25}, {"flow": "adjacent"}):
        made = [record_for(one, config(**change)) for one in (before, after)]
        np.testing.assert_array_equal(made[0].features[:25], made[1].features[:25])
        assert not made[0].features[25:30].any()
        assert made[0].window == made[0].features.shape[1]
        np.testing.assert_array_equal(made[0].scored, scored)


@pytest.mark.parametrize(
    ("flags", "runs"),
    [("", []), ("000", []), ("111", [(0, 3)]), ("0110100", [(1, 3), (4, 5)])],
)
def test_runs_are_the_stretches_of_scored_ticks(flags, runs):
    assert scored_runs(np.array([flag == "1" for flag in flags], np.bool_)) == runs


def test_the_simulator_makes_windows_of_any_length_itself():
    recipe = supply_for(SimulatedRecipe(seconds=4), config(window=25))
    assert isinstance(recipe, RecipeFor)
    drawn = recipe.draw(np.random.default_rng(3))
    own = SimulatedRecipe(seconds=4, window=25).draw(np.random.default_rng(3))
    assert drawn.features.shape == (120, 25, 18, 2)
    np.testing.assert_array_equal(drawn.features, own.features)
    assert not own.features[:, 0, : len(FLOW_NODES)].any()


def test_simulated_windows_of_two_lengths_show_the_same_expressions():
    short, long = (
        SimulatedRecipe(seconds=4, window=w).draw(np.random.default_rng(5)) for w in (9, 25)
    )
    assert short.intervals == long.intervals


def test_a_supply_for_the_published_network_is_left_alone():
    records = [record(np.ones(20, np.bool_))]
    assert supply_for(records, config()) is records

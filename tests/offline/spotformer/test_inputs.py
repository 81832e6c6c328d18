"""What a network reads of features: windows as they were measured, and adjacent flow."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.data.records import FeatureRecord
from offline.simulate.recipe import SimulatedRecipe
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.inference import score
from offline.spotformer.inputs import RecipeFor, record_for, scored_runs, supply_for, windows_for
from offline.spotformer.model import SpotFormer
from realtime.flow.extractor import WindowExtractor
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


@given(st.integers(1, 40), st.sampled_from([5, 9, 17, 25]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_where_flow_adds_up_adjacent_flow_is_the_step_of_the_motion(ticks, window, seed):
    measured = additive(ticks, window, seed)
    made = windows_for(measured, config(window=window, flow="adjacent"))
    np.testing.assert_array_equal(made[:, 0, FLOW], 0)
    np.testing.assert_allclose(made[:, 1:, FLOW], np.diff(measured[:, :, FLOW], axis=1), atol=1e-4)


@pytest.mark.parametrize("window", [9, 17, 25])
def test_windows_of_the_networks_own_length_are_passed_on_untouched(window):
    features = additive(30, window)
    assert windows_for(features, config(window=window)) is features


@pytest.mark.parametrize(("measured", "read"), [(17, 25), (17, 9), (25, 17), (19, 21)])
@pytest.mark.parametrize("flow", ["first-frame", "adjacent"])
@pytest.mark.parametrize("ticks", [0, 1, 20])
def test_windows_of_another_length_are_neither_cut_nor_joined_but_refused(
    measured, read, flow, ticks
):
    network, scored = config(window=read, flow=flow), np.ones(ticks, np.bool_)
    video = FeatureRecord("v", "s", additive(20, measured)[:ticks], scored, (), window=measured)
    for attempt in (
        lambda: windows_for(video.features, network),
        lambda: record_for(video, network),
        lambda: supply_for([video], network),
        lambda: score(SpotFormer(network).eval(), video.features),
    ):
        with pytest.raises(UsageError, match=f"{measured} ticks.*extract again with --window {read}"
                           ) as refused:  # fmt: skip
            attempt()
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("flow", ["first-frame", "adjacent"])
def test_no_ticks_give_no_windows(flow):
    made = windows_for(np.zeros((0, 9, 18, 2), np.float32), config(window=9, flow=flow))
    assert made.shape == (0, 9, 18, 2)


@pytest.mark.parametrize("window", [5, 9, 25])
def test_a_network_scores_every_tick_of_features_of_its_window(window):
    torch.manual_seed(0)
    network = SpotFormer(config(window=window)).eval()
    values = score(network, additive(12, window)).values
    assert {len(vector) for vector in values.values()} == {12}


def extract(window: int) -> Floats:
    """Features of a moving texture, measured with windows of some length."""
    reader, found = WindowExtractor(window=window), []
    for tick in range(30):
        shift = (3 * np.sin(tick / 4), 2 * np.sin(tick / 3))
        image, face = texture((240, 320), shift), moved(make_face(), (0.1 * tick, 0))
        found += (reader.push if tick else reader.first)(tick, image, face)
    found += reader.finish()
    reader.close()
    return np.stack([one.features for one in found])


@pytest.mark.parametrize("window", [9, 17])
def test_adjacent_flow_is_that_measured_between_neighbours_to_the_last_bit(window):
    stored, pairs = extract(window), extract(5)
    made = windows_for(stored, config(window=window, flow="adjacent"))
    half = window // 2
    # row t of five ticks begins at frame t - 2
    for tick in range(half, len(stored) - (window - 2)):
        neighbours = pairs[tick - half + 2 : tick + half + 2, 1, FLOW]
        np.testing.assert_array_equal(made[tick, 1:, FLOW], neighbours)
    assert np.abs(made[:, 1:, FLOW]).max() > 0.3  # px: the head moves


def record(scored: NDArray[np.bool_], window: int = 17) -> FeatureRecord:
    return FeatureRecord("v", "s", additive(len(scored), window), scored, (), window=window)


@pytest.mark.parametrize("window", [9, 17, 25])
def test_nothing_is_taken_across_a_gap(window):
    scored = np.ones(60, np.bool_)
    scored[25:30] = False
    before = record(scored, window)
    after = dataclasses.replace(before, features=before.features.copy())
    after.features[30:] += 5
    made = [record_for(one, config(window=window, flow="adjacent")) for one in (before, after)]
    np.testing.assert_array_equal(made[0].features[:25], made[1].features[:25])
    assert not made[0].features[25:30].any()
    assert made[0].window == made[0].features.shape[1] == window
    np.testing.assert_array_equal(made[0].scored, scored)


@pytest.mark.parametrize(
    ("flags", "runs"),
    [("", []), ("000", []), ("111", [(0, 3)]), ("0110100", [(1, 3), (4, 5)])],
)
def test_runs_are_the_stretches_of_scored_ticks(flags, runs):
    assert scored_runs(np.array([flag == "1" for flag in flags], np.bool_)) == runs


def test_a_recipe_of_the_networks_window_is_drawn_from_as_it_is():
    own = SimulatedRecipe(seconds=4, window=25)
    supply = supply_for(own, config(window=25))
    assert isinstance(supply, RecipeFor)
    drawn, expected = (one.draw(np.random.default_rng(3)) for one in (supply, own))
    np.testing.assert_array_equal(drawn.features, expected.features)


def test_a_recipe_of_another_window_is_refused_when_it_draws():
    supply = supply_for(SimulatedRecipe(seconds=4), config(window=25))
    assert isinstance(supply, RecipeFor)
    with pytest.raises(UsageError, match="the network reads 25"):
        supply.draw(np.random.default_rng(0))


def test_simulated_windows_of_two_lengths_show_the_same_expressions():
    short, long = (
        SimulatedRecipe(seconds=4, window=w).draw(np.random.default_rng(5)) for w in (9, 25)
    )
    assert short.intervals == long.intervals


def test_records_for_the_published_network_are_left_alone():
    video = record(np.ones(20, np.bool_))
    assert supply_for([video], config())[0] is video

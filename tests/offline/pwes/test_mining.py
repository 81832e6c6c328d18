"""MPLG: each step against values worked out by hand, and the printed forms that differ."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from offline.pwes.config import MiningConfig
from offline.pwes.mining import (
    VideoScores,
    background_labels,
    class_centres,
    class_weights,
    combined,
    foreground_labels,
    foreground_similarity,
    highest,
    mine,
    refined_attention,
    scope,
    without_low,
)


def floats(*rows: list[float] | float) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def bools(*rows: list[int] | int) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)


# Four snippets in the plane: at 0, 60, 90 and 0 degrees; the first is labelled.
PLANE = floats([2.0, 0.0], [0.5, math.sqrt(0.75)], [0.0, 3.0], [5.0, 0.0])


def test_step_1_similarity_is_the_cosine_to_the_nearest_labelled_snippet_scaled_to_0_and_1():
    # Equation 1 gives cosines 1, 0.5, 0, 1: already from 0 to 1.
    similar = foreground_similarity(PLANE, bools(1, 0, 0, 0))
    assert similar.tolist() == pytest.approx([1.0, 0.5, 0.0, 1.0])


def test_step_1_takes_the_maximum_over_the_labelled_snippets_not_its_index():
    # Labelled at 0 and 90 degrees: the largest cosines are 1, sqrt(3)/2, 1, 1, whose least
    # becomes 0. An argmax would give 0, 1, 1, 0.
    similar = foreground_similarity(PLANE, bools(1, 0, 1, 0))
    assert similar.tolist() == pytest.approx([1.0, 0.0, 1.0, 1.0])


def test_step_1_negative_cosines_are_scaled_too():
    # Cosines to the first: 1, -1, 0.
    opposite = floats([1.0, 0.0], [-2.0, 0.0], [0.0, 1.0])
    similar = foreground_similarity(opposite, bools(1, 0, 0))
    assert similar.tolist() == pytest.approx([1.0, 0.0, 0.5])


def test_step_1_snippets_that_are_all_alike_are_not_told_apart():
    similar = foreground_similarity(floats([1.0, 1.0], [2.0, 2.0]), bools(0, 1))
    assert similar.tolist() == [1.0, 1.0]


def test_step_1_multiplies_the_attention():
    refined = refined_attention(PLANE, floats(0.2, 0.8, 0.9, 0.4), bools(1, 0, 0, 0))
    assert refined.tolist() == pytest.approx([0.2, 0.4, 0.0, 0.4])


def test_step_1_leaves_the_attention_of_a_video_without_points():
    attention = floats(0.2, 0.8, 0.9, 0.4)
    assert refined_attention(PLANE, attention, bools(0, 0, 0, 0)).equal(attention)


@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_step_1_similarity_of_a_labelled_snippet_is_always_1(snippets: int, seed: int):
    # Section 3.3: "the similarities of the features corresponding to labeled snippets are
    # always 1".
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn((snippets, 3), generator=generator)
    labelled = torch.zeros(snippets, dtype=torch.bool)
    labelled[torch.randint(snippets, (1,), generator=generator)] = True
    similar = foreground_similarity(features, labelled)
    assert (similar[labelled] == 1).all()
    assert ((similar >= 0) & (similar <= 1)).all()


@pytest.mark.parametrize(
    ("snippets", "share", "k"), [(10, 0.3, 3), (9, 0.3, 2), (3, 0.3, 1), (1, 0.3, 1), (20, 0.1, 2)]
)
def test_step_2_k_is_a_share_of_the_snippets_rounded_down_and_at_least_1(
    snippets: int, share: float, k: int
):
    assert scope(snippets, share) == k


def test_step_2_selects_the_highest_and_of_equal_ones_the_earlier():
    assert highest(floats(0.1, 0.5, 0.9, 0.5), 2).tolist() == [False, True, True, False]


def test_step_3_centre_is_the_mean_labelled_feature_of_a_class():
    # Equation 4.
    points = bools([1, 0], [0, 0], [1, 0], [0, 1])
    assert class_centres(PLANE, points).tolist() == [[1.0, 1.5], [5.0, 0.0]]


ON_A_LINE = floats([0.0, 0.0], [1.0, 0.0], [3.0, 0.0])
BOTH_ENDS = bools([1, 0], [0, 0], [0, 1])


def test_step_3_weight_is_a_softmax_of_the_negative_distance_over_the_classes():
    # Distances to the centres at 0 and 3: (0, 3), (1, 2), (3, 0).
    weights = class_weights(ON_A_LINE, BOTH_ENDS, BOTH_ENDS, MiningConfig())
    near = 1 / (1 + math.exp(-3))
    middle = 1 / (1 + math.exp(-1))
    assert weights[:, 0].tolist() == pytest.approx([near, middle, 1 - near])
    assert weights.sum(dim=1).tolist() == pytest.approx([1.0, 1.0, 1.0])


def test_step_3_as_printed_favours_the_farthest_centre():
    # Equation 5 as printed: at the labelled snippet of a class, the other class weighs more.
    config = MiningConfig(distance="farthest")
    weights = class_weights(ON_A_LINE, BOTH_ENDS, BOTH_ENDS, config)
    assert weights[0].tolist() == pytest.approx([1 / (1 + math.exp(3)), 1 / (1 + math.exp(-3))])


def test_step_3_a_scale_divides_the_distance():
    config = MiningConfig(distance_scale=2.0)
    weights = class_weights(ON_A_LINE, BOTH_ENDS, BOTH_ENDS, config)
    assert weights[0, 0].item() == pytest.approx(1 / (1 + math.exp(-1.5)))


def test_step_3_a_class_without_a_point_weighs_0_and_the_other_1():
    points = bools([0, 0], [0, 1], [0, 0])
    assert class_weights(ON_A_LINE, points, points, MiningConfig()).tolist() == [[0.0, 1.0]] * 3


def test_step_3_without_any_point_no_class_weighs_anything():
    points = bools([0, 0], [0, 0], [0, 0])
    assert class_weights(ON_A_LINE, points, points, MiningConfig()).tolist() == [[0.0, 0.0]] * 3


def test_step_3_as_printed_finds_no_labelled_snippet_and_compares_with_0():
    # Algorithm 1 looks for labels > 1. The centres stay 0, so that both classes weigh alike.
    none = torch.zeros_like(BOTH_ENDS)
    weights = class_weights(ON_A_LINE, BOTH_ENDS, none, MiningConfig(labelled_above=1))
    assert weights.tolist() == [[0.5, 0.5]] * 3


def test_step_4_drops_what_is_below_the_mean_of_the_original_probabilities():
    # Equation 7: means 0.5 and 0.25 of the original; equal is kept.
    original = floats([0.75, 0.25], [0.25, 0.25], [0.5, 0.25])
    refined = floats([0.75, 0.2], [0.1, 0.25], [0.5, 0.0])
    kept = without_low(refined, original)
    assert kept.tolist() == [[0.75, 0.0], [0.0, 0.25], [0.5, 0.0]]


def test_step_5_labels_the_best_class_where_it_exceeds_theta():
    # Equation 8 with 0.8: above; above but not the best; equal to it; below.
    refined = floats([0.9, 0.1], [0.85, 0.95], [0.8, 0.0], [0.1, 0.2])
    assert foreground_labels(refined, 0.8).tolist() == [
        [True, False],
        [False, True],
        [False, False],
        [False, False],
    ]


ATTENTION = floats(0.9, 0.1, 0.8, 0.3, 0.2, 0.7, 0.6, 0.5, 0.4, 0.05)


def test_step_6_takes_twice_k_of_the_lowest_attention():
    held = highest(ATTENTION, 3)
    lowest = [False, True, False, True, True, False, False, True, True, True]
    assert background_labels(ATTENTION, 3, held, "capped").tolist() == lowest
    assert background_labels(ATTENTION, 3, held, "lowest").tolist() == lowest


def test_step_6_capped_never_meets_the_k_highest():
    # Six of ten are held: four are left, although 2k are eight.
    held = highest(ATTENTION, 6)
    taken = background_labels(ATTENTION, 4, held, "capped")
    assert taken.tolist() == (~held).tolist()
    assert (background_labels(ATTENTION, 4, held, "lowest") & held).any()


def test_step_6_as_printed_is_all_but_the_2k_highest():
    # Equation 9 reads argsort(-A)[2k:]: of ten with k = 3 the four lowest.
    taken = background_labels(ATTENTION, 3, highest(ATTENTION, 3), "printed")
    assert taken.nonzero().flatten().tolist() == [1, 3, 4, 9]


def test_step_7_puts_background_after_the_classes():
    # Ten snippets, one macro point at snippet 0, and features that tell 0 and 1 from the rest.
    features = floats([1.0, 0.0], [1.0, 0.0], *[[0.0, 1.0]] * 8)
    probabilities = floats([0.1, 0.95, 0.2], [0.2, 0.9, 0.2], *[[0.9, 0.3, 0.7]] * 8)
    points = bools([0, 1], *[[0, 0]] * 9)
    labels = mine(VideoScores(features, probabilities, ATTENTION), points, MiningConfig())
    # Step 1: A' is 0.9, 0.1 and 0 elsewhere. Step 2: 0, 1 and the first of the zeros, 2. Step 3:
    # micro 0, macro 1. Step 4: the mean macro probability is 0.425. Step 5: 0 and 1. Step 6: of
    # the seven not selected, the six of lowest attention, all but 5.
    assert labels.shape == (10, 3)
    assert labels[:, 0].any().item() is False
    assert labels[:, 1].nonzero().flatten().tolist() == [0, 1]
    assert labels[:, 2].nonzero().flatten().tolist() == [3, 4, 6, 7, 8, 9]


def two_classes() -> tuple[VideoScores, torch.Tensor]:
    """Ten snippets: 0 and 1 like the micro point at 0, 2 and 3 like the macro point at 2."""
    features = floats([9.0, 0.0], [9.0, 0.0], [0.0, 9.0], [0.0, 9.0], *[[-9.0, -9.0]] * 6)
    probabilities = floats(*[[0.9, 0.9, 0.1]] * 4, [0.95, 0.1, 0.1], *[[0.1, 0.1, 0.9]] * 5)
    attention = floats(0.5, 0.5, 0.5, 0.5, 0.9, 0.4, 0.3, 0.2, 0.1, 0.05)
    points = bools([1, 0], [0, 0], [0, 1], *[[0, 0]] * 7)
    return VideoScores(features, probabilities, attention), points


def mined(strategy: str, share: float = 0.4) -> tuple[list[int], list[int], list[int]]:
    scores, points = two_classes()
    labels = mine(scores, points, MiningConfig(strategy=strategy, share=share))
    micro, macro, background = (labels[:, c].nonzero().flatten().tolist() for c in range(3))
    return micro, macro, background


def test_c_reads_the_class_probabilities_alone():
    # Ties go to the first class; snippet 4, whose probability alone is high, is taken.
    assert mined("c")[:2] == ([0, 1, 2, 3, 4], [])


def test_ca_takes_only_snippets_of_high_attention():
    # The four of highest attention: 4 and the first three of the rest.
    assert mined("ca")[:2] == ([0, 1, 2, 4], [])


def test_caf1_drops_what_is_like_no_point():
    # Snippet 4 has the highest attention, but its features are like neither point.
    assert mined("caf1")[:2] == ([0, 1, 2, 3], [])


def test_caf2_tells_the_classes_by_their_points():
    # Snippet 4 is as far from one as from the other and weighs half: below theta.
    assert mined("caf2")[:2] == ([0, 1], [2])


def test_full_does_both():
    assert mined("full") == ([0, 1], [2, 3], [4, 5, 6, 7, 8, 9])


def test_a_video_without_points_has_background_alone():
    scores, points = two_classes()
    labels = mine(scores, torch.zeros_like(points), MiningConfig())
    assert not labels[:, :2].any()
    assert labels[:, 2].sum() == 6


def test_printed_forms_find_no_labelled_snippet_and_no_foreground():
    # Both classes weigh one half, so that none exceeds theta.
    scores, points = two_classes()
    labels = mine(scores, points, MiningConfig(labelled_above=1, share=0.4))
    assert not labels[:, :2].any()


def test_a_labelled_snippet_is_no_background_however_low_its_attention():
    scores, _ = two_classes()
    points = bools(*[[0, 0]] * 9, [1, 0])
    assert not mine(scores, points, MiningConfig(strategy="ca"))[9, 2]
    lowest = MiningConfig(strategy="ca", background="lowest")
    assert mine(scores, points, lowest)[9, 2]


def test_one_snippet_is_a_video():
    scores = VideoScores(floats([1.0, 2.0]), floats([0.9, 0.1, 0.1]), floats(0.5))
    assert mine(scores, bools([1, 0]), MiningConfig()).tolist() == [[True, False, False]]


def test_combined_labels_are_of_a_point_or_pseudo():
    # Equation 15: 0 + 0, 1 + 0, 0 + 1 and 1 + 1.
    points = bools([0, 0], [1, 0], [0, 0], [0, 1])
    pseudo = bools([0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 0])
    assert combined(points, pseudo).tolist() == [
        [False, False, False],
        [True, False, False],
        [False, False, True],
        [False, True, False],
    ]


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.sampled_from(["c", "ca", "caf2", "full"]))
def test_no_snippet_is_both_foreground_and_background(snippets: int, seed: int, strategy: str):
    generator = torch.Generator().manual_seed(seed)
    draw = torch.rand((snippets, 8), generator=generator)
    scores = VideoScores(draw[:, :4], draw[:, 4:7], draw[:, 7])
    points = torch.rand((snippets, 2), generator=generator) > 0.8
    config = MiningConfig(strategy=strategy, theta=0.3)
    labels = combined(points, mine(scores, points, config))
    assert not (labels[:, :2].any(dim=1) & labels[:, 2]).any()

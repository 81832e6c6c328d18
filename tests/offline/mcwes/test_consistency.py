import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from offline.mcwes.consistency import (
    duration_mask,
    feature_loss,
    match,
    matched_features,
    neighbourhood_means,
)
from tests.offline.mcwes.mcwes_makers import answers, outputs


def tensor(*values):
    return torch.tensor(values, dtype=torch.float64)


def test_equation_9_is_the_mean_of_neighbours():
    attention = tensor(0.2, 0.4, 0.9, 0.1)
    assert neighbourhood_means(attention, 2).tolist() == pytest.approx([0.3, 0.65, 0.5])
    assert neighbourhood_means(attention, 3).tolist() == pytest.approx([0.5, 1.4 / 3])
    assert neighbourhood_means(attention, 1).tolist() == attention.tolist()


def test_equation_10_masks_where_the_deviation_lies_between_both_bounds():
    attention = tensor(0.0, 0.0, 0.6, 0.6, 0.0, 0.0, 0.2, 0.0)
    # Q:   0  0.3  0.6  0.3  0  0.1  0.1
    # Δ:     0.3  0.3  0.3  0.3  0.1  0     mean 1.3 / 6 = 0.2167
    # Δ over the mean: 1.385 four times, 0.46, 0
    assert duration_mask(attention, 2, 1.2, 1.4).tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert duration_mask(attention, 2, 1.2, 1.38).tolist() == [1] * 8
    assert duration_mask(attention, 2, 1.39, 1.8).tolist() == [1] * 8
    assert duration_mask(attention, 2, 0.4, 0.5).tolist() == [1, 1, 1, 1, 0, 1, 1, 1]


@pytest.mark.parametrize("snippets", [1, 2])
def test_a_video_of_no_more_snippets_than_the_neighbourhood_is_not_masked(snippets):
    assert duration_mask(torch.rand(snippets), 2, 0.0, 9.0).tolist() == [1] * snippets


def test_even_attention_is_not_masked():
    assert duration_mask(torch.full((9,), 0.5), 2, 1.2, 1.4).tolist() == [1] * 9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(1, 4))
def test_the_mask_is_that_of_a_loop(values, eta):
    mask = duration_mask(torch.tensor(values, dtype=torch.float64), eta, 0.8, 1.7).tolist()
    expected = [1.0] * len(values)
    if len(values) > eta:
        q = [sum(values[j : j + eta]) / eta for j in range(len(values) - eta + 1)]
        deviation = [abs(b - a) for a, b in itertools.pairwise(q)]
        mean = sum(deviation) / len(deviation)
        near = [min(abs(d - 0.8 * mean), abs(d - 1.7 * mean)) for d in deviation]
        if min(near) < 1e-9:
            return  # which side of a bound rounding puts a deviation on is no promise
        for j, d in enumerate(deviation):
            expected[j] = 0.0 if 0.8 * mean < d < 1.7 * mean else 1.0
    assert mask == expected


def matched_by_hand(guide, other, count):
    """Equations 11 and 12 with the (k, D, n) features written out."""
    order = np.argsort(-guide.attention.numpy())[:count]
    logits = guide.cam.numpy()[order, :2]
    kinds = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    feature = guide.feature.numpy()[order]
    f_s = feature[:, :, None] * kinds[:, None, :]
    h = np.einsum("td,kdn->ktn", other.feature.numpy(), f_s)
    e = np.exp(h - h.max(axis=0))
    return (e / e.sum(axis=0)).max(axis=0)


@pytest.mark.parametrize(("h", "count"), [(3, 3), (7, 1), (1, 9)])
def test_equations_11_and_12(h, count):
    guide, other = outputs(0, 9), outputs(1, 5)
    found = matched_features(guide, other, h)
    assert found.shape == (5, 2)
    assert found.numpy() == pytest.approx(matched_by_hand(guide, other, count))


def test_equation_12_by_hand():
    guide = answers([0.9, 0.1, 0.8], [[0, 0, 9], [5, 5, 0], [0, 0, -9]], [[1, 0], [7, 7], [0, 1]])
    other = answers([0.5, 0.5], [[0, 0, 0]] * 2, [[2, 0], [0, 0]])
    # snippets 0 and 2 guide; each is half micro, half macro: products 2 * 0.5 and 0
    first = math.e / (math.e + 1)
    found = matched_features(guide, other, 1.5)
    assert found.numpy() == pytest.approx(np.array([[first, first], [0.5, 0.5]]))


def test_equation_13_weighs_matches_by_attention():
    matched = tensor([0.6, 0.2], [1.0, 0.4])
    attention = tensor(0.25, 0.75)
    assert match(attention, matched, tensor(1, 0)).item() == pytest.approx(0.9)
    assert match(attention, matched, tensor(1, 1)).item() == pytest.approx(0.9 + 0.35)
    assert match(attention, matched, tensor(0, 0)).item() == 0


def test_vanished_attention_is_no_division_by_zero():
    assert match(torch.zeros(2), torch.ones(2, 2), torch.ones(2)).item() == 0


def test_equation_19_averages_over_the_shared_kinds_of_all_pairs():
    a, b, c = outputs(0, 8), outputs(1, 6), outputs(2, 7)
    both, micro = tensor(1, 1), tensor(1, 0)
    cs = [
        match(second.attention, matched_features(first, second, 2), shared).item()
        for first, second, shared in [(a, b, both), (b, a, both), (c, a, micro), (a, c, micro)]
    ]
    loss = feature_loss([(a, b, both), (c, a, micro)], 2)
    assert loss.item() == pytest.approx(1 - sum(cs) / (2 * 3))


def test_a_pair_without_a_shared_kind_takes_no_part():
    a, b = outputs(0, 8), outputs(1, 6)
    alone = feature_loss([(a, b, tensor(1, 0))], 2)
    joined = feature_loss([(a, b, tensor(1, 0)), (b, a, tensor(0, 0))], 2)
    assert joined.item() == alone.item()
    assert feature_loss([(a, b, tensor(0, 0))], 2) is None
    assert feature_loss([], 2) is None

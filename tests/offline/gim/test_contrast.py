"""Equations 7 and 8, worked out by hand for a few samples."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from offline.gim.contrast import contrastive_loss, pair_weights


def test_pairs_of_a_class_weigh_less_the_more_they_differ_and_others_more():
    weights = pair_weights(torch.tensor([1.0, 0.6, 0.0, 0.9]), torch.tensor([1, 1, 0, 2]))
    expected = [
        [1.0, 0.6, 1.0, 0.1],
        [0.6, 1.0, 0.6, 0.3],
        [1.0, 0.6, 1.0, 0.9],
        [0.1, 0.3, 0.9, 1.0],
    ]
    torch.testing.assert_close(weights, torch.tensor(expected))


def test_the_loss_is_equation_7():
    # Two of class 1 with intensities 1 and 0.6, one neutral; tau = 0.5.
    # Products over tau: f0 f1 = 1 / 0.5 = 2, f0 f2 = 0, f1 f2 = 2 / 0.5 = 4.
    features = torch.tensor([[1.0, 0.0], [1.0, 2.0], [0.0, 1.0]])
    loss = contrastive_loss(
        features, torch.tensor([1, 1, 0]), torch.tensor([1.0, 0.6, 0.0]), tau=0.5
    )
    same = 0.6 * math.exp(2)  # weight 1 - 0.4 in both directions
    anchor_0 = -math.log(same / (same + 1.0 * math.exp(0)))
    anchor_1 = -math.log(same / (same + 0.6 * math.exp(4)))
    # The neutral sample has no partner and is left out.
    assert loss.item() == pytest.approx(anchor_0 + anchor_1, rel=1e-5)


def test_partners_of_one_anchor_are_averaged():
    # Three of one class, all features zero: every product is 0.
    features, classes = torch.zeros(3, 2), torch.tensor([2, 2, 2])
    loss = contrastive_loss(features, classes, torch.tensor([1.0, 0.8, 0.6]), tau=1.0)
    # Weights: 0-1 0.8, 0-2 0.6, 1-2 0.8.
    expected = (
        -(math.log(0.8 / 1.4) + math.log(0.6 / 1.4)) / 2
        - (math.log(0.8 / 1.6) + math.log(0.8 / 1.6)) / 2
        - (math.log(0.6 / 1.4) + math.log(0.8 / 1.4)) / 2
    )
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_features_are_scaled_to_unit_length_only_if_asked():
    features = torch.tensor([[3.0, 4.0], [6.0, 8.0], [0.0, 2.0]])
    classes, intensity = torch.tensor([1, 1, 0]), torch.tensor([1.0, 1.0, 0.0])
    loss = contrastive_loss(features, classes, intensity, tau=1.0, normalise=True)
    # Unit features: (0.6, 0.8) twice and (0, 1): products 1 and 0.8, all weights 1.
    expected = -2 * math.log(math.exp(1) / (math.exp(1) + math.exp(0.8)))
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    raw = contrastive_loss(features, classes, intensity, tau=1.0)
    # Products 50, 8 and 16: the partner has all of the share.
    assert raw.item() == pytest.approx(
        math.log1p(math.exp(8 - 50)) + math.log1p(math.exp(16 - 50)), abs=1e-5
    )


def test_a_sample_of_another_class_and_the_same_intensity_is_no_contrast():
    # Micro and macro at their peaks: weight |1 - 1| = 0, so nothing is left but the partner.
    features = torch.tensor([[1.0], [1.0], [5.0]], requires_grad=True)
    loss = contrastive_loss(features, torch.tensor([1, 1, 2]), torch.ones(3), tau=0.5)
    assert loss.item() == pytest.approx(0.0, abs=1e-6)
    loss.backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()


@pytest.mark.parametrize("classes", [[], [1], [0, 1, 2]])
def test_without_a_pair_the_loss_is_zero_and_can_be_minimised(classes: list[int]):
    features = torch.ones(len(classes), 2, requires_grad=True)
    loss = contrastive_loss(
        features, torch.tensor(classes, dtype=torch.int64), torch.ones(len(classes)), tau=0.5
    )
    assert loss.item() == 0
    loss.backward()
    assert features.grad is not None
    assert not features.grad.any()


def test_large_features_neither_overflow_nor_lose_their_gradient():
    features = torch.tensor([[400.0], [-400.0], [300.0]], requires_grad=True)
    loss = contrastive_loss(features, torch.tensor([1, 1, 0]), torch.tensor([1.0, 1, 0]), tau=0.5)
    # Anchor 0: partner -320000, other 240000; anchor 1: partner -320000, other -240000.
    assert loss.item() == pytest.approx(560000 + 0 + 80000, rel=1e-6)
    loss.backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()
    assert features.grad.any()


@given(st.integers(0, 2**32), st.integers(2, 12))
def test_it_is_the_double_sum_of_equation_7_for_any_samples(seed: int, count: int):
    rng = np.random.default_rng(seed)
    f, y = rng.normal(size=(count, 3)), rng.integers(0, 3, count)
    a = np.where(y == 0, 0.0, rng.uniform(0.5, 1.0, count))
    total = 0.0
    for i in range(count):
        others = [e for e in range(count) if e != i]
        weigh = {
            e: (1 - abs(a[i] - a[e]) if y[i] == y[e] else abs(a[i] - a[e]))
            * math.exp(f[i] @ f[e] / 0.7)
            for e in others
        }
        partners = [q for q in others if y[q] == y[i]]
        for q in partners:
            total -= math.log(weigh[q] / sum(weigh.values())) / len(partners)
    loss = contrastive_loss(torch.from_numpy(f), torch.from_numpy(y), torch.from_numpy(a), tau=0.7)
    assert loss.item() == pytest.approx(total, rel=1e-9, abs=1e-9)

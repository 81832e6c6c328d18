import math

import pytest
import torch

from engines.errors import UsageError
from offline.spotformer.losses import (
    LossConfig,
    TargetBatch,
    binary_focal,
    boundary_focal,
    spotformer_loss,
    supervised_contrastive,
)
from offline.spotformer.model import Logits
from offline.spotformer.targets import NONE, ONSET


def logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def batch_of(count: int, counted: list[bool], boundary: int = NONE) -> TargetBatch:
    return TargetBatch(
        boundary=torch.full((count, 2), boundary),
        apex=torch.zeros(count, 2),
        expression=torch.zeros(count, 2),
        label=torch.arange(count) % 2,
        counted=torch.tensor(counted),
    )


def logits_of(count: int) -> Logits:
    half = torch.full((count, 2), logit(0.5))
    return Logits(torch.zeros(count, 2, 3), half, half, torch.eye(count, 4))


def test_a_positive_loses_alpha_times_miss_times_log():
    loss = binary_focal(torch.tensor(logit(0.7)), torch.tensor(1.0), 0.9, 1.0, 0.16)
    assert loss.item() == pytest.approx(-0.9 * 0.3 * math.log(0.7), rel=1e-5)


def test_a_negative_is_focused_by_its_probability_beyond_the_margin():
    loss = binary_focal(torch.tensor(logit(0.5)), torch.tensor(0.0), 0.9, 1.0, 0.16)
    assert loss.item() == pytest.approx(-0.1 * 0.34 * math.log(0.5), rel=1e-5)


def test_a_negative_within_the_margin_costs_nothing():
    easy = torch.tensor([logit(0.01), logit(0.15)])
    assert binary_focal(easy, torch.zeros(2), 0.9, 1.0, 0.16).tolist() == [0.0, 0.0]


def test_a_soft_target_mixes_both_sides():
    loss = binary_focal(torch.tensor(logit(0.5)), torch.tensor(0.25), 0.8, 2.0, 0.0)
    expected = -(0.8 * 0.25 * 0.25 + 0.2 * 0.75 * 0.25) * math.log(0.5)
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_boundary_marks_weigh_alpha_and_none_carries_the_margin():
    logits = torch.tensor([0.2, 0.3, 0.5]).log().expand(3, 3)
    loss = boundary_focal(logits, torch.tensor([0, 1, 2]), 0.9, 1.0, 0.16)
    expected = [
        -0.9 * 0.8 * math.log(0.2),
        -0.9 * 0.7 * math.log(0.3),
        -0.1 * (0.5 - 0.16) * math.log(0.5),
    ]
    assert loss.tolist() == pytest.approx(expected, rel=1e-5)


def test_supervised_contrastive_loss_is_equation_4():
    features = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])
    labels = torch.tensor([0, 0, 0, 1])
    total = 0.0
    for i in range(3):
        others = [e for e in range(4) if e != i]
        denominator = sum(math.exp(float(features[i] @ features[e]) / 0.5) for e in others)
        partners = [q for q in others if labels[q] == labels[i]]
        logs = [
            math.log(math.exp(float(features[i] @ features[q]) / 0.5) / denominator)
            for q in partners
        ]
        total -= sum(logs) / len(partners)
    # the fourth sample has no partner, so the mean is over three
    loss = supervised_contrastive(features, labels, 0.5)
    assert loss.item() == pytest.approx(total / 3, rel=1e-5)


def test_normalised_features_lose_their_length():
    features = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    plain = supervised_contrastive(features, labels, 0.5)
    longer = supervised_contrastive(7 * features, labels, 0.5)
    assert longer.item() == pytest.approx(plain.item(), rel=1e-5)
    raw = supervised_contrastive(7 * features, labels, 0.5, normalise=False)
    assert raw.item() != pytest.approx(plain.item(), rel=0.1)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_samples_without_partners_give_no_contrast_and_finite_gradients(count):
    features = torch.ones(count, 4, requires_grad=True)
    loss = supervised_contrastive(features, torch.arange(count), 0.5)
    assert loss.item() == 0
    loss.backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()


def test_the_total_is_the_published_weighted_sum():
    config = LossConfig(supcon_weight=0.0)
    parts = spotformer_loss(logits_of(2), batch_of(2, [True, True], ONSET), config)
    boundary = -0.9 * (2 / 3) * math.log(1 / 3)
    negative = -0.1 * 0.34 * math.log(0.5)
    expression = -0.2 * 0.34 * math.log(0.5)
    assert parts.boundary.item() == pytest.approx(1.5 * boundary, rel=1e-5)
    assert parts.apex.item() == pytest.approx((1.8 + 0.5) * negative, rel=1e-5)
    assert parts.expression.item() == pytest.approx(0.1 * 1.5 * expression, rel=1e-5)
    whole = parts.boundary + parts.apex + parts.expression
    assert parts.total.item() == pytest.approx(whole.item(), rel=1e-6)
    assert parts.supcon.item() == 0


def test_the_contrastive_term_joins_with_lambda():
    targets = batch_of(4, [True] * 4)
    without = spotformer_loss(logits_of(4), targets, LossConfig(supcon_weight=0.0))
    parts = spotformer_loss(logits_of(4), targets, LossConfig(supcon_weight=0.25))
    assert parts.supcon.item() > 0
    added = parts.total.item() - without.total.item()
    assert added == pytest.approx(0.25 * parts.supcon.item(), rel=1e-4)


def test_windows_that_are_not_counted_change_nothing():
    logits = logits_of(3)
    wild = logits._replace(
        apex=torch.cat([logits.apex[:2], torch.full((1, 2), 9.0)]),
        boundary=torch.cat([logits.boundary[:2], torch.tensor([[[9.0, 0, 0], [0, 9, 0]]])]),
    )
    masked = batch_of(3, [True, True, False])
    for tame_part, wild_part in zip(
        spotformer_loss(logits, masked, LossConfig()),
        spotformer_loss(wild, masked, LossConfig()),
        strict=True,
    ):
        assert tame_part.item() == wild_part.item()


def test_a_batch_without_counted_windows_costs_nothing():
    parts = spotformer_loss(logits_of(3), batch_of(3, [False] * 3), LossConfig())
    assert [part.item() for part in parts] == [0] * 6


@pytest.mark.parametrize(
    "change", [{"margin": 1.5}, {"gamma": 0.5}, {"supcon_temperature": 0.0}, {"macro_weight": -1.0}]
)
def test_values_that_make_no_loss_are_refused(change):
    with pytest.raises(UsageError, match=next(iter(change))):
        LossConfig(**change)

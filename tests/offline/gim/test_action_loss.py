"""Equations 12 and 13 and their variants, worked out by hand for a few ticks."""

import math

import pytest
import torch

from offline.gim.action_loss import action_loss
from offline.gim.model import GimOutputs
from tests.offline.gim.outputs import outputs_of

NONE = torch.zeros(1, dtype=torch.bool)


def bools(*rows: list[int]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)


def test_action_loss_is_equations_12_and_13():
    # Reliable: tick 0 micro, tick 1 macro. Neutral: ticks 2 and 3.
    outputs = outputs_of([0.9, 0.8, 0.1, 0.2], [(0.7, 0.1), (0.2, 0.6), (0.3, 0.4), (0.5, 0.6)])
    loss = action_loss(outputs, bools([1, 0, 0, 0], [0, 1, 0, 0]), bools([0, 0, 1, 1])[0])
    positive = -(math.log(0.7 * 0.9) + math.log(0.6 * 0.8)) / 2
    negative = -(
        math.log(1 - 0.3 * 0.1)
        + math.log(1 - 0.4 * 0.1)
        + math.log(1 - 0.5 * 0.2)
        + math.log(1 - 0.6 * 0.2)
    ) / (2 * 2)
    assert loss.item() == pytest.approx(positive + negative)


def test_a_tick_of_both_kinds_has_a_term_for_each():
    outputs = outputs_of([0.9], [(0.7, 0.6)])
    loss = action_loss(outputs, bools([1], [1]), bools([0])[0])
    assert loss.item() == pytest.approx(-math.log(0.63) - math.log(0.54))


@pytest.mark.parametrize(
    ("logit", "reliable", "neutral"), [(-200.0, 1, 0), (200.0, 0, 1)], ids=["positive", "negative"]
)
def test_scores_that_are_surely_wrong_still_have_a_gradient(
    logit: float, reliable: int, neutral: int
):
    intensity = torch.tensor([logit], requires_grad=True)
    action = torch.full((1, 2), logit, requires_grad=True)
    outputs = GimOutputs(intensity, action, torch.zeros(1, 1), torch.zeros(1, 1))
    loss = action_loss(outputs, bools([reliable], [reliable]), bools([neutral])[0])
    loss.backward()
    assert torch.isfinite(loss)
    assert loss.item() > 150
    for tensor in (intensity, action):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()
        assert tensor.grad.abs().min() > 0.1


def test_a_tick_is_told_that_it_is_not_of_the_other_kind_when_asked():
    # Tick 0 micro, tick 1 macro, tick 2 both: only the first two have another kind.
    outputs = outputs_of([0.9, 0.8, 0.5], [(0.7, 0.1), (0.2, 0.6), (0.4, 0.3)])
    reliable = bools([1, 0, 1], [0, 1, 1])
    printed = action_loss(outputs, reliable, NONE.expand(3))
    told = action_loss(outputs, reliable, NONE.expand(3), "negative")
    extra = -(math.log(1 - 0.1) + math.log(1 - 0.2)) / 3
    assert (told - printed).item() == pytest.approx(extra)


def test_as_printed_nothing_lowers_the_score_of_the_other_kind():
    action = torch.zeros(1, 2, requires_grad=True)
    outputs = GimOutputs(torch.zeros(1), action, torch.zeros(1, 1), torch.zeros(1, 1))
    grads = []
    for other_kind in ("ignored", "negative"):
        loss = action_loss(outputs, bools([0], [1]), NONE, other_kind)
        (grad,) = torch.autograd.grad(loss, action)
        grads.append(grad[0, 0].item())
    assert grads == [0.0, pytest.approx(0.5)]


def test_a_mean_over_kinds_weighs_one_micro_tick_like_three_macro_ticks():
    outputs = outputs_of([0.5] * 4, [(0.7, 0.5), (0.5, 0.2), (0.5, 0.4), (0.5, 0.6)])
    reliable = bools([1, 0, 0, 0], [0, 1, 1, 1])
    loss = action_loss(outputs, reliable, NONE.expand(4), mean="kinds")
    micro = -math.log(0.7 * 0.5)
    macro = -sum(math.log(s * 0.5) for s in (0.2, 0.4, 0.6)) / 3
    assert loss.item() == pytest.approx((micro + macro) / 2)


@pytest.mark.parametrize("mean", ["ticks", "kinds"])
def test_a_kind_that_does_not_occur_does_not_dilute_the_other(mean: str):
    outputs = outputs_of([0.9, 0.9], [(0.7, 0.6), (0.7, 0.6)])
    loss = action_loss(outputs, bools([1, 1], [0, 0]), NONE.expand(2), mean=mean)
    assert loss.item() == pytest.approx(-math.log(0.63))

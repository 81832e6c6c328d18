"""Equations 9 to 14, worked out by hand for a few ticks."""

import math

import numpy as np
import pytest
import torch

from offline.gim.config import GimLossConfig
from offline.gim.contrast import contrastive_loss
from offline.gim.labels import PseudoLabels, Stage
from offline.gim.losses import gim_loss, intensity_loss, norm_loss, smooth_loss
from offline.gim.model import GimOutputs
from tests.offline.gim.outputs import outputs_of


def labels_of(
    micro: list[float], macro: list[float], neutral: list[int], scored: list[int] | None = None
) -> PseudoLabels:
    return PseudoLabels(
        np.array([micro, macro], np.float32),
        np.array(neutral, bool),
        np.array(scored or [1] * len(micro), bool),
        (),
        Stage.GIM,
    )


def logits(*intensity: float) -> torch.Tensor:
    return torch.tensor(intensity, dtype=torch.float64).logit()


def bools(*rows: list[int]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)


def test_intensity_loss_is_the_mean_square_over_labelled_and_neutral_ticks():
    # Ticks: labelled 1 and 0.6, neutral, nothing.
    soft = torch.tensor([[1.0, 0.6, 0.0, 0.0], [0.0] * 4], dtype=torch.float64)
    loss = intensity_loss(logits(0.7, 0.5, 0.2, 0.9), soft, bools([0, 0, 1, 0])[0])
    assert loss.item() == pytest.approx((0.3**2 + 0.1**2 + 0.2**2) / 3)


def test_two_labels_of_one_tick_are_averaged():
    soft = torch.tensor([[1.0, 0.0], [0.4, 0.0]], dtype=torch.float64)
    loss = intensity_loss(logits(0.7, 0.1), soft, bools([0, 1])[0])
    assert loss.item() == pytest.approx(((0.3**2 + 0.3**2) / 2 + 0.1**2) / 2)


def test_cross_entropy_takes_the_place_of_the_square():
    soft = torch.tensor([[0.6, 0.0], [0.0, 0.0]], dtype=torch.float64)
    loss = intensity_loss(logits(0.7, 0.2), soft, bools([0, 1])[0], "bce")
    at_label = -(0.6 * math.log(0.7) + 0.4 * math.log(0.3))
    assert loss.item() == pytest.approx((at_label - math.log(0.8)) / 2)


def test_a_perfect_soft_label_costs_nothing_in_squares_but_much_in_cross_entropy():
    # The reason that section 4.3.1 gives for regression.
    soft = torch.tensor([[0.3], [0.0]], dtype=torch.float64)
    none = bools([0])[0]
    assert intensity_loss(logits(0.3), soft, none).item() == pytest.approx(0, abs=1e-12)
    assert intensity_loss(logits(0.3), soft, none, "bce").item() == pytest.approx(
        -(0.3 * math.log(0.3) + 0.7 * math.log(0.7))
    )


@pytest.mark.parametrize("kind", ["mse", "bce"])
def test_without_labels_the_intensity_loss_is_zero(kind: str):
    nothing = torch.zeros(2, 3, dtype=torch.float64)
    assert intensity_loss(logits(0.1, 0.9, 0.5), nothing, bools([0, 0, 0])[0], kind).item() == 0


def test_the_norm_is_the_sum_or_the_mean_of_scored_intensities():
    intensity, scored = torch.tensor([0.2, 0.4, 0.9, 0.6]), bools([1, 1, 0, 1])[0]
    assert norm_loss(intensity, scored, "sum").item() == pytest.approx(1.2)
    assert norm_loss(intensity, scored, "mean").item() == pytest.approx(0.4)


def test_the_printed_norm_outweighs_any_label_at_the_papers_weight():
    # Why "mean" is the default: two ticks, the fewest that equation 9 can average over, labelled
    # 1 and neutral. Its slope on the first is at most 2 x 1 / 2, against 2.5.
    logit = torch.tensor([-6.0, -6.0], dtype=torch.float64, requires_grad=True)
    soft = torch.tensor([[1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    gim = intensity_loss(logit, soft, bools([0, 1])[0])
    (pull,) = torch.autograd.grad(gim, logit)
    (push,) = torch.autograd.grad(2.5 * norm_loss(logit.sigmoid(), bools([1, 1])[0], "sum"), logit)
    assert pull[0] + push[0] > 0


def test_smoothness_is_the_mean_step_between_scored_neighbours():
    intensity = torch.tensor([0.2, 0.5, 0.1, 0.9, 0.8])
    everywhere = bools([1] * 5)[0]
    assert smooth_loss(intensity, everywhere).item() == pytest.approx((0.3 + 0.4 + 0.8 + 0.1) / 4)
    gap = bools([1, 1, 0, 1, 1])[0]
    assert smooth_loss(intensity, gap).item() == pytest.approx((0.3 + 0.1) / 2)


@pytest.mark.parametrize("scored", [[], [1], [1, 0, 1]])
def test_without_neighbours_smoothness_is_zero(scored: list[int]):
    assert smooth_loss(torch.ones(len(scored)), bools(scored)[0]).item() == 0


def full_case() -> tuple[GimOutputs, PseudoLabels]:
    outputs = outputs_of(
        [0.9, 0.5, 0.8, 0.1, 0.2, 0.6],
        [(0.7, 0.1), (0.6, 0.2), (0.2, 0.6), (0.3, 0.4), (0.5, 0.6), (0.5, 0.5)],
        feature=[[1.0], [2.0], [0.5], [-1.0], [0.0], [9.0]],
    )
    # Tick 1 has a label of 0.4: in equation 9, not reliable. Tick 5 has no part but in the norm
    # and the smoothness.
    labels = labels_of([1, 0.4, 0, 0, 0, 0], [0, 0, 0.8, 0, 0, 0], [0, 0, 0, 1, 1, 0])
    return outputs, labels


def test_the_total_is_equation_14():
    parts = gim_loss(*full_case(), GimLossConfig())
    gim = (0.1**2 + 0.1**2 + 0.0 + 0.1**2 + 0.2**2) / 5
    norm = (0.9 + 0.5 + 0.8 + 0.1 + 0.2 + 0.6) / 6
    smooth = (0.4 + 0.3 + 0.7 + 0.1 + 0.4) / 5
    positive = -(math.log(0.7 * 0.9) + math.log(0.6 * 0.8)) / 2
    rest = [1 - 0.3 * 0.1, 1 - 0.4 * 0.1, 1 - 0.5 * 0.2, 1 - 0.6 * 0.2]
    action = positive - sum(map(math.log, rest)) / 4
    # Reliable: tick 0 (micro, 1) and tick 2 (macro, 0.8), each alone; neutral: 3 and 4, weight 1
    # for each other. Products over tau = 0.5: f3 f0 = -2, f3 f2 = -1, all with f4 = 0 are 0.
    anchor_3 = -math.log(1 / (1 + 1.0 * math.exp(-2) + 0.8 * math.exp(-1)))
    anchor_4 = -math.log(1 / (1 + 1.0 + 0.8))
    contrast = anchor_3 + anchor_4
    assert parts.gim.item() == pytest.approx(gim, rel=1e-5)
    assert parts.norm.item() == pytest.approx(norm, rel=1e-5)
    assert parts.smooth.item() == pytest.approx(smooth, rel=1e-5)
    assert parts.action.item() == pytest.approx(action, rel=1e-5)
    assert parts.contrast.item() == pytest.approx(contrast, rel=1e-5)
    expected = gim + action + 0.1 * smooth + 2.5 * norm + 1.4e-4 * contrast
    assert parts.total.item() == pytest.approx(expected, rel=1e-5)
    assert (parts.reward.item(), parts.apex.item()) == (0, 0)


def test_a_tick_that_is_reliable_for_both_kinds_is_a_class_of_its_own():
    # Both kinds at ticks 0 and 1, micro at 2, neutral at 3.
    outputs = outputs_of([0.5] * 4, feature=[[1.0], [2.0], [0.5], [-1.0]])
    labels = labels_of([1, 0.6, 0.9, 0], [0.7, 0.8, 0, 0], [0, 0, 0, 1])
    found = gim_loss(outputs, labels, GimLossConfig()).contrast
    # Its intensity is the higher of both: 1 and 0.8. Tau = 0.5 doubles the products.
    same = 0.8 * math.exp(4)
    anchor_0 = -math.log(same / (same + 0.1 * math.exp(1) + 1.0 * math.exp(-2)))
    anchor_1 = -math.log(same / (same + 0.1 * math.exp(2) + 0.8 * math.exp(-4)))
    assert found.item() == pytest.approx(anchor_0 + anchor_1, rel=1e-5)


def test_a_label_that_is_not_reliable_is_no_contrast_and_no_class():
    outputs, labels = full_case()
    chosen = [0, 2, 3, 4]
    expected = contrastive_loss(
        outputs.feature[chosen].float(),
        torch.tensor([1, 2, 0, 0]),
        torch.tensor([1.0, 0.8, 0.0, 0.0]),
        0.5,
    )
    assert gim_loss(outputs, labels, GimLossConfig()).contrast.item() == pytest.approx(
        expected.item(), rel=1e-6
    )


def test_without_weight_the_contrast_is_left_out():
    parts = gim_loss(*full_case(), GimLossConfig(weight_contrast=0.0))
    assert parts.contrast.item() == 0
    others = parts.gim + parts.action + 0.1 * parts.smooth + 2.5 * parts.norm
    assert parts.total.item() == pytest.approx(others.item())


@pytest.mark.parametrize(
    ("scored", "norm"), [([1, 1, 1], 0.6), ([0, 0, 0], 0.0)], ids=["no labels", "nothing scored"]
)
def test_a_record_that_teaches_little_can_still_be_minimised(scored: list[int], norm: float):
    intensity = torch.tensor([0.5, 0.6, 0.7]).logit().requires_grad_()
    outputs = GimOutputs(intensity, torch.zeros(3, 2), torch.zeros(3, 1), torch.zeros(3, 1))
    parts = gim_loss(outputs, labels_of([0] * 3, [0] * 3, [0] * 3, scored), GimLossConfig())
    assert (parts.gim.item(), parts.action.item(), parts.contrast.item()) == (0, 0, 0)
    assert parts.norm.item() == pytest.approx(norm)
    parts.total.backward()
    assert intensity.grad is not None
    assert torch.isfinite(intensity.grad).all()


def test_an_empty_record_costs_nothing():
    parts = gim_loss(outputs_of([]), labels_of([], [], []), GimLossConfig())
    assert [part.item() for part in parts] == [0] * len(parts)


def test_descent_raises_the_labelled_ticks_and_lowers_the_neutral_ones():
    _, labels = full_case()
    outputs = outputs_of([0.5] * 6)
    free = [tensor.clone().requires_grad_() for tensor in outputs]
    optimiser = torch.optim.Adam(free, 0.05)
    for _ in range(300):
        optimiser.zero_grad()
        gim_loss(GimOutputs(*free), labels, GimLossConfig(weight_norm=0.1)).total.backward()
        optimiser.step()
    learnt = GimOutputs(*free)
    assert learnt.intensity[0] > 0.8
    assert learnt.intensity[3:5].max() < 0.1
    assert learnt.action[0, 0] > 0.9
    assert learnt.action[2, 1] > 0.9

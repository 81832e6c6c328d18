"""Equations 12 to 16 and 18, by hand."""

import dataclasses
import math

import pytest
import torch

from offline.mcwes.network import SnippetOutputs
from offline.pwes.config import PwesLossConfig
from offline.pwes.losses import (
    PwesLossParts,
    joined,
    mean_parts,
    mil_loss,
    snippet_loss,
    video_loss,
)


def floats(*rows: list[float] | float) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def bools(*rows: list[int] | int) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.bool)


# Two snippets, so that every class is pooled over its highest one (h of at least 5).
CAM = floats([0.2, 0.9, 0.1], [0.4, 0.5, 0.8])
STREAMS = floats([0.9, 0.2], [0.7, 0.4])
OUTPUTS = SnippetOutputs(STREAMS, CAM, torch.zeros((2, 4), dtype=torch.float64))
# Attention is 0.8 and 0.3; the lowest of each class 0.2, 0.5, 0.1. Suppressed, by hand:
# 0.8 x 0 + 0.2, 0.8 x 0.4 + 0.5, 0.8 x 0 + 0.1; 0.3 x 0.2 + 0.2, 0.3 x 0 + 0.5, 0.3 x 0.7 + 0.1.
SUPPRESSED = [[0.2, 0.82, 0.1], [0.26, 0.5, 0.31]]


def test_suppressed_map_is_as_worked_out():
    for row, expected in zip(OUTPUTS.suppressed.tolist(), SUPPRESSED, strict=True):
        assert row == pytest.approx(expected)


def test_mil_takes_the_mean_probabilities_as_they_are_and_labels_that_sum_to_one():
    # Equation 12 with macro and background present.
    loss = mil_loss(floats(0.4, 0.9, 0.8), bools(0, 1, 1), "mean")
    assert loss.item() == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2)


def test_mil_without_a_label_costs_nothing():
    # Equation 13 of a video without an expression.
    for confidence in ("mean", "softmax"):
        assert mil_loss(floats(0.4, 0.9, 0.8), bools(0, 0, 0), confidence).item() == 0


def test_mil_as_softmax_sets_the_classes_against_each_other():
    loss = mil_loss(floats(0.4, 0.9, 0.8), bools(0, 1, 0), "softmax")
    total = math.exp(0.4) + math.exp(0.9) + math.exp(0.8)
    assert loss.item() == pytest.approx(-math.log(math.exp(0.9) / total))


def test_mil_two_sided_also_speaks_against_the_absent_expressions_but_never_background():
    loss = mil_loss(floats(0.4, 0.9, 0.8), bools(0, 1, 0), "two-sided")
    assert loss.item() == pytest.approx(-math.log(0.9) - math.log(0.6))
    neither = mil_loss(floats(0.4, 0.9, 0.8), bools(0, 0, 0), "two-sided")
    assert neither.item() == pytest.approx(-(math.log(0.6) + math.log(0.1)) / 2)


def test_video_loss_is_the_original_map_with_background_and_the_suppressed_one_without():
    # Equations 12 to 14; the highest of each class: 0.4, 0.9, 0.8, and 0.26, 0.82, 0.31.
    loss = video_loss(OUTPUTS, bools(1, 1), PwesLossConfig())
    first = -(math.log(0.4) + math.log(0.9) + math.log(0.8)) / 3
    second = -(math.log(0.26) + math.log(0.82)) / 2
    assert loss.item() == pytest.approx(first + second)


def test_video_loss_pools_over_a_share_of_the_snippets_of_each_class():
    # Twenty snippets of 0.01, 0.02 ... 0.20, micro over 20 // 10 and macro over 20 // 5.
    rising = torch.arange(1, 21, dtype=torch.float64)[:, None] / 100
    outputs = SnippetOutputs(torch.ones((2, 20)).double(), rising.expand(20, 3), torch.ones(20, 1))
    config = PwesLossConfig(h_micro=10, h_macro=5, h_background=20)
    loss = video_loss(outputs, bools(1, 1), config)
    # Attention 1 suppresses nothing. Means: 0.195, 0.185, 0.2.
    first = -(math.log(0.195) + math.log(0.185) + math.log(0.2)) / 3
    assert loss.item() == pytest.approx(first - (math.log(0.195) + math.log(0.185)) / 2)


def test_snippet_loss_is_focal_over_labelled_snippets_with_background_unsuppressed():
    # Equation 16: snippet 0 is macro; its probabilities are 0.2, 0.82 (suppressed) and 0.1 (not).
    loss = snippet_loss(OUTPUTS, bools([0, 1, 0], [0, 0, 0]), PwesLossConfig())
    expected = (
        0.2**2 * math.log(1 - 0.2) + (1 - 0.82) ** 2 * math.log(0.82) + 0.1**2 * math.log(1 - 0.1)
    )
    assert loss.item() == pytest.approx(-expected)


def test_snippet_loss_is_the_mean_over_the_snippets_that_have_a_label():
    both = snippet_loss(OUTPUTS, bools([0, 1, 0], [0, 0, 1]), PwesLossConfig())
    apart = [snippet_loss(OUTPUTS, bools(*rows), PwesLossConfig())
             for rows in ([[0, 1, 0], [0, 0, 0]], [[0, 0, 0], [0, 0, 1]])]  # fmt: skip
    assert both.item() == pytest.approx(sum(one.item() for one in apart) / 2)
    # The second by hand: 0.26 and 0.5 suppressed, 0.8 not.
    second = 0.26**2 * math.log(0.74) + 0.5**2 * math.log(0.5) + 0.2**2 * math.log(0.8)
    assert apart[1].item() == pytest.approx(-second)


def test_even_average_gives_foreground_and_background_the_same_share():
    # Three background snippets alike and one macro: half the one, half the mean of the three.
    cam = torch.cat([CAM[:1], CAM[1:].expand(3, 3)])
    streams = torch.cat([STREAMS[:, :1], STREAMS[:, 1:].expand(2, 3)], dim=1)
    outputs = SnippetOutputs(streams, cam, torch.zeros((4, 1)))
    labels = bools([0, 1, 0], *[[0, 0, 1]] * 3)
    even = snippet_loss(outputs, labels, PwesLossConfig(average="even"))
    both = snippet_loss(OUTPUTS, bools([0, 1, 0], [0, 0, 1]), PwesLossConfig())
    assert even.item() == pytest.approx(both.item())


@pytest.mark.parametrize("row", [[0, 1, 0], [0, 0, 1]])
def test_even_average_of_one_side_alone_is_that_side(row: list[int]):
    labels = bools(row, [0, 0, 0])
    even = snippet_loss(OUTPUTS, labels, PwesLossConfig(average="even"))
    assert even.item() == pytest.approx(snippet_loss(OUTPUTS, labels, PwesLossConfig()).item())


def test_snippet_loss_without_a_label_is_zero_and_has_a_gradient():
    cam = CAM.clone().requires_grad_()
    loss = snippet_loss(OUTPUTS._replace(cam=cam), bools([0, 0, 0], [0, 0, 0]), PwesLossConfig())
    loss.backward()
    assert loss.item() == 0
    assert cam.grad is not None


def test_certain_and_wrong_is_costly_but_finite():
    sure = OUTPUTS._replace(cam=floats([0.0, 1.0, 0.0], [0.0, 1.0, 0.0]))
    loss = snippet_loss(sure, bools([1, 0, 1], [1, 0, 1]), PwesLossConfig())
    assert math.isfinite(loss.item())
    assert loss.item() > 10


def test_joint_loss_weighs_all_terms_and_not_the_mutual_one():
    # Equation 18 with weights that differ; the terms themselves by hand.
    config = PwesLossConfig(
        weight_video=2.0, weight_snippet=3.0, weight_contrast=5.0, weight_guide=7.0,
        weight_sparsity=11.0,
    )  # fmt: skip
    parts = joined(OUTPUTS, bools(1, 1), floats(0.25)[0], floats(0.5)[0], config)
    guide = (abs(0.9 - 0.8) + abs(0.9 - 0.9) + abs(0.9 - 0.7)  # snippet 0: 1 - 0.1
             + abs(0.2 - 0.3) + abs(0.2 - 0.2) + abs(0.2 - 0.4)) / 6  # fmt: skip
    sparsity = (0.8 + 0.3 + 0.9 + 0.2 + 0.7 + 0.4) / 6
    mutual = (2 * (0.2**2) + 2 * (0.2**2)) / (2 * 2)
    video = video_loss(OUTPUTS, bools(1, 1), config).item()
    assert parts.guide.item() == pytest.approx(guide)
    assert parts.sparsity.item() == pytest.approx(sparsity)
    assert parts.mutual.item() == pytest.approx(mutual)
    assert parts.total.item() == pytest.approx(
        2 * video + 3 * 0.25 + 5 * 0.5 + 7 * guide + 11 * sparsity + mutual
    )


def test_the_papers_weights_are_the_defaults():
    defaults = PwesLossConfig()
    weights = [
        getattr(defaults, f"weight_{name}")
        for name in ("video", "snippet", "contrast", "guide", "sparsity", "mutual")
    ]
    assert weights == [1.0, 1.0, 0.1, 1.0, 0.8, 1.0]


@pytest.mark.parametrize("name", ["video", "snippet", "contrast", "guide", "sparsity", "mutual"])
def test_a_weight_of_zero_leaves_a_term_out(name: str):
    config = dataclasses.replace(PwesLossConfig(), **{f"weight_{name}": 0.0})
    given = (OUTPUTS, bools(1, 1), floats(0.25)[0], floats(0.5)[0])
    whole, without = joined(*given, PwesLossConfig()), joined(*given, config)
    weight = getattr(PwesLossConfig(), f"weight_{name}")
    assert (whole.total - without.total).item() == pytest.approx(
        weight * getattr(whole, name).item()
    )


def test_a_batch_is_the_mean_of_its_videos():
    one, other = (PwesLossParts(*floats(*range(n, n + 7))) for n in (0, 10))
    assert [part.item() for part in mean_parts([one, other])] == [5, 6, 7, 8, 9, 10, 11]

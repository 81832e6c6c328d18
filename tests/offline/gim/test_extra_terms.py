"""The two terms of the published code, worked out by hand."""

import math

import numpy as np
import pytest
import torch

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.extra_terms import apex_focal, intensity_reward
from offline.gim.labels import InstanceLabels, PseudoLabels, Stage, TickPoint
from offline.gim.losses import gim_loss
from tests.offline.gim.outputs import outputs_of


def one_instance(stage: Stage = Stage.GIM) -> PseudoLabels:
    """Return a micro instance with its apex at 10 of 40 ticks, labelled from 9 to 11."""
    soft = np.zeros((2, 40), np.float32)
    soft[0, 9:12] = (0.8, 1.0, 0.8)
    instance = InstanceLabels(TickPoint(11, Kind.MICRO), 10, np.arange(9, 12), soft[0, 9:12])
    neutral = np.zeros(40, bool)
    neutral[[30, 31, 32]] = True
    return PseudoLabels(soft, neutral, np.ones(40, bool), (instance,), stage)


def test_the_reward_is_minus_the_weighted_mean_of_reliable_intensities():
    reliable = torch.tensor([[1, 1, 0, 0], [0, 0, 0, 1]], dtype=torch.bool)
    config = GimLossConfig(reward_micro=0.6, reward_macro=0.4)
    reward = intensity_reward(torch.tensor([0.9, 0.5, 0.3, 0.8]), reliable, config)
    assert reward.item() == pytest.approx(-0.6 * 0.7 - 0.4 * 0.8)


def test_a_kind_without_reliable_ticks_has_no_reward():
    reliable = torch.zeros(2, 3, dtype=torch.bool)
    config = GimLossConfig(reward_micro=0.6, reward_macro=0.4)
    assert intensity_reward(torch.ones(3), reliable, config).item() == 0


def test_action_scores_are_to_peak_at_the_pseudo_apex():
    logit = torch.zeros(40, 2, dtype=torch.float64)
    # All scores 0.5. Counted: reliable 9 to 11 and 6 ticks to both sides, 3 to 17, and three
    # neutral ones: 18 ticks. Micro: 3 of them, 9 to 11, are apex, 15 are not; macro: none is.
    # With gamma = 1 and margin 0.25 an apex costs alpha x 0.5 x log 2, another tick
    # (1 - alpha) x 0.25 x log 2.
    micro = (3 * 0.93 * 0.5 + 15 * 0.07 * 0.25) * math.log(2) / 18
    macro = 18 * 0.1 * 0.25 * math.log(2) / 18
    found = apex_focal(logit, one_instance(), GimLossConfig(apex_focal=1.0))
    assert found.item() == pytest.approx(1.8 * micro + macro)


@pytest.mark.parametrize("stage", [Stage.HARD, Stage.WARM])
def test_before_stage_3_no_apex_is_known(stage: Stage):
    logit = torch.zeros(40, 2)
    assert apex_focal(logit, one_instance(stage), GimLossConfig(apex_focal=1.0)).item() == 0


def test_the_terms_join_the_total_with_their_weights():
    outputs = outputs_of([0.5] * 40)
    plain = gim_loss(outputs, one_instance(), GimLossConfig())
    both = gim_loss(outputs, one_instance(), GimLossConfig(reward_micro=0.6, apex_focal=2.0))
    assert both.reward.item() == pytest.approx(-0.3)
    assert both.apex.item() > 0
    added = both.total.item() - plain.total.item()
    assert added == pytest.approx(-0.3 + 2 * both.apex.item(), rel=1e-5)

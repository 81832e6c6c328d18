"""Two loss terms that the published code has and the paper has not; both are off by default."""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import PseudoLabels, Stage
from offline.spotformer.losses import binary_focal
from offline.spotformer.targets import KINDS

APEX_REACH: Final = {Kind.MICRO: 1, Kind.MACRO: 2}
"""Ticks to both sides of a pseudo-apex that count as apex."""

NEAR: Final = 6
"""Ticks to both sides of a reliable tick that are told not to be an apex."""

ALPHA: Final = {Kind.MICRO: 0.93, Kind.MACRO: 0.9}
WEIGHT: Final = {Kind.MICRO: 1.8, Kind.MACRO: 1.0}
GAMMA: Final = 1.0
MARGIN: Final = 0.25


def intensity_reward(intensity: Tensor, reliable: Tensor, config: GimLossConfig) -> Tensor:
    """Return minus the weighted mean intensity of the reliable ticks of each kind.

    Parameters
    ----------
    intensity
        float (T,).
    reliable
        bool (2, T).
    config
        The two weights.
    """
    weights = intensity.new_tensor((config.reward_micro, config.reward_macro))
    means = (intensity * reliable).sum(dim=1) / reliable.sum(dim=1).clamp(min=1)
    return -weights @ means


def apex_focal(action_logit: Tensor, labels: PseudoLabels, config: GimLossConfig) -> Tensor:
    """Return a focal loss that has the action scores peak at pseudo-apexes; zero before stage 3.

    Counted are the ticks around pseudo-apexes, those near reliable ticks, and neutral ones.

    Parameters
    ----------
    action_logit
        float (T, 2).
    labels
        Of the same ticks.
    config
        Says what is reliable.
    """
    if labels.stage is not Stage.GIM:
        return action_logit.new_zeros(())
    reliable = (labels.soft > config.reliable).any(axis=0)
    counted = labels.scored & (_widened(reliable, NEAR) | labels.neutral)
    total = action_logit.new_zeros(())
    for row, kind in enumerate(KINDS):
        peaks = np.zeros(len(counted), np.bool_)
        peaks[[i.apex for i in labels.instances if i.point.kind is kind]] = True
        target = _widened(peaks, APEX_REACH[kind]) & labels.scored
        used = torch.from_numpy(counted | target).to(action_logit.device)
        truth = torch.from_numpy(target).to(action_logit.device).float()
        loss = binary_focal(action_logit[:, row], truth, ALPHA[kind], GAMMA, MARGIN)
        total = total + WEIGHT[kind] * (loss * used).sum() / used.sum().clamp(min=1)
    return total


def _widened(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    out = np.zeros_like(mask)
    for tick in np.flatnonzero(mask):
        out[max(tick - reach, 0) : tick + reach + 1] = True
    return out

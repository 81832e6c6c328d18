"""What GIM is trained for (section 3.6.1, equations 9 to 14)."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from offline.gim.action_loss import action_loss
from offline.gim.config import GimLossConfig
from offline.gim.contrast import contrastive_loss
from offline.gim.extra_terms import apex_focal, intensity_reward
from offline.gim.labels import PseudoLabels
from offline.gim.model import GimOutputs


class GimLossParts(NamedTuple):
    """The loss and what it is made of; scalar tensors, zero where one has no part.

    ``reward`` and ``apex`` are not in the paper and off by default.
    """

    total: Tensor
    gim: Tensor
    norm: Tensor
    smooth: Tensor
    action: Tensor
    contrast: Tensor
    reward: Tensor
    apex: Tensor


def gim_loss(outputs: GimOutputs, labels: PseudoLabels, config: GimLossConfig) -> GimLossParts:
    """Return equation 14 of one record.

    Parameters
    ----------
    outputs
        Of the record's T ticks.
    labels
        Of the same ticks. Without any, the norm and the smoothness remain.
    config
        Weights and variants.
    """
    outputs = GimOutputs(*(tensor.float() for tensor in outputs))
    device = outputs.feature.device
    soft = torch.tensor(labels.soft, device=device)
    neutral = torch.tensor(labels.neutral, device=device)
    scored = torch.tensor(labels.scored, device=device)
    reliable = soft > config.reliable
    zero = outputs.feature.new_zeros(())
    gim = intensity_loss(outputs.intensity_logit, soft, neutral, config.intensity_loss)
    norm = norm_loss(outputs.intensity, scored, config.norm)
    smooth = smooth_loss(outputs.intensity, scored)
    action = action_loss(outputs, reliable, neutral, config.action_other_kind, config.action_mean)
    contrast = _contrast(outputs.feature, soft, reliable, neutral, config)
    reward = intensity_reward(outputs.intensity, reliable, config)
    apex = apex_focal(outputs.action_logit, labels, config) if config.apex_focal else zero
    total = (
        gim
        + action
        + config.weight_smooth * smooth
        + config.weight_norm * norm
        + config.weight_contrast * contrast
        + reward
        + config.apex_focal * apex
    )
    return GimLossParts(total, gim, norm, smooth, action, contrast, reward, apex)


def intensity_loss(logit: Tensor, soft: Tensor, neutral: Tensor, kind: str = "mse") -> Tensor:
    """Return equation 9, or the cross-entropy in its place.

    Where a tick has labels of both kinds, its two loss values are averaged (appendix A.1).

    Parameters
    ----------
    logit
        Of the intensity, float (T,).
    soft
        float (2, T), 0 where there is no label.
    neutral
        bool (T,).
    kind
        ``"mse"`` or ``"bce"``.
    """
    held = soft > 0
    if kind == "mse":
        at_labels = (logit.sigmoid() - soft).square()
        at_neutral = logit.sigmoid().square()
    else:
        at_labels = functional.binary_cross_entropy_with_logits(
            logit.expand_as(soft), soft, reduction="none"
        )
        at_neutral = functional.softplus(logit)
    per_tick = (at_labels * held).sum(dim=0) / held.sum(dim=0).clamp(min=1)
    count = held.any(dim=0).sum() + neutral.sum()
    return (per_tick + at_neutral * neutral).sum() / count.clamp(min=1)


def norm_loss(intensity: Tensor, scored: Tensor, norm: str) -> Tensor:
    """Return equation 10 over scored ticks, or its mean.

    Parameters
    ----------
    intensity
        float (T,) in [0, 1].
    scored
        bool (T,).
    norm
        ``"sum"`` or ``"mean"``.
    """
    total = (intensity * scored).sum()
    return total if norm == "sum" else total / scored.sum().clamp(min=1)


def smooth_loss(intensity: Tensor, scored: Tensor) -> Tensor:
    """Return equation 11 over the neighbours that are both scored; zero without any.

    Parameters
    ----------
    intensity
        float (T,).
    scored
        bool (T,).
    """
    pairs = scored[1:] & scored[:-1]
    steps = intensity.diff().abs() * pairs
    return steps.sum() / pairs.sum().clamp(min=1)


def _contrast(
    feature: Tensor, soft: Tensor, reliable: Tensor, neutral: Tensor, config: GimLossConfig
) -> Tensor:
    """Equations 7 and 8 on the reliable ticks.

    A tick that is reliable for both kinds is a class of its own, as its multi-hot label says,
    and has the higher of its intensities.
    """
    if config.weight_contrast == 0:
        return feature.new_zeros(())
    chosen = reliable.any(dim=0) | neutral
    classes = reliable[0].int() + 2 * reliable[1].int()
    intensity = (soft * reliable).amax(dim=0)
    return contrastive_loss(
        feature[chosen],
        classes[chosen],
        intensity[chosen],
        config.tau,
        config.contrast_normalise,
    )

"""Intensity-aware contrastive loss (section 3.5, equations 7 and 8)."""

import torch
from torch import Tensor
from torch.nn import functional


def pair_weights(intensity: Tensor, classes: Tensor) -> Tensor:
    """Return equation 8, float (n, n).

    Parameters
    ----------
    intensity
        Pseudo-intensity labels, float (n,) in [0, 1].
    classes
        int (n,).
    """
    apart = (intensity[:, None] - intensity[None, :]).abs()
    return torch.where(classes[:, None] == classes[None, :], 1 - apart, apart)


def contrastive_loss(
    features: Tensor,
    classes: Tensor,
    intensity: Tensor,
    tau: float,
    normalise: bool = False,
) -> Tensor:
    """Return equation 7: summed over the samples that have a partner of their class.

    Samples alone with their class have an empty Q(i) and are left out. Without any pair the loss
    is zero.

    Parameters
    ----------
    features
        float (n, C), of the reliable ticks.
    classes
        int (n,).
    intensity
        float (n,); samples of one class differ by less than 1.
    tau
        Temperature.
    normalise
        Whether features are scaled to unit length first.
    """
    itself = torch.eye(len(features), dtype=torch.bool, device=features.device)
    partners = (classes[:, None] == classes[None, :]) & ~itself
    paired = partners.any(dim=1)
    if normalise:
        features = functional.normalize(features, dim=1)
    # A weight of 0 leaves a sample out of the denominator: its logarithm is -inf, and so is the
    # sample itself, which is not in E(i). Every row kept has a partner, so none is all -inf.
    weights = pair_weights(intensity, classes).masked_fill(itself, 0.0)[paired]
    weighted = weights.log() + features[paired] @ features.T / tau
    log_share = weighted - weighted.logsumexp(dim=1, keepdim=True)
    mask = partners[paired]
    per_sample = log_share.masked_fill(~mask, 0.0).sum(dim=1) / mask.sum(dim=1)
    return -per_sample.sum()

"""What PWES is trained for (section 3.5, equations 12 to 16 and 18); of one video each."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from offline.mcwes.losses import guide_loss, mutual_loss, sparsity_loss
from offline.mcwes.losses import video_loss as softmax_loss
from offline.mcwes.network import BACKGROUND, SnippetOutputs
from offline.mcwes.pooling import pool
from offline.pwes.config import PwesLossConfig

LEAST: Final = 1e-6
"""Least probability that a logarithm is taken of: float32 has none nearer to 1 than 1 - 6e-8."""


class PwesLossParts(NamedTuple):
    """The loss and what it is made of; scalar tensors, zero where one has no part."""

    total: Tensor
    video: Tensor
    snippet: Tensor
    contrast: Tensor
    guide: Tensor
    sparsity: Tensor
    mutual: Tensor


def video_loss(outputs: SnippetOutputs, present: Tensor, config: PwesLossConfig) -> Tensor:
    """Return L_vcl, the sum of equations 12 and 13 (equation 14).

    Parameters
    ----------
    outputs
        Of the video's T snippets; the T-CAM are probabilities.
    present
        bool (2,): which classes have a point in the video.
    config
        h and the form of the confidence.
    """
    first = pool(outputs.cam, config.h)
    second = pool(outputs.suppressed, config.h)
    every = torch.cat([present, present.new_ones(1)])
    none = torch.cat([present, present.new_zeros(1)])
    return mil_loss(first, every, config.confidence) + mil_loss(second, none, config.confidence)


def mil_loss(pooled: Tensor, labels: Tensor, confidence: str) -> Tensor:
    """Return equation 12 or 13, with labels that sum to one; zero without any.

    Parameters
    ----------
    pooled
        Mean probabilities of the top-k snippets, float (3,), background last.
    labels
        bool (3,).
    confidence
        :attr:`offline.pwes.config.PwesLossConfig.confidence`.
    """
    if confidence == "softmax":
        return softmax_loss(pooled, labels)
    share = labels / labels.sum().clamp(min=1)
    against = pooled.new_zeros(())
    if confidence == "two-sided":
        absent = ~labels[:BACKGROUND]
        against = -(safe_log(1 - pooled[:BACKGROUND]) * absent).sum() / absent.sum().clamp(min=1)
    return against - (share * safe_log(pooled)).sum()


def snippet_loss(outputs: SnippetOutputs, labels: Tensor, config: PwesLossConfig) -> Tensor:
    """Return L_scl (equation 16): a focal loss over the labelled snippets; zero without any.

    Probabilities of expressions are those of the suppressed T-CAM, that of background is not
    suppressed.

    Parameters
    ----------
    outputs
        Of the video's T snippets.
    labels
        Combined labels of equation 15, bool (T, 3).
    config
        Power and average.
    """
    foreground, background = outputs.suppressed[:, :BACKGROUND], outputs.cam[:, BACKGROUND:]
    said = torch.cat([foreground, background], dim=1)
    off = torch.where(labels, 1 - said, said)
    each = -(off**config.focus * safe_log(1 - off)).sum(dim=1)
    held = labels.any(dim=1)
    if config.average == "labelled":
        return _mean_over(each, held)
    expressions = labels[:, :BACKGROUND].any(dim=1)
    halves = [part for part in (expressions, held & ~expressions) if bool(part.any())]
    return sum((_mean_over(each, part) for part in halves), each.sum() * 0.0) / max(1, len(halves))


def _mean_over(values: Tensor, chosen: Tensor) -> Tensor:
    """Return the mean of the chosen values; zero without any."""
    return (values * chosen).sum() / chosen.sum().clamp(min=1)


def safe_log(probability: Tensor) -> Tensor:
    """Return the logarithm of what is at least ``LEAST``; below, its value is held there."""
    return probability.clamp(min=LEAST).log()


def joined(
    outputs: SnippetOutputs,
    present: Tensor,
    snippet: Tensor,
    contrast: Tensor,
    config: PwesLossConfig,
) -> PwesLossParts:
    """Return equation 18 of one video.

    Parameters
    ----------
    outputs
        Of the video's T snippets.
    present
        bool (2,): which classes have a point in the video.
    snippet, contrast
        Equations 16 and 17, zero before the warm-up ends.
    config
        Weights.
    """
    background = outputs.cam[:, BACKGROUND]
    video = video_loss(outputs, present, config)
    guide = guide_loss(outputs.streams, background)
    sparsity = sparsity_loss(outputs.streams)
    mutual = mutual_loss(outputs.streams)
    total = (
        config.weight_video * video
        + config.weight_snippet * snippet
        + config.weight_contrast * contrast
        + config.weight_guide * guide
        + config.weight_sparsity * sparsity
        + config.weight_mutual * mutual
    )
    return PwesLossParts(total, video, snippet, contrast, guide, sparsity, mutual)


def mean_parts(videos: Sequence[PwesLossParts]) -> PwesLossParts:
    """Return the mean of each part over the videos of a batch."""
    return PwesLossParts(*(torch.stack(parts).mean() for parts in zip(*videos, strict=True)))

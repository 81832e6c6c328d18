"""The losses of one video and of a batch (section 3.4, equations 14 to 22)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor

from offline.mcwes.consistency import duration_mask, feature_loss
from offline.mcwes.network import BACKGROUND, CLASSES, SnippetOutputs
from offline.mcwes.pooling import pool
from offline.mcwes.settings import McWesLossConfig

_MICRO: Final = CLASSES.index("micro")


class McWesLossParts(NamedTuple):
    """Scalars: what is minimised, and its terms before they are weighed."""

    total: Tensor
    saliency: Tensor
    video: Tensor
    attended: Tensor
    duration: Tensor
    feature: Tensor
    sparsity: Tensor
    guide: Tensor


def mutual_loss(streams: Tensor) -> Tensor:
    """Return L_sc of equation 14 from A_rgb and A_flow (2, T): each learns from the other."""
    first, second = streams.unbind()
    apart = (first - second.detach()).square() + (first.detach() - second).square()
    return apart.mean() / 2


def sparsity_loss(streams: Tensor) -> Tensor:
    """Return L_sl of equation 17 from A_rgb and A_flow (2, T)."""
    return torch.cat([streams.mean(0, keepdim=True), streams]).abs().mean()


def guide_loss(streams: Tensor, background: Tensor) -> Tensor:
    """Return L_gl of equations 20 and 21: attention is to be what is not background.

    Parameters
    ----------
    streams
        A_rgb and A_flow, (2, T).
    background
        Probability of the background in each snippet, (T,).
    """
    foreground = 1 - background
    return (foreground - torch.cat([streams.mean(0, keepdim=True), streams])).abs().mean()


def video_loss(pooled: Tensor, labels: Tensor) -> Tensor:
    """Return L_dc of equations 15, 16 and 18: the cross-entropy of a video's class.

    Labels are first brought to sum to one. Without any, the loss is 0: equation 16 asks nothing
    of a video that holds no expression.

    Parameters
    ----------
    pooled
        u of equation 8, (3,).
    labels
        (3,), 0 or 1.
    """
    share = labels / labels.sum().clamp(min=1)
    return -(share * torch.log_softmax(pooled, dim=0)).sum()


def masked_cam(cam: Tensor, mask: Tensor, config: McWesLossConfig) -> Tensor:
    """Return S̃ of section 3.3 from logits S (T, 3) and M (T,)."""
    if config.masked == "zero":
        return mask[:, None] * cam
    kept = cam[mask > 0]
    return kept if len(kept) else cam


def class_losses(
    outputs: SnippetOutputs, kinds: Tensor, config: McWesLossConfig
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the three L_dc of one video.

    Parameters
    ----------
    outputs
        Of its snippets.
    kinds
        (2,): 1 for the kinds that it holds, micro and macro.
    config
        h and the mask.
    """
    with_background = torch.cat([kinds, kinds.new_ones(1)])
    without = torch.cat([kinds, kinds.new_zeros(1)])
    no_micro = with_background.clone()
    no_micro[_MICRO] = 0
    mask = duration_mask(outputs.attention, config.eta, config.omega_lower, config.omega_upper)
    return (
        video_loss(pool(outputs.cam, config.h), with_background),
        video_loss(pool(outputs.suppressed, config.h), without),
        video_loss(pool(masked_cam(outputs.cam, mask, config), config.h), no_micro),
    )


def mc_wes_loss(
    outputs: Sequence[SnippetOutputs],
    kinds: Tensor,
    pairs: Sequence[tuple[int, int]],
    config: McWesLossConfig,
) -> McWesLossParts:
    """Return the loss of a batch, equation 22; each term is a mean over videos, or over pairs.

    Parameters
    ----------
    outputs
        Of each video.
    kinds
        (N, 2): 1 for the kinds that a video holds, micro and macro.
    pairs
        Places of two videos each. L_fc is 0 where no pair shares a kind.
    config
        Weights, h and the mask.
    """
    zero = kinds.new_zeros(())
    classes = [class_losses(o, k, config) for o, k in zip(outputs, kinds, strict=True)]
    video, attended, duration = (torch.stack(terms).mean() for terms in zip(*classes, strict=True))
    joined = [(outputs[a], outputs[b], kinds[a] * kinds[b]) for a, b in pairs]
    feature = feature_loss(joined, config.h_macro) if config.weight_feature else None
    terms = {
        "saliency": torch.stack([mutual_loss(o.streams) for o in outputs]).mean(),
        "video": video,
        "attended": attended,
        "duration": duration,
        "feature": zero if feature is None else feature,
        "sparsity": torch.stack([sparsity_loss(o.streams) for o in outputs]).mean(),
        "guide": torch.stack([guide_loss(o.streams, _background(o)) for o in outputs]).mean(),
    }
    total = torch.stack([config.weight(name) * term for name, term in terms.items()]).sum()
    return McWesLossParts(total, **terms)


def _background(outputs: SnippetOutputs) -> Tensor:
    """Return p of equation 20, (T,)."""
    return torch.softmax(outputs.cam, dim=1)[:, BACKGROUND]

"""Duration and feature consistency (section 3.3, equations 9 to 13)."""

from typing import Final

import torch
from torch import Tensor

from offline.mcwes.network import BACKGROUND, SnippetOutputs
from offline.mcwes.pooling import pooled_snippets

LEAST: Final = 1e-12
"""Least sum that is divided by, should all attention vanish."""


def neighbourhood_means(attention: Tensor, eta: int) -> Tensor:
    """Return Q of equation 9, (T - η + 1,): the mean attention of η snippets from each on.

    The sum is printed up to t + η, which with its divisor is no mean; the text averages two
    snippets "with a distance of 1", so that η counts snippets.

    Parameters
    ----------
    attention
        A, (T,) with T at least η.
    eta
        η.
    """
    return attention.unfold(0, eta, 1).mean(1)


def duration_mask(attention: Tensor, eta: int, lower: float, upper: float) -> Tensor:
    """Return M of equation 10, (T,): 0 where a micro-expression may be, else 1.

    The last η snippets have no Q to their right and stay.

    Parameters
    ----------
    attention
        A, (T,).
    eta, lower, upper
        η, ω_l and ω_u.
    """
    mask = torch.ones_like(attention)
    if len(attention) <= eta:
        return mask
    deviation = neighbourhood_means(attention.detach(), eta).diff().abs()
    mean = deviation.mean()
    micro = (deviation > lower * mean) & (deviation < upper * mean)
    mask[: len(deviation)][micro] = 0.0
    return mask


def matched_features(guide: SnippetOutputs, other: SnippetOutputs, h: float) -> Tensor:
    """Return ms of equation 12, (T, 2): how a video's snippets match the other's foreground.

    Parameters
    ----------
    guide
        The video whose snippets of highest attention are looked for.
    other
        The video of T snippets in which they are.
    h
        Of equation 7, for macro-expressions.
    """
    count = pooled_snippets(len(guide.cam), h)
    best = guide.attention.topk(count).indices
    kinds = torch.softmax(guide.cam[best, :BACKGROUND], dim=1)
    feature = guide.feature[best]
    # (k, T, 2) without the (k, D, 2) features: the kind's weight is a factor of the product
    alike = (feature @ other.feature.T)[:, :, None] * kinds[:, None, :]
    return torch.softmax(alike, dim=0).max(0).values


def match(attention: Tensor, matched: Tensor, shared: Tensor) -> Tensor:
    """Return cs of equation 13, a scalar from 0 to the number of shared kinds.

    Parameters
    ----------
    attention
        A, (T,).
    matched
        ms, (T, 2).
    shared
        (2,): 1 for the kinds that both videos hold.
    """
    return (shared * (attention @ matched)).sum() / attention.sum().clamp(min=LEAST)


def feature_loss(
    pairs: list[tuple[SnippetOutputs, SnippetOutputs, Tensor]], h: float
) -> Tensor | None:
    """Return L_fc of equation 19; None where no pair shares a kind.

    Parameters
    ----------
    pairs
        Both videos, and (2,): 1 for the kinds that both hold.
    h
        Of equation 7, for macro-expressions.
    """
    valid = [(first, second, shared) for first, second, shared in pairs if shared.any()]
    if not valid:
        return None
    count = torch.stack([shared.sum() for _, _, shared in valid]).sum()
    found = torch.stack(
        [
            match(second.attention, matched_features(first, second, h), shared)
            + match(first.attention, matched_features(second, first, h), shared)
            for first, second, shared in valid
        ]
    )
    return 1 - found.sum() / (2 * count)

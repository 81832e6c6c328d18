"""Multi-refined pseudo label generation (MPLG), section 3.3 and Algorithm 1.

The steps are pure functions of one video's T snippets, D features and C = 2 classes of
expressions, micro and macro in this order; background is the column after them.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from offline.pwes.config import MiningConfig


@dataclass(frozen=True, slots=True)
class VideoScores:
    """What the network says of one video, without gradient.

    Attributes
    ----------
    features
        Enhanced features X, float (T, D).
    probabilities
        T-CAM after the sigmoid, float (T, C + 1), background last.
    attention
        Mean attention A, float (T,) in [0, 1].
    """

    features: Tensor
    probabilities: Tensor
    attention: Tensor


def mine(scores: VideoScores, points: Tensor, config: MiningConfig) -> Tensor:
    """Return the pseudo labels of a video (step 7: foreground and background side by side).

    Parameters
    ----------
    scores
        Of the video's T snippets.
    points
        bool (T, C): snippets that hold a point of a class. Without any, no snippet is foreground
        wherever step 3 is part of the strategy.
    config
        Strategy, k, θ and printed forms.

    Returns
    -------
    Tensor
        bool (T, C + 1), background last; a snippet may have no label.
    """
    snippets = len(points)
    k = scope(snippets, config.share)
    labelled = points.int() > config.labelled_above
    guided = config.strategy in ("ca", "caf1", "caf2", "full")
    refined = scores.attention
    if config.strategy in ("caf1", "full"):
        refined = refined_attention(scores.features, refined, labelled.any(dim=1))  # step 1
    top = highest(refined, k)
    original = scores.probabilities[:, :-1]
    masked = original * top[:, None] if guided else original  # step 2
    if config.strategy in ("caf2", "full"):
        masked = masked * class_weights(scores.features, points, labelled, config)  # step 3
    kept = without_low(masked, original)  # step 4
    foreground = foreground_labels(kept, config.theta)  # step 5
    held = (top if guided else foreground.any(dim=1)) | points.any(dim=1)
    background = background_labels(scores.attention, k, held, config.background)  # step 6
    return torch.cat([foreground, background[:, None]], dim=1)  # step 7


def scope(snippets: int, share: float) -> int:
    """Return k: a share of the snippets, rounded down, at least 1."""
    # Without the margin 0.3 x 10 would be 2, for 0.3 is a little less than three tenths.
    return max(1, math.floor(share * snippets + 1e-9))


def foreground_similarity(features: Tensor, labelled: Tensor) -> Tensor:
    """Return 𝒢^max: how like a labelled snippet each one is (equation 1), scaled to [0, 1].

    Algorithm 1 writes argmax; the text, and what is done with it, ask for the maximum itself. A
    labelled snippet has 1. Where all are alike there is nothing to tell apart, and all have 1.

    Parameters
    ----------
    features
        float (T, D).
    labelled
        bool (T,), at least one of them True.
    """
    unit = functional.normalize(features, dim=1)
    most = (unit @ unit[labelled].T).amax(dim=1)
    low, high = most.min(), most.max()
    if not high - low > 1e-6:
        return torch.ones_like(most)
    return ((most - low) / (high - low)).masked_fill(labelled, 1.0)


def refined_attention(features: Tensor, attention: Tensor, labelled: Tensor) -> Tensor:
    """Return 𝒜' (equation 2), float (T,); the attention as it is where nothing is labelled."""
    if not bool(labelled.any()):
        return attention
    return attention * foreground_similarity(features, labelled)


def highest(values: Tensor, k: int) -> Tensor:
    """Return which k values are the highest, bool (T,); of equal ones the earlier (ℳ, step 2)."""
    order = torch.argsort(values, descending=True, stable=True)
    mask = torch.zeros_like(values, dtype=torch.bool)
    mask[order[:k]] = True
    return mask


def class_weights(
    features: Tensor, points: Tensor, labelled: Tensor, config: MiningConfig
) -> Tensor:
    """Return 𝒲 (equations 4 and 5), float (T, C).

    A class without a point in the video weighs 0, and the other one then 1 (section 3.3, end).

    Parameters
    ----------
    features
        float (T, D).
    points
        bool (T, C); says which classes are there.
    labelled
        bool (T, C); the snippets whose mean is a class's centre. All are ``points``, but in the
        printed form, where there are none and the centre stays 0.
    config
        Form and scale of the distance.
    """
    present = points.any(dim=0)
    centres = class_centres(features, labelled)
    distance = torch.cdist(features, centres) / config.distance_scale
    signed = -distance if config.distance == "nearest" else distance
    signed = signed.masked_fill(~present, -torch.inf)
    return signed.softmax(dim=1) if bool(present.any()) else torch.zeros_like(signed)


def class_centres(features: Tensor, labelled: Tensor) -> Tensor:
    """Return 𝒵 (equation 4), float (C, D): the mean labelled feature of a class, or 0."""
    shares = labelled.to(features.dtype)
    return (shares / shares.sum(dim=0).clamp(min=1)).T @ features


def without_low(refined: Tensor, original: Tensor) -> Tensor:
    """Return 𝒮'' less what is below its class's mean original probability (equation 7)."""
    return refined.masked_fill(refined < original.mean(dim=0), 0.0)


def foreground_labels(refined: Tensor, theta: float) -> Tensor:
    """Return the pseudo foreground (equation 8), bool (T, C): the best class where above θ."""
    best = functional.one_hot(refined.argmax(dim=1), refined.shape[1]).bool()
    return best & (refined > theta)


def background_labels(attention: Tensor, k: int, held: Tensor, rule: str) -> Tensor:
    """Return the pseudo background (equation 9), bool (T,).

    Parameters
    ----------
    attention
        Unrefined, float (T,).
    k
        Of step 2; twice as many are taken.
    held
        bool (T,): snippets of step 2 or with a point, which are no background where capped.
    rule
        :attr:`offline.pwes.config.MiningConfig.background`.
    """
    order = torch.argsort(-attention, stable=True)
    if rule == "capped":
        order = order[~held[order]]
    chosen = order[2 * k :] if rule == "printed" else order[max(0, len(order) - 2 * k) :]
    mask = torch.zeros_like(held)
    mask[chosen] = True
    return mask


def combined(points: Tensor, pseudo: Tensor) -> Tensor:
    """Return the labels of equation 15, bool (T, C + 1): of a point, or pseudo.

    Parameters
    ----------
    points
        bool (T, C).
    pseudo
        bool (T, C + 1).
    """
    return functional.pad(points, (0, 1)) | pseudo

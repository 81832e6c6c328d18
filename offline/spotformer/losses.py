"""Focal and supervised contrastive losses of SpotFormer (equations 3, 4 and 5).

The margin is applied to the negative side only: a negative whose probability is within the
margin is easy enough and its focusing factor is zero. Equation 3 is written for hard labels; a
soft apex target y weighs the positive term by y and the negative one by 1 - y.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from engines.errors import UsageError
from offline.spotformer.model import Logits
from offline.spotformer.targets import NONE


@dataclass(frozen=True, slots=True)
class LossConfig:
    """Weights of the loss; the defaults are the published values for CAS(ME)².

    Attributes
    ----------
    gamma
        Focusing exponent of equation 3.
    alpha_boundary, alpha_apex, alpha_expression
        Weight of positives; negatives weigh one minus it.
    margin
        Probability margin of the negative side.
    weight_boundary, weight_apex, weight_expression
        Weights of the three terms; ``weight_micro_apex`` replaces the apex one for micro.
    macro_weight
        m, the weight of all macro terms: 0.5 for CAS(ME)², 0.55 for SAMM-LV.
    supcon_weight
        Lambda of equation 5; 0 leaves the contrastive term out.
    supcon_temperature
        Tau of equation 4.
    supcon_normalise
        Whether features are scaled to unit length before equation 4, as in the work that the
        paper takes the loss from (Khosla et al. 2020); the paper does not say.
    teacher_weight
        Weight of the divergence from a teacher (:mod:`offline.spotformer.distillation`), where
        the run has one.
    """

    gamma: float = 1.0
    alpha_boundary: float = 0.9
    alpha_apex: float = 0.9
    alpha_expression: float = 0.8
    margin: float = 0.16
    weight_boundary: float = 1.0
    weight_apex: float = 1.0
    weight_micro_apex: float = 1.8
    weight_expression: float = 0.1
    macro_weight: float = 0.5
    supcon_weight: float = 0.005
    supcon_temperature: float = 0.5
    supcon_normalise: bool = True
    teacher_weight: float = 1.0

    def __post_init__(self) -> None:
        for name in ("alpha_boundary", "alpha_apex", "alpha_expression", "margin"):
            if not 0 <= getattr(self, name) <= 1:
                raise UsageError(f"loss: {name} {getattr(self, name)} must be in [0, 1]")
        if self.gamma != 0 and not self.gamma >= 1:
            raise UsageError(f"loss: gamma {self.gamma} must be 0 or at least 1")
        for name in ("macro_weight", "supcon_weight", "teacher_weight"):
            if not getattr(self, name) >= 0:
                raise UsageError(f"loss: {name} {getattr(self, name)} must not be negative")
        if not self.supcon_temperature > 0:
            raise UsageError("loss: supcon_temperature must be above 0")


class TargetBatch(NamedTuple):
    """Targets of B windows as tensors; see :class:`offline.spotformer.targets.Targets`."""

    boundary: Tensor
    apex: Tensor
    expression: Tensor
    label: Tensor
    counted: Tensor


class LossParts(NamedTuple):
    """The loss and what it is made of; every one a scalar tensor, zero where it has no part."""

    total: Tensor
    boundary: Tensor
    apex: Tensor
    expression: Tensor
    supcon: Tensor
    teacher: Tensor


def binary_focal(
    logits: Tensor, targets: Tensor, alpha: float, gamma: float, margin: float
) -> Tensor:
    """Return equation 3 of sigmoid outputs, elementwise.

    Parameters
    ----------
    logits, targets
        Of one shape; targets in [0, 1].
    """
    probability = logits.sigmoid()
    hard_positive = (1 - probability).pow(gamma)
    hard_negative = (probability - margin).clamp(min=0).pow(gamma)
    positive = alpha * targets * hard_positive * functional.logsigmoid(logits)
    negative = (1 - alpha) * (1 - targets) * hard_negative * functional.logsigmoid(-logits)
    return -(positive + negative)


def boundary_focal(
    logits: Tensor, classes: Tensor, alpha: float, gamma: float, margin: float
) -> Tensor:
    """Return equation 3 of softmax outputs (..., 3) for classes (...), shape (...).

    Onset and offset weigh alpha, none weighs 1 - alpha and carries the margin.
    """
    log_all = logits.log_softmax(dim=-1)
    log_true = log_all.gather(-1, classes.unsqueeze(-1)).squeeze(-1)
    none = classes == NONE
    miss = 1 - log_true.exp() - margin * none
    weight = torch.where(none, 1 - alpha, alpha)
    return -weight * miss.clamp(min=0).pow(gamma) * log_true


def supervised_contrastive(
    features: Tensor, labels: Tensor, temperature: float, normalise: bool = True
) -> Tensor:
    """Return equation 4, averaged over the samples that have a partner of their label.

    The paper sums over the batch; here and in the classification term the mean is taken, so
    that lambda does not depend on the batch size. Samples alone with their label have an empty
    Q(i) and are left out. Without any pair the loss is zero.

    Parameters
    ----------
    features
        float (B, C).
    labels
        int (B,).
    """
    if normalise:
        features = functional.normalize(features, dim=1)
    itself = torch.eye(len(features), dtype=torch.bool, device=features.device)
    similarity = features @ features.T / temperature
    # The lowest finite value, not -inf: a batch of one would give NaN gradients.
    similarity = similarity.masked_fill(itself, torch.finfo(similarity.dtype).min)
    log_share = similarity.log_softmax(dim=1)
    partners = (labels[:, None] == labels[None, :]) & ~itself
    count = partners.sum(dim=1)
    per_sample = log_share.masked_fill(~partners, 0.0).sum(dim=1) / count.clamp(min=1)
    paired = (count > 0).sum()
    return -per_sample.sum() / paired.clamp(min=1)


def spotformer_loss(logits: Logits, targets: TargetBatch, config: LossConfig) -> LossParts:
    """Return equation 5 over the counted windows of a batch.

    Parameters
    ----------
    logits, targets
        Of the same B windows. Where none is counted, every part is zero.
    """
    counted = targets.counted
    share = counted.float() / counted.sum().clamp(min=1)
    kinds = share.new_tensor((1.0, config.macro_weight))
    apex_weight = share.new_tensor(
        (config.weight_micro_apex, config.macro_weight * config.weight_apex)
    )

    def mean(values: Tensor, weights: Tensor) -> Tensor:
        return share @ values @ weights

    boundary = boundary_focal(
        logits.boundary, targets.boundary, config.alpha_boundary, config.gamma, config.margin
    )
    apex = binary_focal(logits.apex, targets.apex, config.alpha_apex, config.gamma, config.margin)
    expression = binary_focal(
        logits.expression,
        targets.expression,
        config.alpha_expression,
        config.gamma,
        config.margin,
    )
    parts = (
        mean(boundary, config.weight_boundary * kinds),
        mean(apex, apex_weight),
        mean(expression, config.weight_expression * kinds),
        _supcon(logits.feature, targets, config),
    )
    total = parts[0] + parts[1] + parts[2] + config.supcon_weight * parts[3]
    return LossParts(total, *parts, total.new_zeros(()))


def _supcon(feature: Tensor, targets: TargetBatch, config: LossConfig) -> Tensor:
    if config.supcon_weight == 0:
        return feature.new_zeros(())
    chosen = targets.counted
    return supervised_contrastive(
        feature[chosen],
        targets.label[chosen],
        config.supcon_temperature,
        config.supcon_normalise,
    )

"""What the action branch of GIM is trained for (equations 12 and 13)."""

from torch import Tensor
from torch.nn import functional

from offline.gim.model import GimOutputs


def action_loss(
    outputs: GimOutputs,
    reliable: Tensor,
    neutral: Tensor,
    other_kind: str = "ignored",
    mean: str = "ticks",
) -> Tensor:
    """Return equation 13 with the refined scores of equation 12.

    Logarithms are taken of logits: log s a as a sum, and 1 - s a as (1 - s) + s (1 - a), so that
    neither ends in log 0 nor in a gradient of zero.

    Parameters
    ----------
    outputs
        Of T ticks.
    reliable
        bool (2, T): classes of the reliable pseudo-expression ticks.
    neutral
        bool (T,).
    other_kind
        ``"ignored"``: as printed, a reliable tick of one kind says nothing about the other;
        ``"negative"``: it also has -log(1 - s) of the kind that it is not, the missing half of a
        binary cross-entropy.
    mean
        Over all reliable ticks as printed, or over those of each kind and then over the kinds
        that occur.
    """
    log_a = functional.logsigmoid(outputs.intensity_logit)
    log_not_a = functional.logsigmoid(-outputs.intensity_logit)
    log_s = functional.logsigmoid(outputs.action_logit.T)
    log_not_s = functional.logsigmoid(-outputs.action_logit.T)
    log_rest = log_not_s.logaddexp(log_s + log_not_a)
    gain = (log_s + log_a) * reliable
    if other_kind == "negative":
        # Not of the refined score: a lower intensity would satisfy it, of an expression.
        gain = gain + (log_not_s * ~reliable).flip(0) * reliable
    positive = (gain / _ticks_of_mean(reliable, mean)).sum()
    negative = (log_rest * neutral).sum() / (len(log_s) * neutral.sum()).clamp(min=1)
    return -positive - negative


def _ticks_of_mean(reliable: Tensor, mean: str) -> Tensor:
    """Return what each kind's sum is divided by, (2, 1)."""
    if mean == "ticks":
        return reliable.any(dim=0).sum().clamp(min=1).expand(len(reliable), 1)
    counts = reliable.sum(dim=1, keepdim=True)
    return counts.clamp(min=1) * (counts > 0).sum().clamp(min=1)

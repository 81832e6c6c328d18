"""A small network that learns from a larger one as well as from labels.

Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network" (2015), at temperature 1:
the teacher's probabilities are the deployed ones, so the student is to match them as they are.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from offline.spotformer.model import Logits, SpotFormer


def teacher_loss(student: Logits, teacher: Logits) -> Tensor:
    """Return the divergence of the student's probabilities from the teacher's.

    Parameters
    ----------
    student, teacher
        Of the same B windows. Every window counts, also those whose label is a don't-care: the
        teacher has an opinion on them.

    Returns
    -------
    Tensor
        Scalar, at least 0 and 0 where they agree: Kullback-Leibler divergence in nats, summed
        over the six decisions (boundary, apex and expression of either kind), mean over B.
    """
    boundary = functional.kl_div(
        student.boundary.log_softmax(dim=-1),
        teacher.boundary.log_softmax(dim=-1),
        reduction="none",
        log_target=True,
    ).sum(dim=-1)
    apex = _binary_divergence(student.apex, teacher.apex)
    expression = _binary_divergence(student.expression, teacher.expression)
    return (boundary + apex + expression).sum(dim=-1).mean()


def _binary_divergence(student: Tensor, teacher: Tensor) -> Tensor:
    probability = teacher.sigmoid()
    happens = functional.logsigmoid(teacher) - functional.logsigmoid(student)
    rests = functional.logsigmoid(-teacher) - functional.logsigmoid(-student)
    return probability * happens + (1 - probability) * rests


def narrow_weights(weights: Mapping[str, Tensor], model: SpotFormer) -> dict[str, Tensor]:
    """Return weights of a wider MLP cut down to a model's, the strongest hidden units kept.

    A hidden unit's strength is the product of the norms of its weights in and out. Weights that
    fit already are returned as they are.

    Parameters
    ----------
    weights
        State of a SpotFormer that differs from ``model`` in ``mlp_width``, or not at all.
    model
        Network to fill.

    Raises
    ------
    ValueError
        If the model's MLP is the wider one.
    """
    wanted = {name: tensor.shape for name, tensor in model.state_dict().items()}
    out = dict(weights)
    for name in [n for n in weights if n.endswith("mlp.first.weight") and n in wanted]:
        block = name.removesuffix("first.weight")
        first, second = weights[name], weights[f"{block}second.weight"]
        units = wanted[name][0]
        if units > len(first):
            raise ValueError(f"an MLP of {units} units cannot be cut out of one of {len(first)}")
        strength = first.norm(dim=1) * second.norm(dim=0)
        kept = torch.topk(strength, units).indices.sort().values
        out[name] = first[kept]
        out[f"{block}first.bias"] = weights[f"{block}first.bias"][kept]
        out[f"{block}second.weight"] = second[:, kept]
    return out

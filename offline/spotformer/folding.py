"""Batch normalisation folded into the linear layer that follows it, for inference."""

import copy

import torch
from torch import nn

from offline.spotformer.blocks import AttentionLayer, ChannelNorm
from offline.spotformer.model import SpotFormer


def fold_norms(model: SpotFormer) -> SpotFormer:
    """Return a copy in evaluation mode that computes the same with fewer operations.

    The norms before attention and MLP blocks become part of those blocks. The norm before a
    downsampling stays, since the maximum lies between it and the convolution.
    """
    folded = copy.deepcopy(model).eval()
    for layer in folded.modules():
        if isinstance(layer, AttentionLayer):
            _fold(layer.attention_norm, layer.attention.inputs)
            layer.attention_norm = nn.Identity()
            _fold(layer.mlp_norm, layer.mlp.first)
            layer.mlp_norm = nn.Identity()
    return folded


@torch.no_grad()
def _fold(norm: nn.Module, linear: nn.Linear) -> None:
    """Change a linear layer so that it includes the normalisation before it."""
    if not isinstance(norm, ChannelNorm) or norm.running_mean is None or norm.running_var is None:
        raise TypeError("only a batch normalisation with running statistics can be folded")
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    shift = norm.bias - norm.running_mean * scale
    linear.bias.add_(linear.weight @ shift)
    linear.weight.mul_(scale)

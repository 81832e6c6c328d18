"""A SpotFormer's layers, made from its settings."""

from collections.abc import Sequence

from torch import Tensor, nn

from offline.spotformer.blocks import AttentionLayer, Axis, Downsample, pool_nodes
from offline.spotformer.config import KERNEL, SpotFormerConfig


def attention(config: SpotFormerConfig, axis: Axis) -> AttentionLayer:
    """Return one layer of equation 2."""
    hidden = config.mlp_width or config.width
    return AttentionLayer(config.width, config.heads, hidden, axis, config.dropout)


def downsample(
    config: SpotFormerConfig, ticks: int, parts: Sequence[int] = (1,), average: bool = False
) -> Downsample:
    """Return the downsampling after a level of some ticks; three of them fill the kernel."""
    return Downsample(config.width, parts, 0 if ticks == KERNEL else 1, average)


class GraphPool(nn.Module):
    """Graph pooling alone, where pooling and shortening are at different places.

    It has no norm of its own, so that Seq-ST has as many trained values as Simul-ST.
    """

    def __init__(self, parts: Sequence[int], average: bool) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.average = average

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the pooled nodes (B, T, len(parts), C)."""
        return pool_nodes(tokens, self.parts, self.average)


def graph_pools(config: SpotFormerConfig) -> list[GraphPool]:
    """Return the two poolings, from all nodes to one per part, and to one."""
    return [GraphPool(parts, config.pooling == "global") for parts in config.graph_pools]

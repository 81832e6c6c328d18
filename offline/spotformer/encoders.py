"""What lies between a SpotFormer's embedding and its head: Simul-ST and its variants.

All take tokens (B, W, K, C) and give (B, 1, 1, C). Section 4.4.1 describes the variants. All but
Paral-ST have the same number of trained values, as in the paper.
"""

from collections.abc import Sequence

from torch import nn

from offline.spotformer.blocks import Axis
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.layers import attention, downsample, graph_pools
from offline.spotformer.parallel_encoder import ParallelEncoder


def make_encoder(config: SpotFormerConfig) -> nn.Module:
    """Return the encoder of an architecture."""
    match config.architecture:
        case "simul-st":
            return nn.Sequential(*_simultaneous(config, ("space", "time")))
        case "simul-ts":
            return nn.Sequential(*_simultaneous(config, ("time", "space")))
        case "seq-st":
            return nn.Sequential(*_sequential(config))
        case _:
            return ParallelEncoder(config)


def _simultaneous(config: SpotFormerConfig, axes: Sequence[Axis]) -> list[nn.Module]:
    """Space and time, in their order, while there are nodes to pool; then time alone."""
    layers: list[nn.Module] = []
    average = config.pooling == "global"
    for level, ticks in enumerate(config.ticks[:-1]):
        pooled = level < len(config.graph_pools)
        layers += [attention(config, axis) for axis in (axes if pooled else ("time",))]
        parts = config.graph_pools[level] if pooled else (1,)
        layers.append(downsample(config, ticks, parts, average))
    return layers


def _sequential(config: SpotFormerConfig) -> list[nn.Module]:
    """Pool the graph to one node at all ticks, then learn time."""
    layers: list[nn.Module] = []
    for pool in graph_pools(config):
        layers += [attention(config, "space"), pool]
    for ticks in config.ticks[:-1]:
        layers += [attention(config, "time"), downsample(config, ticks)]
    return layers

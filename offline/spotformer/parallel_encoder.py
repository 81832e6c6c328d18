"""Paral-ST: the temporal pyramid at every scale of the graph, with fusion (section 4.4.1).

Spatial attention and pooling give three graphs at all ticks: all nodes, one per part, one. Then,
at each temporal scale, every graph has its temporal attention, whose output is pooled, passes a
convolution (kernel 3 over ticks, where the paper says "a CNN layer") and is added to the output of
the next graph's temporal attention; then every graph is shortened. The last graph is the answer.

"No addi. para." has no such convolutions, and one temporal attention and one downsampling per
temporal scale for all graphs. They take the nodes of all graphs at once, so that the batch
statistics of the norms are those of training.
"""

from typing import Final

import torch
from torch import Tensor, nn

from offline.spotformer.config import KERNEL, SpotFormerConfig
from offline.spotformer.layers import attention, downsample, graph_pools

SHARED: Final = "paral-st-shared"


class ParallelEncoder(nn.Module):
    """Paral-ST, with weights of its own per graph or with shared ones."""

    def __init__(self, config: SpotFormerConfig) -> None:
        super().__init__()
        self.spatial = nn.ModuleList([attention(config, "space") for _ in config.graph_pools])
        self.pools = nn.ModuleList(graph_pools(config))
        kind = SharedLevel if config.architecture == SHARED else ParallelLevel
        self.levels = nn.ModuleList([kind(config, ticks) for ticks in config.ticks[:-1]])

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, 1, 1, C) of tokens (B, W, K, C)."""
        graphs = [tokens]
        for layer, pool in zip(self.spatial, self.pools, strict=True):
            graphs[-1] = layer(graphs[-1])
            graphs.append(pool(graphs[-1]))
        for level in self.levels:
            graphs = level(graphs)
        return graphs[-1]


class ParallelLevel(nn.Module):
    """One temporal scale of Paral-ST; the last scale shortens the last graph alone."""

    def __init__(self, config: SpotFormerConfig, ticks: int) -> None:
        super().__init__()
        self.pools = nn.ModuleList(graph_pools(config))
        graphs = len(self.pools) + 1
        kept = 1 if is_last(config, ticks) else graphs
        self.attentions = nn.ModuleList([attention(config, "time") for _ in range(graphs)])
        self.fusions = nn.ModuleList([TemporalConvolution(config.width) for _ in self.pools])
        sizes = graph_sizes(config)[-kept:]
        self.downsamples = nn.ModuleList([downsample(config, ticks, (1,) * size) for size in sizes])

    def forward(self, graphs: list[Tensor]) -> list[Tensor]:
        """Return the shortened graphs, each (B, T', K', C), of graphs (B, T, K', C)."""
        out = [layer(graph) for layer, graph in zip(self.attentions, graphs, strict=True)]
        for scale, (pool, fusion) in enumerate(zip(self.pools, self.fusions, strict=True)):
            out[scale + 1] = out[scale + 1] + fusion(pool(out[scale]))
        kept = out[-len(self.downsamples) :]
        return [layer(graph) for layer, graph in zip(self.downsamples, kept, strict=True)]


class SharedLevel(nn.Module):
    """One temporal scale of Paral-ST without additional parameters."""

    def __init__(self, config: SpotFormerConfig, ticks: int) -> None:
        super().__init__()
        self.pools = nn.ModuleList(graph_pools(config))
        self.sizes = graph_sizes(config)
        self.last = is_last(config, ticks)
        nodes = self.sizes[-1] if self.last else sum(self.sizes)
        self.attention = attention(config, "time")
        self.downsample = downsample(config, ticks, (1,) * nodes)

    def forward(self, graphs: list[Tensor]) -> list[Tensor]:
        """Return the shortened graphs, each (B, T', K', C), of graphs (B, T, K', C)."""
        together: Tensor = self.attention(torch.cat(graphs, dim=2))
        out = list(torch.split(together, self.sizes, dim=2))
        for scale, pool in enumerate(self.pools):
            out[scale + 1] = out[scale + 1] + pool(out[scale])
        if self.last:
            return [self.downsample(out[-1])]
        shorter: Tensor = self.downsample(torch.cat(out, dim=2))
        return list(torch.split(shorter, self.sizes, dim=2))


class TemporalConvolution(nn.Module):
    """A convolution over the ticks of each node that keeps their number."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(width, width, KERNEL, padding=KERNEL // 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, T, K, C)."""
        series = tokens.permute(0, 2, 3, 1)
        mixed: Tensor = self.convolution(series.flatten(0, 1)).view(series.shape)
        return mixed.permute(0, 3, 1, 2)


def graph_sizes(config: SpotFormerConfig) -> list[int]:
    """Return the nodes of the three graphs, from all nodes to one."""
    return [len(config.nodes), *(len(parts) for parts in config.graph_pools)]


def is_last(config: SpotFormerConfig, ticks: int) -> bool:
    """Say whether the downsampling after some ticks leaves one."""
    return ticks == config.ticks[-2]

"""Building blocks of SpotFormer (section 3.2.4 and 3.2.5), all on tokens (B, T, K, C).

B windows, T ticks, K nodes, C channels; channels are contiguous throughout, so that batch
normalisation and the linear layers read memory in order.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

Axis = Literal["space", "time"]


class ChannelNorm(nn.BatchNorm1d):
    """Batch normalisation of each channel over windows, ticks and nodes."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, T, K, C) with zero mean and unit variance per channel."""
        flat = super().forward(tokens.reshape(-1, tokens.shape[-1]))
        return flat.view(-1, *fixed_shape(tokens))


class Attention(nn.Module):
    """Multi-head self-attention over one axis (figure 4c).

    Parameters
    ----------
    width, heads
        Channels, and heads among which they are split.
    axis
        ``"space"``: nodes of a tick attend to each other. ``"time"``: ticks of a node do.
    dropout
        On the attention weights and the output.
    """

    scale: Tensor

    def __init__(self, width: int, heads: int, axis: Axis, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        scale = torch.ones(3 * width)
        scale[:width] = (width // heads) ** -0.5
        self.register_buffer("scale", scale, persistent=False)
        self.axis = axis
        self.inputs = nn.Linear(width, 3 * width)
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, T, K, C) mixed along the axis."""
        ticks, nodes, width = fixed_shape(tokens)
        # Scaling the weights of the queries costs nothing; scaling the queries costs a pass.
        weight, bias = self.inputs.weight * self.scale[:, None], self.inputs.bias * self.scale
        split = functional.linear(tokens, weight, bias).view(
            -1, ticks, nodes, 3, self.heads, width // self.heads
        )
        # (3, B, other axis, heads, attended axis, C / heads)
        order = (3, 0, 1, 4, 2, 5) if self.axis == "space" else (3, 0, 2, 4, 1, 5)
        length = nodes if self.axis == "space" else ticks
        size = width // self.heads
        query, key, value = split.permute(order).reshape(3, -1, length, size).unbind(0)
        # Explicit products: scaled_dot_product_attention is slower on 10 to 17 tokens.
        weights = torch.bmm(query, key.transpose(1, 2)).softmax(dim=-1)
        mixed = torch.bmm(self.dropout(weights), value)
        out: Tensor = self.dropout(self.output(self._merge(mixed, ticks, nodes, width)))
        return out

    def _merge(self, mixed: Tensor, ticks: int, nodes: int, width: int) -> Tensor:
        size = width // self.heads
        if self.axis == "space":
            split = mixed.view(-1, ticks, self.heads, nodes, size).permute(0, 1, 3, 2, 4)
        else:
            split = mixed.view(-1, nodes, self.heads, ticks, size).permute(0, 3, 1, 2, 4)
        return split.reshape(-1, ticks, nodes, width)


class Mlp(nn.Module):
    """Two linear layers with a GELU between them."""

    def __init__(self, width: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.first = nn.Linear(width, hidden)
        self.second = nn.Linear(hidden, width)
        self.activation = nn.GELU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (..., C) transformed one by one."""
        hidden = self.dropout(self.activation(self.first(tokens)))
        out: Tensor = self.dropout(self.second(hidden))
        return out


class AttentionLayer(nn.Module):
    """Equation 2: attention, then MLP, each normalised before and added to its input."""

    def __init__(
        self, width: int, heads: int, hidden: int, axis: Axis, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.attention_norm: nn.Module = ChannelNorm(width)
        self.attention = Attention(width, heads, axis, dropout)
        self.mlp_norm: nn.Module = ChannelNorm(width)
        self.mlp = Mlp(width, hidden, dropout)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, T, K, C)."""
        tokens = tokens + self.attention(self.attention_norm(tokens))
        out: Tensor = tokens + self.mlp(self.mlp_norm(tokens))
        return out


class Downsample(nn.Module):
    """Graph pooling, as a rule the local one (FLGP), and the temporal convolution of stride 2.

    Parameters
    ----------
    width
        Channels.
    parts
        Number of consecutive nodes that each pooled node stands for.
    padding
        Ticks of zero padding on both ends: 1 gives ceil(T / 2) ticks, 0 gives (T - 1) // 2.
    average
        See :func:`pool_nodes`.
    """

    def __init__(
        self, width: int, parts: Sequence[int], padding: int = 1, average: bool = False
    ) -> None:
        super().__init__()
        self.parts = tuple(parts)
        self.average = average
        self.norm = ChannelNorm(width)
        self.convolution = nn.Conv1d(width, width, kernel_size=3, stride=2, padding=padding)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, T', len(parts), C) of tokens (B, T, sum(parts), C)."""
        pooled = self.pool(self.norm(tokens))
        ticks, nodes, width = fixed_shape(pooled)
        series = pooled.permute(0, 2, 3, 1).reshape(-1, width, ticks)
        shorter = self.convolution(series)
        split = shorter.view(-1, nodes, width, int(shorter.shape[-1]))
        out: Tensor = split.permute(0, 3, 1, 2).contiguous()
        return out

    def pool(self, tokens: Tensor) -> Tensor:
        """Return the pooled nodes, (B, T, len(parts), C)."""
        return pool_nodes(tokens, self.parts, self.average)


def pool_nodes(tokens: Tensor, parts: Sequence[int], average: bool = False) -> Tensor:
    """Return one node per part, (B, T, len(parts), C), of tokens (B, T, sum(parts), C).

    Parameters
    ----------
    tokens
        Of the nodes of all parts.
    parts
        Number of consecutive nodes in each part.
    average
        Whether a pooled node is their mean; it is their maximum as in FLGP otherwise.
    """
    if all(size == 1 for size in parts):
        return tokens
    pieces = torch.split(tokens, list(parts), dim=2)
    pooled = [piece.mean(dim=2) if average else piece.amax(dim=2) for piece in pieces]
    return torch.stack(pooled, dim=2)


def fixed_shape(tokens: Tensor) -> tuple[int, int, int]:
    """Return (T, K, C) of tokens (B, T, K, C) as plain numbers.

    The batch is the only axis whose size may vary; the others become constants of an exported
    graph.
    """
    _, ticks, nodes, width = tokens.shape
    return int(ticks), int(nodes), int(width)


def soft_compress(flow: Tensor, scale_px: float) -> Tensor:
    """Return x / (1 + |x| / c): the identity near zero, bounded by c."""
    return flow / (1 + flow.abs() / scale_px)

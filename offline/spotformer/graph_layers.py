"""The layers of a SpotFormer in an ONNX graph; :mod:`offline.spotformer.graph` says why so."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from offline.onnx_writer import GraphWriter
from offline.spotformer.blocks import AttentionLayer, ChannelNorm, Downsample

KERNEL: Final = 3
STRIDE: Final = 2

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stream:
    """The residual stream between two layers; rows are (B, ticks, nodes) or (B, nodes, ticks).

    Attributes
    ----------
    rows
        Name of the value, float32 (rows, C).
    pending
        What is still to be added to every row.
    sign
        1 or -1 per channel: what the stored rows are multiplied by.
    """

    rows: str
    pending: Array
    sign: Array

    @property
    def width(self) -> int:
        """Channels."""
        return len(self.sign)


def nodes_first(writer: GraphWriter, stream: Stream, ticks: int, nodes: int) -> Stream:
    """Bring rows from the order (B, ticks, nodes) to (B, nodes, ticks)."""
    if nodes == 1:
        return stream
    split = writer.reshape(stream.rows, -1, ticks, nodes, stream.width)
    turned = writer.call("Transpose", split, perm=[0, 2, 1, 3])
    return Stream(writer.reshape(turned, -1, stream.width), stream.pending, stream.sign)


def attention_layer(
    writer: GraphWriter, layer: AttentionLayer, stream: Stream, length: int, label: str
) -> Stream:
    """Add equation 2: attention over ``length`` consecutive rows, then the MLP."""
    stream = _attention(writer, layer, stream, length, label)
    return _mlp(writer, layer, stream, label)


def _attention(
    writer: GraphWriter, layer: AttentionLayer, stream: Stream, length: int, label: str
) -> Stream:
    attention = layer.attention
    width = stream.width
    weight, bias = _read(attention.inputs, layer.attention_norm, stream)
    thirds = [
        writer.weight(f"{label}.{name}", weight[n * width : (n + 1) * width].T)
        for n, name in enumerate(("query", "key", "value"))
    ]
    query = writer.call(
        "Gemm", stream.rows, thirds[0], writer.weight(f"{label}.query_bias", bias[:width])
    )
    key, value = (writer.call("MatMul", stream.rows, third) for third in thirds[1:])
    mixed = writer.call(
        "Attention",
        *(writer.reshape(part, -1, length, width) for part in (query, key, value)),
        q_num_heads=attention.heads,
        kv_num_heads=attention.heads,
    )
    out = array(attention.output.weight)
    constant = out @ bias[2 * width :] + array(attention.output.bias)
    return _added(writer, stream, writer.reshape(mixed, -1, width), out, constant, f"{label}.mixed")


def _mlp(writer: GraphWriter, layer: AttentionLayer, stream: Stream, label: str) -> Stream:
    mlp = layer.mlp
    weight, bias = _read(mlp.first, layer.mlp_norm, stream)
    hidden = writer.call(
        "Gemm",
        stream.rows,
        writer.weight(f"{label}.first", weight.T),
        writer.weight(f"{label}.first_bias", bias),
    )
    hidden = writer.call("Gelu", hidden)
    second = array(mlp.second.weight)
    return _added(writer, stream, hidden, second, array(mlp.second.bias), f"{label}.second")


def _read(linear: nn.Linear, norm: nn.Module, stream: Stream) -> tuple[Array, Array]:
    """Return weight (out, in) and bias of a normalised linear layer for the stored rows."""
    scale, shift = norm_affine(norm)
    weight = array(linear.weight)
    bias = array(linear.bias) + weight @ (scale * stream.pending + shift)
    return weight * (scale * stream.sign), bias


def _added(
    writer: GraphWriter, stream: Stream, value: str, weight: Array, constant: Array, label: str
) -> Stream:
    """Add a linear layer's output to the stream, its constant later."""
    stored = writer.weight(label, (weight * stream.sign[:, None]).T)
    rows = writer.call("Gemm", value, stored, stream.rows)
    return Stream(rows, stream.pending + constant, stream.sign)


def downsample(
    writer: GraphWriter,
    layer: Downsample,
    stream: Stream,
    size: tuple[int, int],
    sign: Array,
    label: str,
) -> tuple[Stream, int]:
    """Add facial local graph pooling, its norm, and the convolution over ticks.

    Rows come as (B, nodes, ticks) and leave as (B, ticks, nodes).
    """
    ticks, width = size[0], stream.width
    pooled = _pool(writer, layer.parts, stream, ticks)
    scale, shift = norm_affine(layer.norm)
    pooled = writer.call("Mul", pooled, writer.weight(f"{label}.scale", scale * stream.sign))
    constant = scale * stream.pending + shift
    pooled = writer.call("Add", pooled, writer.weight(f"{label}.shift", constant))
    series = writer.call("Transpose", pooled, perm=[0, 2, 1])
    padding = int(layer.convolution.padding[0])
    kernel = array(layer.convolution.weight) * sign[:, None, None]
    bias = array(_present(layer.convolution.bias)) * sign
    shorter = writer.call(
        "Conv",
        series,
        writer.weight(f"{label}.kernel", kernel),
        writer.weight(f"{label}.bias", bias),
        kernel_shape=[KERNEL],
        strides=[STRIDE],
        pads=[padding, padding],
    )
    left = (ticks + 2 * padding - KERNEL) // STRIDE + 1
    split = writer.reshape(shorter, -1, len(layer.parts), width, left)
    rows = writer.reshape(writer.call("Transpose", split, perm=[0, 3, 1, 2]), -1, width)
    return Stream(rows, np.zeros(width), sign), left


def _pool(writer: GraphWriter, parts: tuple[int, ...], stream: Stream, ticks: int) -> str:
    """Return the maximum over the nodes of each part, (B * parts, ticks, C)."""
    value, size = stream.rows, ticks * stream.width
    if max(parts) > 1:
        value = writer.reshape(value, -1, sum(parts), size)
        if len(parts) > 1:
            places = writer.weight("places", _places(parts), np.int64)
            value = writer.call("Gather", value, places, axis=1)
        value = writer.reshape(value, -1, len(parts), max(parts), size)
        axis = writer.weight(f"axis_{sum(parts)}", [2], np.int64)
        value = writer.call("ReduceMax", value, axis, keepdims=0)
    return writer.reshape(value, -1, ticks, stream.width)


def _places(parts: tuple[int, ...]) -> list[int]:
    """Return the nodes of each part, the last one repeated up to the largest part's size."""
    starts = np.cumsum((0, *parts[:-1]))
    return [
        int(start) + min(place, size - 1)
        for start, size in zip(starts, parts, strict=True)
        for place in range(max(parts))
    ]


def norm_affine(norm: nn.Module) -> tuple[Array, Array]:
    """Return a and b of a channel norm in evaluation mode, a * x + b, each (C,).

    Raises
    ------
    TypeError
        If it is no batch normalisation with running statistics.
    """
    if not isinstance(norm, ChannelNorm) or norm.running_mean is None or norm.running_var is None:
        raise TypeError("only a batch normalisation with running statistics can be folded")
    scale = array(norm.weight) / np.sqrt(array(norm.running_var) + norm.eps)
    return scale, array(norm.bias) - array(norm.running_mean) * scale


def array(tensor: Tensor) -> Array:
    """Return a tensor's values; double, so that folding rounds once."""
    return np.asarray(tensor.detach().cpu().numpy(), np.float64)


def _present(tensor: Tensor | None) -> Tensor:
    if tensor is None:
        raise TypeError("a convolution without bias is not known here")
    return tensor

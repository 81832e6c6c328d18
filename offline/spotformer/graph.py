"""A trained SpotFormer as an ONNX graph with as few operators as it needs.

One window is small, so on a processor half of the time of a traced graph goes into passes over
memory: additions of biases, copies between layouts, one operator per score. This graph is written
by hand, and computes the same:

- Tokens are a matrix (rows, C) throughout. A residual sum is the last operand of the matrix
  product before it (``Gemm``), and costs no pass of its own.
- Constants added to the residual stream are never added: each reader's own bias includes them.
- The norms are parts of the layers that read them, but for the one before a downsampling.
- A bias of the keys adds the same to all scores of a query, which the softmax ignores. A bias of
  the values passes through, since attention weights sum to one.
- The maximum over the nodes of a facial part is one gather, with nodes repeated in the smaller
  parts, and one reduction. It comes before the norm: channels that the norm turns round are kept
  turned round in the whole level.
"""

from typing import Final, Protocol

import numpy as np
import onnx
from torch import nn

from engines.graph import INPUT_NAME
from offline.onnx_writer import GraphWriter
from offline.spotformer.blocks import AttentionLayer, Downsample
from offline.spotformer.config import SpotFormerConfig, require_exportable
from offline.spotformer.graph_layers import (
    Array,
    Stream,
    array,
    attention_layer,
    downsample,
    nodes_first,
    norm_affine,
)
from offline.spotformer.model import SCORE_NAMES, NodeEmbedding, SpotFormer

OPSET: Final = 23
"""The first with an attention operator."""


def to_onnx(model: SpotFormer) -> onnx.ModelProto:
    """Return the inference graph: ``windows`` (N, 17, K, 2) in, one (N,) per score out.

    Parameters
    ----------
    model
        Trained network; its running statistics are used, whatever its mode.
    """
    writer = GraphWriter(OPSET)
    feature = add_encoder(writer, model, INPUT_NAME)
    _add_scores(writer, model.head, feature)
    shape = ("N", model.config.window, len(model.config.nodes), 2)
    return writer.finish("spotformer", {INPUT_NAME: shape}, SCORE_NAMES)


class Encoding(Protocol):
    """A network that begins as a SpotFormer does."""

    embedding: NodeEmbedding
    encoder: nn.Module

    @property
    def inputs(self) -> SpotFormerConfig:
        """What it reads, and its encoder."""
        ...


def add_encoder(writer: GraphWriter, model: Encoding, windows: str) -> str:
    """Add everything up to the feature (N, C) and return the feature's name.

    Raises
    ------
    UsageError
        If the network is a variant that this graph does not compute.
    """
    require_exportable(model.inputs)
    ticks, nodes = model.inputs.window, len(model.inputs.nodes)
    layers = list(model.encoder.children())
    sign = _next_sign(layers, model.inputs.width)
    stream = _embed(writer, model.embedding, windows, sign)
    # rows are in the order (B, ticks, nodes) at the start of each level
    for number, layer in enumerate(layers):
        label = f"level{number}"
        if isinstance(layer, Downsample):
            sign = _next_sign(layers[number + 1 :], stream.width)
            stream, ticks = downsample(writer, layer, stream, (ticks, nodes), sign, label)
            nodes = len(layer.parts)
        elif isinstance(layer, AttentionLayer):
            if layer.attention.axis == "time":
                stream = nodes_first(writer, stream, ticks, nodes)
            length = ticks if layer.attention.axis == "time" else nodes
            stream = attention_layer(writer, layer, stream, length, label)
    return stream.rows


def _embed(writer: GraphWriter, part: NodeEmbedding, windows: str, sign: Array) -> Stream:
    """Add the linear embedding with its temporal and facial-part tokens."""
    value = windows
    if part.compression_px is not None:
        one = writer.weight("one", 1.0)
        share = writer.weight("compression", 1 / part.compression_px)
        bound = writer.call("Mul", writer.call("Abs", value), share)
        value = writer.call("Div", value, writer.call("Add", bound, one))
    tokens = array(part.temporal) + array(part.part)[part.part_of_node.numpy()]
    tokens += array(part.projection.bias)
    weight = writer.weight("embedding", (array(part.projection.weight).T * sign))
    value = writer.call("MatMul", value, weight)
    value = writer.call("Add", value, writer.weight("tokens", tokens * sign))
    return Stream(writer.reshape(value, -1, len(sign)), np.zeros(len(sign)), sign)


def _add_scores(writer: GraphWriter, head: nn.Linear, feature: str) -> None:
    """Add the logits and a vector (N,) per score: softmax per kind, sigmoids for the others."""
    weight = writer.weight("head", array(head.weight).T)
    logits = writer.call("Gemm", feature, weight, writer.weight("head_bias", array(head.bias)))
    sizes = writer.weight("head_sizes", [6, 4], np.int64)
    boundary, rest = writer.split("Split", logits, sizes, outputs=2, axis=1)
    boundary = writer.call("Softmax", writer.reshape(boundary, -1, 2, 3), axis=-1)
    sources = {"boundary": writer.reshape(boundary, -1, 6), "rest": writer.call("Sigmoid", rest)}
    columns = (
        ("boundary", 0), ("boundary", 1), ("rest", 0), ("rest", 2),
        ("boundary", 3), ("boundary", 4), ("rest", 1), ("rest", 3),
    )  # fmt: skip
    for name, (source, column) in zip(SCORE_NAMES, columns, strict=True):
        place = writer.weight(f"column_{name}", column, np.int64)
        writer.call("Gather", sources[source], place, axis=1, name=name)


def _next_sign(layers: list[nn.Module], width: int) -> Array:
    """Return how the channels of a level are stored: turned round where its last norm does so."""
    for layer in layers:
        if isinstance(layer, Downsample):
            scale, _ = norm_affine(layer.norm)
            return np.where(scale < 0, -1.0, 1.0)
    return np.ones(width)

"""A trained network of snippets as an ONNX graph, for any number of snippets."""

from typing import Final

import onnx
from numpy.typing import ArrayLike
from torch import nn

from engines.contracts import SnippetContract
from offline.mcwes.fusion import Ccm, Cscm
from offline.mcwes.network import SCORE_NAMES, SnippetNetwork
from offline.onnx_writer import GraphWriter
from offline.spotformer.graph import OPSET
from offline.spotformer.graph_layers import array

_TIME: Final = 2
"""Axis of time within the graph, where a stream is (1, D, T) as convolutions take it."""


def to_onnx(network: SnippetNetwork) -> onnx.ModelProto:
    """Return the inference graph: ``snippets`` (T, 2, D) in, one (T,) per score out.

    Parameters
    ----------
    network
        Trained network; nothing is dropped, whatever its mode.
    """
    return _Graph(network).build()


class _Graph:
    """The layers of one network, written one after the other."""

    def __init__(self, network: SnippetNetwork) -> None:
        self._network = network
        self._writer = GraphWriter(OPSET)
        self._count = 0

    def build(self) -> onnx.ModelProto:
        writer, network = self._writer, self._network
        rgb, flow = self._streams(SnippetContract.tensor)
        first, second = network.enhancers
        enhanced = (self._enhance(first, rgb, flow), self._enhance(second, flow, rgb))
        heads = [
            self._sequence(head, x) for head, x in zip(network.attentions, enhanced, strict=True)
        ]
        attention = writer.call("Mul", writer.call("Add", *heads), self._constant(0.5))
        fused = self._sequence(network.fusion, writer.call("Concat", *enhanced, axis=1))
        cam = self._sequence(network.classifier, fused)
        if network.bounded:
            cam = writer.call("Sigmoid", cam)
        self._scores(attention, self._suppress(attention, cam))
        shape = ("N", 2, network.inputs.features)
        name = network.method
        return writer.finish(name, {SnippetContract.tensor: shape}, SCORE_NAMES)

    def _streams(self, snippets: str) -> tuple[str, str]:
        """Return both streams, (1, D, T)."""
        writer, network = self._writer, self._network
        centred = writer.call("Sub", snippets, self._constant(array(network.mean)))
        scaled = writer.call("Mul", centred, self._constant(array(network.scale)))
        both = writer.call("Transpose", scaled, perm=[1, 2, 0])
        sizes = self._constant([1, 1], "int64")
        first, second = writer.split("Split", both, sizes, outputs=2, axis=0)
        if network.embeddings:
            first = self._sequence(network.embeddings[0], first)
            second = self._sequence(network.embeddings[1], second)
        return first, second

    def _enhance(self, module: nn.Module, main: str, support: str) -> str:
        writer = self._writer
        if not isinstance(module, Cscm | Ccm):
            return main
        mean = writer.call("ReduceMean", main, self._constant([_TIME], "int64"))
        squeezed = self._linear(module.squeeze, mean)
        if isinstance(module, Cscm):
            squeezed = writer.call("Sigmoid", squeezed)
            support = writer.call("Add", support, self._salient(module, main))
        local = self._layer(module.support, support)
        if isinstance(module, Ccm):
            local = self._layer(module.activation, local)
        weight = writer.call("Sigmoid", writer.call("Mul", local, squeezed))
        return writer.call("Mul", weight, main)

    def _salient(self, module: Cscm, main: str) -> str:
        """Return F_core (1, D, T) of equation 3."""
        writer = self._writer
        query = self._layer(module.query, main)
        rows = writer.call("Transpose", query, perm=[0, 2, 1])
        scaled = writer.call("Mul", query, self._constant(module.scale))
        alike = writer.call("Softmax", writer.call("MatMul", rows, scaled), axis=-1)
        mixed = writer.call("Transpose", writer.call("MatMul", alike, rows), perm=[0, 2, 1])
        return self._layer(module.core, mixed)

    def _suppress(self, attention: str, cam: str) -> str:
        writer = self._writer
        lowest = writer.call("ReduceMin", cam, self._constant([_TIME], "int64"))
        above = writer.call("Mul", attention, writer.call("Sub", cam, lowest))
        return writer.call("Add", above, lowest)

    def _scores(self, attention: str, cam: str) -> None:
        writer = self._writer
        sizes = self._constant([1] * (len(SCORE_NAMES) - 1), "int64")
        classes = writer.split("Split", cam, sizes, outputs=len(SCORE_NAMES) - 1, axis=1)
        for name, value in zip(SCORE_NAMES, (attention, *classes), strict=True):
            writer.call("Reshape", value, self._constant([-1], "int64"), name=name)

    def _sequence(self, layers: nn.Module, value: str) -> str:
        for layer in layers.children():
            value = self._layer(layer, value)
        return value

    def _layer(self, layer: nn.Module, value: str) -> str:
        if isinstance(layer, nn.Conv1d):
            return self._convolve(layer, value)
        if isinstance(layer, nn.LeakyReLU):
            return self._writer.call("LeakyRelu", value, alpha=float(layer.negative_slope))
        if isinstance(layer, nn.Sigmoid):
            return self._writer.call("Sigmoid", value)
        return value  # dropout

    def _convolve(self, layer: nn.Conv1d, value: str) -> str:
        kernel = self._constant(array(layer.weight))
        bias = [] if layer.bias is None else [self._constant(array(layer.bias))]
        reach = layer.kernel_size[0] // 2
        return self._writer.call("Conv", value, kernel, *bias, pads=[reach, reach])

    def _linear(self, layer: nn.Linear, value: str) -> str:
        """Apply a layer to one vector (1, D, 1), as a convolution of width 1."""
        kernel = self._constant(array(layer.weight)[:, :, None])
        return self._writer.call("Conv", value, kernel, self._constant(array(layer.bias)))

    def _constant(self, values: ArrayLike, dtype: str = "float32") -> str:
        self._count += 1
        return self._writer.weight(f"constant_{self._count}", values, dtype)

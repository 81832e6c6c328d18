"""A trained GIM as an ONNX graph: the encoder of a SpotFormer, then the two branches."""

import onnx
from torch import nn

from engines.graph import INPUT_NAME
from offline.gim.model import SCORE_NAMES, GimNetwork
from offline.onnx_writer import GraphWriter
from offline.spotformer.graph import OPSET, add_encoder
from offline.spotformer.graph_layers import array


def to_onnx(network: GimNetwork) -> onnx.ModelProto:
    """Return the inference graph: ``windows`` (N, 17, K, 2) in, one (N,) per score out.

    Parameters
    ----------
    network
        Trained network; its running statistics are used and nothing is dropped, whatever its
        mode.

    Raises
    ------
    UsageError
        If the encoder is a variant that the graph does not compute.
    """
    writer = GraphWriter(OPSET)
    feature = add_encoder(writer, network, INPUT_NAME)
    hidden = _linear(writer, network.hidden, feature, "hidden")
    slope = float(network.activation.negative_slope)
    x = writer.call("LeakyRelu", hidden, alpha=slope)
    intensity = writer.call("Sigmoid", _linear(writer, network.intensity, x, "intensity_head"))
    action = writer.call("Sigmoid", _linear(writer, network.action, feature, "action_head"))
    for name, source, column in zip(
        SCORE_NAMES, (intensity, action, action), (0, 0, 1), strict=True
    ):
        place = writer.weight(f"column_{name}", column, "int64")
        writer.call("Gather", source, place, axis=1, name=name)
    inputs = network.inputs
    shape = ("N", inputs.window, len(inputs.nodes), 2)
    return writer.finish("gim", {INPUT_NAME: shape}, SCORE_NAMES)


def _linear(writer: GraphWriter, layer: nn.Linear, value: str, label: str) -> str:
    weight = writer.weight(label, array(layer.weight).T)
    return writer.call("Gemm", value, weight, writer.weight(f"{label}_bias", array(layer.bias)))

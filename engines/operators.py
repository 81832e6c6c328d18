"""The operators that a graph may use: an allow-list, so that a new one is looked at first.

What is on it computes tensors from tensors, the same ones each time. Left out are, with reason:

- control flow (``If``, ``Loop``, ``Scan``): may never end, and hides graphs within graphs;
- chance (``RandomNormal``, ``Dropout`` and others): the same window must score the same;
- what depends on the rest of the batch (``DynamicQuantizeLinear``): likewise;
- outputs whose size depends on the input's values (``NonZero``, ``Unique``, ``Compress``);
- texts, sequences, images and recurrent cells, which no network here needs;
- ``Einsum`` and ``Resize``: what they need while they run cannot be told from their shapes.
"""

from typing import Final

import onnx

from engines.errors import ModelError
from engines.text import shown

OPSETS: Final = range(13, 24)
"""Versions of the standard operator set that are accepted."""

STANDARD_DOMAINS: Final = ("", "ai.onnx")

MOST_NODES: Final = 10_000

_ARITHMETIC: Final = """
    Abs Acos Acosh Add And Asin Asinh Atan Atanh Ceil Clip Cos Cosh Div Equal Erf Exp Floor Greater
    GreaterOrEqual IsInf IsNaN Less LessOrEqual Log Max Mean Min Mod Mul Neg Not Or Pow Reciprocal
    Round Sign Sin Sinh Sqrt Sub Sum Tan Where Xor
"""
_AXES: Final = """
    ArgMax ArgMin CumSum ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
    ReduceMin ReduceProd ReduceSum ReduceSumSquare TopK
"""
_LAYERS: Final = """
    Attention AveragePool BatchNormalization Conv ConvTranspose Gemm GlobalAveragePool GlobalLpPool
    GlobalMaxPool GroupNormalization InstanceNormalization LayerNormalization LpNormalization
    LpPool MatMul MaxPool MeanVarianceNormalization RMSNormalization
"""
_ACTIVATIONS: Final = """
    Celu Elu Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu Relu Selu Sigmoid
    Softmax Softplus Softsign Tanh ThresholdedRelu
"""
_EIGHT_BITS: Final = """
    ConvInteger DequantizeLinear MatMulInteger QLinearConv QLinearMatMul QuantizeLinear
"""
_PLACES: Final = """
    Cast CastLike Concat Constant ConstantOfShape DepthToSpace Expand EyeLike Flatten Gather
    GatherElements GatherND Identity OneHot Pad Range Reshape ScatterElements ScatterND Shape Size
    Slice SpaceToDepth Split Squeeze Tile Transpose Trilu Unsqueeze
"""

ALLOWED: Final = frozenset(
    " ".join((_ARITHMETIC, _AXES, _LAYERS, _ACTIVATIONS, _EIGHT_BITS, _PLACES)).split()
)

_PLAIN: Final = frozenset({"FLOAT", "INT", "STRING", "TENSOR", "FLOATS", "INTS"})
"""Kinds of attributes; the others hold graphs, sparse tensors, types or lists of tensors."""


def require_opset(model: onnx.ModelProto, where: str) -> None:
    """Refuse operator sets beyond the standard one and versions that were not looked at.

    Raises
    ------
    ModelError
        Naming the set or the version.
    """
    for opset in model.opset_import:
        if opset.domain not in STANDARD_DOMAINS:
            raise ModelError(f"{where}: operator set {shown(opset.domain)} is not allowed")
    versions = [o.version for o in model.opset_import]
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise ModelError(
            f"{where}: needs operator set {OPSETS[0]} to {OPSETS[-1]}, not {shown(versions)}; "
            "export it again"
        )


def require_allowed(graph: onnx.GraphProto, where: str) -> None:
    """Refuse operators that are not allowed, attributes that hold more than numbers, and chance.

    Raises
    ------
    ModelError
        Naming the operator.
    """
    if len(graph.node) > MOST_NODES:
        raise ModelError(f"{where}: the graph has {len(graph.node)} nodes, more than {MOST_NODES}")
    for node in graph.node:
        name = shown(node.op_type)
        if node.domain not in STANDARD_DOMAINS:
            raise ModelError(f"{where}: operator {name} of {shown(node.domain)} is not allowed")
        if node.op_type not in ALLOWED:
            raise ModelError(f"{where}: operator {name} is not allowed")
        for attribute in node.attribute:
            _require_plain_attribute(attribute, f"{where}: operator {name}")


def _require_plain_attribute(attribute: onnx.AttributeProto, where: str) -> None:
    kinds = onnx.AttributeProto.AttributeType
    kind = kinds.Name(attribute.type) if attribute.type in kinds.values() else "unknown"
    if kind not in _PLAIN:
        raise ModelError(f"{where}: attribute {shown(attribute.name)} of kind {kind}")
    if attribute.ref_attr_name:
        raise ModelError(f"{where}: attribute {shown(attribute.name)} refers to another one")
    if attribute.name == "training_mode" and attribute.i:
        raise ModelError(f"{where}: it is in training mode; export it for inference")

"""Small graphs of allowed operators that ask for too much, and why each is refused."""

from onnx import TensorProto, helper

from tests.engines.hostile_models import MakeFile, adds, adds_constant, constant, resigned

ENORMOUS = 2**40
BOMBS: dict[str, tuple[MakeFile, str]] = {
    "a constant of a tebibyte": (
        resigned(
            adds_constant(
                constant("sides", [ENORMOUS]),
                helper.make_node("ConstantOfShape", ["sides"], ["bomb"]),
            )
        ),
        "value 'bomb' has shape",
    ),
    "a size that wraps around": (
        resigned(
            adds_constant(
                constant("sides", [2**32, 2**32]),
                helper.make_node("ConstantOfShape", ["sides"], ["bomb"]),
            )
        ),
        "value 'bomb' has shape",
    ),
    "an expanded constant": (
        resigned(
            adds_constant(
                constant("one", [1.0], "float32"),
                constant("sides", [ENORMOUS]),
                helper.make_node("Expand", ["one", "sides"], ["bomb"]),
            )
        ),
        "value 'bomb' has shape",
    ),
    "a tiled constant": (
        resigned(
            adds_constant(
                constant("one", [1.0], "float32"),
                constant("times", [ENORMOUS]),
                helper.make_node("Tile", ["one", "times"], ["bomb"]),
            )
        ),
        "value 'bomb' has shape",
    ),
    "a long range": (
        resigned(
            adds_constant(
                constant("zero", 0),
                constant("end", ENORMOUS),
                constant("step", 1),
                helper.make_node("Range", ["zero", "end", "step"], ["count"]),
                helper.make_node("Cast", ["count"], ["bomb"], to=TensorProto.FLOAT),
            )
        ),
        "value '(count|bomb)' has shape",
    ),
    "a wide border": (
        resigned(
            adds_constant(
                constant("one", [1.0], "float32"),
                constant("border", [ENORMOUS, 0]),
                helper.make_node("Pad", ["one", "border"], ["bomb"]),
            )
        ),
        "value 'bomb' has shape",
    ),
    "an enlarged picture": (
        resigned(
            adds_constant(
                constant("one", [[[1.0]]], "float32"),
                constant("scale", [1.0, 1.0, 2.0**40], "float32"),
                helper.make_node("Resize", ["one", "", "scale"], ["bomb"]),
            )
        ),
        "operator 'Resize' is not allowed",
    ),
    "an outer product": (
        resigned(
            adds_constant(
                constant("sides", [2**20, 1]),
                helper.make_node("ConstantOfShape", ["sides"], ["column"]),
                helper.make_node("Transpose", ["column"], ["row"]),
                helper.make_node("MatMul", ["column", "row"], ["bomb"]),
            )
        ),
        "value 'bomb' has shape",
    ),
    "many values, each within its limit": (
        resigned(
            adds_constant(
                constant("sides", [2**24]),
                helper.make_node("ConstantOfShape", ["sides"], ["v0"]),
                *(helper.make_node("Neg", [f"v{n}"], [f"v{n + 1}"]) for n in range(40)),
                helper.make_node("Neg", ["v40"], ["bomb"]),
            )
        ),
        "its values take",
    ),
    "work without end": (
        resigned(
            adds_constant(
                constant("sides", [2**12, 2**12]),
                helper.make_node("ConstantOfShape", ["sides"], ["v0"]),
                *(helper.make_node("MatMul", [f"v{n}", "v0"], [f"v{n + 1}"]) for n in range(4)),
                helper.make_node("Neg", ["v4"], ["bomb"]),
            )
        ),
        "operations, more than",
    ),
    "a size that depends on the picture": (
        resigned(
            adds(
                helper.make_node("ReduceMax", ["windows"], ["seen"], keepdims=0),
                constant("large", 1e12, "float32"),
                helper.make_node("Mul", ["seen", "large"], ["wish"]),
                helper.make_node("Cast", ["wish"], ["side"], to=TensorProto.INT64),
                constant("first", [0]),
                helper.make_node("Unsqueeze", ["side", "first"], ["sides"]),
                helper.make_node("ConstantOfShape", ["sides"], ["bomb"]),
                helper.make_node("ReduceMax", ["bomb"], ["top"], keepdims=0),
            )
        ),
        "cannot be told",
    ),
    "a size that is large for one batch only": (
        resigned(
            adds(
                helper.make_node("Shape", ["windows"], ["shape"], start=0, end=1),
                constant("one", [1]),
                constant("most", [32]),
                helper.make_node("Sub", ["shape", "one"], ["above"]),
                helper.make_node("Sub", ["most", "shape"], ["below"]),
                helper.make_node("Mul", ["above", "below"], ["hidden"]),
                constant("large", [10**9]),
                helper.make_node("Mul", ["hidden", "large"], ["more"]),
                helper.make_node("Add", ["more", "one"], ["sides"]),
                helper.make_node("ConstantOfShape", ["sides"], ["bomb"]),
                helper.make_node("ReduceMax", ["bomb"], ["top"], keepdims=0),
            )
        ),
        "with 2 windows value 'bomb' has shape",
    ),
    "a division that stops the processor": (
        resigned(
            adds_constant(
                constant("least", [-(2**31)], "int32"),
                constant("minus", [-1], "int32"),
                helper.make_node("Div", ["least", "minus"], ["quotient"]),
                helper.make_node("Cast", ["quotient"], ["bomb"], to=TensorProto.FLOAT),
            )
        ),
        "'Div' divides whole numbers",
    ),
}

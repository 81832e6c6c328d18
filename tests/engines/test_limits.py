import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from engines import limits
from engines.errors import ModelError
from engines.extent import Extent
from engines.growth import is_largest_at_ends
from engines.limits import require_bounded
from engines.work import LONGEST_ATTENTION, work_of
from tests.engines.conftest import WINDOW, tiny_graph
from tests.engines.hostile_models import constant

FLOAT = 1


def test_an_ordinary_graph_is_accepted() -> None:
    require_bounded(tiny_graph(), "model")


@pytest.mark.parametrize(
    ("name", "most", "reason"),
    [
        # 32 windows of 17 ticks, 3 nodes and 2 numbers of 4 bytes
        ("MOST_VALUE_BYTES", 32 * 17 * 3 * 2 * 4, "'windows' has shape"),
        # and 32 means, two scaled ones, two squashed ones, and two weights
        ("MOST_BYTES", 32 * 17 * 3 * 2 * 4 + 5 * 32 * 4 + 2 * 4, "its values take more than"),
        # the mean reads the windows and writes 32; scaling 32 and a weight to 32; squashing
        ("MOST_WORK", 32 * 17 * 3 * 2 + 32 + 2 * 65 + 2 * 64, "operations, more than"),
    ],
)
def test_a_limit_is_what_is_still_accepted(
    name: str, most: int, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, name, most)
    require_bounded(tiny_graph(), "model")
    monkeypatch.setattr(limits, name, most - 1)
    with pytest.raises(ModelError, match=reason):
        require_bounded(tiny_graph(), "model")


@pytest.mark.parametrize(
    ("operator", "inputs", "output", "attributes", "multiplications"),
    [
        ("MatMul", [(5, 7, 100), (100, 30)], (5, 7, 30), {}, 5 * 7 * 30 * 100),
        ("Gemm", [(50, 100), (100, 30)], (50, 30), {}, 50 * 30 * 100),
        ("Gemm", [(100, 50), (100, 30)], (50, 30), {"transA": 1}, 50 * 30 * 100),
        ("Conv", [(2, 6, 17), (16, 6, 3)], (2, 16, 15), {}, 2 * 16 * 15 * 6 * 3),
        ("Conv", [(2, 6, 17), (6, 1, 3)], (2, 6, 15), {"group": 6}, 2 * 6 * 15 * 3),
        ("ConvTranspose", [(2, 6, 15), (6, 16, 3)], (2, 16, 17), {}, 2 * 6 * 15 * 16 * 3),
        # scores, and the sum of values that they weigh
        ("Attention", [(2, 9, 8), (2, 7, 8), (2, 7, 8)], (2, 9, 8), {}, 2 * (2 * 9 * 8) * 7),
        ("MaxPool", [(1, 1, 9)], (1, 1, 5), {"kernel_shape": [5]}, 25),
        ("Relu", [(3, 4)], (3, 4), {}, 24),
    ],
)
def test_work_is_the_multiplications_or_what_is_moved(
    operator: str,
    inputs: list[tuple[int, ...]],
    output: tuple[int, ...],
    attributes: dict[str, object],
    multiplications: int,
) -> None:
    extents = {f"i{number}": Extent(FLOAT, shape) for number, shape in enumerate(inputs)}
    node = helper.make_node(operator, list(extents), ["out"], **attributes)
    assert work_of(node, extents | {"out": Extent(FLOAT, output)}) == multiplications


def attending(keys: int, *more: str, outputs: tuple[str, ...] = ("a",)) -> onnx.ModelProto:
    """Attention of the ticks of a window to some keys."""
    stored = numpy_helper.from_array(np.zeros((1, keys, 6), np.float32), "keys")
    graph = helper.make_graph(
        [
            helper.make_node("Reshape", ["windows", "flat"], ["queries"]),
            helper.make_node("Gather", ["queries", "first"], ["one"], axis=0),
            helper.make_node(
                "Attention", ["one", "keys", "keys", *more], outputs, q_num_heads=2, kv_num_heads=2
            ),
            helper.make_node("ReduceMax", ["queries", "axes"], ["score"], keepdims=0),
        ],
        "attending",
        [helper.make_tensor_value_info("windows", FLOAT, ["N", WINDOW, 3, 2])],
        [helper.make_tensor_value_info("score", FLOAT, ["N"])],
        [
            stored,
            numpy_helper.from_array(np.array([-1, WINDOW, 6]), "flat"),
            numpy_helper.from_array(np.array([0]), "first"),
            numpy_helper.from_array(np.array([1, 2]), "axes"),
            numpy_helper.from_array(np.zeros((WINDOW, keys), np.float32), "mask"),
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)], ir_version=10)


def test_attention_is_accepted_up_to_its_longest_sequence() -> None:
    require_bounded(attending(LONGEST_ATTENTION), "model")
    with pytest.raises(ModelError, match="attention over 513 keys"):
        require_bounded(attending(LONGEST_ATTENTION + 1), "model")


@pytest.mark.parametrize(
    ("more", "outputs"), [(("mask",), ("a",)), ((), ("a", "present_key", "present_value"))]
)
def test_attention_with_masks_or_a_memory_is_refused(
    more: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    with pytest.raises(ModelError, match=r"masks or a memory|cannot be told"):
        require_bounded(attending(20, *more, outputs=outputs), "model")


SHAPE = helper.make_node("Shape", ["windows"], ["shape"])


@pytest.mark.parametrize(
    ("nodes", "ends"),
    [
        ([], True),
        ([helper.make_node("Gather", ["shape", "which"], ["side"], axis=0)], True),
        ([helper.make_node("Gather", ["table", "shape"], ["side"], axis=0)], False),
        ([helper.make_node("Concat", ["shape", "shape"], ["sides"], axis=0)], True),
        ([helper.make_node("Reshape", ["mean", "shape"], ["turned"])], True),
        ([helper.make_node("Reshape", ["shape", "fixed"], ["turned"])], False),
        ([helper.make_node("Mul", ["shape", "shape"], ["square"])], False),
        ([helper.make_node("Slice", ["mean", "shape", "end"], ["rest"])], False),
        ([helper.make_node("Size", ["windows"], ["count"])], False),
        ([helper.make_node("Cast", ["shape"], ["c"], to=1), helper.make_node("Neg", ["c"], ["n"])],
         False),
    ],
)  # fmt: skip
def test_only_sides_that_are_picked_and_put_together_leave_the_ends_largest(
    nodes: list[object], ends: bool
) -> None:
    model = tiny_graph()
    model.graph.node.extend([SHAPE, *nodes])
    assert is_largest_at_ends(model.graph) is ends


@pytest.mark.parametrize(
    ("operator", "divisor", "accepted"),
    [
        ("Div", constant("by", [2]), True),
        ("Mod", constant("by", [2]), True),
        ("Div", constant("by", [0]), False),
        ("Mod", constant("by", [-1]), False),
        ("Div", helper.make_node("Size", ["windows"], ["by"]), False),
    ],
)
def test_whole_numbers_are_divided_by_stored_numbers_above_zero_only(
    operator: str, divisor: object, accepted: bool
) -> None:
    model = tiny_graph()
    division = helper.make_node(operator, ["shape", "by"], ["quotient"])
    model.graph.node.extend([SHAPE, divisor, division])
    if accepted:
        require_bounded(model, "model")
    else:
        with pytest.raises(ModelError, match=f"'{operator}' divides whole numbers"):
            require_bounded(model, "model")

"""Tiny models: mean of a window's values through a sigmoid, per output with a weight of its own."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engines.manifest import InputContract, Manifest
from engines.model_file import ModelFile, write_model

NODES = ("brow", "mouth", "lids")
OUTPUTS = ("micro_apex", "macro_apex")
WEIGHTS = {"micro_apex": 1.5, "macro_apex": -0.5}
WINDOW = 17
EXTRACTOR = 2


def tiny_manifest(**changes: object) -> Manifest:
    contract = InputContract(WINDOW, 30.0, NODES, 96.0, "rigid", EXTRACTOR)
    values = {
        "name": "tiny",
        "version": "1.2.3",
        "method": "mean",
        "licence": "MIT",
        "input": contract,
        "outputs": OUTPUTS,
        "decoder": {"nms_iou": 0.5},
        "training": {"seed": 7},
        "metrics": {"f1": 0.25},
    }
    return Manifest(**(values | changes))


def tiny_graph(outputs: tuple[str, ...] = OUTPUTS, squash: str = "Sigmoid") -> onnx.ModelProto:
    shape = ["N", WINDOW, len(NODES), 2]
    nodes = [
        helper.make_node("ReduceMean", ["windows"], ["mean"], axes=[1, 2, 3], keepdims=0),
    ]
    weights = []
    for name in outputs:
        weights.append(
            numpy_helper.from_array(np.array(WEIGHTS[name], np.float32), f"weight_{name}")
        )
        nodes.append(helper.make_node("Mul", ["mean", f"weight_{name}"], [f"raw_{name}"]))
        nodes.append(helper.make_node(squash, [f"raw_{name}"], [name]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]) for name in outputs],
        weights,
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9)


def tiny_windows(count: int = 4) -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    return rng.normal(1.0, 2.0, (count, WINDOW, len(NODES), 2)).astype(np.float32)


def tiny_answer(windows: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """What the graph computes, in closed form."""
    mean = windows.astype(float).mean(axis=(1, 2, 3))
    return (1 / (1 + np.exp(-WEIGHTS[name] * mean))).astype(np.float32)


MakeModel = Callable[..., ModelFile]


@pytest.fixture
def make_model(tmp_path: Path) -> MakeModel:
    def make(graph: onnx.ModelProto | None = None, **changes: object) -> ModelFile:
        path = tmp_path / "tiny.onnx"
        return write_model(path, graph or tiny_graph(), tiny_manifest(**changes))

    return make

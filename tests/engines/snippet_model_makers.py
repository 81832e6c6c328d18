"""Tiny models of snippets, made by hand: scores of neighbours and of the whole video matter."""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engines.contracts import InputContract, SnippetContract
from engines.decoding import SnippetRules
from engines.manifest import Manifest
from engines.model_file import ModelFile, write_model
from engines.scores import Scores
from engines.selfcheck import parts_of
from engines.stored_check import StoredCheck, write_check
from tests.engines.conftest import EXTRACTOR, NODES, WINDOW, tiny_manifest

Floats = NDArray[np.float32]
D = 6
TICKS = 8
KERNEL = (0.25, 0.5, 0.25)
OUTPUTS = ("attention", "micro", "macro", "background")
SLOPES = {"micro": 3.0, "macro": 5.0, "background": -4.0}
POOLED = InputContract(WINDOW, 30.0, NODES, 96.0, "rigid", EXTRACTOR)
CONTRACT = SnippetContract("sw-mro", D, TICKS, 30.0, 1, POOLED)
RULES = SnippetRules(first_top=9, tops=1)
I3D = SnippetContract("i3d", D, 32, 200.0, 1)


def snippet_manifest(**changes: object) -> Manifest:
    values = {
        "name": "tiny-snippets",
        "method": "mc-wes",
        "input": CONTRACT,
        "outputs": OUTPUTS,
        "decoder": RULES.to_dict(),
    }
    return tiny_manifest(**(values | changes))


def snippet_graph(features: int = D) -> onnx.ModelProto:
    """The mean of the first stream, smoothed over three snippets, and what follows from it."""
    nodes = [
        helper.make_node("ReduceMean", ["snippets"], ["means"], axes=[2], keepdims=0),
        helper.make_node("Gather", ["means", "first"], ["fast"], axis=1),
        helper.make_node("Unsqueeze", ["fast", "front"], ["line"]),
        helper.make_node("Conv", ["line", "kernel"], ["smooth"], pads=[1, 1]),
        helper.make_node("Squeeze", ["smooth", "front"], ["row"]),
        helper.make_node("Sigmoid", ["row"], ["attention"]),
    ]
    weights = [
        numpy_helper.from_array(np.array(0, np.int64), "first"),
        numpy_helper.from_array(np.array([0, 1], np.int64), "front"),
        numpy_helper.from_array(np.array([[KERNEL]], np.float32), "kernel"),
    ]
    for name, slope in SLOPES.items():
        weights.append(numpy_helper.from_array(np.array(slope, np.float32), f"slope_{name}"))
        nodes += [
            helper.make_node("Mul", ["row", f"slope_{name}"], [f"cam_{name}"]),
            helper.make_node("ReduceMin", [f"cam_{name}"], [f"min_{name}"], keepdims=1),
            helper.make_node("Sub", [f"cam_{name}", f"min_{name}"], [f"above_{name}"]),
            helper.make_node("Mul", ["attention", f"above_{name}"], [f"kept_{name}"]),
            helper.make_node("Add", [f"kept_{name}", f"min_{name}"], [name]),
        ]
    shape = ["T", 2, features]
    graph = helper.make_graph(
        nodes,
        "tiny-snippets",
        [helper.make_tensor_value_info("snippets", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["T"]) for name in OUTPUTS],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def snippet_answer(snippets: Floats) -> Scores:
    """What the graph computes, in closed form."""
    row = snippets.astype(float).mean(axis=2)[:, 0]
    padded = np.concatenate([[0.0], row, [0.0]])
    row = sum(w * padded[k : k + len(row)] for k, w in enumerate(KERNEL))
    attention = 1 / (1 + np.exp(-row))
    values = {"attention": attention}
    for name, slope in SLOPES.items():
        cam = slope * row
        values[name] = attention * (cam - cam.min()) + cam.min()
    return Scores({name: value.astype(np.float32) for name, value in values.items()})


def some_snippets(count: int, seed: int = 3) -> Floats:
    rng = np.random.default_rng(seed)
    return rng.normal(0.0, 1.5, (count, 2, D)).astype(np.float32)


def moving(count: int = 48) -> Floats:
    """Snippets of one long and one short motion; exact in half precision."""
    level = np.full(count, -2.0)
    level[10:14] = 3.0
    level[30] = 4.0
    slope = np.linspace(0, 0.5, count).astype(np.float16)
    rows = (level + slope).astype(np.float16).astype(np.float32)
    return np.ascontiguousarray(np.broadcast_to(rows[:, None, None], (count, 2, D)))


def write_snippet_model(
    folder: Path, graph: onnx.ModelProto | None = None, **changes: object
) -> ModelFile:
    manifest = snippet_manifest(**changes)
    return write_model(folder / "tiny-snippets.onnx", graph or snippet_graph(), manifest)


def joined(parts: list[Scores]) -> Scores:
    return Scores({n: np.concatenate([p.values[n] for p in parts]) for n in OUTPUTS})


def snippet_check(shift: float = 0.0, contract: SnippetContract = CONTRACT) -> StoredCheck:
    """A check of the model, with all expected values of the first set moved."""
    windows, sequence = some_snippets(45), moving()
    told = joined([snippet_answer(part) for part in parts_of(windows)])
    moved = Scores({n: v + np.float32(shift) for n, v in told.values.items()})
    answer = snippet_answer(sequence)
    return StoredCheck(windows, moved, sequence, answer, RULES, contract.ticks_per_row)


def store_snippet_check(model: ModelFile, shift: float = 0.0) -> None:
    write_check(model, snippet_check(shift))

"""A model of SW-MRO snippets made by hand: what moves more than the stillest snippet stands out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engines.contracts import InputContract, SnippetContract
from engines.decoding import SnippetRules
from engines.manifest import Manifest
from engines.model_file import ModelFile, read_model, write_model
from engines.registry import default_model_path
from realtime.snippets.contract import SNIPPETS_VERSION
from realtime.snippets.pooling import SNIPPET_FEATURES
from realtime.types import NODES, RATE_HZ

TICKS = 4
OUTPUTS = ("attention", "micro", "macro", "background")
RULES = SnippetRules(first_top=2, tops=3, video_weight=0.0)


def snippet_model_graph(features: int = SNIPPET_FEATURES) -> onnx.ModelProto:
    """Mean size of all features, less its minimum over the video."""
    nodes = [
        helper.make_node("Abs", ["snippets"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["level"], axes=[1, 2], keepdims=0),
        helper.make_node("ReduceMin", ["level"], ["least"], keepdims=1),
        helper.make_node("Sub", ["level", "least"], ["above"]),
        helper.make_node("Tanh", ["above"], ["attention"]),
        helper.make_node("Mul", ["above", "half"], ["micro"]),
        helper.make_node("Identity", ["above"], ["macro"]),
        helper.make_node("Neg", ["above"], ["background"]),
    ]
    graph = helper.make_graph(
        nodes,
        "by-size",
        [helper.make_tensor_value_info("snippets", TensorProto.FLOAT, ["T", 2, features])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["T"]) for name in OUTPUTS],
        [numpy_helper.from_array(np.array(0.5, np.float32), "half")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def snippet_model_manifest(**changes: object) -> Manifest:
    base = read_model(default_model_path()).manifest
    assert isinstance(base.input, InputContract)
    contract = SnippetContract(
        "sw-mro",
        SNIPPET_FEATURES,
        TICKS,
        RATE_HZ,
        SNIPPETS_VERSION,
        replace(base.input, nodes=NODES),
    )
    values = {
        "name": "by-size",
        "method": "mc-wes",
        "input": contract,
        "outputs": OUTPUTS,
        "decoder": RULES.to_dict(),
    }
    return replace(base, **(values | changes))


def write_snippet_model(path: Path) -> ModelFile:
    return write_model(path, snippet_model_graph(), snippet_model_manifest())


def write_i3d_model(path: Path, features: int = 6, source: str = "i3d") -> ModelFile:
    contract = SnippetContract(source, features, 8, 30.0, 1)
    manifest = snippet_model_manifest(input=contract)
    return write_model(path, snippet_model_graph(features), manifest)

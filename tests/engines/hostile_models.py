"""Model files that must be refused: each differs from a good one in one respect."""

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engines.manifest import MANIFEST_KEY
from engines.model_file import attach_manifest
from tests.engines.conftest import tiny_graph, tiny_manifest

MakeFile = Callable[[Path], Path]
Change = Callable[[onnx.ModelProto], None]

OTHER = "other.bin"


def signed(change: Change = lambda _: None) -> onnx.ModelProto:
    """A good model, changed before its manifest is made: the hashes fit."""
    model = tiny_graph()
    change(model)
    attach_manifest(model, tiny_manifest())
    return model


def save(folder: Path, content: bytes) -> Path:
    path = folder / "given.onnx"
    path.write_bytes(content)
    return path


def resigned(change: Change) -> MakeFile:
    """Whoever made it filled in the right hashes."""
    return lambda folder: save(folder, signed(change).SerializeToString())


def tampered(change: Change) -> MakeFile:
    """Changed after its manifest was made."""

    def make(folder: Path) -> Path:
        model = signed()
        change(model)
        return save(folder, model.SerializeToString())

    return make


def of_bytes(content: bytes) -> MakeFile:
    return lambda folder: save(folder, content)


def with_manifest(change: Callable[[str], str]) -> MakeFile:
    """A good model whose manifest's text was edited."""

    def edit(model: onnx.ModelProto) -> None:
        (entry,) = (p for p in model.metadata_props if p.key == MANIFEST_KEY)
        entry.value = change(entry.value)

    return tampered(edit)


def outside(tensor: TensorProto, location: str) -> TensorProto:
    """Let a tensor's values lie in another file, which exists where it is within the folder."""
    for name in ("raw_data", "float_data", "int64_data"):
        tensor.ClearField(name)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def add(model: onnx.ModelProto, *nodes: onnx.NodeProto) -> None:
    """Put operators in front, so that their outputs may be used by the others."""
    others = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend((*nodes, *others))


def constant(name: str, value: object, dtype: str = "int64") -> onnx.NodeProto:
    tensor = numpy_helper.from_array(np.asarray(value, dtype), name)
    return helper.make_node("Constant", [], [name], value=tensor)


def adds_constant(*nodes: onnx.NodeProto) -> Change:
    """Operators that depend on no input, whose float result ``bomb`` is added to the mean.

    ONNX Runtime computes such operators while it loads a model.
    """
    return adds(*nodes, helper.make_node("ReduceMax", ["bomb"], ["top"], keepdims=0))


def adds(*nodes: onnx.NodeProto) -> Change:
    """Operators that give ``top``, which is added to the mean."""

    def change(model: onnx.ModelProto) -> None:
        mean, *rest = model.graph.node
        del model.graph.node[:]
        join = helper.make_node("Add", ["plain_mean", "top"], ["mean"])
        mean.output[0] = "plain_mean"
        model.graph.node.extend((mean, *nodes, join, *rest))

    return change


def within(holder: str, location: str) -> Change:
    """A tensor in another file, wherever ONNX lets a tensor be."""

    def change(model: onnx.ModelProto) -> None:
        tensor = outside(numpy_helper.from_array(np.zeros(1, np.float32), "hidden"), location)
        if holder == "initializer":
            model.graph.initializer.append(tensor)
        elif holder == "attribute":
            add(model, helper.make_node("Constant", [], ["h"], value=tensor))
        elif holder == "attribute list":
            add(model, helper.make_node("Identity", ["windows"], ["h"], hidden=[tensor]))
        elif holder == "sparse initializer":
            sparse = model.graph.sparse_initializer.add(values=tensor, dims=[1])
            sparse.indices.CopyFrom(numpy_helper.from_array(np.zeros(1, np.int64)))
        elif holder == "sparse attribute":
            sparse = onnx.SparseTensorProto(values=tensor, dims=[1])
            add(model, helper.make_node("Constant", [], ["h"], sparse_value=sparse))
        elif holder == "subgraph":
            add(model, branching(helper.make_node("Constant", [], ["h"], value=tensor)))
        elif holder == "function":
            node = helper.make_node("Constant", [], ["h"], value=tensor)
            model.functions.append(helper.make_function("own", "F", [], ["h"], [node], []))

    return change


def branching(node: onnx.NodeProto) -> onnx.NodeProto:
    output = helper.make_tensor_value_info("h", TensorProto.FLOAT, [1])
    branch = helper.make_graph([node], "branch", [], [output])
    return helper.make_node("If", ["flag"], ["x"], then_branch=branch, else_branch=branch)


def rename_operator(domain: str, operator: str) -> Change:
    def change(model: onnx.ModelProto) -> None:
        model.graph.node[-1].domain = domain
        model.graph.node[-1].op_type = operator

    return change


def a_folder(folder: Path) -> Path:
    (folder / "given.onnx").mkdir()
    return folder / "given.onnx"


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "given.onnx")
    return folder / "given.onnx"


def a_link_to(target: str) -> MakeFile:
    def make(folder: Path) -> Path:
        (folder / "given.onnx").symlink_to(target)
        return folder / "given.onnx"

    return make


def a_huge_file(folder: Path) -> Path:
    """A tebibyte that takes no room on the disk."""
    path = save(folder, b"")
    os.truncate(path, 2**40)
    return path


def a_zip(folder: Path) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("data.pkl", pickle.dumps({"weights": [1.0]}))
    return save(folder, packed.getvalue())


class Tripwire:
    """Its pickle would create a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (str(self.path), "w"))


def a_pickle(folder: Path) -> Path:
    return save(folder, pickle.dumps(Tripwire(folder / "executed")))

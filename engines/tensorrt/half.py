"""A half-precision graph of a model, made here and checked against the single-precision one.

TensorRT computes in the number formats that the graph names, so fp16 takes an fp16 graph. Its
input and outputs stay float32; values that go through it must stay below 65504.
"""

import logging
from graphlib import TopologicalSorter
from typing import Final

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator
from onnxruntime.transformers.float16 import convert_float_to_float16

from engines.agreement import compare
from engines.backend import Windows, to_scores
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.model_file import ModelFile
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.precision import TOLERANCES, Precision
from engines.scores import Scores
from engines.selfcheck import verify
from engines.stored_check import check_path, read_check
from engines.text import one_line

SIZES_PX: Final = tuple(10.0 ** (step / 2) for step in range(-4, 5))
"""Sizes of the motions of the check, a hundredth of a pixel to a hundred: faces move by less than
ten, and what is lost or mistaken by landmarks and flow jumps further."""

LARGEST_FACE_MOTION_PX: Final = 10.0
"""Up to here fp16 must answer as fp32 does; beyond, it only must not overflow."""

SEED: Final = 16

log = logging.getLogger(__name__)


def to_half(model: ModelFile) -> bytes:
    """Return a model's graph in fp16, with float32 input and outputs, as an ONNX file.

    ONNX Runtime runs it on the model's stored check, where there is one: answers within the
    tolerance of fp16, and equal expressions. On a CPU it computes part of such a graph in fp32
    and would miss an overflow; so ONNX's reference evaluator, which rounds after each operator,
    runs it too, on motions of up to a hundred pixels. What snippets hold has no such scale: a model
    of snippets needs its stored check, whose sequence the evaluator runs.

    Raises
    ------
    ModelError
        If the graph cannot be converted, or the result fails the check.
    """
    where = f"model {model.path} in fp16"
    half = _convert(model, where)
    if model.manifest.input.joint:
        _require_same_video(model, half, where)
        return bytes(half.SerializeToString())
    windows = probe_windows(model.manifest)
    _require_same_on_stored(model, half)
    _require_close(model, _evaluate(half, model.manifest, windows, where), windows, where)
    return bytes(half.SerializeToString())


def probe_windows(manifest: Manifest) -> Windows:
    """Return one window of random motion per size in :data:`SIZES_PX`, px, float32."""
    rng = np.random.default_rng(SEED)
    shape = (len(SIZES_PX), *manifest.input.row)
    steps = rng.normal(size=shape)
    steps[:, 0] = 0.0
    walks = np.cumsum(steps, axis=1)
    peaks = np.abs(walks).max(axis=(1, 2, 3), keepdims=True)
    return np.asarray(np.reshape(SIZES_PX, (-1, 1, 1, 1)) * walks / peaks, np.float32)


class _HalfOnCpu(OnnxRuntimeBackend):
    precision: Precision = "fp16"


def _convert(model: ModelFile, where: str) -> onnx.ModelProto:
    graph = onnx.load_model_from_string(model.content)
    try:
        half: onnx.ModelProto = convert_float_to_float16(graph, keep_io_types=True)
        _sort(half.graph)
        onnx.checker.check_model(half)
    except Exception as error:  # the converter raises whatever a graph makes it stumble over
        raise ModelError(f"{where}: cannot be converted: {one_line(error)}; take fp32") from error
    return half


def _sort(graph: onnx.GraphProto) -> None:
    """Put nodes after those that feed them; the converter appends its casts at the end."""
    nodes = list(graph.node)
    makers = {name: index for index, node in enumerate(nodes) for name in node.output}
    needs = {
        index: [makers[name] for name in node.input if name in makers]
        for index, node in enumerate(nodes)
    }
    del graph.node[:]
    graph.node.extend(nodes[index] for index in TopologicalSorter(needs).static_order())


def _require_same_on_stored(model: ModelFile, half: onnx.ModelProto) -> None:
    if not check_path(model.path).is_file():
        log.info("model %s has no stored check: fp16 is compared on random motions", model.path)
        return
    check = read_check(model)
    content = half.SerializeToString()
    with _HalfOnCpu(ModelFile(model.path, model.manifest, content)) as backend:
        agreement = verify(backend, check)
    log.debug("fp16 on the CPU differs by %.2g on the stored check", agreement.worst.absolute)


def _require_same_video(model: ModelFile, half: onnx.ModelProto, where: str) -> None:
    if not check_path(model.path).is_file():
        raise ModelError(
            f"{where}: has no stored check to hold fp16 against; export it again, or take fp32"
        )
    _require_same_on_stored(model, half)
    check = read_check(model)
    got = _evaluate(half, model.manifest, check.sequence, where)
    compare(check.sequence_expected, got, TOLERANCES["fp16"], where)


def _evaluate(half: onnx.ModelProto, manifest: Manifest, windows: Windows, where: str) -> Scores:
    try:
        with np.errstate(all="ignore"):
            feed = {manifest.input.tensor: windows}
            values = dict(ReferenceEvaluator(half).run(None, feed, intermediate=True))
    except Exception as error:  # its operators share no base for what they raise
        raise ModelError(f"{where}: cannot be checked: {one_line(error)}; take fp32") from error
    for name, value in values.items():
        array = np.asarray(value)
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ModelError(f"{where}: {name!r} overflows for {_what(manifest)}; take fp32")
    return to_scores({n: values[n] for n in manifest.outputs}, len(windows), manifest)


def _what(manifest: Manifest) -> str:
    if manifest.input.joint:
        return "the snippets of its stored check"
    return f"motions of up to {SIZES_PX[-1]:.0f} px"


def _require_close(model: ModelFile, got: Scores, windows: Windows, where: str) -> None:
    usual = np.asarray(SIZES_PX) <= LARGEST_FACE_MOTION_PX
    with OnnxRuntimeBackend(model) as backend:
        expected = backend.run(np.ascontiguousarray(windows[usual]))
    kept = Scores({name: vector[usual] for name, vector in got.values.items()})
    compare(expected, kept, TOLERANCES["fp16"], where)

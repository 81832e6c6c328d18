"""The forms in which a processor can run one model: runtimes and number formats."""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnx import TensorProto
from onnxruntime import quantization
from onnxruntime.transformers.float16 import convert_float_to_float16

from engines.graph import INPUT_NAME

Windows = NDArray[np.float32]
Run = Callable[[Windows], list[NDArray[np.float32]]]
"""From windows (N, 17, K, 2) to one vector (N,) per output of the graph, in its order."""

PRODUCTS: Final = ("MatMul", "Gemm", "Conv")


@dataclass(frozen=True, slots=True)
class Form:
    """One way to run the model on one thread.

    Attributes
    ----------
    name
        Runtime and number format.
    run
        Runs it, where this machine can.
    kilobytes
        Size of what the runtime loads.
    why_not
        Why it cannot run here.
    """

    name: str
    run: Run | None
    kilobytes: float = 0.0
    why_not: str = ""


def open_forms(content: bytes, calibration: Windows) -> list[Form]:
    """Return every form of a model, the deployed one first.

    Parameters
    ----------
    content
        An ONNX file in float32.
    calibration
        float32 (N, 17, K, 2): windows that int8 ranges are taken from.
    """
    dynamic, static = quantise(content), quantise(content, calibration)
    attempts: list[tuple[str, Callable[[], tuple[Run, int]]]] = [
        ("onnxruntime fp32", lambda: _onnxruntime(content)),
        ("onnxruntime int8, dynamic", lambda: _onnxruntime(dynamic)),
        ("onnxruntime int8, static", lambda: _onnxruntime(static)),
        ("onnxruntime fp16", lambda: _onnxruntime(to_half(content))),
        ("onnxruntime bf16", lambda: _onnxruntime(to_bfloat16(content))),
        ("openvino fp32", lambda: _openvino(content, {"INFERENCE_PRECISION_HINT": "f32"})),
        ("openvino bf16", lambda: _openvino(content, {"INFERENCE_PRECISION_HINT": "bf16"})),
        ("openvino int8, static", lambda: _openvino(static, {})),
    ]
    return [_attempt(name, make) for name, make in attempts]


def _attempt(name: str, make: Callable[[], tuple[Run, int]]) -> Form:
    try:
        run, size = make()
    except Exception as error:  # each runtime has errors of its own: the reason is the result
        return Form(name, None, why_not=" ".join(str(error).split())[:160])
    return Form(name, run, size / 1000)


def quantise(content: bytes, calibration: Windows | None = None) -> bytes:
    """Return the model with int8 weights, and int8 ranges of values where windows are given.

    Weights per channel, symmetric; with windows, values in QDQ form by their least and greatest.
    """
    with tempfile.TemporaryDirectory() as folder, _quietly():
        source, target = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        source.write_bytes(content)
        if calibration is None:
            quantization.quantize_dynamic(
                source, target, op_types_to_quantize=list(PRODUCTS), per_channel=True
            )
        else:
            quantization.quantize_static(
                source,
                target,
                _Calibration(calibration),
                op_types_to_quantize=list(PRODUCTS),
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                per_channel=True,
                reduce_range=True,  # products of 8-bit numbers overflow 16 bits on AVX2
            )
        return target.read_bytes()


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the quantiser from logging at the root."""
    import logging  # noqa: PLC0415

    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


class _Calibration(quantization.CalibrationDataReader):  # type: ignore[misc]
    """Hands out windows one by one."""

    def __init__(self, windows: Windows) -> None:
        self._windows = iter(windows)

    def get_next(self) -> dict[str, Windows] | None:
        window = next(self._windows, None)
        return None if window is None else {INPUT_NAME: window[None]}


def to_half(content: bytes) -> bytes:
    """Return the model in fp16 with float32 inputs and outputs."""
    model = convert_float_to_float16(onnx.load_model_from_string(content), keep_io_types=True)
    return bytes(model.SerializeToString())


def to_bfloat16(content: bytes) -> bytes:
    """Return the model with bf16 weights and products, float32 inputs and outputs.

    The fp16 graph with its 16-bit type exchanged: casts stand in the same places.
    """
    model = onnx.load_model_from_string(to_half(content))
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT16:
            values = onnx.numpy_helper.to_array(tensor).astype(np.float32)
            tensor.CopyFrom(_bfloat16(tensor.name, values))
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.i == TensorProto.FLOAT16:
                attribute.i = TensorProto.BFLOAT16
    del model.graph.value_info[:]
    return bytes(model.SerializeToString())


def _bfloat16(name: str, values: NDArray[np.float32]) -> TensorProto:
    return onnx.helper.make_tensor(
        name, TensorProto.BFLOAT16, values.shape, values.ravel().tolist()
    )


def _onnxruntime(content: bytes) -> tuple[Run, int]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return lambda windows: list(session.run(None, {INPUT_NAME: windows})), len(content)


def _openvino(content: bytes, hints: Mapping[str, str]) -> tuple[Run, int]:
    # what it would send home is nobody's business
    os.environ.setdefault("OPENVINO_TELEMETRY", "0")
    import openvino  # noqa: PLC0415 - of the extra "bench"

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, **hints}
    request = core.compile_model(core.read_model(content), "CPU", settings).create_infer_request()

    def run(windows: Windows) -> list[NDArray[np.float32]]:
        answer = request.infer({0: windows}, share_inputs=True)
        return [np.array(vector) for vector in answer.values()]

    return run, len(content)


def interleave(forms: Iterable[Form], rounds: int) -> Iterator[Form]:
    """Yield the forms that run in turn, so that a busy machine slows all alike."""
    usable = [form for form in forms if form.run]
    for number in range(rounds):
        # each round starts elsewhere: whoever follows a large form finds cold caches
        start = number % max(1, len(usable))
        yield from usable[start:] + usable[:start]

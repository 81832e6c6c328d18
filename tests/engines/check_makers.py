"""Tiny models whose scores can be decoded, what they answer, and backends that answer otherwise."""

from collections.abc import Callable, Mapping
from typing import Self

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engines.decoding import DecoderRules, IntensityRules
from engines.model_file import ModelFile
from engines.precision import Precision
from engines.scores import Scores
from engines.stored_check import StoredCheck, write_check
from tests.engines.conftest import NODES, WINDOW, MakeModel, tiny_windows

SLOPES = {
    "micro_onset": 2.0,
    "micro_offset": -2.0,
    "micro_apex": 1.5,
    "macro_onset": 3.0,
    "macro_offset": -3.0,
    "macro_apex": -0.5,
}
MARKS = tuple(SLOPES)
INTENSITY_SLOPES = {"intensity": 2.0, "micro_action": -0.5, "macro_action": 0.5}
INTENSITY = tuple(INTENSITY_SLOPES)
Floats = NDArray[np.float32]
Change = Callable[[Scores], Scores]


def decodable_graph(slopes: Mapping[str, float] = SLOPES) -> onnx.ModelProto:
    """The mean of a window's values through a sigmoid, per output with a slope of its own."""
    nodes = [helper.make_node("ReduceMean", ["windows"], ["mean"], axes=[1, 2, 3], keepdims=0)]
    weights = []
    for name, slope in slopes.items():
        weights.append(numpy_helper.from_array(np.array(slope, np.float32), f"weight_{name}"))
        nodes.append(helper.make_node("Mul", ["mean", f"weight_{name}"], [f"raw_{name}"]))
        nodes.append(helper.make_node("Sigmoid", [f"raw_{name}"], [name]))
    shape = ["N", WINDOW, len(NODES), 2]
    graph = helper.make_graph(
        nodes,
        "decodable",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]) for name in slopes],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def decodable(make_model: MakeModel) -> ModelFile:
    return make_model(decodable_graph(), outputs=MARKS)


def answer(windows: Floats, slopes: Mapping[str, float] = SLOPES) -> Scores:
    """What the graph computes, in closed form."""
    mean = windows.astype(float).mean(axis=(1, 2, 3))
    values = {name: 1 / (1 + np.exp(-slope * mean)) for name, slope in slopes.items()}
    return Scores({name: value.astype(np.float32) for name, value in values.items()})


def pulses(ticks: int = 120) -> Floats:
    """Windows whose means rise and fall again quickly, then slowly; exact in half precision."""
    time = np.arange(ticks)
    means = np.full(ticks, -0.125)
    for start, length in ((10, 14), (50, 50)):
        inside = (time >= start) & (time < start + length)
        means[inside] = 2 * np.sin(2 * np.pi * (time[inside] - start) / length)
    rounded = means.astype(np.float16).astype(np.float32)
    shape = (ticks, WINDOW, len(NODES), 2)
    return np.ascontiguousarray(np.broadcast_to(rounded.reshape(-1, 1, 1, 1), shape))


def intensity_model(make_model: MakeModel, **decoder: object) -> ModelFile:
    """A model with the outputs of GIM, and its check."""
    graph = decodable_graph(INTENSITY_SLOPES)
    model = make_model(graph, outputs=INTENSITY, method="gim", decoder=decoder)
    told = [answer(w, INTENSITY_SLOPES) for w in (tiny_windows(), pulses())]
    rules = IntensityRules.from_dict(decoder)
    write_check(model, StoredCheck(tiny_windows(), told[0], pulses(), told[1], rules))
    return model


def make_check(shift: float = 0.0) -> StoredCheck:
    """A check of the decodable model, with all expected values of the first set moved."""
    windows, sequence = tiny_windows(), pulses()
    moved = {n: v + np.float32(shift) for n, v in answer(windows).values.items()}
    return StoredCheck(windows, Scores(moved), sequence, answer(sequence), DecoderRules())


def store(model: ModelFile, shift: float = 0.0) -> None:
    write_check(model, make_check(shift))


def shifted(name: str, by: float) -> Change:
    """Move one output; what leaves [0, 1] comes back."""

    def change(scores: Scores) -> Scores:
        moved = np.clip(scores.values[name] + np.float32(by), 0, 1)
        return Scores({**scores.values, name: moved.astype(np.float32)})

    return change


class FakeBackend:
    """Answers as the decodable model, changed as told; counts what happens to it."""

    def __init__(
        self,
        name: str = "tensorrt-rtx",
        precision: Precision = "fp16",
        change: Change = lambda scores: scores,
    ) -> None:
        self.name = name
        self.precision: Precision = precision
        self.batches: list[int] = []
        self.closed = 0
        self._change = change

    def run(self, windows: Floats) -> Scores:
        self.batches.append(len(windows))
        return self._change(answer(windows))

    def close(self) -> None:
        self.closed += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

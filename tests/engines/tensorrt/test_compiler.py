from pathlib import Path
from threading import Event
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

from engines.errors import ModelError
from engines.graph import INPUT_NAME
from engines.model_file import ModelFile
from engines.tensorrt.compiler import Order, compile_graph
from engines.tensorrt.distribution import TENSORRT, TENSORRT_RTX, load
from engines.tensorrt.key import BatchRange
from engines.tensorrt.progress import ProgressBar, make_monitor
from tests.engines.conftest import NODES, WINDOW, tiny_manifest
from tests.engines.tensorrt.fake_builder import STRONGLY_TYPED, FakeBuilderModule
from tests.engines.tensorrt.plan_makers import make_key, needs_rtx


def compile_with(
    trt: FakeBuilderModule | ModuleType,
    graph: bytes = b"graph",
    *,
    cancelled: bool = False,
    **changes: object,
) -> bytes:
    """Compile through ``tensorrt``, or through ``tensorrt-rtx`` where targets are generations."""
    distribution = TENSORRT_RTX if hasattr(trt, "ComputeCapability") else TENSORRT
    key = make_key(**({"distribution": distribution.name} | changes))
    module = cast(ModuleType, trt)
    model = ModelFile(Path("tiny.onnx"), tiny_manifest(), b"")
    stop = Event()
    if cancelled:
        stop.set()
    with ProgressBar("tiny", shown=False) as bar:
        order = Order(module, distribution, model, key, graph)
        return compile_graph(order, make_monitor(module, bar, stop))


def test_tensorrt_10_is_asked_for_a_strongly_typed_network() -> None:
    trt = FakeBuilderModule(strict_flag=True)
    assert compile_with(trt) == b"plan"
    assert trt.flags == [1 << STRONGLY_TYPED]
    assert trt.parsed == [b"graph"]


def test_a_tensorrt_whose_networks_are_always_so_is_asked_for_nothing() -> None:
    trt = FakeBuilderModule(strict_flag=False)
    assert compile_with(trt) == b"plan"
    assert trt.flags == [0]


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_no_precision_is_set_but_that_of_the_graph_and_short_floats_are_off(
    precision: str,
) -> None:
    trt = FakeBuilderModule()
    compile_with(trt, precision=precision)
    assert trt.cleared == ["tf32"]


def test_the_profile_is_the_manifests_input_over_the_keys_batch() -> None:
    trt = FakeBuilderModule()
    compile_with(trt, batch=BatchRange(1, 4, 64))
    shapes = [(size, WINDOW, len(NODES), 2) for size in (1, 4, 64)]
    assert trt.shapes == [(INPUT_NAME, *shapes)]
    assert len(trt.profiles) == 1


def test_rtx_is_told_its_targets_in_order_and_tensorrt_none() -> None:
    rtx, plain = FakeBuilderModule(ahead=True), FakeBuilderModule()
    compile_with(rtx)
    compile_with(plain, targets=("SM90 NVIDIA H200",))
    assert rtx.capabilities == {0: "cc80", 1: "cc86"}
    assert plain.capabilities == {}


def test_a_target_that_this_rtx_does_not_know_is_named() -> None:
    with pytest.raises(ModelError, match="cannot build for SM120: that target is unknown to it"):
        compile_with(FakeBuilderModule(ahead=True), targets=("SM80", "SM120"))


def test_what_the_parser_refuses_is_one_line_with_each_reason_once() -> None:
    trt = FakeBuilderModule(
        parser_errors=(("no such\noperator", "Foo", "/head/Foo"), ("bad shape", "Add", "/Add")),
        log_errors=("In parse: no such operator", "a further\n reason", "a further reason"),
    )
    with pytest.raises(ModelError) as caught:
        compile_with(trt)
    assert str(caught.value) == (
        "model tiny.onnx: tensorrt 1.7.1.116 cannot read it: no such operator (operator Foo "
        "'/head/Foo'); bad shape (operator Add '/Add'); a further reason"
    )
    assert trt.shapes == []


def test_a_build_that_fails_says_what_tensorrt_logged() -> None:
    trt = FakeBuilderModule(plan=None, log_errors=("out of memory",))
    with pytest.raises(ModelError, match=r"cannot build it: out of memory$"):
        compile_with(trt)


def test_a_build_that_fails_without_a_word_says_so() -> None:
    with pytest.raises(ModelError, match="cannot build it: it does not say why"):
        compile_with(FakeBuilderModule(plan=None))


@pytest.mark.parametrize(
    ("precision", "targets", "advised"),
    [
        ("fp32", ("SM75", "SM80"), True),
        ("fp16", ("SM75", "SM80"), False),
        ("fp32", ("SM80",), False),
    ],
)
def test_fp32_that_turing_cannot_do_is_answered_with_what_to_do(
    precision: str, targets: tuple[str, ...], advised: bool
) -> None:
    trt = FakeBuilderModule(plan=None, log_errors=("x" * 500, "no FP32 GEMM on Turing (SM75)"))
    with pytest.raises(ModelError) as caught:
        compile_with(trt, precision=precision, targets=targets)
    advice = "; take --precision fp16, or leave SM75 out of the targets"
    assert str(caught.value).endswith(advice) == advised


def test_a_module_that_gives_no_builder_is_a_model_error() -> None:
    class NoDriver(FakeBuilderModule):
        def Builder(self, logger: object) -> None:  # type: ignore[override]  # noqa: N802, ARG002
            raise TypeError("pybind11::init(): factory function returned nullptr")

    with pytest.raises(ModelError, match="cannot build it: pybind11"):
        compile_with(NoDriver())


def test_a_cancelled_build_stops_at_the_first_step() -> None:
    trt = FakeBuilderModule()
    with pytest.raises(ModelError):
        compile_with(trt, cancelled=True)
    assert trt.steps == 0


@needs_rtx
def test_the_real_parsers_reason_is_told_in_one_line() -> None:
    trt = load(TENSORRT_RTX)
    with pytest.raises(ModelError, match=r"cannot read it: .*[Ff]ailed to parse") as caught:
        compile_with(trt, b"rubbish")
    assert "\n" not in str(caught.value)


class Layer:
    """A layer as the bindings hand it out: of the base class, without what its kind has."""

    def __init__(self, kind: str) -> None:
        self.type = kind


class AttentionLayer(Layer):
    @property
    def attention(self) -> SimpleNamespace:
        return self.__dict__.setdefault("held", SimpleNamespace(decomposable=False))


def test_attention_may_be_composed_where_tensorrt_has_it_as_one_layer() -> None:
    trt = FakeBuilderModule()
    trt.LayerType = SimpleNamespace(ATTENTION_INPUT="attention")  # type: ignore[attr-defined]
    trt.IAttentionInputLayer = AttentionLayer  # type: ignore[attr-defined]
    layers = [Layer("shuffle"), Layer("attention"), Layer("attention")]
    trt.network = SimpleNamespace(num_layers=len(layers), get_layer=layers.__getitem__)
    assert compile_with(trt) == b"plan"
    assert [getattr(layer, "held", None) for layer in layers] == [
        None,
        SimpleNamespace(decomposable=True),
        SimpleNamespace(decomposable=True),
    ]

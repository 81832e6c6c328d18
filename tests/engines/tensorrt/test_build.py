import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from engines.errors import ModelError
from engines.model_file import ModelFile, read_model
from engines.precision import Precision
from engines.registry import default_model_path
from engines.tensorrt import build as build_module
from engines.tensorrt.build import build_plan, plan_key
from engines.tensorrt.compiler import Order
from engines.tensorrt.distribution import TENSORRT, TENSORRT_RTX, load, version_of
from engines.tensorrt.key import BatchRange
from engines.tensorrt.plan import read_plan
from engines.tensorrt.progress import Monitor, ProgressBar, make_monitor
from engines.tensorrt.side import side_path
from engines.tensorrt.store import find_plan
from engines.tensorrt.target import TARGETS
from tests.engines.conftest import MakeModel
from tests.engines.tensorrt.fake_builder import FakeBuilderModule
from tests.engines.tensorrt.plan_makers import needs_rtx

SMALLEST_PLAN = 1000


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("FES_PLANS", str(folder))
    return folder


@needs_rtx
def test_all_five_targets_build_the_default_model_in_fp16(cache: Path) -> None:
    model = read_model(default_model_path())
    plan = build_plan(model, TENSORRT_RTX, TARGETS, "fp16", progress=True)
    assert plan.path.parent == cache
    assert plan.key == plan_key(model, TENSORRT_RTX, TARGETS, "fp16")
    assert plan.key.version == version_of(load(TENSORRT_RTX))
    assert plan.key.batch == BatchRange(1, 1, 32)
    assert len(plan.content) > len(model.content)
    assert read_plan(plan.path) == plan
    for target in TARGETS:
        assert find_plan(model, TENSORRT_RTX, plan.key.version, target, "fp16") == plan


@needs_rtx
def test_the_default_model_in_fp32_with_turing_is_one_line_that_says_what_to_do(
    cache: Path,
) -> None:
    model = read_model(default_model_path())
    with pytest.raises(ModelError, match="take --precision fp16, or leave SM75 out") as caught:
        build_plan(model, TENSORRT_RTX, ("SM75", "SM80"), "fp32")
    assert "\n" not in str(caught.value)
    assert not cache.exists()


@needs_rtx
@pytest.mark.parametrize(("precision", "target"), [("fp32", "SM86"), ("fp16", "SM75")])
def test_a_tiny_model_builds_for_one_target(
    precision: Precision, target: str, make_model: MakeModel, tmp_path: Path
) -> None:
    model, folder = make_model(), tmp_path / "out"
    plan = build_plan(
        model, TENSORRT_RTX, (target,), precision, batch=BatchRange(1, 2, 4), folder=folder
    )
    assert set(folder.iterdir()) == {plan.path, side_path(plan.path)}
    assert len(plan.content) > SMALLEST_PLAN
    key = json.loads(side_path(plan.path).read_text())["key"]
    assert key["model_sha256"] == model.sha256
    assert key["precision"] == precision
    assert key["targets"] == [target]
    assert key["batch"] == {"least": 1, "usual": 2, "most": 4}


@needs_rtx
def test_a_real_build_stops_when_its_monitor_says_so(make_model: MakeModel) -> None:
    model = make_model()
    key = plan_key(model, TENSORRT_RTX, ("SM86",), "fp32")
    order = Order(load(TENSORRT_RTX), TENSORRT_RTX, model, key, model.content)
    stopped = build_module.Event()
    stopped.set()
    with ProgressBar("tiny", shown=False) as bar:
        monitor = make_monitor(order.trt, bar, stopped)
        with pytest.raises(ModelError, match=r"[Cc]ancel"):
            build_module.compile_graph(order, monitor)


def test_an_interrupt_stops_the_build_and_nothing_is_written(
    cache: Path, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def compile_until_stopped(_: Order, monitor: Monitor) -> bytes:
        time.sleep(0.2)  # the main thread waits by then
        os.kill(os.getpid(), signal.SIGINT)
        while monitor.step_complete("Building engine", 0):
            time.sleep(0.01)
        seen.append(True)
        raise ModelError("cancelled")

    monkeypatch.setattr(build_module, "load", lambda _: FakeBuilderModule())
    monkeypatch.setattr(build_module, "compile_graph", compile_until_stopped)
    # a shell that runs tests in the background has them ignore the signal
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            build_plan(make_model(), TENSORRT_RTX, ("SM86",), "fp32")
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [True]
    assert not cache.exists()


def test_a_distribution_that_is_not_installed_builds_nothing(
    cache: Path, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, TENSORRT.module, None)
    with pytest.raises(ModelError, match="tensorrt is not installed; pip install"):
        build_plan(make_model(), TENSORRT, ("SM90 NVIDIA H200",), "fp16")
    assert not cache.exists()


def test_a_half_graph_that_fails_its_check_is_not_built(
    cache: Path, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: ModelFile) -> bytes:
        raise ModelError("overflows")

    monkeypatch.setattr(build_module, "load", lambda _: FakeBuilderModule())
    monkeypatch.setattr(build_module, "to_half", refuse)
    with pytest.raises(ModelError, match="overflows"):
        build_plan(make_model(), TENSORRT_RTX, ("SM86",), "fp16")
    assert not cache.exists()

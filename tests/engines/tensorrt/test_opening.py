import logging
from dataclasses import replace
from pathlib import Path

import pytest

from engines.errors import ModelError
from engines.model_file import ModelFile
from engines.tensorrt import opening
from engines.tensorrt.availability import Gpu, why_not
from engines.tensorrt.distribution import DISTRIBUTIONS, TENSORRT, TENSORRT_RTX, Distribution
from engines.tensorrt.key import DEFAULT_BATCH
from engines.tensorrt.opening import cache_path, open_tensorrt
from engines.tensorrt.plan import Plan
from tests.engines.conftest import MakeModel, tiny_windows
from tests.engines.tensorrt.fake_gpu import FakeGpu
from tests.engines.tensorrt.fake_tensorrt import FakeTensorRT, fake_plan


class Workshop:
    """Stands for the store and the builder, and notes what they are asked for."""

    def __init__(self, stored: Plan | None) -> None:
        self.stored = stored
        self.asked: list[tuple[object, ...]] = []
        self.built: list[tuple[object, ...]] = []

    def find(self, _: ModelFile, *wanted: object) -> Plan | None:
        self.asked.append(wanted)
        return self.stored

    def build(self, _: ModelFile, *wanted: object, batch: object) -> Plan:
        self.built.append((*wanted, batch))
        return fake_plan(b"built")


@pytest.fixture
def fake_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeGpu:
    gpu = FakeGpu()
    # the plan of the fakes has a relative path, and kernels are kept beside it
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FES_PLANS", str(tmp_path / "plans"))
    card = Gpu(0, "Fake GPU", (8, 6))
    monkeypatch.setattr(
        opening, "reach", lambda d: (FakeTensorRT(gpu, rtx=d.ahead), gpu.cuda(), card)
    )
    return gpu


def use(monkeypatch: pytest.MonkeyPatch, stored: Plan | None) -> Workshop:
    workshop = Workshop(stored)
    monkeypatch.setattr(opening, "find_plan", workshop.find)
    monkeypatch.setattr(opening, "build_plan", workshop.build)
    return workshop


@pytest.mark.parametrize(
    ("distribution", "target"), [(TENSORRT_RTX, "SM86"), (TENSORRT, "SM86 Fake GPU")]
)
def test_a_plan_that_fits_this_gpu_is_taken_and_none_is_built(
    distribution: Distribution,
    target: str,
    fake_gpu: FakeGpu,
    make_model: MakeModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workshop = use(monkeypatch, fake_plan(rtx=distribution.ahead))
    with open_tensorrt(make_model(), distribution) as backend:
        assert backend.name == distribution.name
        assert len(backend.run(tiny_windows(3))) == 3
    assert workshop.asked == [(distribution, "1.2.3", target, "fp16", DEFAULT_BATCH)]
    assert workshop.built == []
    assert fake_gpu.held == {}


def test_where_no_plan_fits_one_is_built_for_this_gpu_alone_and_the_log_says_so(
    fake_gpu: FakeGpu,
    make_model: MakeModel,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    workshop = use(monkeypatch, None)
    with (
        caplog.at_level(logging.INFO, "engines"),
        open_tensorrt(make_model(), TENSORRT_RTX, "fp32") as backend,
    ):
        assert len(backend.run(tiny_windows(1))) == 1
    assert workshop.built == [(TENSORRT_RTX, ("SM86",), "fp32", DEFAULT_BATCH)]
    assert "no plan of tiny.onnx fits Fake GPU (SM86)" in caplog.text
    assert "built fake.plan in " in caplog.text


def test_a_plan_that_was_found_and_is_refused_is_an_error_and_not_replaced_in_silence(
    fake_gpu: FakeGpu, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = use(monkeypatch, fake_plan(b"broken"))
    with pytest.raises(ModelError, match="the magic tag is wrong") as caught:
        open_tensorrt(make_model(), TENSORRT_RTX)
    assert caught.value.exit_code == 4
    assert workshop.built == []
    assert fake_gpu.held == {}


def test_the_gpu_is_set_before_a_plan_is_built(
    fake_gpu: FakeGpu, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop = use(monkeypatch, None)
    seen: list[list[str]] = []
    build = workshop.build

    def noting(*wanted: object, batch: object) -> Plan:
        seen.append(list(fake_gpu.calls))
        return build(*wanted, batch=batch)  # type: ignore[arg-type]

    monkeypatch.setattr(opening, "build_plan", noting)
    open_tensorrt(make_model(), TENSORRT_RTX).close()
    assert seen == [["device 0"]]


def test_kernels_are_kept_beside_the_plan(
    fake_gpu: FakeGpu, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = replace(fake_plan(), path=tmp_path / "plans" / "fake.plan")
    use(monkeypatch, plan)
    open_tensorrt(make_model(), TENSORRT_RTX).close()
    assert cache_path(plan) == tmp_path / "plans" / "fake.plan.cache"
    assert cache_path(plan).read_bytes() == b"kernels of this start"


@pytest.mark.parametrize("distribution", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS.keys())
def test_where_this_machine_cannot_run_it_opening_says_why_and_builds_nothing(
    distribution: Distribution,
    make_model: MakeModel,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    reason = why_not(distribution)
    if reason is None:
        pytest.skip(f"this machine runs {distribution.name}")
    monkeypatch.setenv("FES_PLANS", str(tmp_path / "plans"))
    with pytest.raises(ModelError) as caught:
        open_tensorrt(make_model(), distribution)
    assert str(caught.value) == reason
    assert caught.value.exit_code == 4
    assert not (tmp_path / "plans").exists()

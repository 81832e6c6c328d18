import importlib.util
import subprocess
import sys
from types import SimpleNamespace

import onnxruntime
import pytest

from engines import opening
from engines.errors import ModelError
from engines.opening import CANDIDATES, gpu_of, load_backend, version_of, why_not
from engines.tensorrt import availability, cuda, distribution
from engines.tensorrt import opening as tensorrt_opening
from engines.tensorrt.distribution import TENSORRT, TENSORRT_RTX
from tests.engines.check_makers import FakeBackend
from tests.engines.conftest import MakeModel


class Machine:
    """What is installed and plugged in; says what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.installed = True
        self.loads = True
        self.gpu: str | None = "NVIDIA Test (SM89)"
        self.asked: list[str] = []
        self.spec = SimpleNamespace(name="spec")
        monkeypatch.setattr(importlib.util, "find_spec", self._find_spec)
        monkeypatch.setattr(availability, "find_gpu", self._find_gpu)
        for module in (cuda, availability):
            monkeypatch.setattr(module, "load_cuda", lambda _: None)
        monkeypatch.setattr(availability, "load", self._load)

    def _find_spec(self, _: str) -> object:
        return self.spec if self.installed else None

    def _find_gpu(self, _: object, of: distribution.Distribution) -> str:
        self.asked.append("driver")
        if self.gpu is None:
            raise ModelError(f"{of.name}: no NVIDIA driver is installed")
        return self.gpu

    def _load(self, of: distribution.Distribution) -> None:
        self.asked.append("library")
        if not self.installed or not self.loads:
            raise ModelError(f"{of.name} is not installed")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_onnxruntime_runs_everywhere() -> None:
    assert why_not("onnxruntime") is None
    assert gpu_of("onnxruntime") is None


@pytest.mark.parametrize("name", ["tensorrt-rtx", "tensorrt"])
def test_a_backend_whose_library_and_gpu_are_there_is_usable(machine: Machine, name: str) -> None:
    assert why_not(name) is None
    assert gpu_of(name) == "NVIDIA Test (SM89)"


def test_without_a_driver_the_library_is_not_loaded(machine: Machine) -> None:
    machine.gpu = None
    assert why_not("tensorrt-rtx") == "no NVIDIA driver is installed"
    assert machine.asked == ["driver"]
    assert gpu_of("tensorrt-rtx") is None


def test_what_is_not_installed_is_said_first(machine: Machine) -> None:
    machine.installed = False
    machine.gpu = None
    assert why_not("tensorrt") == "tensorrt is not installed"
    assert machine.asked == ["library"]


def test_a_library_that_does_not_load_beside_a_gpu_is_said(machine: Machine) -> None:
    machine.loads = False
    assert why_not("tensorrt") == "tensorrt is not installed"
    assert machine.asked == ["driver", "library"]


@pytest.mark.parametrize("name", CANDIDATES)
def test_reasons_on_this_very_machine_are_one_line(name: str) -> None:
    reason = why_not(name)
    assert reason is None or (reason and "\n" not in reason)


def test_tensorrt_is_not_imported_to_learn_that_there_is_no_gpu() -> None:
    script = (
        "import sys\n"
        "from engines.opening import why_not\n"
        "reason = why_not('tensorrt-rtx')\n"
        "print(reason is None or 'tensorrt_rtx' not in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True"


def test_versions_are_read_from_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert version_of("onnxruntime") == onnxruntime.__version__
    monkeypatch.setattr(opening.metadata, "version", _absent)
    assert version_of("tensorrt") is None


def _absent(name: str) -> str:
    raise opening.metadata.PackageNotFoundError(name)


def test_tensorrt_is_asked_for_the_wanted_precision_and_else_chooses_its_own(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []

    def record(*arguments: object) -> FakeBackend:
        calls.append(arguments)
        return FakeBackend()

    monkeypatch.setattr(tensorrt_opening, "open_tensorrt", record)
    model = make_model()
    load_backend(model, "tensorrt", 1, "fp32")
    load_backend(model, "tensorrt-rtx", 1, None)
    assert calls == [(model, TENSORRT, "fp32"), (model, TENSORRT_RTX)]

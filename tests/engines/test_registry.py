import logging
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from engines import opening
from engines.errors import ModelError, UsageError
from engines.model_file import ModelFile
from engines.precision import Precision
from engines.registry import (
    BACKENDS,
    default_model_path,
    list_models,
    models_folder,
    open_backend,
)
from engines.stored_check import check_path
from tests.engines.check_makers import FakeBackend, decodable, shifted, store
from tests.engines.conftest import MakeModel

Fakes = Mapping[str, FakeBackend | ModelError]
Install = Callable[[Fakes, Mapping[str, str]], list[tuple[str, int, Precision | None]]]
WRONG = shifted("micro_apex", 0.2)


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put fakes in the place of all backends; a machine that cannot run one says why."""

    def put(fakes: Fakes, reasons: Mapping[str, str]) -> list[tuple[str, int, Precision | None]]:
        loads = []

        def load(
            model: ModelFile, name: str, threads: int, precision: Precision | None
        ) -> FakeBackend:
            loads.append((name, threads, precision))
            fake = fakes[name]
            if isinstance(fake, ModelError):
                raise fake
            return fake

        monkeypatch.setattr(opening, "load_backend", load)
        monkeypatch.setattr(opening, "why_not", reasons.get)
        return loads

    return put


def fakes(**changes: FakeBackend | ModelError) -> dict[str, FakeBackend | ModelError]:
    """Three backends that agree, or what is given in their place."""
    good: dict[str, FakeBackend | ModelError] = {
        "tensorrt-rtx": FakeBackend("tensorrt-rtx"),
        "tensorrt": FakeBackend("tensorrt"),
        "onnxruntime": FakeBackend("onnxruntime", "fp32"),
    }
    return good | {name.replace("_", "-"): fake for name, fake in changes.items()}


def notes(caplog: pytest.LogCaptureFixture) -> list[str]:
    own = (record for record in caplog.records if record.name == "engines.registry")
    return [record.getMessage() for record in own if record.levelno == logging.INFO]


def test_auto_takes_the_first_that_agrees_and_loads_no_other(
    make_model: MakeModel, install: Install
) -> None:
    model, all_good = decodable(make_model), fakes()
    store(model)
    loads = install(all_good, {})
    assert open_backend(model, threads=2) is all_good["tensorrt-rtx"]
    assert loads == [("tensorrt-rtx", 2, None)]
    assert all_good["tensorrt-rtx"].closed == 0
    assert all_good["tensorrt-rtx"].batches


def test_auto_says_in_one_line_each_which_runs_and_why_the_others_do_not(
    make_model: MakeModel, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    model = decodable(make_model)
    store(model)
    wrong = FakeBackend("tensorrt", change=WRONG)
    install(fakes(tensorrt=wrong), {"tensorrt-rtx": "no NVIDIA driver is installed"})
    with caplog.at_level(logging.INFO):
        opened = open_backend(model)
    assert opened.name == "onnxruntime"
    first, second, third = notes(caplog)
    assert first == "backend tensorrt-rtx is not used: no NVIDIA driver is installed"
    assert second.startswith("backend tensorrt is not used: backend tensorrt in fp16: output")
    assert third == "model tiny 1.2.3 runs on onnxruntime in fp32"
    assert all("\n" not in line for line in (first, second, third))


def test_auto_loads_nothing_that_this_machine_cannot_run(
    make_model: MakeModel, install: Install
) -> None:
    loads = install(fakes(), {"tensorrt-rtx": "no driver", "tensorrt": "not installed"})
    open_backend(decodable(make_model))
    assert loads == [("onnxruntime", 1, None)]


def test_auto_passes_over_a_backend_that_does_not_load(
    make_model: MakeModel, install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    install(fakes(tensorrt_rtx=ModelError("the plan is refused")), {})
    with caplog.at_level(logging.INFO):
        assert open_backend(decodable(make_model)).name == "tensorrt"
    assert "backend tensorrt-rtx is not used: the plan is refused" in notes(caplog)


def test_auto_closes_what_failed_and_leaves_open_what_runs(
    make_model: MakeModel, install: Install
) -> None:
    model = decodable(make_model)
    store(model)
    put = fakes(
        tensorrt_rtx=FakeBackend("tensorrt-rtx", change=WRONG),
        tensorrt=FakeBackend("tensorrt", change=shifted("macro_onset", np.nan)),
    )
    install(put, {})
    open_backend(model)
    assert [put[name].closed for name in ("tensorrt-rtx", "tensorrt", "onnxruntime")] == [1, 1, 0]


def test_auto_is_an_error_with_every_reason_where_nothing_runs(
    make_model: MakeModel, install: Install
) -> None:
    model = decodable(make_model)
    store(model)
    install(
        fakes(tensorrt=ModelError("no plan"), onnxruntime=FakeBackend("onnxruntime", change=WRONG)),
        {"tensorrt-rtx": "no driver"},
    )
    with pytest.raises(ModelError, match="no backend runs it") as raised:
        open_backend(model)
    said = str(raised.value)
    assert "tensorrt-rtx: no driver; tensorrt: no plan; onnxruntime: backend" in said
    assert "\n" not in said


@pytest.mark.parametrize("name", ["tensorrt-rtx", "tensorrt", "onnxruntime"])
def test_a_named_backend_runs_or_fails_and_no_other_is_loaded(
    make_model: MakeModel, install: Install, name: str
) -> None:
    model = decodable(make_model)
    put = fakes()
    loads = install(put, {"tensorrt-rtx": "no driver", "tensorrt": "not installed"})
    assert open_backend(model, name, 3, "fp32") is put[name]
    assert loads == [(name, 3, "fp32")]
    failing = install(fakes(**{name.replace("-", "_"): ModelError("does not load")}), {})
    with pytest.raises(ModelError, match="does not load"):
        open_backend(model, name)
    assert failing == [(name, 1, None)]


@pytest.mark.parametrize("name", ["tensorrt-rtx", "tensorrt", "onnxruntime"])
def test_a_named_backend_that_disagrees_is_refused_and_closed(
    make_model: MakeModel, install: Install, name: str
) -> None:
    model = decodable(make_model)
    store(model)
    wrong = FakeBackend(name, change=WRONG)
    install(fakes(**{name.replace("-", "_"): wrong}), {})
    with pytest.raises(ModelError, match="output 'micro_apex' differs"):
        open_backend(model, name)
    assert wrong.closed == 1


def test_what_interrupts_the_self_check_closes_the_backend(
    make_model: MakeModel, install: Install
) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    model = decodable(make_model)
    store(model)
    stopped = FakeBackend("tensorrt-rtx", change=interrupt)
    install(fakes(tensorrt_rtx=stopped), {})
    with pytest.raises(KeyboardInterrupt):
        open_backend(model)
    assert stopped.closed == 1


def test_a_check_that_cannot_be_read_is_an_error_before_anything_is_loaded(
    make_model: MakeModel, install: Install
) -> None:
    model = decodable(make_model)
    check_path(model.path).write_bytes(b"cut")
    loads = install(fakes(), {})
    for name in BACKENDS:
        with pytest.raises(ModelError, match="cannot be read"):
            open_backend(model, name)
    assert loads == []


@pytest.mark.parametrize("backend", ["auto", "onnxruntime"])
def test_a_real_backend_that_agrees_opens_in_single_precision(
    make_model: MakeModel, backend: str
) -> None:
    model = decodable(make_model)
    store(model)
    with open_backend(model, backend) as opened:
        assert (opened.name, opened.precision) == ("onnxruntime", "fp32")


def test_an_unknown_backend_is_refused_naming_the_choices(make_model: MakeModel) -> None:
    said = "'gpu' is unknown; choose one of auto, onnxruntime, tensorrt, tensorrt-rtx"
    with pytest.raises(UsageError, match=said):
        open_backend(make_model(), "gpu")


@pytest.mark.parametrize("backend", BACKENDS)
def test_options_that_no_backend_honours_are_usage_errors(
    make_model: MakeModel, install: Install, backend: str
) -> None:
    loads = install(fakes(), {})
    with pytest.raises(UsageError, match="threads must be at least 1, not 0"):
        open_backend(make_model(), backend, threads=0)
    with pytest.raises(UsageError, match="precision 'int8' is unknown; choose one of fp32, fp16"):
        open_backend(make_model(), backend, precision="int8")
    assert loads == []


def test_half_precision_on_the_processor_is_a_usage_error(make_model: MakeModel) -> None:
    with pytest.raises(UsageError, match="backend onnxruntime runs fp32, not fp16"):
        open_backend(make_model(), "onnxruntime", precision="fp16")


def test_the_default_model_lies_in_the_package() -> None:
    if models_folder().joinpath("spotformer.onnx").is_file():
        assert default_model_path() in list_models()
    else:
        with pytest.raises(ModelError, match="no model is installed"):
            default_model_path()

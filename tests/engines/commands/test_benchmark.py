import json

import pytest

from engines import opening
from engines.cli import cli
from engines.commands import benchmark as benchmark_module
from engines.commands.benchmark import parse_backend, parse_batches
from engines.console import run_command
from engines.errors import UsageError
from tests.engines.check_makers import FakeBackend, decodable, shifted, store
from tests.engines.conftest import MakeModel

Captured = pytest.CaptureFixture[str]
QUICK = ("--seconds", "0.01", "--batch", "1,4")


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> list[FakeBackend]:
    """Two backends of which TensorRT has a GPU; tensorrt-rtx cannot run."""
    opened = []

    def load(_: object, name: str, threads: int, precision: str | None) -> FakeBackend:
        default = "fp32" if name == "onnxruntime" else "fp16"
        opened.append(FakeBackend(name, precision or default))
        return opened[-1]

    monkeypatch.setattr(opening, "load_backend", load)
    monkeypatch.setattr(benchmark_module, "why_not", {"tensorrt-rtx": "no RTX GPU"}.get)
    monkeypatch.setattr(benchmark_module, "gpu_of", {"tensorrt": "NVIDIA Test (SM90)"}.get)
    return opened


def test_all_usable_backends_are_measured_and_the_others_named(
    make_model: MakeModel, capsys: Captured, fakes: list[FakeBackend]
) -> None:
    model = decodable(make_model)
    assert run_command(cli, ["benchmark", *QUICK, "--json", str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [(row["backend"], row["batch"]) for row in shown["rows"]] == [
        ("tensorrt fp16", 1),
        ("onnxruntime fp32", 1),
        ("tensorrt fp16", 4),
        ("onnxruntime fp32", 4),
    ]
    assert all(row["calls"] > 0 and row["windows_per_s"] > 0 for row in shown["rows"])
    assert [row["ratio"] for row in shown["rows"] if "onnx" in row["backend"]] == [1.0, 1.0]
    assert shown["left_out"] == {"tensorrt-rtx": "no RTX GPU"}
    assert shown["machine"]["gpu"] == "NVIDIA Test (SM90)"
    assert (shown["sha256"], shown["threads"]) == (model.sha256, 1)
    assert all(fake.closed == 1 for fake in fakes)


def test_one_backend_can_be_measured_in_both_precisions(
    make_model: MakeModel, capsys: Captured, fakes: list[FakeBackend]
) -> None:
    named = ("--backend", "tensorrt:fp16", "--backend", "tensorrt:fp32")
    argv = ["benchmark", *QUICK, *named, "--json", str(decodable(make_model).path)]
    assert run_command(cli, argv) == 0
    shown = json.loads(capsys.readouterr().out)
    labels = {row["backend"] for row in shown["rows"]}
    assert labels == {"tensorrt fp16", "tensorrt fp32"}
    assert {row["ratio"] for row in shown["rows"]} == {None}


def test_the_same_backend_named_twice_is_measured_once(
    make_model: MakeModel, capsys: Captured, fakes: list[FakeBackend]
) -> None:
    named = ("--backend", "tensorrt", "--backend", "tensorrt")
    argv = ["benchmark", *QUICK, *named, "--json", str(decodable(make_model).path)]
    assert run_command(cli, argv) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 2
    assert len(fakes) == 1


def test_a_named_backend_that_cannot_run_is_exit_code_4(
    make_model: MakeModel, capsys: Captured
) -> None:
    reason = opening.why_not("tensorrt")
    if reason is None:
        pytest.skip("this machine runs tensorrt")
    argv = ["benchmark", *QUICK, "--backend", "tensorrt", str(decodable(make_model).path)]
    assert run_command(cli, argv) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert reason in shown.err


def test_a_backend_that_answers_wrongly_is_not_measured(
    make_model: MakeModel, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = decodable(make_model)
    store(model)
    wrong = FakeBackend("tensorrt", change=shifted("micro_apex", 0.2))
    monkeypatch.setattr(opening, "load_backend", lambda *_: wrong)
    argv = ["benchmark", *QUICK, "--backend", "tensorrt", str(model.path)]
    assert run_command(cli, argv) == 4
    assert "differs from the stored one" in capsys.readouterr().err
    assert wrong.closed == 1


def test_text_is_a_table_on_standard_output_alone(make_model: MakeModel, capsys: Captured) -> None:
    argv = ["benchmark", *QUICK, "--backend", "onnxruntime", str(decodable(make_model).path)]
    assert run_command(cli, argv) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tiny 1.2.3, 1 CPU thread(s) per operator"
    assert [line.split()[:3] for line in lines[2:4]] == [
        ["1", "onnxruntime", "fp32"],
        ["4", "onnxruntime", "fp32"],
    ]


def test_batches_are_sorted_and_each_once() -> None:
    assert parse_batches("8, 1,32,8") == (1, 8, 32)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1,,2", "a", "1.5", "1025", "1,x", "٣", "9" * 5000]
)
def test_batches_that_are_no_sizes_are_usage_errors(text: str) -> None:
    with pytest.raises(UsageError, match="must be whole numbers from 1 to 1024"):
        parse_batches(text)


@pytest.mark.parametrize("text", ["auto", "gpu", "", ":fp16"])
def test_backends_that_do_not_exist_are_usage_errors(text: str) -> None:
    with pytest.raises(UsageError, match="choose among onnxruntime, tensorrt, tensorrt-rtx"):
        parse_backend(text)


@pytest.mark.parametrize("text", ["tensorrt:int8", "tensorrt:", "tensorrt:fp16:fp32"])
def test_precisions_that_do_not_exist_are_usage_errors(text: str) -> None:
    with pytest.raises(UsageError, match="the precision is one of fp32, fp16"):
        parse_backend(text)


@pytest.mark.parametrize(
    "options",
    [
        ("--seconds", "0"),
        ("--seconds", "nan"),
        ("--seconds", "inf"),
        ("--batch", "none"),
        ("--threads", "0"),
        ("--backend", "onnxruntime:fp16"),
    ],
)
def test_options_that_cannot_be_honoured_are_usage_errors(
    make_model: MakeModel, options: tuple[str, ...]
) -> None:
    assert run_command(cli, ["benchmark", *options, str(decodable(make_model).path)]) == 2

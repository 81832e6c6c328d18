import json
from dataclasses import replace

import numpy as np
import pytest

from engines import opening
from engines.cli import cli
from engines.console import run_command
from engines.decoding import decode
from engines.model_file import write_model
from engines.stored_check import check_path, read_check
from tests.engines.check_makers import (
    INTENSITY,
    INTENSITY_SLOPES,
    MARKS,
    FakeBackend,
    answer,
    decodable,
    decodable_graph,
    intensity_model,
    pulses,
    shifted,
    store,
)
from tests.engines.conftest import MakeModel, tiny_windows

Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(("shift", "code"), [(0.0, 0), (0.01, 4), (np.nan, 4)])
def test_the_exit_code_tells_whether_the_outputs_agree(
    make_model: MakeModel, capsys: Captured, shift: float, code: int
) -> None:
    model = decodable(make_model)
    store(model, shift)
    assert run_command(cli, ["verify", "--backend", "onnxruntime", str(model.path)]) == code
    shown = capsys.readouterr()
    if code:
        assert shown.out == ""
        errors = [line for line in shown.err.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1
        assert "differs from the stored one" in errors[0]


def test_json_holds_differences_tolerance_and_events(
    make_model: MakeModel, capsys: Captured
) -> None:
    model = decodable(make_model)
    store(model, 5e-6)
    argv = ["verify", "--backend", "onnxruntime", "--threads", "2", "--json", str(model.path)]
    assert run_command(cli, argv) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["model"], shown["backend"], shown["precision"]) == (
        "tiny",
        "onnxruntime",
        "fp32",
    )
    assert shown["windows"] == len(tiny_windows()) + len(pulses())
    assert shown["tolerance"] == {"absolute": 1e-5, "relative": 1e-3}
    assert set(shown["differences"]) == set(MARKS)
    assert shown["worst"]["absolute"] == pytest.approx(5e-6, abs=1e-6)
    assert shown["worst"]["relative"] > 0
    check = read_check(model)
    expected = decode(check.sequence_expected.values, check.rules)
    assert [(e["kind"], e["onset"], e["apex"], e["offset"]) for e in shown["events"]] == [
        (e.kind.value, e.onset, e.apex, e.offset) for e in expected
    ]


def test_text_shows_a_line_per_output_and_the_number_of_expressions(
    make_model: MakeModel, capsys: Captured
) -> None:
    model = decodable(make_model)
    store(model)
    assert run_command(cli, ["verify", str(model.path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "tiny 1.2.3 on onnxruntime in fp32: 124 windows agree"
    assert [line.split()[0] for line in lines[2:-2]] == list(MARKS)
    assert lines[-1] == "expressions of the stored sequence: 6 equal (4 macro, 2 micro)"


def test_another_expression_is_exit_code_4_and_one_line(
    make_model: MakeModel, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the decoder's threshold lies between the expected probability and the answered one
    strongest = float(answer(pulses()).values["macro_apex"].max())
    decoder = {"macro": {"apex_threshold": strongest - 1e-4}}
    model = make_model(decodable_graph(), outputs=MARKS, decoder=decoder)
    store(model)
    fake = FakeBackend("tensorrt", change=shifted("macro_apex", -1e-3))
    monkeypatch.setattr(opening, "load_backend", lambda *_: fake)
    assert run_command(cli, ["verify", "--backend", "tensorrt", str(model.path)]) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "the expressions differ from the stored ones: nothing further" in shown.err
    assert fake.closed == 1


def test_a_model_with_an_intensity_is_verified_by_its_own_decoder(
    make_model: MakeModel, capsys: Captured
) -> None:
    model = intensity_model(make_model, thresholds=[0.5, 0.7])
    assert run_command(cli, ["verify", "--json", str(model.path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown["differences"]) == set(INTENSITY)
    check = read_check(model)
    expected = decode(check.sequence_expected.values, check.rules)
    assert expected
    assert [(e["kind"], e["onset"], e["apex"], e["offset"]) for e in shown["events"]] == [
        (e.kind.value, e.onset, e.apex, e.offset) for e in expected
    ]


@pytest.mark.parametrize(
    ("decoder", "said"),
    [
        ({"thresholds": [0.7, 0.5]}, "thresholds are 1 to 100 rising values"),
        ({"apex_threshold": 0.5}, "has no rule apex_threshold"),
        ({"macro": {"shortest": "long"}}, "decoder.macro.shortest is a number"),
    ],
)
def test_rules_of_an_intensity_that_cannot_be_followed_are_one_line_and_exit_code_4(
    make_model: MakeModel, capsys: Captured, decoder: dict[str, object], said: str
) -> None:
    model = intensity_model(make_model)
    write_model(
        model.path,
        decodable_graph(INTENSITY_SLOPES),
        replace(model.manifest, decoder=decoder),
    )
    assert run_command(cli, ["verify", str(model.path)]) == 4
    shown = capsys.readouterr()
    assert shown.out == ""
    (error,) = [line for line in shown.err.splitlines() if line.startswith("error: ")]
    assert "model tiny: its decoder rules cannot be used" in error
    assert said in error


def test_a_model_without_a_check_cannot_be_verified(
    make_model: MakeModel, capsys: Captured
) -> None:
    model = decodable(make_model)
    assert run_command(cli, ["verify", str(model.path)]) == 4
    assert f"has no stored outputs at {check_path(model.path)}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--backend", "gpu"],
        ["--precision", "int8"],
        ["--threads", "0"],
        ["--tolerance", "1"],
        ["--backend", "onnxruntime", "--precision", "fp16"],
    ],
)
def test_options_that_cannot_be_honoured_are_usage_errors(
    make_model: MakeModel, options: list[str]
) -> None:
    model = decodable(make_model)
    store(model)
    assert run_command(cli, ["verify", *options, str(model.path)]) == 2


def test_the_model_of_the_package_verifies_on_the_processor(capsys: Captured) -> None:
    assert run_command(cli, ["verify", "--backend", "onnxruntime", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert {event["kind"] for event in shown["events"]} == {"micro", "macro"}

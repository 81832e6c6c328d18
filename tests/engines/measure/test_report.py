import json

import pytest

from engines.measure.machine import Machine
from engines.measure.report import BASELINE, Comparison, rows_of
from engines.measure.rounds import Figures

MACHINE = Machine("Test CPU", 2, 8, 0.5, "Test GPU (SM89)", "Linux", "3.11.1", {"numpy": "1.26"})


def figures(p50_ms: float) -> Figures:
    return Figures(100, p50_ms * 0.9, p50_ms, p50_ms * 2, p50_ms * 3, 900 / p50_ms)


def comparison(**changes: object) -> Comparison:
    rows = rows_of(
        {
            (BASELINE, 1): figures(1.0),
            ("tensorrt fp16", 1): figures(0.25),
            (BASELINE, 32): figures(20.0),
            ("tensorrt fp16", 32): figures(40.0),
        }
    )
    values = {
        "model": "tiny 1.2.3",
        "sha256": "ab" * 32,
        "threads": 1,
        "rows": rows,
        "left_out": {"tensorrt-rtx": "no driver"},
        "machine": MACHINE,
    }
    return Comparison(**(values | changes))


def test_ratios_refer_to_onnxruntime_at_the_same_batch() -> None:
    assert [row.ratio for row in comparison().rows] == pytest.approx([1.0, 4.0, 1.0, 0.5])


def test_without_onnxruntime_there_are_no_ratios() -> None:
    rows = rows_of({("tensorrt fp16", 1): figures(0.25), (BASELINE, 8): figures(1.0)})
    assert rows[0].ratio is None
    lines = comparison(rows=rows[:1]).lines()
    assert lines[2].split()[-1] == "-"


def test_text_holds_all_figures_the_machine_and_what_was_left_out() -> None:
    lines = comparison().lines()
    head = lines[1].split()
    assert [*head[:2], head[-1]] == ["batch", "backend", "ratio"]
    assert lines[3].split() == [
        *("1", "tensorrt", "fp16"),
        *("0.225", "0.250", "0.500", "0.750", "3600", "4.00"),
    ]
    assert "left out: tensorrt-rtx: no driver" in lines
    assert lines[-1] == (
        "Test CPU, 2 of 8 cores; load 0.5; Test GPU (SM89); Python 3.11.1; numpy 1.26"
    )


def test_json_holds_the_same() -> None:
    shown = json.loads(json.dumps(comparison().to_dict(), allow_nan=False))
    assert shown["rows"][1] == {
        "backend": "tensorrt fp16",
        "batch": 1,
        "calls": 100,
        "p5_ms": 0.225,
        "p50_ms": 0.25,
        "p95_ms": 0.5,
        "p99_ms": 0.75,
        "windows_per_s": 3600.0,
        "ratio": 4.0,
    }
    assert shown["left_out"] == {"tensorrt-rtx": "no driver"}
    assert shown["machine"]["cores"] == 2

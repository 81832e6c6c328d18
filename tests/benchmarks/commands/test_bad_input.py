"""What ``fes-bench`` says of options that cannot be honoured: one line and an exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.commands.bench_runs import bench

SHORT = ("--seconds", "1")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("latency", "--camera", "synthetic", "--source", "x.mp4"), 2, "not both"),
        (("latency", "--camera", "synthetic:one"), 2, "synthetic:7"),
        (("latency", "--camera", "synthetic:-1"), 2, "synthetic:7"),
        (("latency", "--source", "absent.mp4"), 3, "absent.mp4"),
        (("latency", "--camera", "no-such-camera"), 3, "no-such-camera"),
        (("latency", "--model", "absent.onnx"), 4, "absent.onnx"),
        (("throughput", "--camera", "0"), 2, "own pace"),
        (("throughput", "--camera", "synthetic", "--source", "x.mp4"), 2, "not both"),
        (("throughput", "--source", "absent.mp4"), 3, "absent.mp4"),
        (("throughput", "--model", "absent.onnx"), 4, "absent.onnx"),
        (("memory", "--source", "absent.mp4"), 3, "absent.mp4"),
        (("delay", "--camera", "0"), 2, "known time"),
        (("delay", "--model", "absent.onnx"), 4, "absent.onnx"),
    ],
)
def test_bad_input_is_one_line_and_its_exit_code(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, says: str
) -> None:
    got, out, err = bench(capfd, *arguments)
    assert (got, out) == (code, "")
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert says in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("latency", "--seconds", "nan"),
        ("latency", "--seconds", "-1"),
        ("latency", "--threads", "0"),
        ("latency", "--flow", "magic"),
        ("memory", "--minutes", "nan"),
        ("memory", "--minutes", "0"),
        ("delay", "--source", "x.mp4"),
        ("nonsense",),
    ],
)
def test_options_out_of_range_are_usage_errors(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, out, err = bench(capfd, *arguments)
    assert (code, out) == (2, "")
    assert "Error:" in err
    assert "Traceback" not in err


def test_a_text_file_is_no_film(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a video\n" * 100)
    code, out, err = bench(capfd, "throughput", "--source", path)
    assert (code, out) == (3, "")
    assert "notes.mp4" in err


@pytest.mark.parametrize("command", ["latency", "throughput", "memory", "delay"])
def test_help_has_examples(capfd: pytest.CaptureFixture[str], command: str) -> None:
    code, out, _ = bench(capfd, command, "--help")
    assert code == 0
    assert f"  fes-bench {command}" in out


def test_neither_torch_nor_offline_is_loaded() -> None:
    look = (
        "import sys; from benchmarks.cli import whole; whole(); "
        "print([m for m in sys.modules if m.split('.')[0] in ('torch', 'offline', 'skimage')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engines.commands import build as build_command
from engines.commands.build import build
from engines.console import run_command
from engines.model_file import ModelFile
from engines.tensorrt.distribution import DISTRIBUTIONS, TENSORRT, TENSORRT_RTX
from engines.tensorrt.plan import read_plan
from engines.tensorrt.side import side_path
from tests.engines.conftest import MakeModel
from tests.engines.tensorrt.plan_makers import needs_rtx

RUN = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from engines.commands.build import build
from engines.console import run_command
sys.exit(run_command(build, sys.argv[1:]))
"""
"""A shell that runs tests in the background has them ignore the signal; this does not."""


def run(model: ModelFile, folder: Path, *options: str) -> int:
    return run_command(build, [*options, "--out", str(folder), str(model.path)])


@needs_rtx
def test_a_plan_is_built_once_and_then_found(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, folder = make_model(), tmp_path / "out"
    shown = []
    for _ in range(2):
        assert run(model, folder, "--json", "--target", "sm86") == 0
        shown.append(json.loads(capsys.readouterr().out))
    first, second = shown
    plan = read_plan(first["path"])
    assert first["key"] == plan.key.to_dict()
    assert first["key"]["targets"] == ["SM86"]
    assert first["key"]["distribution"] == "tensorrt-rtx"
    assert first["key"]["precision"] == "fp16"
    assert first["key"]["batch"] == {"least": 1, "usual": 1, "most": 32}
    assert first["size"] == len(plan.content)
    assert first["built"] is True
    assert first["seconds"] > 0
    assert second == first | {"built": False, "seconds": 0.0}


@needs_rtx
def test_text_says_where_the_plan_is_and_whether_it_was_there(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, folder = make_model(), tmp_path / "out"
    options = ("--target", "SM86", "--max-batch", "4")
    assert run(model, folder, *options) == 0
    lines = capsys.readouterr().out.splitlines()
    (path,) = folder.glob("*.plan")
    assert lines[0] == str(path)
    assert "batch 1 to 4" in lines[1]
    assert f"{path.stat().st_size} bytes, built in " in lines[-1]
    assert run(model, folder, *options) == 0
    assert "was there; --force rebuilds" in capsys.readouterr().out
    assert run(model, folder, *options, "--force") == 0
    assert "built in" in capsys.readouterr().out


@needs_rtx
@pytest.mark.parametrize(
    "options", [("--target", "SM80"), ("--precision", "fp32"), ("--max-batch", "8")]
)
def test_another_key_is_another_plan(
    options: tuple[str, ...], make_model: MakeModel, tmp_path: Path
) -> None:
    model, folder = make_model(), tmp_path / "out"
    usual = ("--target", "SM86")
    assert run(model, folder, *usual) == 0
    assert run(model, folder, *(options if options[0] == "--target" else usual + options)) == 0
    assert len(list(folder.glob("*.plan"))) == 2


@needs_rtx
def test_a_damaged_plan_is_built_again(make_model: MakeModel, tmp_path: Path) -> None:
    model, folder = make_model(), tmp_path / "out"
    assert run(model, folder, "--target", "SM86") == 0
    (path,) = folder.glob("*.plan")
    path.write_bytes(path.read_bytes()[:-1])
    os.utime(path, (1, 1))
    assert run(model, folder, "--target", "SM86") == 0
    (path,) = folder.glob("*.plan")
    assert read_plan(path).key.targets == ("SM86",)


@needs_rtx
def test_an_interrupt_exits_with_130_and_leaves_nothing(
    make_model: MakeModel, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    argv = [sys.executable, "-c", RUN, "--out", str(folder)]
    # all targets of the model of the package: long enough to be interrupted within
    with subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        for line in child.stderr:
            if "building" in line:
                break
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=120)
    assert child.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert not folder.exists() or list(folder.iterdir()) == []


def test_targets_are_refused_where_the_gpu_at_hand_decides(
    make_model: MakeModel, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(make_model(), tmp_path, "--distribution", "tensorrt", "--target", "SM80") == 2
    assert "builds for the GPU at hand; leave out --target" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ("--distribution", "tensorrt-rtx", "--target", "SM90"),
        ("--distribution", "cuda"),
        ("--precision", "int8"),
        ("--max-batch", "0"),
        ("--max-batch", "100000"),
    ],
)
def test_options_that_cannot_be_honoured_are_usage_errors(
    options: tuple[str, ...], make_model: MakeModel, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    assert run(make_model(), folder, *options) == 2
    assert not folder.exists()


def test_a_model_that_is_refused_is_not_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"?")
    assert run_command(build, ["--out", str(tmp_path / "out"), str(bad)]) == 4
    assert capsys.readouterr().err.count("\n") == 1
    assert not tmp_path.joinpath("out").exists()


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_distribution_that_is_not_installed_is_an_error_that_says_what_to_install(
    distribution: str,
    make_model: MakeModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, DISTRIBUTIONS[distribution].module, None)
    if distribution == "tensorrt" and importable(TENSORRT.module):
        pytest.skip("tensorrt is installed here")
    assert run(make_model(), tmp_path / "out", "--distribution", distribution) == 4
    assert f"{distribution} is not installed; pip install" in capsys.readouterr().err


def importable(module: str) -> bool:
    return any(Path(folder).joinpath(module).is_dir() for folder in sys.path)


def test_by_default_the_first_installed_distribution_builds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, TENSORRT_RTX.module, None)
    monkeypatch.setitem(sys.modules, TENSORRT.module, json)
    assert build_command._choose(None) is TENSORRT
    monkeypatch.setitem(sys.modules, TENSORRT_RTX.module, json)
    assert build_command._choose(None) is TENSORRT_RTX
    assert build_command._choose("tensorrt") is TENSORRT


def test_help_shows_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(build, ["--help"]) == 0
    assert "fes-engine build --target SM86" in capsys.readouterr().out


@needs_rtx
def test_the_folder_of_plans_is_where_they_go_by_default(
    make_model: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FES_PLANS", str(tmp_path / "plans"))
    assert run_command(build, ["--target", "SM86", str(make_model().path)]) == 0
    (path,) = tmp_path.joinpath("plans").glob("*.plan")
    assert side_path(path).is_file()

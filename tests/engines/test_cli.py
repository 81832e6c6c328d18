import subprocess
import sys

import pytest

from engines.cli import COMMANDS, cli
from engines.console import run_command


def test_an_unknown_option_is_a_usage_error() -> None:
    assert run_command(cli, ["list", "--jason"]) == 2


def test_an_unknown_command_is_a_usage_error() -> None:
    assert run_command(cli, ["compile"]) == 2


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_shows_an_example(name: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--help"] if name is None else [name, "--help"]
    assert run_command(cli, argv) == 0
    assert "Example" in capsys.readouterr().out


def test_help_lists_every_command_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    run_command(cli, ["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for name, entry in COMMANDS.items():
        assert f"{name} {entry.summary}" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_are_found_under_their_names(name: str) -> None:
    assert COMMANDS[name].load().name == name


def test_help_waits_for_no_library() -> None:
    script = (
        "import sys\n"
        "from engines.cli import cli\n"
        "from engines.console import run_command\n"
        "run_command(cli, ['--help'])\n"
        "heavy = {'numpy', 'onnx', 'onnxruntime', 'tensorrt_rtx'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr

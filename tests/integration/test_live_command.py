"""``fes-live`` as a user meets it: what it prints, where, and how it ends."""

import json
import signal
import socket
import subprocess
import time
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from engines.console import run_command
from realtime.cli import cli
from tests.integration.live_runs import TIMEOUT_S, command, fes_live, read_events


def fail(capfd: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    """Exit code and the one line of error, checked to be one."""
    code = run_command(cli, [*map(str, arguments)])
    out, err = capfd.readouterr()
    assert out == ""
    errors = [line for line in err.splitlines() if line.startswith("error:")]
    assert len(errors) == 1, err
    assert err.splitlines()[-1] == errors[0]
    assert "Traceback" not in err
    return code, errors[0]


def test_without_a_source_it_says_which_ones_there_are(capfd: pytest.CaptureFixture[str]) -> None:
    code, line = fail(capfd)
    assert code == 2
    assert "--camera" in line
    assert "--source" in line


def test_a_camera_that_is_given_twice_is_refused(capfd: pytest.CaptureFixture[str]) -> None:
    code, line = fail(capfd, "--camera", "0", "--camera", "0")
    assert code == 2
    assert "--camera 0 is given twice" in line


def test_one_of_several_sources_that_is_not_there_is_named_and_nothing_runs(
    capfd: pytest.CaptureFixture[str], film: Path, tmp_path: Path
) -> None:
    code, line = fail(capfd, "--source", film, "--source", tmp_path / "absent.mp4")
    assert code == 3
    assert "absent.mp4" in line


def test_a_missing_file_is_named(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, line = fail(capfd, "--source", tmp_path / "absent.mp4")
    assert code == 3
    assert "absent.mp4" in line


def test_an_empty_folder_is_refused(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert fail(capfd, "--source", tmp_path)[0] == 3


def test_a_text_file_is_no_video(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("not a video\n" * 100)
    code, line = fail(capfd, "--source", path)
    assert code == 3
    assert "notes.mp4" in line


def test_a_rate_for_a_video_is_a_usage_error(capfd: pytest.CaptureFixture[str], film: Path) -> None:
    assert fail(capfd, "--source", film, "--rate", "25")[0] == 2


@pytest.mark.parametrize("content", ["no model at all", None])
def test_a_model_without_a_manifest_is_refused(
    capfd: pytest.CaptureFixture[str], film: Path, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "bare.onnx"
    if content is None:
        onnx.save(bare_model(), str(path))
    else:
        path.write_text(content)
    code, line = fail(capfd, "--source", film, "--model", path)
    assert code == 4
    assert "bare.onnx" in line


def test_a_port_in_use_is_a_usage_error_and_leaves_the_event_file_alone(
    capfd: pytest.CaptureFixture[str], film: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, line = fail(capfd, "--source", film, "--port", str(port), "--events", events)
    assert code == 2
    assert str(port) in line
    assert not events.exists()


def test_an_event_file_that_cannot_be_written_is_a_usage_error(
    capfd: pytest.CaptureFixture[str], film: Path, tmp_path: Path
) -> None:
    assert fail(capfd, "--source", film, "--events", tmp_path / "no" / "e.jsonl")[0] == 2


def test_an_open_address_needs_a_token(capfd: pytest.CaptureFixture[str], film: Path) -> None:
    code, line = fail(capfd, "--source", film, "--serve", "--host", "0.0.0.0")  # noqa: S104
    assert code == 2
    assert "token" in line


def test_cameras_are_listed_also_where_there_is_none(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_command(cli, ["cameras"]) == 0
    assert "synthetic" in capfd.readouterr().out
    assert run_command(cli, ["cameras", "--json"]) == 0
    assert isinstance(json.loads(capfd.readouterr().out), list)


def test_an_error_reaches_the_shell_as_its_exit_code(tmp_path: Path) -> None:
    done = fes_live("--source", tmp_path / "absent.mp4")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_events_on_standard_output_are_all_that_is_there(film: Path) -> None:
    done = fes_live("--source", film, "--events", "-")
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[0]["type"] == "fes.hello"
    assert events[-1]["type"] == "fes.stream.end"


def test_a_reader_that_goes_away_ends_the_run_quietly(film: Path) -> None:
    with subprocess.Popen(
        command("--source", film, "--events", "-"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(TIMEOUT_S) == 0
    assert "error:" not in errors
    assert "Traceback" not in errors


def test_ctrl_c_ends_a_camera_at_once_with_a_complete_event_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with subprocess.Popen(
        command("--camera", "synthetic", "--no-serve", "--events", path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_face(path)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        errors = process.stderr.read()
        assert process.wait(TIMEOUT_S) == 130
    events = read_events(path)
    assert events[-1]["type"] == "fes.stream.end"
    assert events[-1]["data"]["reason"] == "interrupted"  # type: ignore[index]
    assert "Traceback" not in errors


def wait_for_face(path: Path) -> None:
    limit = time.monotonic() + TIMEOUT_S
    while time.monotonic() < limit:
        if path.exists() and "fes.face.found" in path.read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    pytest.fail("no face was found in the synthetic camera")


def bare_model() -> onnx.ModelProto:
    """A model that any other program would run, but that does not say what it is."""
    shape = ["N", 17, 18, 2]
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n in ("x", "y")]
    relu = helper.make_node("Relu", ["x"], ["y"])
    graph = helper.make_graph([relu], "bare", values[:1], values[1:])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)

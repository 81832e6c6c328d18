"""Sessions of whole runs: scored again from their video, and killed in mid-recording."""

import dataclasses
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.console import run_command
from realtime.cli import cli
from realtime.events.messages import Expression, FaceFound, Hello, Phase, StreamEnd
from realtime.live import LiveOptions, run
from realtime.recording.layout import EVENTS, SESSION
from realtime.recording.reader import Recorded
from realtime.recording.recording import Recording
from realtime.recording.source import open_recorded
from realtime.sources.base import Source
from realtime.sources.file import open_file
from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame
from tests.integration.live_runs import (
    TIMEOUT_S,
    command,
    final_expressions,
    read_events,
)
from tests.realtime.live_makers import Listener


class AsCamera(WrappedSource):
    """A film as a camera delivers it: late, at times that are no round numbers."""

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            jitter_s = 0.003 * ((frame.index * 7919) % 11 - 5) / 5
            time_s = 12.3456789 + frame.timestamp_s + jitter_s
            yield dataclasses.replace(frame, timestamp_s=time_s)


def finals(listener: Listener) -> list[Expression]:
    """Final expressions, without the delay of this very run."""
    return [
        dataclasses.replace(event, compute_delay_ms=None)
        for event in listener.heard
        if isinstance(event, Expression) and event.phase is Phase.END
    ]


def spot(source: Source, recording: Recording | None = None) -> Listener:
    listener = Listener()
    assert run(source, LiveOptions(), [listener], witnesses=[recording] if recording else [])
    return listener


def test_the_video_of_a_session_gives_the_very_same_final_events(
    film: Path, tmp_path: Path
) -> None:
    plain = spot(open_file(film))
    recorded = spot(open_file(film), Recording(tmp_path / "s", video=True))
    again = spot(open_recorded(tmp_path / "s"))
    alone = spot(open_file(tmp_path / "s" / "video-0.nut"))
    assert len(finals(plain)) == 1
    assert finals(recorded) == finals(plain)
    assert finals(again) == finals(plain)
    assert finals(alone) == finals(plain)
    assert again.ends == plain.ends
    hello = recorded.heard[0]
    assert isinstance(hello, Hello)
    assert (hello.recording, hello.recording_video, hello.replay) == (True, True, False)


def test_frames_of_a_camera_are_scored_again_at_the_very_times_that_they_had(
    film: Path, tmp_path: Path
) -> None:
    recorded = spot(AsCamera(open_file(film)), Recording(tmp_path / "s", video=True))
    again = spot(open_recorded(tmp_path / "s"))
    assert len(finals(recorded)) == 1
    assert finals(recorded)[0].apex_s > 12
    assert finals(again) == finals(recorded)
    assert again.ends == recorded.ends
    # the video by itself begins at 0, and has the same events that much earlier
    alone = spot(open_file(tmp_path / "s" / "video-0.nut"))
    first_s = Recorded(tmp_path / "s").session.sources[0].first_frame_s
    assert first_s is not None
    assert finals(alone)[0].apex_s == pytest.approx(finals(recorded)[0].apex_s - first_s, abs=2e-6)


def test_only_frames_that_were_processed_are_recorded(film: Path, tmp_path: Path) -> None:
    listener = Listener()
    recording = Recording(tmp_path / "s", video=True)
    run(open_file(film), LiveOptions(seconds=1.0), [listener], witnesses=[recording])
    (end,) = [event for event in listener.heard if isinstance(event, StreamEnd)]
    with open_recorded(tmp_path / "s") as source:
        assert len(list(source)) == end.frames == 30


def test_a_session_holds_no_credentials_and_no_picture_unless_asked(
    film: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, events = tmp_path / "s", tmp_path / "e.jsonl"
    arguments = ("--source", film, "--record", folder, "--token", "s3cret", "--events", events)
    assert run_command(cli, [str(one) for one in arguments]) == 0
    assert "macro" in capfd.readouterr().out
    assert {path.name for path in folder.iterdir()} == {SESSION, EVENTS, "model.json"}
    for path in folder.iterdir():
        assert "s3cret" not in path.read_text(encoding="utf-8")
    hello = next(iter(Recorded(folder).records())).envelope.data
    assert isinstance(hello, Hello)
    assert (hello.recording, hello.recording_video) == (True, False)
    again = tmp_path / "again.jsonl"
    replay = ("replay", folder, "--no-serve", "--speed", "1000", "--events", again)
    assert run_command(cli, [str(one) for one in replay]) == 0
    assert final_expressions(read_events(again)) == final_expressions(read_events(events))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(("--record", "taken"), "notes.txt"), (("--record-video",), "--record DIR")],
)
def test_what_cannot_be_recorded_is_said_before_anything_starts(
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("mine")
    assert run_command(cli, ["--source", str(film), *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert says in err
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["notes.txt"]


def test_a_process_that_is_killed_leaves_a_session_that_is_read_and_scored(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "s"
    with subprocess.Popen(
        command("--camera", "synthetic", "--no-serve", "--record", folder, "--record-video"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        limit = time.monotonic() + TIMEOUT_S
        while not (folder / EVENTS).exists() or (folder / EVENTS).read_bytes().count(b"\n") < 20:
            assert time.monotonic() < limit, "nothing was recorded"
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        assert process.wait(TIMEOUT_S) == -signal.SIGKILL
    recorded = Recorded(folder)
    found = [record.envelope.data for record in recorded.records()]
    assert isinstance(found[0], Hello)
    assert any(isinstance(data, FaceFound) for data in found)
    assert recorded.session.summary is None
    with open_recorded(folder) as source:
        assert source.info.width == 640
        assert next(iter(source)).timestamp_s == recorded.session.sources[0].first_frame_s

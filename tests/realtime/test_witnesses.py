"""Who follows a run is told of it first, is named in its hello, and is closed with it."""

import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from engines.errors import ModelError, UsageError
from engines.manifest import Manifest
from realtime import live
from realtime.events.cloudevents import Envelope
from realtime.events.messages import Hello
from realtime.live import LiveOptions, run
from realtime.pipeline.observer import TickScores
from realtime.sources.base import Source, SourceInfo
from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame
from realtime.witness import Setting
from realtime.witnesses import open_witnesses
from tests.realtime.live_makers import Listener, ScriptedSource
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    manifest,
    ticks,
)


class Model:
    def __init__(self) -> None:
        self.manifest = manifest()


class Onlooker(Listener):
    """Writes down what it was told, in order."""

    def __init__(self, records: bool = False, video: bool = False, refuses: bool = False) -> None:
        super().__init__()
        self.records, self.records_video = records, video
        self.refuses = refuses
        self.story: list[str] = []
        self.setting: Setting = {}
        self.sources: list[str] = []

    def follow(self, source: Source) -> Source:
        self.story.append("follow")
        return WrappedSource(source)

    def begin(
        self,
        manifest: Manifest,  # noqa: ARG002 - what every witness takes
        sources: Sequence[tuple[SourceInfo, datetime | None]],
        setting: Setting,
    ) -> None:
        self.story.append("begin")
        self.setting, self.sources = setting, [info.name for info, _ in sources]
        if self.refuses:
            raise UsageError("no")

    def write(self, envelope: Envelope) -> None:
        self.story.append(envelope.type)
        super().write(envelope)

    def saw(self, source: int, frame: Frame) -> None:  # noqa: ARG002
        self.story.append(f"frame {source}")

    def scored(self, scores: TickScores) -> None:  # noqa: ARG002
        self.story.append("scores")

    def close(self) -> None:
        self.story.append("close")
        super().close()


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "load", lambda _: (Model(), ScriptedBackend()))
    monkeypatch.setattr(live, "open_tracker", lambda *_: ScriptedTracker())


def test_a_witness_is_told_of_the_run_then_of_all_that_happens_then_closed() -> None:
    one = Onlooker()
    assert run(ScriptedSource(ticks(12)), LiveOptions(), [], witnesses=[one])
    assert one.story[:3] == ["follow", "begin", "fes.hello"]
    assert one.story.count("frame 0") == 12
    assert one.story.count("scores") == 12
    assert "fes.stream.end" in one.story
    assert one.story[-1] == "close"
    assert one.sources == ["scripted"]


@pytest.mark.parametrize(("records", "video"), [(False, False), (True, False), (True, True)])
def test_the_hello_says_what_is_written(records: bool, video: bool) -> None:
    listener = Listener()
    run(ScriptedSource(ticks(3)), LiveOptions(), [listener],
        witnesses=[Onlooker(), Onlooker(records, video)])  # fmt: skip
    hello = listener.heard[0]
    assert isinstance(hello, Hello)
    assert (hello.recording, hello.recording_video) == (records, video)


def test_the_setting_has_names_of_files_and_not_their_places() -> None:
    one = Onlooker()
    options = LiveOptions(model=Path("/home/someone/secret/m.onnx"), seconds=1.5, rolling=None)
    run(ScriptedSource(ticks(3)), options, [], witnesses=[one])
    assert one.setting["model"] == "m.onnx"
    assert one.setting["seconds"] == 1.5
    assert one.setting["snippet_window"] is None


def test_a_witness_is_closed_when_the_model_cannot_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: LiveOptions) -> None:
        raise ModelError("no such model")

    monkeypatch.setattr(live, "load", refuse)
    one, source = Onlooker(), ScriptedSource(ticks(3))
    with pytest.raises(ModelError):
        run(source, LiveOptions(), [], witnesses=[one])
    assert one.closed
    assert "begin" not in one.story


def test_a_witness_that_refuses_ends_the_run_before_its_hello() -> None:
    listener, one = Listener(), Onlooker(refuses=True)
    source = ScriptedSource(ticks(3))
    with pytest.raises(UsageError):
        run(source, LiveOptions(), [listener], witnesses=[one])
    assert listener.heard == []
    assert source.closed
    assert one.closed


def test_several_sources_are_told_apart() -> None:
    one = Onlooker()
    sources = [ScriptedSource(ticks(5)), ScriptedSource(ticks(7))]
    run(sources, LiveOptions(), [], witnesses=[one])
    assert (one.story.count("frame 0"), one.story.count("frame 1")) == (5, 7)
    assert one.sources == ["scripted", "scripted"]


def test_video_without_a_folder_is_refused() -> None:
    with pytest.raises(UsageError, match="--record DIR"):
        open_witnesses(None, True, False)


def test_nobody_follows_a_run_unless_asked() -> None:
    assert open_witnesses(None, False, False) == []


def test_the_help_lists_the_commands_and_loads_nothing_that_they_need() -> None:
    code = (
        "import sys; from engines.console import run_command; from realtime.cli import cli;"
        "assert run_command(cli, ['--help']) == 0;"
        "sys.exit(any(m in sys.modules for m in ('av', 'cv2', 'pylsl', 'realtime.recording')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "replay" in done.stdout
    assert "cameras" in done.stdout

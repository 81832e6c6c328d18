"""A replay is the session again: same text, same numbers, same rhythm."""

import json
import logging
import threading
from pathlib import Path

import pytest
from websockets.sync.client import connect

from engines.console import run_command
from engines.errors import UsageError
from realtime.cli import cli
from realtime.events.cloudevents import Envelope
from realtime.events.messages import Hello
from realtime.recording.layout import EVENTS
from realtime.recording.player import Player, replay_to
from realtime.recording.reader import Recorded
from realtime.service.server import EventServer
from tests.realtime.events.event_makers import NUMBERED
from tests.realtime.recording.session_makers import record


class Heard:
    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.closed = False

    def write(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path / "s")
    return tmp_path / "s"


def set_elapsed(folder: Path, step_ms: int) -> None:
    """Lay the events of a session so many ms apart."""
    path = folder / EVENTS
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    spaced = [{**line, "elapsedms": step_ms * number} for number, line in enumerate(lines)]
    text = (json.dumps(line, separators=(",", ":")) for line in spaced)
    path.write_text("".join(f"{line}\n" for line in text), encoding="utf-8")


def test_a_replay_is_the_session_to_the_last_character_but_for_its_hello(folder: Path) -> None:
    heard = Heard()
    assert replay_to(Recorded(folder), [heard], speed=1e6)
    recorded = [record.envelope for record in Recorded(folder).records()]
    assert [e.text for e in heard.envelopes[1:]] == [e.text for e in recorded[1:]]
    assert [e.sequence for e in heard.envelopes] == [e.sequence for e in recorded]
    assert [e.source for e in heard.envelopes] == [e.source for e in recorded]
    assert heard.closed


def test_its_hello_says_that_it_is_a_replay_and_that_nothing_is_recorded(folder: Path) -> None:
    heard = Heard()
    replay_to(Recorded(folder), [heard], speed=1e6)
    hello, was = heard.envelopes[0], next(iter(Recorded(folder).records())).envelope
    assert isinstance(hello.data, Hello)
    assert isinstance(was.data, Hello)
    assert hello.data.replay
    assert not hello.data.recording
    assert not hello.data.recording_video
    assert not hello.data.marks
    assert hello.data.model == was.data.model
    told, before = json.loads(hello.text), json.loads(was.text)
    assert {key for key in told if told[key] != before[key]} <= {"data"}


@pytest.mark.parametrize("speed", [1.0, 4.0])
def test_events_are_due_when_they_were_divided_by_the_speed(folder: Path, speed: float) -> None:
    set_elapsed(folder, 10_000)
    waits: list[float] = []
    player = Player(Recorded(folder), [], speed, waits.append, lambda: False)
    assert player.play()
    due = [10 * number / speed for number in range(1, len(waits) + 1)]
    # nobody slept, so that every wait counts from the beginning
    assert all(0 <= at - wait < 5 for at, wait in zip(due, waits, strict=True))
    assert len(waits) == 1 + len(NUMBERED)


def test_an_event_years_away_is_waited_for_as_long_as_a_timer_can(folder: Path) -> None:
    set_elapsed(folder, 10**10)
    waits: list[float] = []
    assert Player(Recorded(folder), [], 1e-9, waits.append, lambda: False).play()
    assert max(waits) <= threading.TIMEOUT_MAX


def test_an_event_that_is_late_is_not_waited_for(folder: Path) -> None:
    waits: list[float] = []
    set_elapsed(folder, 0)
    assert Player(Recorded(folder), [], 1, waits.append, lambda: False).play()
    assert waits == []


def test_a_replay_that_is_stopped_says_so_and_tells_no_more(folder: Path) -> None:
    heard = Heard()
    player = Player(
        Recorded(folder), [heard], 1e6, lambda _: None, lambda: len(heard.envelopes) == 3
    )
    assert not player.play()
    assert len(heard.envelopes) == 3


def test_the_session_of_a_killed_process_is_replayed_up_to_the_cut(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / EVENTS
    path.write_bytes(path.read_bytes()[:-5])
    heard = Heard()
    with caplog.at_level(logging.WARNING):
        assert replay_to(Recorded(folder), [heard], speed=1e6)
    assert len(heard.envelopes) == len(NUMBERED) + 1
    assert "cut off" in caplog.text


def test_an_empty_session_cannot_be_replayed(folder: Path) -> None:
    (folder / EVENTS).write_bytes(b"")
    heard = Heard()
    with pytest.raises(UsageError, match="nothing to replay"):
        replay_to(Recorded(folder), [heard])
    assert heard.closed


def test_a_client_of_the_service_gets_the_replay(folder: Path) -> None:
    set_elapsed(folder, 20)
    server = EventServer(port=0).start()
    told: list[dict[str, object]] = []
    with connect(server.events_url, subprotocols=["cloudevents.json"]) as client:  # type: ignore[list-item]
        client.send(json.dumps({"since": 0}))
        assert replay_to(Recorded(folder), [server])
        told = [json.loads(message) for message in client]
    assert told[0]["type"] == "fes.hello"
    assert told[0]["data"]["replay"] is True  # type: ignore[index]
    numbers = [event["sequence"] for event in told if "sequence" in event]
    assert numbers == sorted(set(numbers))


def test_the_command_writes_the_events_of_the_session(
    folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "again.jsonl"
    code = run_command(
        cli, ["replay", str(folder), "--no-serve", "--speed", "1000", "--events", str(out)]
    )
    assert code == 0
    printed, _ = capfd.readouterr()
    assert printed.startswith("micro  onset     1.00 s")
    records = [r.envelope for r in Recorded(folder).records()]
    numbered = [e.text for e in records if e.sequence is not None]
    assert out.read_text(encoding="utf-8").splitlines()[1:] == numbered


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "fast"])
def test_a_speed_that_is_none_is_refused(folder: Path, speed: str) -> None:
    assert run_command(cli, ["replay", str(folder), "--no-serve", "--speed", speed]) == 2


def test_what_is_no_session_is_a_usage_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_command(cli, ["replay", str(tmp_path), "--no-serve"]) == 2
    assert "is no session" in capfd.readouterr().err

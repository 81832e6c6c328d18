"""A session on disk is what was published, whatever happens to the process or the disk."""

import errno
import json
import os
import threading
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from engines.errors import UsageError
from realtime.events.cloudevents import Envelope, utc_text
from realtime.events.messages import EventData, Hello
from realtime.events.publisher import Publisher
from realtime.events.schema import load_document
from realtime.events.telemetry import Telemetry
from realtime.recording import appender
from realtime.recording.appender import Appender, open_new
from realtime.recording.layout import EVENTS, MODEL, SESSION
from realtime.recording.reader import Recorded
from realtime.recording.recording import Recording
from realtime.types import Frame
from tests.realtime.events.event_makers import HELLO, NUMBERED, telemetry
from tests.realtime.recording.session_makers import (
    CAMERA,
    MANIFEST,
    STARTED,
    pictures,
    record,
    wait_until,
)


class Heard:
    """Keeps envelopes, as every other sink gets them."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    def write(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    def close(self) -> None: ...


def begin(folder: Path, video: bool = False) -> Recording:
    session = Recording(folder, video)
    session.begin(MANIFEST, [(CAMERA, STARTED)], {"backend": "auto"})
    return session


def test_what_was_published_is_read_back_to_the_last_character(tmp_path: Path) -> None:
    heard, session = Heard(), begin(tmp_path / "s")
    with Publisher(HELLO, [heard, session]) as publisher:
        for event in (*NUMBERED, telemetry()):
            publisher.publish(event)
    records = list(Recorded(tmp_path / "s").records())
    assert [r.envelope.text for r in records] == [e.text for e in heard.envelopes]
    assert [r.envelope.sequence for r in records] == [e.sequence for e in heard.envelopes]
    assert [r.envelope.data for r in records] == [e.data for e in heard.envelopes]
    elapsed = [r.elapsed_s for r in records]
    assert elapsed == sorted(elapsed)


def test_every_line_is_a_json_document_with_one_attribute_more(tmp_path: Path) -> None:
    record(tmp_path / "s")
    for line in (tmp_path / "s" / EVENTS).read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        assert document["specversion"] == "1.0"
        assert isinstance(document["elapsedms"], int)


def test_a_session_says_when_it_began_and_how_it_ended(tmp_path: Path) -> None:
    session = begin(tmp_path / "s")
    with Publisher(HELLO, [session]):
        session.saw(0, Frame(7, 2.5, pictures(1)[0].image, captured_s=1002.5))
        session.saw(0, Frame(8, 2.6, pictures(1)[0].image, captured_s=1002.6))
    found = Recorded(tmp_path / "s").session
    (source,) = found.sources
    assert (source.name, source.live, source.started_utc) == ("camera 0", True, utc_text(STARTED))
    assert (source.first_frame_s, source.zero_monotonic_s) == (2.5, 1000.0)
    assert found.options == {"backend": "auto"}
    assert found.summary is not None
    assert (found.summary.lines, found.summary.failure) == (1, None)
    assert json.loads((tmp_path / "s" / MODEL).read_text(encoding="utf-8")) == json.loads(
        MANIFEST.to_json()
    )


def test_no_picture_is_written_unless_asked(tmp_path: Path) -> None:
    session = begin(tmp_path / "s")
    with Publisher(HELLO, [session]):
        for frame in pictures(3):
            session.saw(0, frame)
    assert {path.name for path in (tmp_path / "s").iterdir()} == {SESSION, MODEL, EVENTS}


@pytest.mark.parametrize("content", ["file", "folder"])
def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(
    tmp_path: Path, content: str
) -> None:
    record(tmp_path / "s")
    before = {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()}
    target = tmp_path / "s" if content == "folder" else tmp_path / "s" / EVENTS
    with pytest.raises(UsageError, match="--record") as caught:
        Recording(target)
    assert "\n" not in str(caught.value)
    assert {path.name: path.read_bytes() for path in (tmp_path / "s").iterdir()} == before


def test_an_empty_folder_is_taken_and_a_missing_one_is_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    record(tmp_path / "empty")
    record(tmp_path / "a" / "b")
    assert Recorded(tmp_path / "a" / "b").bytes > 0


def test_two_recordings_of_one_empty_folder_are_one_and_a_refusal(tmp_path: Path) -> None:
    first, second = Recording(tmp_path / "s"), Recording(tmp_path / "s")
    first.begin(MANIFEST, [(CAMERA, STARTED)], {"backend": "first"})
    with pytest.raises(UsageError, match="--record"):
        second.begin(MANIFEST, [(CAMERA, STARTED)], {"backend": "second"})
    first.close()
    second.close()
    assert Recorded(tmp_path / "s").session.options == {"backend": "first"}


def test_every_line_is_valid_by_the_schema_that_is_served(tmp_path: Path) -> None:
    record(tmp_path / "s")
    validator = Draft202012Validator(load_document("schemas/events.json"))
    for line in (tmp_path / "s" / EVENTS).read_text(encoding="utf-8").splitlines():
        validator.validate(json.loads(line))


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--record"):
        Recording(tmp_path / "file" / "s")


def test_a_full_disk_stops_the_recording_with_one_line_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    left = [400]

    def write(file: int, content: memoryview) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = os_write(file, content[: left[0]])
        left[0] -= taken
        return taken

    os_write = os.write
    heard, session = Heard(), begin(tmp_path / "s")
    monkeypatch.setattr(appender.os, "write", write)
    publisher = Publisher(HELLO, [session, heard])
    publisher.publish(NUMBERED[0])
    wait_until(lambda: session.failure is not None, "the failure")
    for event in NUMBERED[1:]:
        publisher.publish(event)
    monkeypatch.undo()
    publisher.close()
    assert len(heard.envelopes) == 1 + len(NUMBERED)
    lines = [r.getMessage() for r in caplog.records if "--record" in r.getMessage()]
    assert len(lines) == 1
    assert os.strerror(errno.ENOSPC) in lines[0]
    found = Recorded(tmp_path / "s")
    assert found.session.summary is not None
    assert found.session.summary.failure == os.strerror(errno.ENOSPC)
    # what was cut off is left out
    assert len(list(found.records())) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_device_that_is_full_is_noticed_once() -> None:
    heard: list[OSError] = []
    file = os.open("/dev/full", os.O_WRONLY)
    out = Appender(file, heard.append)
    out.put(b"x" * 100)
    wait_until(lambda: out.failed, "the failure")
    out.put(b"y")
    out.close()
    assert [error.errno for error in heard] == [errno.ENOSPC]


def test_a_folder_that_goes_away_does_not_end_the_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = begin(tmp_path / "s")
    publisher = Publisher(HELLO, [session])
    for path in (tmp_path / "s").iterdir():
        path.unlink()
    (tmp_path / "s").rmdir()
    session.saw(0, pictures(1)[0])
    wait_until(lambda: session.failure is not None, "the failure")
    publisher.publish(NUMBERED[0])
    publisher.close()
    assert len([r for r in caplog.records if "--record" in r.getMessage()]) == 1


def test_a_disk_that_hangs_holds_nobody_up_and_is_given_up_when_too_much_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()
    os_write = os.write

    def hang(file: int, content: memoryview) -> int:
        goes_on.wait(60)
        return os_write(file, content)

    monkeypatch.setattr(appender.os, "write", hang)
    heard: list[OSError] = []
    out = Appender(open_new(tmp_path / "f"), heard.append, room_bytes=1000)
    for _ in range(300):
        out.put(b"x" * 10)
    assert len(heard) == 1
    goes_on.set()
    out.close()
    assert (tmp_path / "f").stat().st_size <= 1010


def test_what_was_put_is_written_before_close_returns_and_nothing_after(tmp_path: Path) -> None:
    out = Appender(open_new(tmp_path / "f"), lambda _: None)
    for number in range(1000):
        out.put(b"%d\n" % number)
    out.close()
    out.put(b"late")
    out.close()
    assert (tmp_path / "f").read_bytes() == b"".join(b"%d\n" % n for n in range(1000))


def test_the_disk_is_asked_to_keep_what_was_written_while_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = threading.Event()
    monkeypatch.setattr(appender.os, "fsync", lambda _: synced.set())
    monkeypatch.setattr(appender, "SYNC_S", 0.01)
    out = Appender(open_new(tmp_path / "f"), lambda _: None)
    out.put(b"x")
    assert synced.wait(60)
    out.close()


def test_closing_a_recording_that_never_began_leaves_the_folder_empty(tmp_path: Path) -> None:
    session = Recording(tmp_path / "s")
    session.close()
    assert list((tmp_path / "s").iterdir()) == []


def test_no_thread_is_left(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    record(tmp_path / "s", video=True)
    assert set(threading.enumerate()) == before


def test_events_keep_their_types(tmp_path: Path) -> None:
    record(tmp_path / "s")
    found: list[EventData] = [r.envelope.data for r in Recorded(tmp_path / "s").records()]
    assert isinstance(found[0], Hello)
    assert sum(isinstance(data, Telemetry) for data in found) == 1

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engines.errors import FesError, UsageError
from realtime.events.jsonl import JsonLinesSink
from realtime.events.publisher import Publisher
from tests.realtime.events.event_makers import HELLO, NUMBERED, telemetry


def publish_all(sink: JsonLinesSink) -> list[str]:
    texts = []
    with Publisher(HELLO, [sink]) as publisher:
        for data in (*NUMBERED, telemetry()):
            texts.append(publisher.publish(data).text)
    return texts


def test_a_file_holds_the_envelopes_that_clients_get_and_no_telemetry(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    texts = publish_all(JsonLinesSink(file))
    lines = file.read_text("utf-8").splitlines()
    assert json.loads(lines[0])["type"] == "fes.hello"
    assert lines[1:] == texts[:-1]


def test_telemetry_is_written_when_it_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    texts = publish_all(JsonLinesSink(file, telemetry=True))
    assert file.read_text("utf-8").splitlines()[1:] == texts


def test_each_line_is_there_as_soon_as_it_was_published(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    publisher = Publisher(HELLO, [JsonLinesSink(file)])
    for count, data in enumerate(NUMBERED, start=2):
        publisher.publish(data)
        assert len(file.read_text("utf-8").splitlines()) == count
    publisher.close()


def test_writing_after_the_close_does_nothing(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    sink = JsonLinesSink(file)
    publish_all(sink)
    before = file.read_bytes()
    sink.close()
    publish_all(sink)
    assert file.read_bytes() == before


def test_a_file_in_no_folder_is_a_usage_error_of_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--events: cannot write") as caught:
        JsonLinesSink(tmp_path / "missing" / "events.jsonl")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_an_error_of_one_line() -> None:
    sink = JsonLinesSink("/dev/full")
    with pytest.raises(FesError, match="cannot write to /dev/full: No space left") as caught:
        Publisher(HELLO, [sink])
    assert "\n" not in str(caught.value)


PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from tests.realtime.events.event_makers import HELLO, NUMBERED
from realtime.events.jsonl import JsonLinesSink
from realtime.events.publisher import Publisher
sink = JsonLinesSink("-")
with Publisher(HELLO, [sink]) as publisher:
    for _ in range({rounds}):
        for data in NUMBERED:
            publisher.publish(data)
print("broken" if sink.broken else "whole", file=sys.stderr)
"""


def program(rounds: int) -> list[str]:
    folder = str(Path(__file__).parents[3])
    return [sys.executable, "-c", PROGRAM.format(folder=folder, rounds=rounds)]


def test_standard_output_gets_nothing_but_json_lines() -> None:
    done = subprocess.run(program(1), capture_output=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 1 + len(NUMBERED)
    assert all(json.loads(line)["specversion"] == "1.0" for line in lines)
    assert done.stderr.split() == [b"whole"]


def test_a_reader_that_leaves_ends_the_lines_and_not_the_program() -> None:
    child = subprocess.Popen(program(2000), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr is not None
    log = child.stderr.read().decode()
    assert child.wait() == 0
    assert "broken" in log
    assert "Traceback" not in log
    assert "BrokenPipe" not in log
    child.stderr.close()

"""A session is read back whole, up to a cut; what no crash leaves is refused by line."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from engines.errors import UsageError
from realtime.events.cloudevents import EVENT_TYPES
from realtime.events.messages import Expression, FaceFound, Hello, Phase
from realtime.events.reading import data_of
from realtime.events.telemetry import Telemetry
from realtime.events.typed import MismatchError, build
from realtime.recording.layout import EVENTS, SESSION
from realtime.recording.reader import Recorded
from realtime.recording.session import is_session
from tests.realtime.recording.session_makers import record


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path / "s")
    return tmp_path / "s"


def count(folder: Path) -> int:
    return len(list(Recorded(folder).records()))


@pytest.mark.parametrize("lost", range(1, 40, 7))
def test_a_torn_last_line_is_left_out_with_a_warning(
    folder: Path, lost: int, caplog: pytest.LogCaptureFixture
) -> None:
    whole, path = count(folder), folder / EVENTS
    path.write_bytes(path.read_bytes()[:-lost])
    with caplog.at_level(logging.WARNING):
        assert count(folder) == whole - 1
    assert "cut off" in caplog.text


def test_a_last_line_without_its_end_is_torn_even_where_it_can_be_read(folder: Path) -> None:
    whole, path = count(folder), folder / EVENTS
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    assert count(folder) == whole - 1


def test_zeros_that_a_power_cut_leaves_are_left_out(folder: Path) -> None:
    whole, path = count(folder), folder / EVENTS
    path.write_bytes(path.read_bytes() + b"\0" * 5000 + b"\n" + b"\0" * 5000)
    assert count(folder) == whole


def test_a_session_without_events_is_empty_and_no_error(folder: Path) -> None:
    (folder / EVENTS).write_bytes(b"")
    assert count(folder) == 0
    (folder / EVENTS).unlink()
    assert count(folder) == 0


def cut_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:2], lines[2][:-9] + b"\n", *lines[3:]]


def drop_line(lines: list[bytes]) -> list[bytes]:
    return [line for number, line in enumerate(lines) if number != 3]


def double_line(lines: list[bytes]) -> list[bytes]:
    return [*lines[:4], lines[3], *lines[4:]]


def drop_hello(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def two_hellos(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines]


def foreign(lines: list[bytes]) -> list[bytes]:
    return [lines[0], b'{"a":1}\n', *lines[1:]]


def too_late(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"elapsedms":', b'"elapsedms":9' + b"9" * 400), *lines[2:]]


def unnumbered(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b'"sequence":1,', b""), *lines[2:]]


@pytest.mark.parametrize(
    "spoil",
    [cut_line, drop_line, double_line, drop_hello, two_hellos, foreign, unnumbered, too_late],
)
def test_what_no_crash_leaves_is_refused_with_its_line(
    folder: Path, spoil: Callable[[list[bytes]], list[bytes]]
) -> None:
    path = folder / EVENTS
    path.write_bytes(b"".join(spoil(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(UsageError, match=r"line \d+") as caught:
        count(folder)
    assert "\n" not in str(caught.value)


def test_an_endless_line_is_not_read_into_memory(folder: Path) -> None:
    path = folder / EVENTS
    content = path.read_bytes()
    path.write_bytes(content + b"{" * (3 << 20))
    assert count(folder) == len(content.splitlines())


def test_a_folder_that_is_no_session_is_named(tmp_path: Path) -> None:
    assert not is_session(tmp_path)
    with pytest.raises(UsageError, match=SESSION):
        Recorded(tmp_path)
    with pytest.raises(UsageError, match=SESSION):
        Recorded(tmp_path / "absent")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "JSON"),
        ("[" * 100_000, "JSON"),
        ("[]", "version None"),
        ('{"schema_version": 99}', "version 99"),
        ('{"schema_version": 1}', "damaged"),
        ('{"schema_version": 1, "sources": [1]}', "damaged"),
        ("\xff", "JSON"),
    ],
)
def test_a_damaged_description_is_refused_in_one_line(folder: Path, text: str, says: str) -> None:
    (folder / SESSION).write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=says) as caught:
        Recorded(folder)
    assert "\n" not in str(caught.value)


def test_a_description_with_an_unknown_field_is_refused(folder: Path) -> None:
    path = folder / SESSION
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "colour": "red"}), encoding="utf-8")
    with pytest.raises(UsageError, match="colour"):
        Recorded(folder)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_every_type_of_event_is_known(kind: str) -> None:
    with pytest.raises(MismatchError) as caught:
        data_of(kind, {})
    assert "no type of event" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"face": 1.5, "time_s": 0}, "face"),
        ({"face": True, "time_s": 0}, "face"),
        ({"face": 0, "time_s": "0"}, "time_s"),
        ({"face": 0}, "time_s"),
        ({"face": 0, "time_s": 0, "more": 1}, "more"),
        ({"face": 0, "time_s": float("inf")}, "finite"),
        ({"face": 0, "time_s": 10**400}, "too large"),
        ([], "no object"),
        (None, "no object"),
    ],
)
def test_data_of_another_form_is_refused(value: object, says: str) -> None:
    with pytest.raises(MismatchError, match=says):
        build(FaceFound, value)  # type: ignore[arg-type]


def test_data_is_built_as_it_was() -> None:
    found = build(
        Telemetry,
        {"time_s": 1, "face": None, "scores": {"a": 0.5}, "patches": [[1, 2]], "shifts": [[0, 0]]},
    )
    assert found == Telemetry(1.0, None, {"a": 0.5}, patches=((1.0, 2.0),), shifts=((0.0, 0.0),))


def test_a_phase_comes_from_the_type_and_from_nowhere_else() -> None:
    value = {"id": "a", "kind": "micro", "onset_s": None, "apex_s": 1, "offset_s": None,
             "score": 0.5, "face": 0}  # fmt: skip
    found = data_of("fes.expression.new", value)  # type: ignore[arg-type]
    assert isinstance(found, Expression)
    assert found.phase is Phase.NEW
    with pytest.raises(MismatchError, match="phase"):
        data_of("fes.expression.new", {**value, "phase": "end"})  # type: ignore[dict-item]


def test_a_hello_is_built_with_all_that_it_holds(folder: Path) -> None:
    first = next(iter(Recorded(folder).records())).envelope.data
    assert isinstance(first, Hello)
    assert first.sources[0].name == "synthetic"

"""Several sources in one process: each has the events that it has alone."""

import json
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from engines.intervals import Kind
from realtime.events.jsonl import JsonLinesSink
from realtime.live import LiveOptions
from realtime.live import run as run_live
from realtime.sources.open import open_all
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression
from tests.integration.live_runs import SMILE, TIMEOUT_S, command, fes_live, read_events
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film as render

FROWN: Final = Expression(Kind.MACRO, (("AU4", 1.0),), Side.BOTH, 0.3, 0.6, 1.1, 7.0, 0.3, 0.4)
FROWN_TICKS: Final = 70

OF_ITSELF: Final = ("id", "source", "compute_delay_ms")
"""What an event's data says of the run that it is from, and not of what was seen."""

Told = list[tuple[str, dict[str, object]]]


@pytest.fixture(scope="module")
def other_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered face that frowns once."""
    path = tmp_path_factory.mktemp("film") / "frown.mkv"
    return write_film(path, [shot.image for shot in render([FROWN], FROWN_TICKS)])


def data_of(event: Mapping[str, object]) -> dict[str, object]:
    data = event["data"]
    assert isinstance(data, dict)
    return data


def told(events: list[dict[str, object]], source: int = 0) -> Told:
    """What was said of one source."""
    return [
        (str(event["type"]), {k: v for k, v in data_of(event).items() if k not in OF_ITSELF})
        for event in events
        if data_of(event).get("source") == source and event["type"] != "fes.hello"
    ]


def run(path: Path, *films: Path) -> list[dict[str, object]]:
    sink = JsonLinesSink(path)
    assert run_live(open_all((), [str(film) for film in films]), LiveOptions(), [sink])
    return read_events(path)


def test_each_file_has_the_events_of_a_run_alone(
    film: Path, other_film: Path, tmp_path: Path
) -> None:
    films = (film, other_film, film)
    together = run(tmp_path / "together.jsonl", *films)
    for number, one in enumerate(films[:2]):
        alone = told(run(tmp_path / f"{number}.jsonl", one))
        assert "fes.expression.end" in [kind for kind, _ in alone]
        assert told(together, number) == alone
        assert alone[-1][0] == "fes.stream.end"
    assert told(together, 2) == told(together, 0)
    numbers = [event["sequence"] for event in together if "sequence" in event]
    assert numbers == list(range(1, len(numbers) + 1))
    spotted = [data_of(e) for e in together if str(e["type"]).startswith("fes.expression")]
    assert all(re.fullmatch(rf"{one['source']}-0-\d+", str(one["id"])) for one in spotted)
    assert data_of(together[0])["sources"] == [
        {"name": str(one), "started_utc": None, "synthetic": False} for one in films
    ]


def test_two_faces_in_one_picture_have_the_expressions_that_they_have_alone(
    tmp_path: Path,
) -> None:
    films = [[shot.image for shot in render([one], FROWN_TICKS)] for one in (SMILE, FROWN)]
    both = [np.concatenate(pair, axis=1) for pair in zip(*films, strict=True)]
    path = write_film(tmp_path / "both.mkv", both)
    sink = JsonLinesSink(tmp_path / "both.jsonl")
    assert run_live(open_all((), [str(path)]), LiveOptions(max_faces=2), [sink])
    spotted = [
        data_of(event)
        for event in read_events(tmp_path / "both.jsonl")
        if event["type"] == "fes.expression.end"
    ]
    # numbers go by the order in which MediaPipe finds faces; the two are told by their times
    for wanted in (SMILE, FROWN):
        shared = [one for one in spotted if iou(one, wanted) >= 0.5]
        assert len(shared) == 1, (wanted, spotted)
        assert str(shared[0]["id"]).startswith(f"0-{shared[0]['face']}-")
    assert {one["face"] for one in spotted} == {0, 1}


def iou(found: dict[str, object], wanted: Expression) -> float:
    onset, offset = found["onset_s"], found["offset_s"]
    assert isinstance(onset, float)
    assert isinstance(offset, float)
    shared = min(offset, wanted.offset_s) - max(onset, wanted.onset_s)
    return shared / (max(offset, wanted.offset_s) - min(onset, wanted.onset_s))


def test_a_file_that_is_damaged_does_not_end_the_others_and_the_exit_code_says_so(
    film: Path, other_film: Path, tmp_path: Path
) -> None:
    broken, events = tmp_path / "broken.mkv", tmp_path / "events.jsonl"
    content = film.read_bytes()
    broken.write_bytes(content[: len(content) // 2])
    done = fes_live("--source", broken, "--source", other_film, "--events", events)
    assert done.returncode == 3, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert "broken.mkv is truncated or corrupt" in errors[0]
    ends = {
        data_of(one)["source"]: data_of(one)["reason"]
        for one in read_events(events)
        if one["type"] == "fes.stream.end"
    }
    assert ends == {0: "lost", 1: "finished"}
    assert "1 frown.mkv" in done.stdout


def test_ctrl_c_ends_every_source(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with subprocess.Popen(
        command("--camera", "synthetic", "--camera", "synthetic", "--no-serve", "--events", "-"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines, seen = [], set[object]()
        while seen != {0, 1}:
            lines.append(process.stdout.readline())
            event = json.loads(lines[-1])
            if event["type"] == "fes.face.found":
                seen.add(event["data"]["source"])
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 130, errors
    path.write_text("".join(lines) + rest)
    events = read_events(path)
    sources = data_of(events[0])["sources"]
    assert isinstance(sources, list)
    assert [one["name"] for one in sources] == ["synthetic:0", "synthetic:1"]
    ends = [data_of(one) for one in events if one["type"] == "fes.stream.end"]
    assert {end["source"]: end["reason"] for end in ends} == dict.fromkeys((0, 1), "interrupted")
    assert "Traceback" not in errors

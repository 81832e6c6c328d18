"""Streams of the Lab Streaming Layer: read by real inlets, at the time of capture."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
LIMIT_S = 240.0


@pytest.fixture(scope="module")
def heard(film: Path) -> dict[str, Any]:
    """What inlets read of a run over a film of which every frame has a known time."""
    done = subprocess.run(
        [sys.executable, str(HERE / "lsl_script.py"), str(film)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LSLAPICFG": str(HERE / "lsl_api.cfg")},
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_an_inlet_reads_every_event_with_the_time_of_what_it_tells(heard: dict[str, Any]) -> None:
    markers = [(stamp, json.loads(sample[0])) for stamp, sample in heard["read"]["fes events"]]
    assert [marker["sequence"] for _, marker in markers] == list(range(1, len(markers) + 1))
    assert markers[0][1]["type"] == "fes.face.found"
    assert markers[-1][1]["type"] == "fes.stream.end"
    finals = [one for one in markers if one[1]["type"] == "fes.expression.end"]
    (told,) = heard["told"]
    ((stamp, marker),) = finals
    assert marker["data"]["id"] == told["id"]
    # captured at known times of the monotonic clock
    assert stamp == pytest.approx(heard["zero_lsl_s"] + told["apex_s"], abs=1e-3)
    assert marker["lsl"]["apex"] == pytest.approx(stamp, abs=1e-5)
    assert marker["lsl"]["onset"] < marker["lsl"]["apex"] < marker["lsl"]["offset"]


def test_an_inlet_reads_the_scores_of_every_tick_thirty_a_second(heard: dict[str, Any]) -> None:
    scores = heard["read"]["fes scores 0"]
    assert len(scores) == heard["scores"] > 60
    stamps = [stamp for stamp, _ in scores]
    assert all(b - a == pytest.approx(1 / 30, abs=1e-3) for a, b in pairwise(stamps))
    assert stamps[0] == pytest.approx(heard["zero_lsl_s"], abs=1e-3)
    assert all(0 <= value <= 1 for _, row in scores for value in row[:-1])
    assert {row[-1] for _, row in scores} == {0.0}


def test_the_streams_say_what_they_are(heard: dict[str, Any]) -> None:
    markers = ET.fromstring(heard["described"]["fes events"])  # noqa: S314 - written here
    assert (markers.findtext("type"), markers.findtext("nominal_srate")) == (
        "Markers",
        "0.000000000000000",
    )
    assert markers.findtext("channel_format") == "string"
    scores = ET.fromstring(heard["described"]["fes scores 0"])  # noqa: S314
    assert scores.findtext("nominal_srate", "").startswith("30.0")
    labels = [one.findtext("label") for one in scores.findall("desc/channels/channel")]
    assert len(labels) == int(scores.findtext("channel_count", ""))
    assert "micro_apex" in labels
    assert labels[-1] == "face"
    assert scores.findtext("desc/acquisition/model")
    assert scores.findtext("desc/sources/source/name", "").endswith("smile.mkv")

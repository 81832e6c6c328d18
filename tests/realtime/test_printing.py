"""What is printed of events."""

from dataclasses import replace

import pytest

from realtime.events.messages import FaceFound, Phase
from realtime.printing import make_listener
from realtime.sources.base import SourceInfo
from tests.realtime.events.event_makers import expression
from tests.realtime.live_makers import ScriptedSource

LINE = "micro  onset     1.00 s  apex     1.20 s  offset     1.40 s  score 0.75"


def source(name: str) -> ScriptedSource:
    one = ScriptedSource([])
    one.info = SourceInfo(name, False, 64, 48)
    return one


def printed(capfd: pytest.CaptureFixture[str], names: list[str], max_faces: int) -> list[str]:
    listener = make_listener(None, [source(name) for name in names], [], max_faces)
    last = replace(expression(Phase.END), face=1, source=len(names) - 1)
    for event in (FaceFound(0, 1.0), expression(Phase.NEW), expression(Phase.UPDATE), last):
        listener(event)
    return capfd.readouterr().out.splitlines()


def test_of_one_source_and_one_face_final_expressions_are_all(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert printed(capfd, ["films/one.mp4"], 1) == [LINE]


def test_of_several_sources_each_line_begins_with_the_number_and_the_name(
    capfd: pytest.CaptureFixture[str],
) -> None:
    names = ["camera 0", "rtsp://cam.local:554/hall/", "C:\\films\\two.mp4"]
    assert printed(capfd, names, 1) == [f"2 two.mp4   {LINE}"]
    assert printed(capfd, names[:2], 1) == [f"1 hall      {LINE}"]


def test_of_several_faces_each_line_has_its_number(capfd: pytest.CaptureFixture[str]) -> None:
    assert printed(capfd, ["one.mp4"], 2) == [f"face 1   {LINE}"]

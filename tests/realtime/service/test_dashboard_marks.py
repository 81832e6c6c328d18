"""The live dashboard in a real browser: keys mark the moment, and every page shows it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engines.intervals import Kind
from realtime.events.messages import Mark
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.marks import Marker
from realtime.service.server import EventServer
from tests.browser import CTRL, SHIFT, Page, browsing, find_browser
from tests.realtime.live_makers import ScriptedSource
from tests.realtime.pipeline.pipeline_makers import ticks
from tests.realtime.service.service_makers import HELLO

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("profile")) as page:
        yield page


@contextmanager
def stream(path: Path, marks: bool = True) -> Iterator[tuple[EventServer, list[Mark]]]:
    """A stream that stands at 20 s, half a second further with each mark, and its telemetry."""
    marker, told, over = Marker(path, ["cam"]), list[Mark](), threading.Event()
    list(marker.follow(ScriptedSource(ticks(700))))
    server = EventServer(port=0, take_mark=marker.take if marks else None)
    with server, Publisher(replace(HELLO, marks=marks), [server]) as publisher:

        def publish(event: object) -> None:
            assert isinstance(event, Mark)
            told.append(event)
            publisher.publish(event)

        def go() -> None:
            while not over.wait(0.1):
                time_s = 20.0 + 0.5 * len(told)
                publisher.publish(Telemetry(time_s, 0, {"micro_apex": 0.2, "macro_apex": 0.7}))

        marker.announce(publish)
        thread = threading.Thread(target=go)
        thread.start()
        try:
            yield server, told
        finally:
            over.set()
            thread.join()


def said(tab: Page, text: str) -> None:
    tab.wait(f"document.getElementById('marking-said').textContent.startsWith('{text}')")


def test_a_key_or_a_button_marks_the_moment_that_is_shown(tab: Page, tmp_path: Path) -> None:
    with stream(tmp_path / "marks.csv") as (server, told):
        tab.open(server.url)
        tab.wait("document.getElementById('marking').offsetParent !== null")
        tab.wait("document.getElementById('score-macro').textContent === '0.70'")
        tab.press("m")
        said(tab, "micro marked at frame")
        assert [mark.kind for mark in told] == [Kind.MICRO]
        # the clock of the page glides around the time of the newest scores
        assert abs(told[0].time_s - 20.0) < 1.0
        tab.press("m", CTRL)
        marks_until(tab, told, "a", "macro", SHIFT)
        tab.run("document.getElementById('mark-micro').click()")
        assert {mark.kind for mark in told} == {Kind.MICRO, Kind.MACRO}
        assert f"cam,{told[0].frame},micro," in (tmp_path / "marks.csv").read_text()
        tab.open("about:blank#done")
    assert tab.errors == []


def marks_until(tab: Page, told: list[Mark], key: str, kind: str, modifiers: int) -> None:
    """Press until a mark is taken: the frame at the page's moment may be marked already."""
    for _ in range(50):
        tab.press(key, modifiers)
        if told[-1].kind == kind:
            break
        tab.run("new Promise((done) => setTimeout(done, 200))")
    assert told[-1].kind == kind


def test_without_a_file_for_marks_the_page_offers_none(tab: Page, tmp_path: Path) -> None:
    with stream(tmp_path / "marks.csv", marks=False) as (server, told):
        tab.open(server.url)
        tab.wait("document.getElementById('score-macro').textContent === '0.70'")
        tab.press("m")
        assert tab.run("document.getElementById('marking').offsetParent === null") is True
        assert tab.text("marking-said") == ""
        tab.open("about:blank#done")
    assert told == []


def test_a_mark_that_is_not_taken_is_said(tab: Page, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise ValueError("not now")

    server = EventServer(port=0, take_mark=refuse)
    with server, Publisher(replace(HELLO, marks=True), [server]) as publisher:
        publisher.publish(Telemetry(20.0, 0, {"macro_apex": 0.7}))
        tab.open(server.url)
        tab.wait("document.getElementById('score-macro').textContent === '0.70'")
        tab.press("a")
        said(tab, "Not marked")
        tab.open("about:blank#done")

"""Events appear on the page, once each, whatever becomes of the service."""

from dataclasses import replace

import pytest

from engines.intervals import Kind
from realtime.events.messages import Phase, StreamEnd, StreamGap, StreamState
from realtime.events.telemetry import Telemetry
from realtime.sources.condition import Condition
from tests.browser import Page, find_browser
from tests.realtime.dashboard.dashboard_makers import (
    LIVE,
    TWO,
    column,
    listed,
    staging,
    watch,
)

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")


def test_an_expression_is_listed_counted_and_told(tab: Page) -> None:
    with staging() as stage:
        watch(tab, stage)
        stage.say(1, 58.0, Kind.MICRO)
        listed(tab, 1)
        tab.wait("document.getElementById('count-micro').textContent === '1'")
        assert column(tab, "kind") == ["micro"]
        assert column(tab, "onset") == ["0:57.8"]
        assert column(tab, "long") == ["0.40 s"]
        tab.wait("document.getElementById('now-word').textContent === 'Micro'")
        tab.wait(
            "document.getElementById('spoken').textContent.startsWith('micro expression, 0.40 s')"
        )


def test_a_provisional_one_becomes_final_and_a_retracted_one_goes(tab: Page) -> None:
    with staging() as stage:
        watch(tab, stage)
        stage.say(1, 55.0, phase=Phase.NEW, offset_s=None)
        stage.say(2, 58.0, phase=Phase.NEW, onset_s=None, offset_s=None)
        listed(tab, 2)
        assert column(tab, "kind") == ["macro, provisional", "macro, provisional"]
        assert tab.text("count-macro") == "0"
        stage.say(1, 55.5)
        stage.say(2, 58.0, phase=Phase.RETRACTED)
        listed(tab, 1)
        assert column(tab, "kind") == ["macro"]
        assert column(tab, "onset") == ["0:54.5"]


def test_a_restart_of_the_service_loses_nothing_and_doubles_nothing(tab: Page) -> None:
    with staging() as stage:
        port = stage.port
        watch(tab, stage)
        for number in range(3):
            stage.say(number, 50.0 + number)
        listed(tab, 3)
    tab.wait("document.getElementById('link').dataset.state === 'lost'")
    later = "2024-02-29T12:30:00.000Z"
    with staging(replace(LIVE, started_utc=later, sources=()), port) as stage:
        # ids, sequences and stream time begin anew: nothing of it is taken for what was there
        for number in range(4):
            stage.say(number, 5.0 + number, Kind.MICRO)
        listed(tab, 7)
        assert column(tab, "kind") == [*["micro"] * 4, *["macro"] * 3]
        assert tab.text("count-macro") == "3"
        tab.wait("document.getElementById('badges').textContent.includes('Stream 2 of this page')")
        stage.look(20.0)
        tab.wait("document.getElementById('link-text').textContent === 'Live'")


def test_a_connection_that_breaks_goes_on_where_it_was(tab: Page) -> None:
    with staging() as stage:
        tab.open(stage.server.url)
        tab.run(
            "(() => { window.sockets = []; const Real = WebSocket; window.WebSocket = class extends"
            " Real { constructor(...a) { super(...a); sockets.push(this); } }; })()"
        )
        watch(tab, stage, None)
        stage.found()
        stage.look(60.0)
        stage.say(1, 50.0)
        listed(tab, 1)
        tab.call("Network.emulateNetworkConditions", offline=True, latency=0,
                 downloadThroughput=0, uploadThroughput=0)  # fmt: skip
        tab.run("globalThis.sockets?.forEach((socket) => socket.close())")
        stage.say(2, 52.0)
        tab.call("Network.emulateNetworkConditions", offline=False, latency=0,
                 downloadThroughput=-1, uploadThroughput=-1)  # fmt: skip
        stage.say(3, 54.0)
        listed(tab, 3)
        assert column(tab, "onset") == ["0:53.0", "0:51.0", "0:49.0"]
        assert "Stream 2" not in tab.text("badges")


def test_each_source_is_shown_as_it_is(tab: Page) -> None:
    with staging(TWO) as stage:
        watch(tab, stage)
        stage.publisher.publish(StreamState(1, Condition.FROZEN, 60.0, "the same picture for 5 s"))
        stage.publisher.publish(StreamGap(40.0, 45.0, "no frames"))
        row = "document.querySelector('#sources li:last-child')"
        tab.wait(f"{row}.dataset.state === 'frozen'")
        assert tab.run(f"{row}.textContent.includes('the same picture for 5 s')") is True
        assert tab.run("document.querySelector('#sources li').dataset.state") == "live"
        stage.publisher.publish(StreamState(1, Condition.LIVE, 65.0))
        tab.wait(f"{row}.dataset.state === 'live'")


def test_a_face_that_cannot_be_judged_is_not_called_neutral(tab: Page) -> None:
    word = "document.getElementById('now-word').textContent"
    with staging() as stage:
        watch(tab, stage)
        tab.wait(f"{word} === 'Neutral'")
        stage.publisher.publish(StreamGap(60.1, 61.0, "too few frames"))
        stage.publisher.publish(Telemetry(61.0, 0, {}))
        tab.wait(f"{word} === 'Not scored'")
        stage.look(65.0)
        tab.wait(f"{word} === 'Neutral'")


def test_the_stream_has_ended_when_every_source_has(tab: Page) -> None:
    with staging(TWO) as stage:
        watch(tab, stage)
        stage.publisher.publish(StreamEnd("lost", 60.0, 1800, 1800, "the cable is out", source=1))
        tab.wait("document.querySelector('#sources li:last-child').dataset.state === 'ended'")
        assert tab.text("link-text") == "Live"
        stage.publisher.publish(StreamEnd("finished", 60.0, 1800, 1800))
        tab.wait("document.getElementById('now-word').textContent === 'Stream ended'")
        assert tab.text("link-text") == "Stream ended"


def test_what_is_written_to_disk_is_said(tab: Page) -> None:
    with staging(replace(LIVE, recording=True)) as stage:
        watch(tab, stage)
        tab.wait("document.getElementById('badges').textContent === 'Recording events'")
    with staging(replace(LIVE, recording=True, recording_video=True, replay=True)) as stage:
        watch(tab, stage)
        tab.wait("document.getElementById('badges').textContent === 'ReplayRecording images'")
        loud = "[...document.querySelectorAll('#badges .loud')].map((one) => one.textContent)"
        assert tab.run(loud) == ["Recording images"]

"""A network camera that is switched off and on again, on loopback."""

import itertools
import threading

import pytest

from engines.errors import SourceError
from realtime.sources import url as url_module
from realtime.sources.condition import Condition, Report
from realtime.sources.latest import LatestSource
from realtime.sources.open import open_source
from realtime.sources.url import open_url
from tests.realtime.sources.camera_server import camera_on, jpegs

WAIT_S = 60


class Told:
    """Remembers what a source reports, and lets a test wait for it."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self._changed = threading.Condition()

    def take(self, report: Report) -> None:
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()

    def wait(self, *conditions: Condition) -> None:
        with self._changed:
            count, wanted = len(conditions), list(conditions)
            happened = self._changed.wait_for(lambda: self.conditions[:count] == wanted, WAIT_S)
            assert happened, self.reports

    @property
    def conditions(self) -> list[Condition]:
        return [report.condition for report in self.reports]


def test_a_camera_that_is_switched_off_and_on_again_goes_on() -> None:
    told = Told()
    with camera_on() as camera:
        port = camera.server_port
        source = open_url(f"http://anna:s3cret@127.0.0.1:{port}/live", timeout_s=5)
    with source:
        assert isinstance(source, LatestSource)
        source.listen(told.take)
        told.wait(Condition.RECONNECTING)
        assert "s3cret" not in str(told.reports)
        with camera_on(port):
            told.wait(Condition.RECONNECTING, Condition.LIVE)
            frames = list(itertools.islice(source, 5))
    times_s = [frame.timestamp_s for frame in frames]
    assert times_s == sorted(set(times_s))
    assert times_s[-1] > told.reports[0].time_s


def test_a_camera_that_stays_off_ends_in_one_line_when_patience_does() -> None:
    with camera_on() as camera:
        address = f"http://127.0.0.1:{camera.server_port}/live"
        source = open_source(address, lost_s=0.3)
    with source, pytest.raises(SourceError, match=r"is lost: away for 0\.3 s \(.*refused\)"):
        for _ in source:
            pass


def test_a_network_camera_that_hangs_on_one_picture_is_frozen_and_then_live_again() -> None:
    told = Told()
    with camera_on(shown=jpegs(1)) as camera:
        address = f"http://127.0.0.1:{camera.server_port}/live"
        with open_url(address, timeout_s=5) as source:
            assert isinstance(source, LatestSource)
            source.listen(told.take)
            told.wait(Condition.FROZEN)
            camera.shown = jpegs(8)
            told.wait(Condition.FROZEN, Condition.LIVE)


def test_a_camera_that_says_nothing_more_is_stalled_then_connected_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The connection stays open; only its timeout ends it."""
    told, halted = Told(), threading.Event()
    with camera_on() as camera:
        wait = camera.off.wait
        monkeypatch.setattr(camera.off, "wait", lambda t: wait(WAIT_S if halted.is_set() else t))
        address = f"http://127.0.0.1:{camera.server_port}/live"
        with open_url(address, timeout_s=3) as source:
            assert isinstance(source, LatestSource)
            source.listen(told.take)
            frames = iter(source)
            next(frames)
            halted.set()
            taker = threading.Thread(target=lambda: list(frames))
            taker.start()
            told.wait(Condition.STALLED, Condition.RECONNECTING)
            source.close()
            taker.join(WAIT_S)
        camera.off.set()


def test_rtsp_is_always_asked_for_over_tcp_and_never_waits_without_end() -> None:
    asked: list[tuple[float | None, dict[str, str] | None]] = []

    def note(_: str, name: str, timeout_s: float | None, options: dict[str, str] | None) -> None:
        asked.append((timeout_s, options))
        raise SourceError(f"cannot open {name}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(url_module, "open_input", note)
        for scheme in ("rtsp", "rtsps", "RTSP"):
            with pytest.raises(SourceError):
                open_url(f"{scheme}://camera.local/stream")
    for timeout_s, options in asked:
        assert timeout_s == url_module.TIMEOUT_S
        assert options is not None
        assert options["rtsp_transport"] == "tcp"
    assert len(asked) == 3

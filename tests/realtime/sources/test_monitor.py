"""What a live source reports of itself, and how often."""

import numpy as np
import pytest

from realtime.sources.condition import Condition, Report, Reporting, listen
from realtime.sources.monitor import LEAPS_S, Monitor
from realtime.sources.wrapped import WrappedSource
from tests.realtime.live_makers import ScriptedSource

RNG = np.random.default_rng(5)


def picture() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return RNG.integers(0, 255, (24, 32, 3)).astype(np.uint8)


def told() -> tuple[Monitor, list[Report]]:
    monitor, reports = Monitor("cam"), list[Report]()
    monitor.listen(reports.append)
    return monitor, reports


def test_a_source_that_works_reports_nothing() -> None:
    monitor, reports = told()
    for number in range(100):
        monitor.see(number / 30, picture())
    assert reports == []


def test_each_change_is_reported_once_with_its_time_and_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    monitor, reports = told()
    monitor.see(0.0, picture())
    for time_s in (1.0, 1.5, 2.5):
        monitor.lose(time_s, "the cable is out")
    monitor.see(3.0, picture())
    monitor.miss(6.0, 3.0)
    monitor.miss(8.0, 5.0)
    monitor.see(9.0, picture())
    assert reports == [
        Report(Condition.RECONNECTING, 1.0, "the cable is out"),
        Report(Condition.LIVE, 3.0),
        Report(Condition.STALLED, 6.0, "connected, but no picture for 3 s"),
        Report(Condition.LIVE, 9.0),
    ]
    assert caplog.text.count("the cable is out") == 1
    assert caplog.text.count("cam: live again") == 2


def test_a_source_that_is_away_is_not_stalled_as_well() -> None:
    monitor, reports = told()
    monitor.lose(1.0, "the cable is out")
    monitor.miss(4.0, 3.0)
    assert [report.condition for report in reports] == [Condition.RECONNECTING]


def test_another_reason_to_be_away_is_for_the_log_alone(caplog: pytest.LogCaptureFixture) -> None:
    monitor, reports = told()
    for why in ("the cable is out", "there is no camera 0", "there is no camera 0"):
        monitor.lose(1.0, why)
    assert len(reports) == 1
    assert caplog.text.count("there is no camera 0") == 1


def test_who_begins_to_listen_late_hears_what_is_the_case() -> None:
    monitor = Monitor("cam")
    monitor.lose(1.0, "the cable is out")
    reports: list[Report] = []
    monitor.listen(reports.append)
    assert reports == [Report(Condition.RECONNECTING, 1.0, "the cable is out")]
    live = Monitor("cam")
    live.listen(reports.append)
    assert len(reports) == 1


def test_a_clock_that_leaps_is_one_report_a_minute_however_often_it_leaps() -> None:
    monitor, reports = told()
    for number in range(int(LEAPS_S) * 10 + 1):
        monitor.see(number / 10, picture(), -3600.0)
    assert [(report.condition, report.time_s) for report in reports] == [
        (Condition.LIVE, 0.0),
        (Condition.LIVE, LEAPS_S),
    ]
    assert "its clock leapt by -3600.0 s" in str(reports[0].reason)


def test_a_new_connection_is_not_judged_by_the_last_picture_of_the_one_before() -> None:
    monitor, reports = told()
    still = picture()
    for number in range(15):
        monitor.see(number / 10, still)
    monitor.lose(1.5, "the cable is out")
    monitor.connect()
    for number in range(15):
        monitor.see(20 + number / 10, still)
    assert [report.condition for report in reports] == [Condition.RECONNECTING, Condition.LIVE]


def test_what_wraps_a_source_passes_its_reports_on_and_a_file_has_none() -> None:
    class Camera(ScriptedSource):
        def __init__(self) -> None:
            super().__init__([], live=True)
            self.monitor = Monitor("cam")
            self.listen = self.monitor.listen

    camera, reports = Camera(), list[Report]()
    wrapped = WrappedSource(WrappedSource(camera))
    assert isinstance(wrapped, Reporting)
    listen(wrapped, reports.append)
    camera.monitor.lose(2.0, "gone")
    assert [report.reason for report in reports] == ["gone"]
    listen(ScriptedSource([]), reports.append)

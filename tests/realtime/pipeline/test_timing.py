"""What the stopwatch remembers and tells."""

import threading
import time

import pytest

from realtime.pipeline.timing import REMEMBERED, Stopwatch


def test_nothing_measured_has_no_medians() -> None:
    assert Stopwatch().medians_ms() == {}


def test_medians_are_those_of_the_latest_measurements() -> None:
    stopwatch = Stopwatch()
    for value in [1000.0] * REMEMBERED + [1.0, 2.0, 6.0] * (REMEMBERED // 3):
        stopwatch.add("flow", value)
    stopwatch.add("faces", 7.0)
    assert stopwatch.medians_ms() == {"flow": 2.0, "faces": 7.0}


def test_a_listener_hears_every_measurement_in_order() -> None:
    heard: list[tuple[str, float]] = []
    stopwatch = Stopwatch(lambda stage, ms: heard.append((stage, ms)))
    stopwatch.add("flow", 3.0)
    with stopwatch.measure("faces"):
        pass
    stopwatch.add_since("total", time.monotonic() - 0.5)
    assert [stage for stage, _ in heard] == ["flow", "faces", "total"]
    assert heard[0][1] == 3.0
    assert heard[1][1] >= 0
    assert heard[2][1] >= 500


def test_what_raises_is_measured_as_well() -> None:
    heard: list[str] = []
    stopwatch = Stopwatch(lambda stage, _: heard.append(stage))
    with pytest.raises(ValueError, match="defect"), stopwatch.measure("flow"):
        raise ValueError("defect")
    assert heard == ["flow"]


def test_stages_are_measured_in_one_thread_while_another_reads() -> None:
    stopwatch = Stopwatch()
    stop = threading.Event()

    def measure() -> None:
        count = 0
        while not stop.is_set():
            stopwatch.add(f"stage {count % 50}", 1.0)
            count += 1

    thread = threading.Thread(target=measure)
    thread.start()
    try:
        for _ in range(200):
            assert set(stopwatch.medians_ms().values()) <= {1.0}
    finally:
        stop.set()
        thread.join()

"""Recordings at their own speed, with a clock that does as it is told."""

import time

import pytest

from realtime.pipeline.pacing import Pacing
from tests.realtime.pipeline.pipeline_makers import frames_at


def test_each_frame_waits_until_it_is_due_counted_from_the_first() -> None:
    now, waits = [50.0], list[float]()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    pacing = Pacing(wait, lambda: now[0])
    for frame in frames_at([2.0, 2.5, 2.75]):
        pacing(frame)
    assert waits == pytest.approx([0.5, 0.25])


def test_a_frame_that_is_late_does_not_wait_and_counts_as_captured_now() -> None:
    now = [0.0]
    pacing = Pacing(lambda _: pytest.fail("waited"), lambda: now[0])
    before_s = time.monotonic()
    for frame in frames_at([0.0, 0.1]):
        now[0] += 1
        played = pacing(frame)
        assert played.captured_s is not None
        assert before_s <= played.captured_s <= time.monotonic()

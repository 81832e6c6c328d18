"""Recorded sessions for tests."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.events.messages import EventData, Hello
from realtime.events.publisher import Publisher
from realtime.recording.recording import Recording
from realtime.sources.base import SourceInfo
from realtime.types import Frame
from tests.realtime.events.event_makers import HELLO, NUMBERED, telemetry
from tests.realtime.pipeline.pipeline_makers import manifest

PATIENCE_S = 60.0
CAMERA = SourceInfo("camera 0", True, 64, 48, 30.0)
MANIFEST = manifest()
STARTED = datetime(2024, 2, 29, 12, 0, 0, 125000, UTC)


def record(
    folder: Path,
    events: Sequence[EventData] = NUMBERED,
    hello: Hello = HELLO,
    video: bool = False,
    sources: Sequence[tuple[SourceInfo, datetime | None]] = ((CAMERA, STARTED),),
) -> Recording:
    """Record events, telemetry after the first, and close the session."""
    recording = Recording(folder, video)
    recording.begin(MANIFEST, sources, {"backend": "auto"})
    with Publisher(hello, [recording]) as publisher:
        for number, event in enumerate(events):
            publisher.publish(event)
            if number == 0:
                publisher.publish(telemetry())
    return recording


def pictures(count: int, size: tuple[int, int] = (64, 48), seed: int = 0) -> list[Frame]:
    """Noise at 30 frames a second, with times that no container rounds to by itself."""
    rng = np.random.default_rng(seed)
    width, height = size
    return [
        Frame(index, 2.3456789 + index / 30 + 1e-7 * index * index, noise(rng, height, width))
        for index in range(count)
    ]


def noise(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    return rng.integers(0, 256, (height, width, 3)).astype(np.uint8)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < limit, f"{what} did not happen"
        time.sleep(0.01)

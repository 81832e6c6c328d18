"""The synthetic camera as a source of frames."""

import threading
import time
from itertools import pairwise

import numpy as np
import pytest

from realtime.sources.base import Source
from realtime.synthesis.camera import SyntheticCamera
from realtime.synthesis.disturbances import STILL
from realtime.synthesis.portraits import Portrait
from realtime.synthesis.script import Script
from realtime.types import Frame
from tests.realtime.synthesis.synthesis_makers import expression

SMALL = (160, 120)


def frames(portrait: Portrait, seed: int = 0, duration_s: float = 0.2) -> list[Frame]:
    with SyntheticCamera(seed, False, duration_s, size=SMALL, portrait=portrait) as camera:
        return list(camera)


def test_the_same_seed_is_the_same_bytes_and_another_is_not(portrait: Portrait) -> None:
    first, again, other = (frames(portrait, seed) for seed in (4, 4, 5))
    assert all(np.array_equal(a.image, b.image) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[-1].image, other[-1].image)


def test_a_recording_has_every_frame_of_its_duration_at_its_rate(portrait: Portrait) -> None:
    made = frames(portrait, duration_s=0.5)
    assert [f.index for f in made] == list(range(15))
    assert [f.timestamp_s for f in made] == pytest.approx([n / 30 for n in range(15)])


def test_a_live_camera_counts_stream_time_from_its_first_frame(portrait: Portrait) -> None:
    with SyntheticCamera(duration_s=0.3, size=SMALL, portrait=portrait) as camera:
        time.sleep(0.1)
        stamps = [frame.timestamp_s for frame in camera]
    assert stamps[0] == 0
    assert all(b > a for a, b in pairwise(stamps))
    assert stamps[-1] < 0.3


def test_a_slow_consumer_gets_newer_frames_and_the_rest_is_counted(portrait: Portrait) -> None:
    camera = SyntheticCamera(rate_hz=100, size=SMALL, portrait=portrait)
    seen = []
    for frame in camera:
        seen.append(frame)
        time.sleep(0.1)
        if len(seen) == 4:
            break
    last = seen[-1].index
    assert last > 3
    assert camera.dropped == last + 1 - len(seen)
    assert [f.timestamp_s for f in seen] == pytest.approx([f.index / 100 for f in seen])


def test_a_recording_drops_nothing_however_slow_its_reader_is(portrait: Portrait) -> None:
    camera = SyntheticCamera(0, False, 0.1, size=SMALL, portrait=portrait)
    for _ in camera:
        time.sleep(0.05)
    assert camera.dropped == 0


def test_an_endless_camera_ends_when_another_thread_closes_it(portrait: Portrait) -> None:
    camera = SyntheticCamera(size=SMALL, portrait=portrait)
    closer = threading.Timer(0.2, camera.close)
    closer.start()
    assert len(list(camera)) > 0
    closer.join()
    camera.close()
    assert list(camera) == []


def test_it_is_a_source_that_says_what_it_is(portrait: Portrait) -> None:
    camera: Source = SyntheticCamera(7, False, 2.0, 25.0, SMALL, portrait)
    info = camera.info
    assert (info.name, info.live, info.rate_hz, info.frames) == ("synthetic:7", False, 25.0, 50)
    assert (info.width, info.height) == SMALL
    assert SyntheticCamera(size=SMALL, portrait=portrait).info.frames is None


def test_truth_tells_the_expressions_that_began_so_far(portrait: Portrait) -> None:
    early, late = expression(0.1, plateau_s=0.0), expression(0.8)
    script = Script(0, STILL, [early, late])
    camera = SyntheticCamera(
        0, False, 0.6, size=SMALL, portrait=portrait, disturbances=STILL, script=script
    )
    assert camera.truth == ()
    assert len(list(camera)) == 18
    assert camera.truth == (early,)


@pytest.mark.parametrize(
    "wrong", [{"rate_hz": 0.0}, {"size": (0, 480)}, {"duration_s": 0.0}, {"duration_s": -1.0}]
)
def test_a_camera_without_rate_size_or_time_is_refused(
    portrait: Portrait, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="positive"):
        SyntheticCamera(portrait=portrait, **wrong)  # type: ignore[arg-type]

"""What the user names, and what is opened for it."""

from pathlib import Path

import pytest

from benchmarks.measure.sources import open_live, open_taken, synthetic_seed
from engines.errors import UsageError
from realtime.sources.base import SourceInfo
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film as render


@pytest.mark.parametrize(
    ("camera", "seed"),
    [("synthetic", 0), ("Synthetic:12", 12), ("0", None), ("/dev/video0", None), ("usb:3", None)],
)
def test_a_seed_belongs_to_the_synthetic_camera_alone(camera: str, seed: int | None) -> None:
    assert synthetic_seed(camera) == seed


@pytest.mark.parametrize("camera", ["synthetic:", "synthetic:-3", "synthetic:1.5", "synthetic:²"])
def test_a_seed_is_a_whole_number(camera: str) -> None:
    with pytest.raises(UsageError, match="whole number"):
        synthetic_seed(camera)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mkv"
    return write_film(path, [shot.image for shot in render([], 6, (64, 48))])


def test_a_file_is_live_for_latency_and_not_for_throughput(clip: Path) -> None:
    played, taken = open_live(None, str(clip), 1.0), open_taken(None, str(clip), 1.0)
    with played.source, taken.source:
        assert played.source.info.live
        assert not taken.source.info.live
        assert len(list(taken.source)) == 6
    assert played.rendering_s == taken.rendering_s == played.reel_bytes == 0


def test_the_synthetic_camera_lasts_as_long_as_is_wanted_and_says_what_rendering_took() -> None:
    """Two frames are rendered and swing to and fro; both are in memory."""
    opened = open_taken("synthetic:1", None, 0.067)
    with opened.source as source:
        assert source.info == SourceInfo("synthetic:1", False, 640, 480, 30, 2)
        assert [frame.index for frame in source] == [0, 1]
    assert opened.rendering_s > 0
    assert opened.reel_bytes == 2 * 640 * 480 * 3

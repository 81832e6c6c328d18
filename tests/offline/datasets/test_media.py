from pathlib import Path

import pytest

from engines.errors import SourceError
from offline.datasets.media import probe
from realtime.sources.open import open_source
from tests.offline.datasets.dataset_makers import write_frames, write_video


@pytest.mark.parametrize("name", ["steady.mp4", "steady.avi", "steady.mkv"])
def test_a_steady_file_has_the_rate_and_length_that_its_frames_show(
    tmp_path: Path, name: str
) -> None:
    path = write_video(tmp_path / name, [n / 30 for n in range(20)])
    media = probe(path, 99.0)
    with open_source(str(path)) as source:
        times = [frame.timestamp_s for frame in source]
    assert media.frames == len(times) == 20
    assert media.fps == pytest.approx(30, rel=1e-3)
    assert [media.time_s(n) for n in range(20)] == pytest.approx(times, abs=2e-3)


def test_a_varying_rate_is_read_from_the_timestamps(tmp_path: Path) -> None:
    times = [0.0, 0.02, 0.09, 0.1, 0.2, 0.23]
    path = write_video(tmp_path / "varies.mp4", times)
    media = probe(path, 99.0)
    with open_source(str(path)) as source:
        decoded = [frame.timestamp_s for frame in source]
    assert media.times_s == pytest.approx(times, abs=1e-3)
    assert [media.time_s(n) for n in range(6)] == pytest.approx(decoded)


def test_a_slow_drift_is_a_varying_rate_though_no_step_shows_it(tmp_path: Path) -> None:
    times = [n / 30 if n < 30 else 1 + (n - 30) / 29 for n in range(60)]
    media = probe(write_video(tmp_path / "drifts.mp4", times), 99.0)
    assert [media.time_s(n) for n in (0, 30, 59)] == pytest.approx([0, 1, times[59]], abs=1e-3)


def test_a_single_frame_is_a_video(tmp_path: Path) -> None:
    assert probe(write_video(tmp_path / "one.mp4", [0.0]), 99.0).frames == 1


def test_hidden_and_other_files_are_no_frames_and_numbers_may_start_anywhere(
    tmp_path: Path,
) -> None:
    write_frames(tmp_path, 9, "frame_", first=120)
    for name in (".img1.png", "Thumbs.db", "readme.txt"):
        (tmp_path / name).touch()
    media = probe(tmp_path, 200.0)
    assert (media.frames, media.fps, media.remark) == (9, 200.0, "")
    assert media.time_s(4) == pytest.approx(0.02)


def test_a_hole_in_the_numbers_is_told(tmp_path: Path) -> None:
    (write_frames(tmp_path, 9) / "img5.png").unlink()
    assert probe(tmp_path, 30.0).remark.startswith("8 images, but their names count 1 to 9: ")


def test_no_image_no_file_and_no_video_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no image"):
        probe(tmp_path, 30.0)
    with pytest.raises(SourceError, match="cannot open"):
        probe(tmp_path / "none.mp4", 30.0)
    (tmp_path / "text.mp4").write_text("not a video", encoding="utf-8")
    with pytest.raises(SourceError, match=r"text\.mp4"):
        probe(tmp_path / "text.mp4", 30.0)

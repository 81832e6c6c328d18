"""The measurement of extraction says what it measured."""

import json
from pathlib import Path

import pytest

from benchmarks.extraction_speed import WARM_UP_FRAMES, LoopedSource, cli
from engines.console import run_command
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    return write_film(folder / "clip.mkv", [shot.image for shot in film([], 20)])


def test_a_short_video_is_played_until_the_wanted_length_on_one_clock(clip: Path) -> None:
    frames = list(LoopedSource(clip, 50, show=False))
    assert [frame.index for frame in frames] == list(range(50))
    assert [frame.timestamp_s for frame in frames] == [k / 30 for k in range(50)]
    assert (frames[45].image == frames[5].image).all()


def test_figures_are_printed_as_json_with_their_machine(
    clip: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run_command(cli, ["--video", str(clip), "--minutes", "0.01", "--json"]) == 0
    document = json.loads(capfd.readouterr().out)
    (row,) = document["rows"]
    assert row["frames"] == 2 * WARM_UP_FRAMES
    assert row["times_real_time"] == pytest.approx(row["frames_per_core_s"] / 30)
    # 17 x 18 x 2 numbers of 4 bytes for each frame, in MiB, and the little that labels take
    assert row["file_mib"] == pytest.approx(row["frames"] * 2448 / 2**20, rel=0.05)
    assert row["peak_mib"] > 50
    assert document["machine"]["cores"] >= 1
    assert len(document["held"]) == 2


@pytest.mark.parametrize("minutes", ["", "x", "0", "-1", "1,nan"])
def test_bad_lengths_are_a_usage_error(clip: Path, minutes: str) -> None:
    assert run_command(cli, ["--video", str(clip), "--minutes", minutes]) == 2

"""Datasets of synthetic faces: files, truth, and what happens when a run is repeated."""

import csv
import json
import math
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from engines.console import run_command
from engines.errors import UsageError
from engines.intervals import Kind
from offline.cli import cli
from offline.data.extraction import ExtractionOptions, extract_path
from offline.data.videos import find_videos
from offline.simulate import recipe
from offline.synth import write_dataset
from offline.synth_options import SynthOptions, choose_portraits
from offline.synth_tables import frame_expressions
from realtime.sources.open import open_source
from realtime.synthesis import expressions
from realtime.synthesis.action_units import Side
from realtime.synthesis.disturbances import STILL
from realtime.synthesis.expressions import Expression
from realtime.synthesis.portraits import default_portrait
from realtime.synthesis.render import Renderer
from realtime.synthesis.script import Script

OPTIONS = SynthOptions(seconds=6.0, seed=1, fps="25", size=(160, 120))
VIDEOS = 2


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synth") / "faces"
    assert write_dataset(out, VIDEOS, OPTIONS) == VIDEOS
    return out


@pytest.fixture
def copy(dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(dataset, tmp_path / "copy"))


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_writes_the_same_bytes(dataset: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path / "again", VIDEOS, OPTIONS)
    assert bytes_of(tmp_path / "again") == bytes_of(dataset)


def test_two_workers_write_what_one_writes(dataset: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path / "shared", VIDEOS, OPTIONS, workers=2)
    assert bytes_of(tmp_path / "shared") == bytes_of(dataset)


def test_videos_last_as_long_and_run_as_fast_as_asked(dataset: Path) -> None:
    for video in sorted(dataset.rglob("*.mp4")):
        with open_source(str(video)) as source:
            times = [frame.timestamp_s for frame in source]
        assert len(times) == 6 * 25
        assert np.diff(times) == pytest.approx(1 / 25, abs=1e-4)


def test_every_label_lies_inside_its_video_and_expressions_do_not_overlap(dataset: Path) -> None:
    videos = find_videos([dataset])
    assert len(videos) == VIDEOS
    assert sum(len(video.labels) for video in videos) >= 2
    for video in videos:
        assert video.subject == "s01"
        ends = [(label.onset, label.offset) for label in video.labels]
        assert all(0 <= onset <= offset < 6 * 25 for onset, offset in ends)
        assert all(a[1] < b[0] for a, b in pairwise(ends))
        for label in video.labels:
            assert label.apex is not None
            assert label.onset < label.apex <= label.offset
            assert (label.length <= math.ceil(0.5 * 25)) == (label.kind is Kind.MICRO)


def test_the_casme_table_says_the_same_counted_from_one(dataset: Path) -> None:
    header, *plain = rows(dataset / "truth.csv")
    casme = rows(dataset / "annotations.csv")
    assert header[:6] == ["subject", "video", "onset", "apex", "offset", "kind"]
    assert len(plain) == len(casme) > 0
    folders = {number: folder for _, folder, number in rows(dataset / "naming_rule1.csv")}
    codes = {key: int(code) for code, key in rows(dataset / "naming_rule2.csv")}
    for label, row in zip(plain, casme, strict=True):
        assert len(row) == 9
        assert [int(frame) for frame in row[2:5]] == [int(frame) + 1 for frame in label[2:5]]
        assert row[7] == f"{label[5]}-expression"
        assert folders[row[0]] == label[0]
        key, _, count = row[1].partition("_")
        assert label[1] == f"{int(row[0]):02d}_{codes[key]:04d}"
        assert int(count) >= 1
        assert (dataset / "rawvideo" / label[0] / f"{label[1]}.mp4").is_file()


def test_labels_mark_visible_motion_and_the_first_frame_at_the_peak() -> None:
    made = Expression(
        Kind.MACRO, (("AU12", 1.0), ("AU6", 0.5)), Side.LEFT, 1.0, 1.2, 2.2, 3.0, 0.2, 0.3
    )
    script, times = Script(0, STILL, [made]), [n / 30 for n in range(90)]
    for time_s in times:
        script.at(time_s)
    renderer = Renderer(default_portrait(), (320, 240))
    (label,) = frame_expressions(script, renderer, times)
    levels = [made.intensity(time_s) for time_s in times]
    seen = [n for n, level in enumerate(levels) if level >= recipe.VISIBLE]
    assert (label.onset, label.offset) == (seen[0], seen[-1])
    assert label.apex == levels.index(max(levels)) == 36
    # the left of the picture is the right of the person; the two units add up on the cheek
    assert label.units == "R12+R6"
    assert label.emotion == "happiness"
    assert 3.0 * 0.9 <= label.peak_px <= 3.0 * 1.5


def test_training_and_rendering_call_the_same_motion_visible() -> None:
    assert expressions.VISIBLE == recipe.VISIBLE


def test_a_finished_video_is_kept_and_a_missing_one_comes_back_the_same(
    dataset: Path, copy: Path
) -> None:
    first, second = sorted(copy.rglob("*.mp4"))
    kept = first.stat().st_mtime_ns
    second.unlink()
    (second.parent / f".{second.name}.partial").write_bytes(b"half a video")
    assert write_dataset(copy, VIDEOS, OPTIONS) == 1
    assert first.stat().st_mtime_ns == kept
    assert bytes_of(copy) == bytes_of(dataset)


def test_more_videos_are_added_to_those_that_are_there(dataset: Path, tmp_path: Path) -> None:
    small = SynthOptions(seconds=2.0, seed=1, size=(160, 120))
    assert write_dataset(tmp_path / "grows", 1, small) == 1
    assert write_dataset(tmp_path / "grows", 2, small) == 1
    assert write_dataset(tmp_path / "grows", 2, small) == 0


def test_a_folder_of_other_options_is_refused(copy: Path) -> None:
    with pytest.raises(UsageError, match="other options"):
        write_dataset(copy, VIDEOS, SynthOptions(seconds=6.0, seed=2, fps="25", size=(160, 120)))


def test_a_damaged_manifest_or_truth_is_named(copy: Path) -> None:
    truth = next((copy / "truth").glob("*.json"))
    truth.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=truth.name):
        write_dataset(copy, VIDEOS, OPTIONS)
    (copy / "dataset.json").write_text("nonsense", encoding="utf-8")
    with pytest.raises(UsageError, match=r"dataset\.json"):
        write_dataset(copy, VIDEOS, OPTIONS)


def test_a_place_that_cannot_be_written_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written") as caught:
        write_dataset(tmp_path / "file" / "faces", 1, OPTIONS)
    assert "\n" not in str(caught.value)


def test_the_manifest_tells_seed_options_and_versions(dataset: Path) -> None:
    manifest = json.loads((dataset / "dataset.json").read_text("utf-8"))
    assert manifest["options"]["seed"] == 1
    assert manifest["options"]["fps"] == "25"
    assert {"python", "numpy", "av", "mediapipe"} <= manifest["versions"].keys()


def test_a_variable_rate_is_in_the_files_own_timestamps(tmp_path: Path) -> None:
    out = tmp_path / "variable"
    write_dataset(out, 1, SynthOptions(seconds=2.0, fps="variable", size=(160, 120)))
    with open_source(str(next(out.rglob("*.mp4")))) as source:
        steps = np.diff([frame.timestamp_s for frame in source]) * 30
    assert steps.std() > 0.05
    assert steps.min() > 0.6
    assert steps.max() < 1.4


def test_features_are_extracted_from_a_written_video_with_its_labels(tmp_path: Path) -> None:
    out = tmp_path / "clip"
    write_dataset(out, 1, SynthOptions(seconds=5.0, seed=1, size=(320, 240), motion="calm"))
    (video,) = find_videos([out])
    extraction = extract_path(video.path, ExtractionOptions())
    record = extraction.record(video.name, video.subject, video.labels)
    assert len(record.features) == 150
    assert record.scored.all()
    assert len(record.intervals) == len(video.labels) > 0
    label = record.intervals[0]
    # the window at the onset sees the expression rise; the one well before it sees a face at rest
    moving = np.abs(record.features[label.apex, :, :10]).max()
    resting = np.abs(record.features[max(8, label.onset - 20), :, :10]).max()
    assert moving > 2 * resting


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--size", "640"), "--size 640"),
        (("--size", "641x480"), "even"),
        (("--seconds", "1"), "--seconds 1"),
        (("--only", "anna"), "--portraits"),
        (("--portraits", "absent"), "absent"),
        (("--fps", "31"), "31"),
        (("--videos", "0"), "0"),
    ],
)
def test_bad_options_end_with_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], reason: str
) -> None:
    code = run_command(cli, ["synth", "--out", str(tmp_path / "none"), *arguments])
    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert reason in err
    assert "Traceback" not in err
    assert not (tmp_path / "none").exists()


def test_only_names_pictures_by_their_stem(tmp_path: Path) -> None:
    for name in ("anna.png", "ben.jpg", "carla.png"):
        (tmp_path / name).touch()
    chosen = choose_portraits(tmp_path, ["carla", "anna", "carla"])
    assert [path.stem for path in chosen] == ["carla", "anna"]
    assert [path.stem for path in choose_portraits(tmp_path)] == ["anna", "ben", "carla"]
    with pytest.raises(UsageError, match="dora"):
        choose_portraits(tmp_path, ["dora"])


def test_a_picture_without_a_face_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "wall.png").write_bytes(b"no picture")
    options = SynthOptions(portraits=choose_portraits(tmp_path / "pictures"))
    with pytest.raises(UsageError, match="wall"):
        write_dataset(tmp_path / "out", 1, options)
    assert not (tmp_path / "out").exists()


def test_help_shows_examples() -> None:
    text = CliRunner().invoke(cli, ["synth", "--help"]).output
    assert "fes-offline synth --out" in text

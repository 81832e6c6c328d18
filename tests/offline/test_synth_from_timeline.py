"""Datasets rendered after a timeline: files, truth, and what happens when a run is repeated."""

import csv
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engines.console import run_command
from engines.errors import UsageError
from engines.intervals import Kind
from offline.cli import cli
from offline.data.videos import find_videos
from offline.synth import write_dataset
from offline.synth_from_timeline import write_timeline
from offline.synth_options import SynthOptions
from offline.synth_plan import TimelineOptions
from offline.synth_timeline import Timeline, TimelineVideo, read_timeline
from realtime.sources.open import open_source

ROWS = (
    "video,kind,onset,apex,offset",
    "006_1,micro,20,45,90",
    "006_1,macro,150,200,299",
    "006_1,micro,220,240,260",
    "007_1,macro,0,100,200",
    "007_3,micro,100,101,102",
)
OPTIONS = TimelineOptions(SynthOptions(seed=1, size=(160, 120), fps="25"), rate_hz=200.0)
EXPECTED = [
    # frame n is at n / 200 s; at 25 Hz that is frame n / 8, halves upwards
    ["006", "006_1", "3", "6", "11", "micro"],
    ["006", "006_1", "19", "25", "37", "macro"],
    ["006", "006_1", "28", "30", "33", "micro"],
    ["007", "007_1", "0", "13", "25", "macro"],
    ["007", "007_3", "13", "13", "13", "micro"],
]


def timeline(folder: Path, *rows: str) -> Timeline:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "t.csv").write_text("\n".join(rows or ROWS) + "\n", encoding="utf-8")
    return read_timeline(folder / "t.csv", 200.0)


def videos(made: Timeline, *names: str) -> list[TimelineVideo]:
    return [video for video in made.videos if not names or video.name in names]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("timeline")
    made = timeline(out.parent / "source")
    written = write_timeline(out / "faces", made, videos(made), OPTIONS)
    assert (written.videos, written.rendered, written.subjects) == (3, 3, 2)
    assert (written.micro, written.macro) == (3, 2)
    assert (written.overlaps, written.single_frames) == (1, 1)
    return out / "faces"


@pytest.fixture
def copy(dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(dataset, tmp_path / "copy"))


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def bytes_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def render(out: Path, made: Timeline, *names: str, options=OPTIONS, workers: int = 1) -> int:
    return write_timeline(out, made, videos(made, *names), options, workers).rendered


def test_the_truth_holds_the_timeline_in_frames_of_the_videos(dataset: Path) -> None:
    header, *rows = rows_of(dataset / "truth.csv")
    assert header[:6] == ["subject", "video", "onset", "apex", "offset", "kind"]
    assert [row[:6] for row in rows] == EXPECTED
    assert all(0.3 < float(row[6]) < 20 for row in rows)


def test_every_dataset_code_path_finds_its_videos_subjects_and_labels(dataset: Path) -> None:
    found = find_videos([dataset])
    assert [(video.name, video.subject) for video in found] == [
        ("006_1", "006"), ("007_1", "007"), ("007_3", "007")
    ]  # fmt: skip
    assert [label.kind for label in found[0].labels] == [Kind.MICRO, Kind.MACRO, Kind.MICRO]
    assert [len(video.labels) for video in found] == [3, 1, 1]


def test_the_casme_tables_lead_to_the_same_rows_counted_from_one(dataset: Path) -> None:
    rows = rows_of(dataset / "annotations.csv")
    people = {row[2]: row[:2] for row in rows_of(dataset / "naming_rule1.csv")}
    codes = {key: code for code, key in rows_of(dataset / "naming_rule2.csv")}
    got = []
    for row in rows:
        name, folder = people[row[0]]
        video = f"{name}_{codes[row[1].partition('_')[0]]}"
        assert (dataset / "rawvideo" / folder / f"{video}.mp4").is_file()
        frames = [str(int(frame) - 1) for frame in row[2:5]]
        got.append([folder, video, *frames, row[7].removesuffix("-expression")])
    assert got == EXPECTED


def test_a_video_lasts_to_its_last_offset_and_a_second_more(dataset: Path) -> None:
    with open_source(str(dataset / "rawvideo" / "006" / "006_1.mp4")) as source:
        times = [frame.timestamp_s for frame in source]
    # 2.495 s at 25 Hz is 62.4 frames, the last of them begun
    assert len(times) == 63
    assert rows_of(dataset / "videos.csv")[1] == ["006", "006_1", "astronaut", "25", "63"]


def test_every_subject_is_another_person(dataset: Path) -> None:
    _, *rows = rows_of(dataset / "videos.csv")
    assert [row[2] for row in rows] == ["astronaut", "astronaut~1", "astronaut~1"]


def test_parts_by_two_workers_make_the_bytes_of_one_run(dataset: Path, tmp_path: Path) -> None:
    made = timeline(tmp_path / "source")
    assert render(tmp_path / "parts", made, "007_3") == 1
    assert [row[1] for row in rows_of(tmp_path / "parts" / "truth.csv")[1:]] == ["007_3"]
    assert render(tmp_path / "parts", made, workers=2) == 2
    assert bytes_of(tmp_path / "parts") == bytes_of(dataset)


def test_a_complete_video_is_kept_and_a_damaged_or_missing_one_comes_back(
    dataset: Path, copy: Path, tmp_path: Path
) -> None:
    made = timeline(tmp_path / "source")
    assert render(copy, made) == 0
    first = copy / "rawvideo" / "006" / "006_1.mp4"
    first.write_bytes(first.read_bytes()[:-1] + b"x")
    (copy / "truth" / "007_1.json").unlink()
    kept = (copy / "rawvideo" / "007" / "007_3.mp4").stat().st_mtime_ns
    assert render(copy, made) == 2
    assert (copy / "rawvideo" / "007" / "007_3.mp4").stat().st_mtime_ns == kept
    assert bytes_of(copy) == bytes_of(dataset)


def test_a_video_whose_instances_changed_is_rendered_again_alone(
    copy: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [row.replace("007_3,micro,100,101,102", "007_3,micro,100,110,130") for row in ROWS]
    made = timeline(tmp_path / "source", *rows)
    # the other part is asked for: what is stale is in no table until it is rendered again
    assert render(copy, made, "006_1") == 0
    assert [row[1] for row in rows_of(copy / "truth.csv")[1:]] == ["006_1"] * 3 + ["007_1"]
    assert "007_3.mp4 is not of this timeline" in caplog.text
    assert render(copy, made) == 1
    assert rows_of(copy / "truth.csv")[-1][:5] == ["007", "007_3", "13", "14", "16"]


@pytest.mark.parametrize(
    "options",
    [
        replace(OPTIONS, rate_hz=100.0),
        replace(OPTIONS, base=1),
        replace(OPTIONS, native=True),
        replace(OPTIONS, synth=replace(OPTIONS.synth, seed=2)),
    ],
)
def test_a_folder_of_other_options_is_refused(copy: Path, tmp_path: Path, options) -> None:
    with pytest.raises(UsageError, match="other options"):
        render(copy, timeline(tmp_path / "source"), options=options)


def test_a_folder_of_drawn_videos_and_one_of_a_timeline_are_not_mixed(
    copy: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="other options"):
        write_dataset(copy, 1, OPTIONS.synth)


def test_the_timelines_own_rate_keeps_its_frame_numbers(tmp_path: Path) -> None:
    made = timeline(tmp_path / "source", ROWS[0], "x_1,micro,20,45,90")
    made = replace(made, videos=(replace(made.videos[0], seconds=1.0),))
    assert render(tmp_path / "out", made, options=replace(OPTIONS, native=True)) == 1
    assert rows_of(tmp_path / "out" / "truth.csv")[1][2:5] == ["20", "45", "90"]
    assert rows_of(tmp_path / "out" / "videos.csv")[1][3:] == ["200", "200"]


def test_the_command_prints_what_it_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timeline(tmp_path)
    arguments = ["synth", "--out", str(tmp_path / "out"), "--timeline", str(tmp_path / "t.csv")]
    arguments += ["--only-videos", "007_3", "--size", "160x120", "--json"]
    assert run_command(cli, arguments) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["videos"], document["rendered"], document["micro"]) == (1, 1, 1)
    assert "1 subjects" in err
    assert rows_of(tmp_path / "out" / "truth.csv")[1][1:5] == ["007_3", "15", "15", "15"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--subjects", "2"), "--subjects is about a timeline"),
        (("--timeline-fps", "30"), "--timeline-fps is about a timeline"),
        (("--fps", "timeline"), "--timeline as well"),
        (("--timeline", "absent.csv"), "absent.csv"),
        (("--timeline", "T", "--seconds", "9"), "--seconds"),
        (("--timeline", "T", "--only-videos", "x"), "--only-videos x"),
        (("--timeline", "T", "--only-videos", "007_1", "--subjects", "1"), "no video"),
        (("--timeline", "T", "--timeline-fps", "0"), "--timeline-fps 0"),
        (("--timeline", "T", "--timeline-base", "2"), "2"),
    ],
)
def test_bad_options_end_with_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], reason: str
) -> None:
    timeline(tmp_path)
    given = [str(tmp_path / "t.csv") if a == "T" else a for a in arguments]
    assert run_command(cli, ["synth", "--out", str(tmp_path / "none"), *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert reason in err
    assert "Traceback" not in err
    assert not (tmp_path / "none").exists()

"""``fes-bench latency`` end to end."""

import signal
from pathlib import Path

import pytest

from benchmarks.measure.recorder import Recorder
from realtime.pipeline.timing import STAGES
from tests.benchmarks.commands.bench_runs import bench, checked, figures, part, report
from tests.benchmarks.commands.conftest import FILM_FRAMES


def test_every_frame_of_a_film_is_measured_or_counted_as_dropped(
    capfd: pytest.CaptureFixture[str], film: Path
) -> None:
    document = report(capfd, "latency", "--source", film, "--no-serve")
    found = figures(document)
    assert part(document, "source") == {
        "name": "smile.mkv", "width": 320, "height": 240, "rate_hz": 30.0,
    }  # fmt: skip
    frames, drops = found["frames"], found["drops"]
    assert isinstance(frames, int)
    assert isinstance(drops, int)
    assert frames + drops == FILM_FRAMES
    bins = found["histogram_total_ms"]
    assert isinstance(bins, list)
    assert sum(bin_["count"] for bin_ in bins) == frames
    assert part(found, "stages_ms", "total")["count"] == frames
    assert found["messages_received"] is None
    assert document["completed"] is True


def test_a_frame_takes_no_less_than_its_stages(
    capfd: pytest.CaptureFixture[str], film: Path
) -> None:
    stages = part(figures(report(capfd, "latency", "--source", film, "--no-serve")), "stages_ms")
    total = part(stages, "total")
    assert list(stages) == list(STAGES)
    # a busy machine drops frames of a paced film, and gaps leave no window to score
    measured = [stage for stage in ("faces", "flow", "model") if stages[stage] is not None]
    assert measured[:2] == ["faces", "flow"]
    for stage in measured:
        assert isinstance(total["max"], float)
        assert total["max"] >= part(stages, stage)["p50"]  # type: ignore[operator]


def test_the_synthetic_camera_is_served_to_a_client_that_gets_its_messages(
    capfd: pytest.CaptureFixture[str],
) -> None:
    document = report(capfd, "latency", "--camera", "synthetic:3", "--seconds", "1.5")
    found = figures(document)
    assert part(document, "source")["name"] == "synthetic:3"
    assert isinstance(found["messages_received"], int)
    assert found["messages_received"] >= 3  # hello, snapshot, and the end at the least
    # the newest frame may be replaced once more while the run ends
    assert found["frames"] + found["drops"] <= 46  # type: ignore[operator]
    assert found["faces_found"]
    first = part(found, "first_scored")
    assert first["total_s"] == pytest.approx(first["program_s"] + first["run_s"])  # type: ignore[operator]


def test_people_get_a_table_a_histogram_and_what_was_lost_in_80_columns(
    capfd: pytest.CaptureFixture[str], film: Path
) -> None:
    code, out, _ = bench(capfd, "latency", "--source", film, "--histogram")
    lines = out.splitlines()
    assert code == 0
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("latency: smile.mkv, 320x240")
    starts = [line.split()[0] for line in lines if line]
    assert [start for start in starts if start in STAGES] == [*STAGES]
    assert "frames by their total:" in lines
    assert any(line.startswith("frames ") and " drops " in line for line in lines)
    assert any(line.startswith("first scored frame after ") for line in lines)


def test_an_interrupted_run_prints_what_it_measured(
    capfd: pytest.CaptureFixture[str], film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear = Recorder.heard

    def interrupt(self: Recorder, stage: str, duration_ms: float) -> None:
        hear(self, stage, duration_ms)
        if self.done == 15 and stage == "total":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Recorder, "heard", interrupt)
    code, out, _ = bench(capfd, "latency", "--source", film, "--no-serve", "--json")
    assert code == 130
    document = checked("latency", out)
    assert document["completed"] is False
    frames = figures(document)["frames"]
    assert isinstance(frames, int)
    assert 15 <= frames < FILM_FRAMES


def test_a_film_that_is_cut_off_prints_what_it_measured_and_is_a_source_error(
    capfd: pytest.CaptureFixture[str], film: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    code, out, err = bench(capfd, "latency", "--source", cut, "--no-serve", "--json")
    document = checked("latency", out)
    assert code == 3
    assert document["error"]
    assert document["completed"] is False
    assert figures(document)["frames"]
    assert [line for line in err.splitlines() if line.startswith("error:")] == [
        f"error: {document['error']}"
    ]

"""Models of snippets on recordings and streams, by the commands that users run."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.console import run_command
from engines.decoding import decode_snippets
from engines.model_file import ModelFile
from engines.onnxruntime_backend import OnnxRuntimeBackend
from offline.commands.spot import spot as spot_command
from offline.snippets.record import SnippetRecord
from offline.snippets.store import save_snippets
from offline.spotting import spot
from realtime.events.messages import Expression
from realtime.faces.tracker import open_tracker
from realtime.live import LiveOptions
from realtime.pipeline.features import FeatureStream, Windows
from realtime.snippets.contract import Rolling
from realtime.snippets.pooling import pool_all
from realtime.sources.open import open_source
from realtime.types import RATE_HZ
from tests.integration.live_runs import FILM_TICKS, fes_live, final_expressions, read_events
from tests.integration.snippet_model import (
    RULES,
    TICKS,
    write_i3d_model,
    write_snippet_model,
)

Captured = pytest.CaptureFixture[str]
Row = tuple[str, float, float, float, float]
SNIPPETS = FILM_TICKS // TICKS


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return write_snippet_model(tmp_path_factory.mktemp("model") / "by-size.onnx")


def rows(expressions: tuple[Expression, ...]) -> list[Row]:
    return sorted(
        (e.kind.value, e.onset_s or 0.0, e.apex_s, e.offset_s or 0.0, e.score) for e in expressions
    )


@pytest.fixture(scope="module")
def whole(film: Path, model: ModelFile) -> list[Row]:
    options = LiveOptions(model=model.path, rolling=None)
    return rows(spot(open_source(str(film)), options).expressions)


def test_a_recording_is_spotted_as_the_snippets_that_training_would_read(
    film: Path, model: ModelFile, whole: list[Row]
) -> None:
    with open_source(str(film)) as source, open_tracker() as tracker:
        stream = FeatureStream(tracker)
        items = [item for frame in source for item in stream.push(frame)] + stream.finish()
    windows = [w for item in items if isinstance(item, Windows) for w in item.windows]
    features = np.stack([w.features for w in windows])
    assert [w.tick for w in windows] == list(range(len(windows)))
    streams, valid = pool_all(features, np.ones(len(windows), bool), TICKS)
    assert valid.all()
    with OnnxRuntimeBackend(model) as backend:
        scores = backend.run(np.ascontiguousarray(streams.transpose(1, 0, 2)))
    found = decode_snippets(scores.values, RULES, TICKS * np.arange(len(valid) + 1.0))
    wanted = [
        (i.kind.value, *(round(t / RATE_HZ, 6) for t in (i.onset, i.apex, i.offset)), i.score)
        for i in found
    ]
    assert whole
    assert whole == sorted(wanted)


def test_a_stream_that_is_decided_at_its_end_gives_the_events_of_the_whole_recording(
    film: Path, model: ModelFile, whole: list[Row], tmp_path: Path
) -> None:
    path = tmp_path / "events.jsonl"
    done = fes_live("--source", film, "--model", model.path, "--events", path,
                    "--snippet-window", "100", "--snippet-settle", "99")  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = read_events(path)
    written = sorted(final_expressions(events))
    assert [times for *times, _ in written] == [list(row[:-1]) for row in whole]
    assert [s for *_, s in written] == pytest.approx([row[-1] for row in whole], abs=2e-6)
    hello = events[0]["data"]
    assert isinstance(hello, dict)
    # eight ticks of lookahead, and 99 snippets of four
    assert hello["algorithmic_delay_s"] == pytest.approx((8 + 99 * TICKS) / RATE_HZ, abs=1e-4)


def test_a_recorded_file_streamed_gives_the_same_events_as_itself_again(
    film: Path, model: ModelFile
) -> None:
    options = LiveOptions(model=model.path, rolling=Rolling(window=12, settle=3))
    once, again = (rows(spot(open_source(str(film)), options).expressions) for _ in range(2))
    assert once
    assert once == again


def test_json_and_csv_of_a_video(film: Path, model: ModelFile, capsys: Captured) -> None:
    assert run_command(spot_command, ["--json", "--model", str(model.path), str(film)]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["ticks"] == FILM_TICKS
    assert told["expressions"]


def test_a_video_shorter_than_a_snippet_is_named(
    tmp_path: Path, model: ModelFile, capsys: Captured
) -> None:
    for number in range(TICKS - 1):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((48, 64, 3), np.uint8))
    assert run_command(spot_command, ["--json", "--model", str(model.path), str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert f"{tmp_path}: shorter than one snippet" in shown.err
    (told,) = json.loads(shown.out)
    assert (told["ticks"], told["expressions"]) == (TICKS - 1, [])


def test_bad_options_are_one_line_and_exit_code_2(film: Path, model: ModelFile) -> None:
    done = fes_live("--source", film, "--model", model.path, "--snippet-window", "5000")
    assert done.returncode == 2
    assert "error: --snippet-window 5000 is not from 1 to 4096" in done.stderr


def i3d_file(path: Path, snippets: int = 12, **changes: object) -> Path:
    streams = np.full((2, snippets, 6), 0.1, np.float32)
    streams[:, 4:6] = 3.0
    values = {
        "name": path.stem,
        "subject": "s1",
        "streams": streams,
        "valid": np.ones(snippets, bool),
        "edges": 8.0 * np.arange(snippets + 1.0),
        "source": "i3d",
        "intervals": (),
    }
    save_snippets(path, SnippetRecord(**(values | changes)))
    return path


def spot_json(model: Path, path: Path, capsys: Captured) -> dict[str, object]:
    assert run_command(spot_command, ["--json", "--model", str(model), str(path)]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    return told


def test_extracted_i3d_features_are_spotted(tmp_path: Path, capsys: Captured) -> None:
    model = write_i3d_model(tmp_path / "i3d.onnx")
    told = spot_json(model.path, i3d_file(tmp_path / "v.i3d"), capsys)
    assert (told["snippets"], told["source"]) == (12, "i3d")
    # snippets 4 and 5 are ticks 32 to 47
    (found,) = told["expressions"]
    assert (found["kind"], found["onset_s"], found["offset_s"]) == (
        "macro",
        pytest.approx(32 / 30, abs=1e-6),
        pytest.approx(47 / 30, abs=1e-6),
    )


def test_what_lies_between_gaps_is_a_video_of_its_own(tmp_path: Path, capsys: Captured) -> None:
    model = write_i3d_model(tmp_path / "i3d.onnx")
    valid = np.ones(12, bool)
    valid[6] = False
    streams = np.full((2, 12, 6), 0.1, np.float32)
    # much in the first part, little in the second: alone it stands out, beside the other not
    streams[:, 2], streams[:, 9], streams[:, 6] = 9.0, 2.0, 0.0
    path = i3d_file(tmp_path / "v.i3d", valid=valid, streams=streams)
    told = spot_json(model.path, path, capsys)
    onsets = [round(e["onset_s"] * 30) for e in told["expressions"]]
    assert onsets == [16, 72]


def test_a_file_without_a_snippet_is_named(tmp_path: Path, capsys: Captured) -> None:
    model = write_i3d_model(tmp_path / "i3d.onnx")
    empty = i3d_file(tmp_path / "v.i3d", 0)
    assert run_command(spot_command, ["--model", str(model.path), str(empty)]) == 0
    shown = capsys.readouterr()
    assert shown.out == "video,kind,onset_s,apex_s,offset_s,score\n"
    assert "v.i3d: shorter than one snippet" in shown.err


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"source": "i3d-random-3"}, "holds snippets of i3d-random-3, and model by-size reads"),
        ({"edges": 16.0 * np.arange(13.0)}, "holds snippets of 16 ticks and 6 features, and"),
        ({"streams": np.zeros((2, 12, 7), np.float32)}, "8 ticks and 7 features, and model"),
    ],
)
def test_other_snippets_than_the_models_are_refused(
    tmp_path: Path, capsys: Captured, changes: dict[str, object], reason: str
) -> None:
    model = write_i3d_model(tmp_path / "i3d.onnx")
    path = i3d_file(tmp_path / "v.i3d", **changes)
    assert run_command(spot_command, ["--model", str(model.path), str(path)]) == 2
    (line,) = [one for one in capsys.readouterr().err.splitlines() if one.startswith("error: ")]
    assert reason in line


def test_snippets_for_a_model_of_windows_are_refused(tmp_path: Path, capsys: Captured) -> None:
    assert run_command(spot_command, [str(i3d_file(tmp_path / "v.i3d"))]) == 2
    assert "holds snippets, and model spotformer-default reads windows" in capsys.readouterr().err


def test_a_video_for_a_model_of_i3d_features_is_refused_live_and_offline(
    film: Path, tmp_path: Path, capsys: Captured
) -> None:
    model = write_i3d_model(tmp_path / "i3d.onnx", source="i3d-random-3")
    assert run_command(spot_command, ["--model", str(model.path), str(film)]) == 4
    done = fes_live("--source", film, "--model", model.path)
    assert done.returncode == 4
    for text in (capsys.readouterr().err, done.stderr):
        (line,) = [one for one in text.splitlines() if one.startswith("error: ")]
        assert "it reads snippets of i3d-random-3" in line
        assert "fes-offline extract --source i3d" in line


def test_spotting_with_a_model_of_snippets_loads_no_torch(tmp_path: Path) -> None:
    model = write_i3d_model(tmp_path / "i3d.onnx")
    path = i3d_file(tmp_path / "v.i3d")
    start = (
        "import sys; from engines.console import run_command; "
        "from offline.commands.spot import spot; code = run_command(spot, sys.argv[1:]); "
        "sys.exit(9 if 'torch' in sys.modules else code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", start, "--model", str(model.path), str(path)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

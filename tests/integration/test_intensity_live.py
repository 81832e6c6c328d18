"""A model with an intensity, as GIM's, is run live and on files by the same commands."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from engines.decoding import decode
from engines.model_file import ModelFile, write_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.scores import Scores
from offline.spotting import spot
from realtime.events.messages import Expression, Phase
from realtime.events.telemetry import Telemetry
from realtime.faces.tracker import open_tracker
from realtime.live import LiveOptions
from realtime.pipeline.pipeline import Pipeline
from realtime.pipeline.telemetry import Reporter
from realtime.sources.open import open_source
from realtime.types import RATE_HZ
from tests.integration.intensity_model import OUTPUTS, RULES, write_intensity_model
from tests.integration.live_runs import fes_live, final_expressions, read_events

Row = tuple[str, int, int, int, float]


class Recording:
    """A backend that keeps what it answered."""

    def __init__(self, inner: OnnxRuntimeBackend) -> None:
        self._inner = inner
        self.name, self.precision = inner.name, inner.precision
        self.answers: list[Scores] = []

    def run(self, windows: NDArray[np.float32]) -> Scores:
        self.answers.append(self._inner.run(windows))
        return self.answers[-1]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ModelFile:
    return write_intensity_model(tmp_path_factory.mktemp("model") / "gim.onnx")


def rows(expressions: list[Expression]) -> list[Row]:
    found = []
    for one in expressions:
        assert one.onset_s is not None
        assert one.offset_s is not None
        times = (one.onset_s, one.apex_s, one.offset_s)
        onset, apex, offset = (round(time_s * RATE_HZ) for time_s in times)
        found.append((one.kind.value, onset, apex, offset, one.score))
    return sorted(found)


def test_the_final_events_are_what_the_batch_decoder_finds_in_the_same_scores(
    film: Path, model: ModelFile
) -> None:
    events: list[object] = []
    looks: list[Telemetry] = []
    with (
        open_source(str(film)) as source,
        open_tracker() as tracker,
        OnnxRuntimeBackend(model) as inner,
    ):
        backend = Recording(inner)
        pipeline = Pipeline(tracker, backend, model.manifest)  # type: ignore[arg-type]
        reporter = Reporter(pipeline)
        for frame in source:
            events += pipeline.push(frame)
            looks += reporter.after_frame(0)
        events += pipeline.finish()
    curves = {n: np.concatenate([a.values[n] for a in backend.answers]) for n in OUTPUTS}
    ends = [e for e in events if isinstance(e, Expression) and e.phase is Phase.END]
    found = decode(curves, RULES)
    wanted = sorted((i.kind.value, i.onset, i.apex, i.offset, i.score) for i in found)
    assert wanted
    assert rows(ends) == wanted
    assert any(set(look.scores) == set(OUTPUTS) for look in looks)


def test_the_live_command_writes_what_the_offline_one_finds(
    film: Path, model: ModelFile, tmp_path: Path
) -> None:
    offline = spot(open_source(str(film)), LiveOptions(model=model.path)).expressions
    path = tmp_path / "events.jsonl"
    done = fes_live("--source", film, "--model", model.path, "--events", path)
    assert done.returncode == 0, done.stderr
    events = read_events(path)
    hello = events[0]["data"]
    assert isinstance(hello, dict)
    assert hello["model"] == {
        "name": "by-intensity", "version": model.manifest.version, "method": "gim",
    }  # fmt: skip
    written = sorted(final_expressions(events))
    wanted = sorted((e.kind.value, e.onset_s, e.apex_s, e.offset_s, e.score) for e in offline)
    assert wanted
    assert [times for *times, _ in written] == [times for *times, _ in wanted]
    assert [s for *_, s in written] == pytest.approx([s for *_, s in wanted], abs=2e-6)


def test_rules_that_cannot_be_followed_are_one_line_and_exit_code_4(
    film: Path, model: ModelFile, tmp_path: Path
) -> None:
    graph = onnx.load_model_from_string(model.content)
    del graph.metadata_props[:]
    manifest = replace(model.manifest, decoder={"thresholds": [0.8, 0.2]})
    path = write_model(tmp_path / "bad.onnx", graph, manifest).path
    done = fes_live("--source", film, "--model", path)
    assert done.returncode == 4
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "thresholds are 1 to 100 rising values" in errors[0]
    assert done.stdout == ""

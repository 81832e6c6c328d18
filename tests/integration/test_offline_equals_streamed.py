"""The events of a recorded file are exactly those of the same file streamed."""

import time
from pathlib import Path

import numpy as np
import pytest

from engines.registry import default_model_path, open_backend
from offline.spotting import spot
from realtime.events.messages import Expression, Phase
from realtime.faces.tracker import open_tracker
from realtime.live import LiveOptions, load
from realtime.pipeline.pipeline import Pipeline
from realtime.sources.open import open_source
from tests.integration.live_runs import (
    FIELDS,
    SMILE,
    Found,
    fes_live,
    final_expressions,
    read_events,
)


def found_in(expressions: list[Expression]) -> Found:
    rows = [
        (e.kind.value, e.onset_s or 0.0, e.apex_s, e.offset_s or 0.0, e.score)
        for e in expressions
        if e.phase is Phase.END
    ]
    assert len(FIELDS) == 5
    return tuple(sorted(rows, key=lambda row: (row[1], row[0])))


@pytest.fixture(scope="module")
def offline(film: Path) -> Found:
    return found_in(list(spot(open_source(str(film)), LiveOptions()).expressions))


def test_the_smile_of_the_film_is_found(offline: Found) -> None:
    kind, onset, _, offset, _ = max(offline, key=lambda found: found[3] - found[1])
    shared = min(offset, SMILE.offset_s) - max(onset, SMILE.onset_s)
    union = max(offset, SMILE.offset_s) - min(onset, SMILE.onset_s)
    assert kind == "macro"
    assert shared / union >= 0.5


def test_the_live_command_writes_what_the_offline_one_finds(
    film: Path, offline: Found, tmp_path: Path
) -> None:
    path = tmp_path / "events.jsonl"
    done = fes_live("--source", film, "--events", path)
    assert done.returncode == 0, done.stderr
    written = final_expressions(read_events(path))
    assert [times for *times, _ in written] == [times for *times, _ in offline]
    # written with six digits; and kernels that this process compiled may differ in their last
    # bits from those that the other one read from the cache
    scores = [score for *_, score in offline]
    assert [score for *_, score in written] == pytest.approx(scores, abs=2e-6)


def test_frames_that_come_with_pauses_give_the_same_events_bit_for_bit(
    film: Path, offline: Found
) -> None:
    rng = np.random.default_rng(0)
    model, _ = load(LiveOptions())
    events = []
    with (
        open_source(str(film)) as source,
        open_tracker() as tracker,
        open_backend(model) as backend,
    ):
        pipeline = Pipeline(tracker, backend, model.manifest)
        for frame in source:
            if rng.random() < 0.2:
                time.sleep(rng.uniform(0, 0.02))
            events += pipeline.push(frame)
        events += pipeline.finish()
    assert found_in([e for e in events if isinstance(e, Expression)]) == offline


def test_the_default_model_is_the_one_that_comes_with_the_package() -> None:
    model, backend = load(LiveOptions())
    backend.close()
    assert model.path == default_model_path()

"""What is due in one frame goes to the model in one call, whoever's face it is."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from engines.backend import Backend
from engines.batching import BatchingBackend
from engines.scores import Scores
from realtime.events.messages import EventData, Expression, FaceFound, FaceLost, Phase
from realtime.pipeline.pipeline import Pipeline
from realtime.pipeline.timing import Stopwatch
from realtime.types import HALF_WINDOW, RATE_HZ
from tests.realtime.pipeline.crowd_makers import CrowdTracker, LidReader, Person
from tests.realtime.pipeline.pipeline_makers import frames_at, manifest, ticks

PEOPLE = {0: Person(20, 25, 30), 1: Person(21, 26, 31, last=44), 2: Person(24, 29, 34, first=10)}
LENGTH = 60


def run(
    people: dict[int, Person], backend: Backend, stopwatch: Stopwatch | None = None
) -> list[EventData]:
    pipeline = Pipeline(CrowdTracker(people), backend, manifest(), stopwatch=stopwatch)
    events = [event for frame in frames_at(ticks(LENGTH)) for event in pipeline.push(frame)]
    return events + pipeline.finish()


def told(events: list[EventData], face: int | None = None) -> list[object]:
    """What events say, but for how long they took."""
    out: list[object] = []
    for event in events:
        if isinstance(event, Expression) and face in {None, event.face}:
            times = (event.onset_s, event.apex_s, event.offset_s)
            out.append((event.phase, event.id, *times, event.score, event.algorithmic_delay_s))
        elif isinstance(event, FaceFound | FaceLost) and face in {None, event.face}:
            out.append(event)
    return out


def test_the_windows_of_three_faces_are_one_call() -> None:
    backend, crowd = LidReader(), {track: Person(20, 25, 30) for track in range(3)}
    run(crowd, backend)
    assert backend.batches == [3] * (LENGTH - HALF_WINDOW) + [3 * HALF_WINDOW]


def test_one_face_at_the_models_rate_is_one_window_a_call() -> None:
    backend = LidReader()
    run({0: PEOPLE[0]}, backend)
    assert backend.batches == [1] * (LENGTH - HALF_WINDOW) + [HALF_WINDOW]


def test_faces_that_come_and_go_are_in_a_call_while_they_have_windows() -> None:
    """The second face is gone from tick 45 on; the third's first whole window ends at tick 26."""
    backend = LidReader()
    run(PEOPLE, backend)
    due = [
        sum([tick >= HALF_WINDOW, HALF_WINDOW <= tick <= 44, tick >= 26]) for tick in range(LENGTH)
    ]
    assert backend.batches == [*(n for n in due if n), 2 * HALF_WINDOW]


def test_a_frame_that_completes_two_ticks_is_one_call_as_well() -> None:
    backend = LidReader()
    pipeline = Pipeline(CrowdTracker(PEOPLE, ticks_a_frame=2), backend, manifest())
    for frame in frames_at([2 * k / RATE_HZ for k in range(22)]):
        pipeline.push(frame)
    assert max(backend.batches) == 6
    assert len(backend.batches) == 22 - HALF_WINDOW // 2


@pytest.mark.parametrize("track", PEOPLE)
def test_each_face_has_the_events_of_a_run_alone(track: int) -> None:
    alone = told(run({track: PEOPLE[track]}, LidReader()))
    together = told(run(PEOPLE, LidReader()), track)
    assert together == alone
    ends = [event for event in alone if isinstance(event, tuple) and event[0] is Phase.END]
    person = PEOPLE[track]
    (only,) = ends
    expected = [tick / RATE_HZ for tick in (person.onset, person.apex, person.offset)]
    assert only[2:5] == pytest.approx(expected, abs=1e-5)


def test_events_of_one_frame_come_face_by_face() -> None:
    crowd = {track: Person(20, 25, 30) for track in (2, 0, 1)}
    events = [e for e in run(crowd, LidReader()) if isinstance(e, Expression)]
    assert [e.face for e in events if e.phase is Phase.NEW] == [2, 0, 1]
    assert [e.face for e in events if e.phase is Phase.END] == [2, 0, 1]


def test_the_model_is_measured_once_a_frame_however_many_faces() -> None:
    heard: list[str] = []
    run(PEOPLE, LidReader(), Stopwatch(lambda stage, _: heard.append(stage)))
    assert heard.count("model") == LENGTH - HALF_WINDOW


class Slow(LidReader):
    """Takes as long as a model does, so that others come meanwhile."""

    def run(self, windows: NDArray[np.float32]) -> Scores:
        time.sleep(0.002)
        return super().run(windows)


def test_streams_that_share_a_backend_have_the_events_of_separate_runs() -> None:
    crowds = [PEOPLE, {5: Person(22, 27, 33), 6: Person(19, 25, 30)}]
    separate = [told(run(crowd, LidReader())) for crowd in crowds]
    backend = Slow()
    with BatchingBackend(backend, manifest()) as shared, ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda crowd: told(run(crowd, shared)), crowds))
    assert together == separate
    calls_of_one = LENGTH - HALF_WINDOW + 1
    assert calls_of_one <= len(backend.batches) <= len(crowds) * calls_of_one

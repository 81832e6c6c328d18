import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.contracts import MOST_ROWS
from engines.decoding import Change, Phase, decode_snippets
from engines.decoding.batch import in_order
from engines.intervals import Interval
from realtime.pipeline.scoring import Scored
from realtime.snippets.contract import Rolling
from realtime.snippets.pooling import pool_all
from realtime.snippets.spotter import SnippetSpotter
from realtime.types import FlowWindow
from tests.realtime.snippets.snippet_live_makers import (
    RULES,
    TICKS,
    MotionBackend,
    answer,
    stacked,
    window,
    windows,
)

LEVELS = [0.0, 0.1, 4.0, 5.0, 0.2, 0.0, 0.1, 0.0, 0.3, 6.0, 0.1, 0.0]


def spotter(rolling: Rolling | None, backend: MotionBackend | None = None) -> SnippetSpotter:
    return SnippetSpotter(backend or MotionBackend(), RULES, TICKS, rolling)


def ends(results: list[Scored | Change]) -> list[Interval]:
    return [r.interval for r in results if isinstance(r, Change) and r.phase is Phase.END]


def run(one: SnippetSpotter, every: list[FlowWindow]) -> list[Scored | Change]:
    out = [result for w in every for result in one.push([w])]
    return out + one.finish()


def whole(every: list[FlowWindow]) -> tuple[Interval, ...]:
    """What the decoder finds in the snippets that training reads from the same windows."""
    last = max(w.tick for w in every) + TICKS
    features = np.zeros((last, *every[0].features.shape), np.float32)
    scored = np.zeros(last, bool)
    for w in every:
        features[w.tick], scored[w.tick] = w.features, True
    streams, valid = pool_all(features, scored, TICKS)
    rows = np.ascontiguousarray(streams.transpose(1, 0, 2))
    edges = TICKS * np.arange(len(valid) + 1.0)
    found: list[Interval] = []
    for first, last in runs(valid):
        scores = answer(rows[first:last]).values
        found += decode_snippets(scores, RULES, edges[first : last + 1])
    return in_order(found)


def runs(valid: np.ndarray) -> list[tuple[int, int]]:
    out, start = [], None
    for k, ok in enumerate([*valid.tolist(), False]):
        if ok and start is None:
            start = k
        if not ok and start is not None:
            out.append((start, k))
            start = None
    return out


def test_a_whole_video_goes_through_the_model_once() -> None:
    backend, every = MotionBackend(), windows(LEVELS)
    found = ends(run(spotter(None, backend), every))
    assert backend.calls == [len(LEVELS)]
    assert in_order(found) == whole(every)
    assert [(i.onset, i.offset) for i in found] == [(16, 31), (72, 79)]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 0.2, 1.0, 4.0]), min_size=1, max_size=8),
    st.sets(st.integers(0, 63), max_size=6),
    st.integers(0, 20),
)
def test_snippets_are_those_of_training_whatever_ticks_are_missing(
    levels: list[float], missing: set[int], first: int
) -> None:
    every = [w for n, w in enumerate(windows(levels, first)) if n not in missing]
    if every:
        assert in_order(ends(run(spotter(None), every))) == whole(every)


def test_the_window_rolls_and_each_new_snippet_is_scored_with_those_before_it() -> None:
    backend = MotionBackend()
    results = run(spotter(Rolling(window=5, settle=2), backend), windows(LEVELS))
    assert backend.calls == [1, 2, 3, 4] + [5] * 8
    scored = [r for r in results if isinstance(r, Scored)]
    # the middle of each snippet, and what shows how much attention it drew
    assert [s.tick for s in scored] == [8 * k + 4 for k in range(len(LEVELS))]
    assert {name for s in scored for name in s.scores} == {"attention"}
    assert all(0 <= s.scores["attention"] <= 1 for s in scored)
    assert [(i.onset, i.offset) for i in ends(results)] == [(24, 31), (72, 79)]


def test_a_stream_that_the_window_holds_and_waits_for_ends_as_the_whole_video() -> None:
    rolled = ends(run(spotter(Rolling(window=50, settle=49)), windows(LEVELS)))
    assert in_order(rolled) == whole(windows(LEVELS))


def test_an_expression_is_final_two_snippets_after_it_where_two_must_follow() -> None:
    one, final_at = spotter(Rolling(window=50, settle=2)), []
    for w in windows(LEVELS):
        for change in one.push([w]):
            if isinstance(change, Change) and change.phase is Phase.END:
                final_at.append((change.interval.offset, w.tick))
    # the last tick of the second snippet after it
    assert final_at[0] == (31, 31 + 16)


def test_how_windows_are_handed_over_changes_nothing() -> None:
    every = windows(LEVELS)
    one, other = spotter(Rolling(6, 2)), spotter(Rolling(6, 2))
    assert run(one, every) == [*other.push(every), *other.finish()]


def test_a_second_segment_is_decided_by_itself() -> None:
    backend = MotionBackend()
    one = spotter(None, backend)
    run(one, windows(LEVELS))
    found = ends(run(one, windows(LEVELS, first=200)))
    assert backend.calls == [12, 12]
    assert [(i.onset, i.offset) for i in found] == [(216, 231), (272, 279)]


def test_a_longer_segment_than_a_call_takes_is_spotted_in_parts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    backend = MotionBackend()
    one = SnippetSpotter(backend, RULES, 1, None)
    with caplog.at_level(logging.WARNING):
        run(one, [window(tick, 0.0) for tick in range(MOST_ROWS + 3)])
    assert backend.calls == [MOST_ROWS, 3]
    assert "more than 4096 snippets in a row: spotted in parts" in caplog.text


def test_a_stretch_shorter_than_a_snippet_is_named(caplog: pytest.LogCaptureFixture) -> None:
    backend = MotionBackend()
    with caplog.at_level(logging.INFO):
        assert run(spotter(None, backend), windows(LEVELS)[: TICKS - 1]) == []
    assert backend.calls == []
    assert "7 ticks in a row are less than a snippet of 8" in caplog.text


def test_nothing_comes_of_nothing() -> None:
    assert spotter(None).finish() == []
    assert spotter(Rolling()).push([]) == []
    np.testing.assert_array_equal(stacked(windows([1.0])).shape, (8, 17, 18, 2))

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.decoding import Change, IntensityKindRules, IntensityRules, Phase, decode
from engines.decoding.batch import in_order
from engines.decoding.intensity import IntensityDecoder
from engines.intervals import Interval, Kind
from tests.engines.decoding.intensity.intensity_makers import (
    NAMES,
    Scores,
    intensity_rules,
    score_sequences,
    scores_of,
)

HIGH = 0.9
QUIET = [0.0] * 20


def feed(decoder: IntensityDecoder, scores: Scores, first_tick: int = 0) -> list[Change]:
    changes: list[Change] = []
    for row in range(len(scores["intensity"])):
        changes += decoder.push(first_tick + row, {n: float(scores[n][row]) for n in NAMES})
    return changes


def stream(scores: Scores, rules: IntensityRules, first_tick: int = 0) -> list[Change]:
    decoder = IntensityDecoder(rules)
    return [*feed(decoder, scores, first_tick), *decoder.finish()]


def finals(changes: Sequence[Change]) -> tuple[Interval, ...]:
    return in_order(c.interval for c in changes if c.phase is Phase.END)


def hill(*, rise: int, top: int = 1) -> list[float]:
    """A rise to 0.9, a plateau of ``top`` ticks, and the same way down."""
    up = [HIGH * (n + 1) / rise for n in range(rise)]
    return [*up, *[HIGH] * (top - 1), *reversed(up[:-1])]


@settings(max_examples=150, deadline=None)
@given(score_sequences(), intensity_rules(), st.integers(-5, 1000))
def test_final_intervals_of_a_stream_equal_those_of_the_batch_decoder(
    scores: Scores, rules: IntensityRules, first_tick: int
) -> None:
    assert finals(stream(scores, rules, first_tick)) == decode(scores, rules, first_tick)


@settings(max_examples=100, deadline=None)
@given(score_sequences(), intensity_rules())
def test_every_expression_is_new_once_and_ends_or_is_retracted_once(
    scores: Scores, rules: IntensityRules
) -> None:
    lives = defaultdict(list)
    for change in stream(scores, rules):
        lives[change.id].append(change)
    for life in lives.values():
        phases = [change.phase for change in life]
        assert phases[0] is Phase.NEW
        assert set(phases[1:-1]) <= {Phase.UPDATE}
        assert phases[-1] in (Phase.END, Phase.RETRACTED)
        assert len(phases) >= 2
        assert len({change.interval.kind for change in life}) == 1
        assert [c.decided_at for c in life] == sorted(c.decided_at for c in life)
        assert all(0 <= c.interval.score <= 1 for c in life)


@settings(max_examples=80, deadline=None)
@given(score_sequences(), intensity_rules())
def test_nothing_is_told_of_ticks_that_have_not_come(scores: Scores, rules: IntensityRules) -> None:
    assert all(c.interval.offset <= c.decided_at for c in stream(scores, rules))


@settings(max_examples=80, deadline=None)
@given(score_sequences(80), score_sequences(80), intensity_rules())
def test_a_segment_after_a_gap_is_decoded_as_if_it_stood_alone(
    first: Scores, second: Scores, rules: IntensityRules
) -> None:
    decoder = IntensityDecoder(rules)
    changes = [*feed(decoder, first), *decoder.finish()]
    changes += [*feed(decoder, second, 500), *decoder.finish()]
    assert finals(changes) == in_order(decode(first, rules) + decode(second, rules, 500))
    news = [c.id for c in changes if c.phase is Phase.NEW]
    assert len(news) == len(set(news))


@settings(max_examples=60, deadline=None)
@given(score_sequences(), intensity_rules())
def test_an_expression_waits_for_its_outer_ticks_and_for_its_piece_alone(
    scores: Scores, rules: IntensityRules
) -> None:
    """Never later than a run and its quarter after the onset."""
    longest = rules.longest_run
    for change in stream(scores, rules):
        if change.phase is Phase.END:
            assert change.decided_at - change.interval.onset <= longest + -(-longest // 4)


def test_a_clear_expression_is_new_after_its_apex_and_ends_a_quarter_after_its_offset() -> None:
    curve = [*QUIET, *hill(rise=9), *QUIET]
    changes = stream(scores_of(curve), IntensityRules(nms_iou=0.0))
    story = [(c.phase, c.decided_at) for c in changes]
    # 0.1, 0.2 ... 0.9: above 0.2 from tick 22 to tick 34 (0.2 in float32 is a little more)
    above = np.flatnonzero(np.array(curve, np.float32).astype(float) > 0.2)
    first, last = int(above[0]), int(above[-1])
    assert story[0] == (Phase.NEW, 29)
    assert changes[0].interval.apex == 28
    length = last - first + 1
    assert story[-1] == (Phase.END, last + -(-length // 4))
    assert {c.id for c in changes} == {0}
    assert {c.phase for c in changes[1:-1]} <= {Phase.UPDATE}


def test_a_plateau_is_new_at_its_second_tick() -> None:
    changes = stream(scores_of([*QUIET, *[HIGH] * 10, *QUIET]), IntensityRules())
    story = [(c.phase, c.decided_at, c.interval.offset) for c in changes]
    # ten ticks long: two and a half more make it final
    assert story == [(Phase.NEW, 21, 21), (Phase.UPDATE, 30, 29), (Phase.END, 32, 29)]


def test_a_second_rise_moves_the_apex_under_the_same_id() -> None:
    curve = [*QUIET, 0.3, 0.5, 0.7, 0.6, 0.65, 0.8, 0.9, 0.6, 0.3, *QUIET]
    changes = stream(scores_of(curve), IntensityRules())
    assert changes[0].interval.apex == 22
    first = [c for c in changes if c.id == changes[0].id]
    assert (first[-1].phase, first[-1].interval.apex) == (Phase.END, 26)
    assert all(c.interval.apex in (22, 26) for c in first)


def test_what_falls_short_of_the_floor_in_the_end_is_retracted() -> None:
    # as long as it lasts it contrasts with the rest before it; then the intensity stays high
    curve = [*QUIET, *[0.6] * 12, *[0.15] * 12]
    rules = IntensityRules(macro=IntensityKindRules(score_floor=0.55))
    changes = stream(scores_of(curve), rules)
    assert [c.phase for c in changes if c.phase is not Phase.UPDATE] == [
        Phase.NEW,
        Phase.RETRACTED,
    ]
    assert decode(scores_of(curve), rules) == ()


def test_a_micro_that_lasts_too_long_is_retracted_while_it_goes_on() -> None:
    gate = IntensityKindRules(longest=15)
    scores = scores_of([*QUIET, *[HIGH] * 40, *QUIET], micro=HIGH, macro=0.0)
    changes = stream(scores, IntensityRules(micro=gate))
    assert [c.phase for c in changes] == [Phase.NEW, Phase.RETRACTED]
    assert changes[1].decided_at == 20 + 15


def test_one_moment_may_be_both_kinds_under_two_ids() -> None:
    scores = scores_of([*QUIET, *[HIGH] * 10, *QUIET], micro=HIGH)
    ends = [c for c in stream(scores, IntensityRules()) if c.phase is Phase.END]
    assert {c.interval.kind for c in ends} == set(Kind)
    assert len({c.id for c in ends}) == 2


def test_a_face_at_rest_says_nothing() -> None:
    assert stream(scores_of([0.19] * 200, micro=1.0), IntensityRules()) == []
    assert stream(scores_of([HIGH] * 100, macro=0.4), IntensityRules()) == []


def test_the_end_of_a_segment_decides_what_is_open() -> None:
    decoder = IntensityDecoder()
    told = feed(decoder, scores_of([*QUIET, *[HIGH] * 8]))
    assert [c.phase for c in told] == [Phase.NEW]
    (end,) = decoder.finish()
    assert (end.phase, end.id, end.interval.offset, end.decided_at) == (Phase.END, 0, 27, 27)
    assert decoder.finish() == ()


def test_an_intensity_that_never_falls_is_decided_all_the_same() -> None:
    rng = np.random.default_rng(3)
    curve = (0.5 + 0.4 * rng.random(2000)).tolist()
    rules = IntensityRules(longest_run=100)
    ends = [c for c in stream(scores_of(curve), rules) if c.phase is Phase.END]
    assert len(ends) >= 2000 // 100
    waits = [later - earlier for earlier, later in pairwise(c.decided_at for c in ends)]
    assert max(waits) <= 100 + 25


@pytest.mark.parametrize("kind", ["high", "noise"])
def test_what_a_stream_keeps_in_memory_stays_bounded(kind: str) -> None:
    rng = np.random.default_rng(5)
    decoder = IntensityDecoder(IntensityRules(longest_run=60))
    most = 0
    for tick in range(1500):
        value = 0.9 if kind == "high" else float(rng.random())
        decoder.push(tick, dict.fromkeys(NAMES, value))
        segment = decoder._segment
        assert segment is not None
        most = max(most, len(segment.intensity), *(len(v) for v in segment.action.values()))
    assert most <= 60 * 3 // 2 + 2
    assert len(decoder._waiting) <= 60


@pytest.mark.parametrize("tick", [4, 5, 7])
def test_a_tick_out_of_order_is_refused_and_changes_nothing(tick: int) -> None:
    decoder = IntensityDecoder()
    still = dict.fromkeys(NAMES, 0.0)
    decoder.push(5, still)
    with pytest.raises(ValueError, match=f"tick {tick} does not follow tick 5"):
        decoder.push(tick, still)
    assert decoder.push(6, still) == ()


def test_a_segment_may_not_begin_before_the_last_one_ended() -> None:
    decoder = IntensityDecoder()
    decoder.push(5, dict.fromkeys(NAMES, 0.0))
    decoder.finish()
    with pytest.raises(ValueError, match="tick 5 does not follow"):
        decoder.push(5, dict.fromkeys(NAMES, 0.0))


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1])
def test_a_score_that_is_not_a_probability_is_refused_and_changes_nothing(value: float) -> None:
    decoder = IntensityDecoder()
    with pytest.raises(ValueError, match="'intensity' is not a probability"):
        decoder.push(0, dict.fromkeys(NAMES, 0.0) | {"intensity": value})
    assert decoder.push(0, dict.fromkeys(NAMES, 0.0)) == ()


def test_a_missing_score_is_refused() -> None:
    with pytest.raises(ValueError, match="no 'macro_action'"):
        IntensityDecoder().push(0, {"intensity": 0.5, "micro_action": 0.5})


def test_finishing_without_a_tick_says_nothing() -> None:
    assert IntensityDecoder().finish() == ()

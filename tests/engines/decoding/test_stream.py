from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.decoding import Change, DecoderRules, KindRules, Phase, StreamDecoder, decode
from engines.decoding.batch import in_order
from engines.intervals import Interval, Kind
from tests.engines.decoding.score_makers import (
    NAMES,
    Scores,
    bump,
    decoder_rules,
    quiet,
    score_sequences,
)


def stream(scores: Scores, rules: DecoderRules, first_tick: int = 0) -> list[Change]:
    decoder = StreamDecoder(rules)
    changes: list[Change] = []
    for row in range(len(scores[NAMES[0]])):
        changes += decoder.push(first_tick + row, {n: float(scores[n][row]) for n in NAMES})
    changes += decoder.finish()
    return changes


def finals(changes: list[Change]) -> tuple[Interval, ...]:
    return in_order(c.interval for c in changes if c.phase is Phase.END)


@settings(max_examples=250, deadline=None)
@given(score_sequences(), decoder_rules(), st.integers(-5, 1000))
def test_final_intervals_of_a_stream_equal_those_of_the_batch_decoder(
    scores: Scores, rules: DecoderRules, first_tick: int
) -> None:
    assert finals(stream(scores, rules, first_tick)) == decode(scores, rules, first_tick)


@settings(max_examples=80, deadline=None)
@given(score_sequences(), decoder_rules())
def test_every_expression_is_new_once_and_ends_or_is_retracted_once(
    scores: Scores, rules: DecoderRules
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


@settings(max_examples=60, deadline=None)
@given(score_sequences(), decoder_rules())
def test_nothing_is_told_of_ticks_that_have_not_come(scores: Scores, rules: DecoderRules) -> None:
    assert all(c.interval.offset <= c.decided_at for c in stream(scores, rules))


@settings(max_examples=60, deadline=None)
@given(score_sequences(80), score_sequences(80), decoder_rules())
def test_a_segment_after_a_gap_is_decoded_as_if_it_stood_alone(
    first: Scores, second: Scores, rules: DecoderRules
) -> None:
    decoder = StreamDecoder(rules)
    changes: list[Change] = []
    for scores, start in ((first, 0), (second, 500)):
        for row in range(len(scores[NAMES[0]])):
            changes += decoder.push(start + row, {n: float(scores[n][row]) for n in NAMES})
        changes += decoder.finish()
    expected = decode(first, rules) + decode(second, rules, 500)
    assert finals(changes) == in_order(expected)
    news = [c.id for c in changes if c.phase is Phase.NEW]
    assert len(news) == len(set(news))


def one_micro() -> Scores:
    scores = quiet(60)
    bump(scores, "micro", onset=20, apex=24, offset=28)
    return scores


def test_a_clear_expression_is_new_at_its_apex_updated_at_its_offset_and_ends_when_certain() -> (
    None
):
    changes = stream(one_micro(), DecoderRules())
    story = [(c.phase, c.decided_at, c.interval.offset) for c in changes]
    # the paper's search for the offset goes on to 8 ticks after the apex
    assert story[0] == (Phase.NEW, 24, 24)
    assert (Phase.UPDATE, 28, 28) in story
    assert story[-1] == (Phase.END, 32, 28)
    assert {c.id for c in changes} == {0}


def test_settling_ends_an_expression_that_many_ticks_after_its_offset() -> None:
    rules = KindRules(2, 8, 2, 8, boundary_threshold=0.5, settle=2)
    changes = stream(one_micro(), DecoderRules(micro=rules))
    # a later apex could still reach the onset at 20 until tick 28; none can at an IoU above 0.5
    assert (changes[-1].phase, changes[-1].decided_at) == (Phase.END, 30)


def test_a_certain_expression_waits_for_a_later_apex_that_could_still_replace_it() -> None:
    scores = quiet(120)
    bump(scores, "macro", onset=20, apex=28, offset=36)
    rules = KindRules(8, 29, 8, 29, boundary_threshold=0.5, settle=3)
    end = stream(scores, DecoderRules(macro=rules))[-1]
    # The rival has the same onset, 20, and an apex l >= n, the next tick, so an offset >= n + 8.
    # Its IoU with 20..36 is at most 17 / (n + 8 - 20 + 1): above 0.5 while n < 45.
    assert (end.phase, end.decided_at) == (Phase.END, 44)


def test_a_barrier_at_the_offset_makes_the_wait_unnecessary() -> None:
    scores = quiet(120)
    bump(scores, "macro", onset=20, apex=28, offset=36)
    rules = KindRules(8, 29, 8, 29, boundary_threshold=0.5, settle=3, barrier=0.8)
    end = stream(scores, DecoderRules(macro=rules))[-1]
    assert (end.phase, end.decided_at) == (Phase.END, 39)


def test_a_micro_is_not_held_for_a_macro_that_no_onset_announces() -> None:
    scores = one_micro()
    rules = DecoderRules(micro_inside_macro=0.3)
    assert stream(scores, rules)[-1].decided_at == 32


def test_a_micro_is_retracted_when_a_macro_around_it_becomes_certain() -> None:
    scores = quiet(120)
    bump(scores, "micro", onset=22, apex=26, offset=30)
    bump(scores, "macro", onset=20, apex=34, offset=44)
    changes = stream(scores, DecoderRules(micro_inside_macro=0.5))
    ends = [c for c in changes if c.phase is Phase.END]
    gone = [c for c in changes if c.phase is Phase.RETRACTED]
    assert [c.interval.kind for c in ends] == [Kind.MACRO]
    assert [c.interval.kind for c in gone] == [Kind.MICRO]


def test_a_better_apex_of_the_same_expression_inherits_its_id() -> None:
    scores = one_micro()
    scores["micro_apex"][23] = 0.6
    changes = stream(scores, DecoderRules())
    assert {c.id for c in changes} == {0}
    assert changes[0].interval.apex == 23
    assert changes[-1].interval.apex == 24


def test_a_weaker_expression_that_overlaps_a_better_one_does_not_end() -> None:
    scores = one_micro()
    bump(scores, "micro", onset=21, apex=25, offset=30, p=0.8)
    assert finals(stream(scores, DecoderRules())) == decode(scores, DecoderRules())
    assert len(decode(scores, DecoderRules())) == 1


@pytest.mark.parametrize("tick", [4, 5, 7])
def test_a_tick_out_of_order_is_refused_and_changes_nothing(tick: int) -> None:
    decoder = StreamDecoder()
    still = dict.fromkeys(NAMES, 0.0)
    decoder.push(5, still)
    with pytest.raises(ValueError, match=f"tick {tick} does not follow tick 5"):
        decoder.push(tick, still)
    assert decoder.push(6, still) == ()


def test_a_segment_may_not_begin_before_the_last_one_ended() -> None:
    decoder = StreamDecoder()
    decoder.push(5, dict.fromkeys(NAMES, 0.0))
    decoder.finish()
    with pytest.raises(ValueError, match="tick 5 does not follow"):
        decoder.push(5, dict.fromkeys(NAMES, 0.0))


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.1])
def test_a_score_that_is_not_a_probability_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="'micro_apex' is not a probability"):
        StreamDecoder().push(0, dict.fromkeys(NAMES, 0.0) | {"micro_apex": value})


def test_a_missing_score_is_refused() -> None:
    scores = dict.fromkeys(NAMES, 0.0)
    del scores["macro_offset"]
    with pytest.raises(ValueError, match="no 'macro_offset'"):
        StreamDecoder().push(0, scores)


def test_finishing_without_a_tick_says_nothing() -> None:
    assert StreamDecoder().finish() == ()


def test_what_a_long_noisy_stream_keeps_in_memory_stays_bounded() -> None:
    rng = np.random.default_rng(5)
    decoder = StreamDecoder(DecoderRules())
    most = 0
    for tick in range(1500):
        decoder.push(tick, {name: float(rng.random()) for name in NAMES})
        streams = (decoder._micro, decoder._macro)
        most = max(most, *(len(s.open) + len(s.waiting) + len(s.kept) for s in streams))
    # at most one proposal per tick, within a few search ranges (2 x 29 ticks) of the newest
    assert most <= 4 * 2 * 29

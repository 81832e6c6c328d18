"""Delays and matches, worked out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure.delays import Delay, Timing, fates, visible
from benchmarks.measure.recorder import Arrival
from engines.intervals import Interval, Kind
from realtime.events.messages import Expression as Said
from realtime.events.messages import Phase
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression

START_S = 1000.0
TIMING = Timing(START_S, 301)
MIX = (("AU12", 1.0),)


def said(
    phase: Phase,
    ticks: tuple[int, int, int],
    decided: int,
    compute_ms: float = 20.0,
    kind: Kind = Kind.MACRO,
    identity: str = "0-1",
) -> Arrival:
    """An event that frame ``decided`` brought, ``compute_ms`` after its capture."""
    onset_s, apex_s, offset_s = (tick / 30 for tick in ticks)
    expression = Said(
        identity, phase, kind, onset_s, apex_s, offset_s, 0.9, 0, compute_delay_ms=compute_ms
    )
    return Arrival(START_S + decided / 30 + compute_ms / 1e3, expression)


def test_a_found_expression_has_both_delays_of_both_events() -> None:
    """True 30 to 60; announced by frame 48, ended by frame 75."""
    true = Interval(Kind.MACRO, 30, 45, 60)
    events = [
        said(Phase.NEW, (31, 44, 50), 48, 12.0),
        said(Phase.UPDATE, (31, 44, 58), 55),
        said(Phase.END, (31, 44, 59), 75, 25.0),
    ]
    (fate,), false = fates([true], events, TIMING)
    assert fate.found
    assert false == []
    assert fate.end is not None
    assert fate.end.algorithmic_s == pytest.approx(15 / 30)
    assert fate.end.compute_ms == pytest.approx(25)
    assert fate.end.total_s == pytest.approx(0.525)
    assert fate.new is not None
    assert fate.new.algorithmic_s == pytest.approx(18 / 30)
    assert fate.new.compute_ms == pytest.approx(12)


def test_publishing_counts_as_compute_delay_although_the_event_cannot_know_it() -> None:
    end = said(Phase.END, (0, 5, 10), 20, 20.0)
    late = Arrival(end.arrived_s + 0.003, end.expression)
    delay = TIMING.delay(late, 10 / 30)
    assert delay is not None
    assert delay.algorithmic_s == pytest.approx(10 / 30)
    assert delay.compute_ms == pytest.approx(23)


@given(
    decided=st.integers(0, 299),
    compute_ms=st.floats(0, 500),
    published_ms=st.floats(0, 10),
    moment_s=st.floats(0, 10),
)
def test_the_deciding_frame_is_known_whatever_the_machine_needed(
    decided: int, compute_ms: float, published_ms: float, moment_s: float
) -> None:
    end = said(Phase.END, (0, 5, 10), decided, compute_ms)
    late = Arrival(end.arrived_s + published_ms / 1e3, end.expression)
    delay = TIMING.delay(late, moment_s)
    assert delay is not None
    assert delay.algorithmic_s == pytest.approx(decided / 30 - moment_s, abs=1e-6)
    assert delay.total_s == pytest.approx(late.arrived_s - START_S - moment_s, abs=1e-6)


def test_what_only_the_end_of_the_stream_decided_is_found_but_has_no_delay() -> None:
    true = Interval(Kind.MACRO, 270, 280, 298)
    events = [said(Phase.NEW, (270, 280, 290), 288), said(Phase.END, (270, 280, 298), 300)]
    (fate,), _ = fates([true], events, TIMING)
    assert fate.found
    assert fate.end is None
    assert isinstance(fate.new, Delay)


@pytest.mark.parametrize(
    "events",
    [
        [],
        [said(Phase.NEW, (30, 45, 60), 62)],
        [said(Phase.NEW, (30, 45, 60), 62), said(Phase.RETRACTED, (30, 45, 60), 70)],
        [said(Phase.END, (30, 45, 60), 70, kind=Kind.MICRO)],
        [said(Phase.END, (52, 58, 82), 99)],
    ],
    ids=["silence", "not ended", "retracted", "another kind", "too little overlap"],
)
def test_what_did_not_end_as_its_kind_with_half_an_overlap_is_missed(
    events: Sequence[Arrival],
) -> None:
    (fate,), _ = fates([Interval(Kind.MACRO, 30, 45, 60)], events, TIMING)
    assert (fate.found, fate.end, fate.new) == (False, None, None)


def test_an_overlap_of_exactly_half_is_enough() -> None:
    """0 to 9 and 0 to 19 share 10 ticks of 20."""
    (fate,), _ = fates([Interval(Kind.MACRO, 0, 5, 9)], [said(Phase.END, (0, 5, 19), 30)], TIMING)
    assert fate.found


def test_two_ends_of_one_expression_are_one_hit_and_one_false_alarm() -> None:
    true = [Interval(Kind.MACRO, 30, 45, 60)]
    better = said(Phase.END, (30, 45, 59), 70, identity="0-1")
    worse = said(Phase.END, (34, 45, 60), 71, identity="0-2")
    (fate,), false = fates(true, [worse, better], TIMING)
    assert fate.end is not None
    assert fate.end.algorithmic_s == pytest.approx(10 / 30)
    assert false == [Interval(Kind.MACRO, 34, 45, 60)]


def test_a_stream_without_truth_has_only_false_alarms() -> None:
    found, false = fates([], [said(Phase.END, (1, 2, 3), 9)], TIMING)
    assert (found, len(false)) == ([], 1)


def expression(onset_s: float, duration_s: float, kind: Kind = Kind.MACRO) -> Expression:
    apex_s = onset_s + duration_s / 2
    limb = duration_s / 2
    return Expression(kind, MIX, Side.BOTH, onset_s, apex_s, onset_s + duration_s, 5.0, limb, limb)


def test_visible_ticks_lie_within_the_expression_and_touch_both_ends() -> None:
    """Six percent of the peak is passed within a tenth of a second of rest."""
    (seen,) = visible([expression(1.0, 1.0)], 300)
    assert seen.kind is Kind.MACRO
    assert 30 <= seen.onset <= 33
    assert 57 <= seen.offset <= 60
    assert seen.apex == pytest.approx(45, abs=1)


def test_an_expression_that_the_frames_do_not_hold_whole_is_left_out() -> None:
    shown, cut, beyond = expression(1.0, 1.0), expression(4.5, 1.0), expression(9.0, 1.0)
    assert len(visible([shown, cut, beyond], 151)) == 1


def test_true_expressions_come_in_order_of_onset() -> None:
    onsets = [i.onset for i in visible([expression(4.0, 1.0), expression(1.0, 1.0)], 300)]
    assert onsets == sorted(onsets)
    assert np.diff(onsets).min() > 0

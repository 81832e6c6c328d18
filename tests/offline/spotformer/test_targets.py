import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Interval, Kind
from offline.spotformer.targets import MACRO, MICRO, NEUTRAL, NONE, OFFSET, ONSET, make_targets

ALL = np.ones(80, np.bool_)


def bell(distance: int) -> float:
    return math.exp(-(distance**2) / 32)


def test_micro_marks_reach_one_tick_and_its_apex_is_a_gaussian_of_four_ticks():
    targets = make_targets(ALL, [Interval(Kind.MICRO, 20, 25, 31)])
    boundary = targets.boundary[:, 0]
    assert np.flatnonzero(boundary == ONSET).tolist() == [19, 20, 21]
    assert np.flatnonzero(boundary == OFFSET).tolist() == [30, 31, 32]
    np.testing.assert_allclose(targets.apex[23:28, 0], [0, bell(1), 1, bell(1), 0], rtol=1e-6)
    assert np.flatnonzero(targets.expression[:, 0]).tolist() == list(range(20, 32))
    assert np.flatnonzero(targets.label == MICRO).tolist() == list(range(20, 32))


def test_macro_marks_reach_three_ticks():
    targets = make_targets(ALL, [Interval(Kind.MACRO, 20, 35, 50)])
    assert np.flatnonzero(targets.boundary[:, 1] == ONSET).tolist() == list(range(17, 24))
    assert np.flatnonzero(targets.boundary[:, 1] == OFFSET).tolist() == list(range(47, 54))
    expected = [bell(d) for d in (3, 2, 1, 0, 1, 2, 3)]
    np.testing.assert_allclose(targets.apex[32:39, 1], expected, rtol=1e-6)
    assert not targets.apex[:32, 1].any()
    assert not targets.apex[39:, 1].any()


def test_one_kind_leaves_the_targets_of_the_other_empty():
    targets = make_targets(ALL, [Interval(Kind.MACRO, 20, 35, 50)])
    assert (targets.boundary[:, 0] == NONE).all()
    assert not targets.apex[:, 0].any()
    assert not targets.expression[:, 0].any()


def test_overlapping_marks_go_to_the_nearer_one():
    targets = make_targets(ALL, [Interval(Kind.MICRO, 20, 21, 22)])
    assert targets.boundary[19:24, 0].tolist() == [ONSET, ONSET, ONSET, OFFSET, OFFSET]


def test_micro_is_the_label_where_both_kinds_overlap():
    both = [Interval(Kind.MICRO, 30, 33, 36), Interval(Kind.MACRO, 25, 40, 60)]
    for order in (both, both[::-1]):
        label = make_targets(ALL, order).label
        assert (label[30:37] == MICRO).all()
        assert (label[37:61] == MACRO).all()
        assert (label[:25] == NEUTRAL).all()


def test_expressions_beyond_the_video_are_cut_off():
    targets = make_targets(
        ALL[:10], [Interval(Kind.MACRO, -5, 2, 30), Interval(Kind.MICRO, 40, 41, 42)]
    )
    assert targets.expression[:, 1].all()
    assert targets.boundary[:, 1].tolist() == [NONE] * 10
    assert not targets.expression[:, 0].any()


def test_ignored_and_unscored_ticks_are_not_counted():
    scored = ALL.copy()
    scored[3] = False
    targets = make_targets(
        scored, [], [Interval(Kind.MICRO, 10, 11, 12), Interval(Kind.MACRO, 75, 79, 90)]
    )
    assert np.flatnonzero(~targets.counted).tolist() == [3, 10, 11, 12, 75, 76, 77, 78, 79]
    assert scored.sum() == 79


def test_a_video_without_ticks_has_empty_targets():
    targets = make_targets(np.zeros(0, np.bool_), [])
    assert targets.boundary.shape == (0, 2)
    assert targets.label.shape == (0,)


@given(st.integers(0, 60), st.integers(0, 20), st.integers(0, 20), st.sampled_from(list(Kind)))
def test_every_expression_keeps_an_onset_an_apex_and_its_length(first, rise, fall, kind):
    interval = Interval(kind, first, first + rise, first + rise + fall)
    targets = make_targets(np.ones(120, np.bool_), [interval])
    row = list(Kind).index(kind)
    assert targets.boundary[interval.onset, row] == ONSET
    assert targets.apex[interval.apex, row] == 1
    assert targets.expression[:, row].sum() == interval.length
    if interval.length > 1:
        assert targets.boundary[interval.offset, row] == OFFSET

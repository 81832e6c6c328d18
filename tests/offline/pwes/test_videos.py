import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Interval, Kind
from offline.gim.labels import TickPoint
from offline.pwes.videos import inside, lay_points, videos_of
from tests.offline.pwes.makers import snippet_record

EDGES = np.arange(11) * 4.8


def test_a_point_lies_in_the_snippet_that_covers_its_tick():
    # Snippets of 4.8 ticks: tick 4 is in 0, 5 in 1 (from 4.8), 24 exactly begins 5, 47 is in 9.
    points = [TickPoint(t, Kind.MICRO) for t in (4, 5, 24, 47)]
    laid, complaints = lay_points(points, EDGES, np.ones(10, np.bool_), "v")
    assert np.flatnonzero(laid[:, 0]).tolist() == [0, 1, 5, 9]
    assert not laid[:, 1].any()
    assert complaints == []


def test_two_points_in_one_snippet_are_one_of_each_kind():
    points = [TickPoint(0, Kind.MICRO), TickPoint(1, Kind.MICRO), TickPoint(2, Kind.MACRO)]
    laid, complaints = lay_points(points, EDGES, np.ones(10, np.bool_), "v")
    assert laid[0].tolist() == [True, True]
    assert laid.sum() == 2
    assert complaints == []


def test_points_beyond_the_snippets_and_in_gaps_are_named_and_left_out(caplog):
    record = snippet_record(gaps=(3,), name="clip")
    points = [TickPoint(48, Kind.MACRO), TickPoint(15, Kind.MICRO), TickPoint(1, Kind.MICRO)]
    with caplog.at_level(logging.WARNING):
        parts = videos_of(record, points)
    assert "clip: macro point at tick 48, but its 10 snippets end at tick 48; left" in caplog.text
    assert "clip: micro point at tick 15 lies in a gap or an uncertain label" in caplog.text
    assert sum(int(part.points.sum()) for part in parts) == 1


def test_runs_between_gaps_are_videos_of_their_own_with_their_own_points():
    record = snippet_record(gaps=(3, 4))
    first, second = videos_of(record, [TickPoint(1, Kind.MICRO), TickPoint(30, Kind.MACRO)])
    assert first.snippets[:, 0, 0].tolist() == [0, 1, 2]
    assert second.snippets[:, 1, 2].tolist() == [5, 6, 7, 8, 9]
    assert (first.kinds, second.kinds) == ({Kind.MICRO}, {Kind.MACRO})
    assert second.points[1].tolist() == [False, True]
    assert first.snippets.shape == (3, 2, 3)


def test_uncertain_labels_tell_nothing():
    # Ticks 10 to 15 touch the snippets 2 (from 9.6) and 3 (to 19.2).
    record = snippet_record(ignored=(Interval(Kind.MACRO, 10, 12, 15),))
    first, second = videos_of(record, [])
    assert first.snippets[:, 0, 0].tolist() == [0, 1]
    assert second.snippets[:, 0, 0].tolist() == [4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("gaps", [(), tuple(range(10))])
def test_nothing_usable_is_no_video(gaps):
    record = snippet_record(0 if not gaps else 10, gaps=gaps)
    assert videos_of(record, []) == ()


def test_truth_is_of_the_snippets_whose_middle_is_inside():
    # Middles 2.4, 7.2, 12, 16.8, ...; ticks 7 to 12 last from 7 to 13.
    truth = inside(EDGES, (Interval(Kind.MACRO, 7, 8, 12), Interval(Kind.MICRO, 8, 9, 10)))
    assert np.flatnonzero(truth[:, 1]).tolist() == [1, 2]
    assert not truth[:, 0].any()


@given(st.floats(0.5, 40), st.integers(1, 30), st.data())
def test_every_point_inside_lies_in_exactly_the_snippet_around_it(length, snippets, data):
    edges = np.arange(snippets + 1) * length
    tick = data.draw(st.integers(0, int(np.ceil(edges[-1])) - 1))
    laid, _ = lay_points([TickPoint(tick, Kind.MACRO)], edges, np.ones(snippets, np.bool_), "v")
    (place,) = np.flatnonzero(laid[:, 1])
    assert edges[place] <= tick < edges[place + 1]

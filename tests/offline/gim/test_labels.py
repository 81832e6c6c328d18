import numpy as np
import pytest

from engines.intervals import Interval, Kind
from offline.gim.apex_error import apex_distances
from offline.gim.labels import InstanceLabels, PseudoLabels, Stage, TickPoint, usable_points

MICRO, MACRO = Kind.MICRO, Kind.MACRO


def instance(kind: Kind, tick: int, apex: int, first: int, last: int) -> InstanceLabels:
    ticks = np.arange(first, last + 1)
    return InstanceLabels(TickPoint(tick, kind), apex, ticks, np.ones(len(ticks), np.float32))


def labels(*instances: InstanceLabels) -> PseudoLabels:
    soft = np.zeros((2, 100), np.float32)
    for each in instances:
        soft[[MICRO, MACRO].index(each.point.kind), each.ticks] = each.soft
    return PseudoLabels(soft, np.zeros(100, bool), np.ones(100, bool), instances, Stage.GIM)


def test_a_point_before_the_record_is_refused():
    with pytest.raises(ValueError, match="-1"):
        TickPoint(-1, MICRO)


def test_sound_points_come_back_by_tick_without_complaint():
    points = [TickPoint(9, MACRO), TickPoint(2, MICRO)]
    assert usable_points(points, np.ones(10, bool), "clip") == (
        (TickPoint(2, MICRO), TickPoint(9, MACRO)),
        (),
    )


def test_a_point_beyond_the_record_is_named_and_left_out():
    kept, complaints = usable_points([TickPoint(10, MICRO)], np.ones(10, bool), "clip")
    assert kept == ()
    assert complaints == ("clip: micro point at tick 10, but there are 10 ticks; left out",)


def test_a_repeated_point_is_named_and_used_once():
    kept, complaints = usable_points([TickPoint(4, MACRO)] * 2, np.ones(10, bool), "clip")
    assert kept == (TickPoint(4, MACRO),)
    assert complaints == ("clip: macro point at tick 4 comes twice; used once",)


def test_two_kinds_at_one_tick_are_named_and_both_used():
    both = [TickPoint(4, MICRO), TickPoint(4, MACRO)]
    kept, complaints = usable_points(both, np.ones(10, bool), "clip")
    assert set(kept) == set(both)
    assert len(complaints) == 1
    assert "tick 4 shares it with a point of the other kind; both used" in complaints[0]


def test_a_point_without_a_usable_window_is_named_and_kept():
    scored = np.ones(10, bool)
    scored[3] = False
    kept, complaints = usable_points([TickPoint(3, MICRO)], scored, "clip")
    assert kept == (TickPoint(3, MICRO),)
    assert len(complaints) == 1
    assert complaints[0].startswith("clip: micro point at tick 3 has no usable window")


def test_no_points_and_no_ticks_are_no_complaint():
    assert usable_points([], np.zeros(0, bool), "clip") == ((), ())


def test_apexes_spans_and_expression_ticks_follow_the_instances():
    found = labels(instance(MICRO, 10, 11, 8, 14), instance(MACRO, 50, 48, 40, 60))
    assert found.apexes.tolist() == [11, 48]
    assert found.spans.tolist() == [[8, 14], [40, 60]]
    assert int(found.expression.sum()) == 7 + 21
    assert labels().spans.shape == (0, 2)


def test_apex_distance_is_measured_to_the_expression_that_holds_the_point():
    found = labels(
        instance(MICRO, 10, 12, 8, 14),
        instance(MACRO, 50, 47, 40, 60),
        instance(MICRO, 80, 80, 78, 82),
    )
    truth = [
        Interval(MICRO, 5, 9, 15),
        Interval(MACRO, 0, 11, 20),
        Interval(MACRO, 30, 45, 52),
        Interval(MACRO, 49, 51, 70),
    ]
    # Micro: |12 - 9|. Macro: tick 50 is held by both, the apex at 51 is nearer, |47 - 51|. The
    # micro point at 80 is in no expression.
    assert apex_distances(found, truth) == {MICRO: [3], MACRO: [4]}

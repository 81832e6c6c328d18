import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import TickPoint
from offline.gim.neutral import far_ticks, neutral_ticks


def pick(intensity: list[float], expression: str, scored: str, **changes: float) -> list[int]:
    chosen = neutral_ticks(
        np.array(intensity),
        np.array([c == "1" for c in expression], bool),
        np.array([c == "1" for c in scored], bool),
        GimLossConfig(**changes),
    )
    return np.flatnonzero(chosen).tolist()


def test_as_many_as_are_labelled_and_the_lowest_of_the_rest():
    intensity = [0.5, 0.1, 0.9, 0.8, 0.3, 0.2]
    assert pick(intensity, "001100", "111111") == [1, 5]


def test_no_more_than_the_rest():
    assert pick([0.1, 0.2, 0.9, 0.8, 0.7, 0.6], "001111", "111111") == [0, 1]


def test_ticks_that_are_not_scored_are_never_neutral():
    assert pick([0.0, 0.1, 0.9, 0.8, 0.3, 0.2], "001100", "001111") == [4, 5]


def test_of_equal_intensities_the_earlier_comes_first():
    assert pick([0.5, 0.5, 0.5, 0.5], "0010", "1111") == [0]


def test_without_a_label_nothing_is_neutral_unless_asked_for():
    assert pick([0.3, 0.1, 0.2], "000", "111") == []
    assert pick([0.3, 0.1, 0.2], "000", "111", neutral_least=2) == [1, 2]


def test_the_ratio_multiplies_the_number_rounded_down():
    assert pick([0.9, 0.1, 0.2, 0.3], "1000", "1111", neutral_ratio=2.5) == [1, 2]


def test_an_empty_record_has_none():
    assert pick([], "", "") == []


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=40))
def test_equation_6_holds_for_any_record(ticks: list[tuple[float, bool, bool]]):
    intensity = np.array([t[0] for t in ticks])
    scored = np.array([t[1] for t in ticks], bool)
    expression = np.array([t[1] and t[2] for t in ticks], bool)
    neutral = neutral_ticks(intensity, expression, scored, GimLossConfig())
    count = int(expression.sum())
    assert neutral.sum() == min(count, int(scored.sum()) - count)
    assert not (neutral & (expression | ~scored)).any()
    rest = scored & ~expression & ~neutral
    if neutral.any() and rest.any():
        assert intensity[neutral].max() <= intensity[rest].min()


def test_what_is_far_from_every_point_is_neutral_however_intense_it_is():
    """A blink scores highest, and equation 6 alone would never take it."""
    expression = np.array([0, 0, 0, 0, 1, 0], bool)
    far = np.array([1, 1, 1, 0, 1, 0], bool)
    config = GimLossConfig(neutral_beyond_micro=8, neutral_beyond_macro=18)
    scored = np.array([1, 0, 1, 1, 1, 1], bool)
    intensity = np.array([0.95, 0.5, 0.3, 0.1, 0.9, 0.2])
    chosen = neutral_ticks(intensity, expression, scored, config, far)
    assert np.flatnonzero(chosen).tolist() == [0, 2]


def test_far_is_farther_than_the_reach_of_any_point():
    config = GimLossConfig(neutral_beyond_micro=8, neutral_beyond_macro=18)
    points = [TickPoint(10, Kind.MICRO), TickPoint(45, Kind.MACRO)]
    far = far_ticks(points, 70, config)
    assert np.flatnonzero(far).tolist() == [0, 1, *range(19, 27), *range(64, 70)]
    assert far_ticks([], 5, config).all()
    assert not far_ticks(points, 70, GimLossConfig()).any()


def test_a_reach_shorter_than_the_longest_label_is_refused():
    with pytest.raises(UsageError, match="neutral_beyond_macro 17 must be at least half"):
        GimLossConfig(neutral_beyond_micro=8, neutral_beyond_macro=17)
    with pytest.raises(UsageError, match="neutral_beyond_micro 0 must be at least half"):
        GimLossConfig(neutral_beyond_macro=18)

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from offline.gim.config import GimLossConfig
from offline.gim.neutral import neutral_ticks


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

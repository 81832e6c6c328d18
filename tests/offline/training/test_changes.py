"""What counts as a change between two configurations."""

from hypothesis import given
from hypothesis import strategies as st

from offline.training.changes import changed_settings, commands_of, with_command

VALUES = st.none() | st.integers(0, 2) | st.sampled_from("ab")
KEYS = st.sampled_from("xyz")
TABLES = st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES, max_size=3), max_size=3)


@given(TABLES, TABLES)
def test_nothing_has_changed_where_both_are_the_same(table, defaults) -> None:
    assert changed_settings(table, table, defaults) == []


@given(TABLES, TABLES, TABLES)
def test_a_change_is_one_in_either_direction(one, other, defaults) -> None:
    assert changed_settings(one, other, defaults) == changed_settings(other, one, defaults)


@given(TABLES, TABLES)
def test_without_defaults_every_difference_is_a_change(one, other) -> None:
    differing = [k for k in sorted({*one, *other}) if one.get(k) != other.get(k)]
    assert changed_settings(one, other, {}) == differing


def test_a_missing_key_has_its_default_at_any_depth() -> None:
    defaults = {"decoder": {"micro": {"floor": 0.0, "near": 2}, "nms": 0.5}, "bar": "none"}
    old = {"decoder": {"micro": {"near": 3}}}
    new = {"decoder": {"micro": {"floor": 0.0, "near": 3}, "nms": 0.5}, "bar": "none"}
    assert changed_settings(old, new, defaults) == []
    assert changed_settings(old, {**new, "bar": "inner"}, defaults) == ["bar"]
    new["decoder"]["micro"]["floor"] = 0.1
    assert changed_settings(old, new, defaults) == ["decoder"]


def test_a_setting_that_this_version_does_not_know_is_a_change() -> None:
    assert changed_settings({"model": {"gone": 1}}, {"model": {}}, {"model": {}}) == ["model"]


def test_commands_are_added_in_order_and_never_compared() -> None:
    first = with_command({"seed": 1}, {}, "a")
    second = with_command({"seed": 1}, first, "b")
    assert commands_of(with_command({"seed": 1}, second, "a")) == ["a", "b"]
    assert changed_settings(first, second, {}) == []
    assert with_command({"seed": 1}, {}, "") == {"seed": 1}
    assert commands_of({"commands": "not a list"}) == []

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from offline.loso.plan import Selection
from offline.loso.selection import Choice, best_epoch, candidates, validated, weights_of

HISTORY = [
    {"epoch": 1.0, "total": 3.0, "val_f1": 0.2},
    {"epoch": 2.0, "total": 2.0, "val_f1": 0.5},
    {"epoch": 3.0, "total": 1.0},
    {"epoch": 4.0, "total": 0.5, "val_f1": 0.5},
    {"epoch": 5.0, "total": 0.4, "val_f1": 0.3},
]


def test_the_best_epoch_of_a_history_is_the_earliest_with_the_highest_f1() -> None:
    assert validated(HISTORY) == {1: 0.2, 2: 0.5, 4: 0.5, 5: 0.3}
    assert best_epoch(validated(HISTORY)) == 2


@given(st.dictionaries(st.integers(1, 100), st.floats(0, 1), min_size=1))
def test_no_epoch_is_better_than_the_best_nor_as_good_and_earlier(f1: dict[int, float]) -> None:
    best = best_epoch(f1)
    assert all(f1[best] > f1[other] or (f1[best] == f1[other] and best <= other) for other in f1)


def test_nothing_validated_is_nothing_to_choose_from() -> None:
    assert validated([{"epoch": 1.0, "total": 3.0}]) == {}
    with pytest.raises(UsageError, match="no epoch was validated"):
        best_epoch({})


@pytest.mark.parametrize(
    ("epochs", "every", "expected"),
    [(5, 1, [1, 2, 3, 4, 5]), (5, 2, [2, 4, 5]), (4, 2, [2, 4]), (3, 9, [3])],
)
def test_every_kept_epoch_and_the_last_may_be_chosen(epochs, every, expected) -> None:
    assert candidates(epochs, every) == expected


def test_weights_are_found_under_the_names_that_training_gives() -> None:
    assert weights_of(7, 10) == "weights-0007.safetensors"
    assert weights_of(10, 10) == "weights.safetensors"


def test_an_oracle_says_so_wherever_it_is_written() -> None:
    oracle = Choice(Selection.ORACLE, 2, "w", {1: 0.1, 2: 0.4}).to_dict()
    assert "ORACLE" in str(oracle["meaning"])
    assert oracle["f1"] == {"1": 0.1, "2": 0.4}
    assert all("ORACLE" not in rule.meaning for rule in (Selection.LAST, Selection.INNER))

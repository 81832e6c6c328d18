from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.loso.corpus import Clip
from offline.loso.splits import inner_subjects

SMILE = Interval(Kind.MICRO, 1, 2, 3)


def clips(marked: int, unmarked: int = 0) -> list[Clip]:
    people = [(f"m{n:02}", (SMILE,)) for n in range(marked)]
    people += [(f"u{n:02}", ()) for n in range(unmarked)]
    return [Clip(Path("x"), f"v {who}", who, 9, found, (), "") for who, found in people]


@given(st.integers(2, 30), st.integers(0, 12), st.integers(0, 99))
def test_some_choose_and_some_train_among_those_with_expressions(marked, unmarked, seed) -> None:
    people = clips(marked, unmarked)
    chosen = inner_subjects(people, seed)
    with_expressions = [name for name in chosen if name.startswith("m")]
    assert 1 <= len(with_expressions) < marked
    assert set(chosen) <= {clip.subject for clip in people}
    assert chosen == inner_subjects(people[::-1], seed)


@pytest.mark.parametrize(("marked", "unmarked", "expected"), [(2, 0, 1), (20, 10, 6), (21, 2, 4)])
def test_a_fifth_of_the_subjects_chooses(marked: int, unmarked: int, expected: int) -> None:
    assert len(inner_subjects(clips(marked, unmarked), 0)) == expected


def test_another_seed_draws_others() -> None:
    assert len({inner_subjects(clips(20), seed) for seed in range(20)}) > 10


@pytest.mark.parametrize("marked", [0, 1])
def test_one_subject_with_expressions_cannot_both_train_and_choose(marked: int) -> None:
    with pytest.raises(UsageError, match=f"not {marked}; use --selection last"):
        inner_subjects(clips(marked, 5), 0)

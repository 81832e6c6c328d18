import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.decoding.snippets.proposals import propose
from engines.decoding.snippets.rules import SnippetRules


def spans(attention: list[float], rules: SnippetRules) -> list[tuple[int, ...]]:
    return [tuple(row) for row in propose(np.array(attention), rules).tolist()]


def test_each_m_keeps_a_share_of_the_snippets_and_runs_of_them_are_proposals() -> None:
    # of six snippets m = 2 keeps 3, m = 3 keeps 2, m = 4 keeps 1
    attention = [0.1, 0.9, 0.2, 0.3, 0.8, 0.7]
    assert spans(attention, SnippetRules(first_top=2, tops=1)) == [(1, 1), (4, 5)]
    assert spans(attention, SnippetRules(first_top=3, tops=1)) == [(1, 1), (4, 4)]
    assert spans(attention, SnippetRules(first_top=4, tops=1)) == [(1, 1)]
    assert spans(attention, SnippetRules(first_top=2, tops=3)) == [(1, 1), (4, 4), (4, 5)]


def test_a_short_video_keeps_its_best_snippet_at_every_m() -> None:
    # T = 5 is below the least m, 8: max(1, floor(5 / m)) = 1
    assert spans([0.2, 0.1, 0.4, 0.3, 0.0], SnippetRules()) == [(2, 2)]
    assert spans([0.0], SnippetRules()) == [(0, 0)]


def test_of_equal_attention_the_earlier_snippets_are_kept() -> None:
    assert spans([0.5] * 6, SnippetRules(first_top=3, tops=1)) == [(0, 1)]
    assert spans([0.1, 0.5, 0.5, 0.5], SnippetRules(first_top=2, tops=1)) == [(1, 2)]


def test_each_threshold_keeps_what_lies_above_it() -> None:
    rules = SnippetRules(
        selection="threshold", lowest_threshold=0.25, highest_threshold=0.75, levels=3
    )
    # above 0.25: 1 to 4; above 0.5: 1 and 3; above 0.75: nothing, since 0.75 is not above it
    assert spans([0.1, 0.6, 0.5, 0.75, 0.3, 0.25], rules) == [(1, 1), (1, 4), (3, 3)]
    assert spans([0.1, 0.2], rules) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60), st.integers(1, 20))
def test_every_snippet_of_a_proposal_has_at_least_the_attention_of_those_beside_it(
    attention: list[float], first: int
) -> None:
    for start, stop in spans(attention, SnippetRules(first_top=first)):
        beside = [attention[k] for k in (start - 1, stop + 1) if 0 <= k < len(attention)]
        assert min(attention[start : stop + 1]) >= max(beside, default=0.0)
        assert stop - start + 1 <= max(1, len(attention) // first)

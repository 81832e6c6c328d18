import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.decoding import PooledShares, SnippetRules, decode, decode_snippets
from engines.decoding.batch import in_order
from engines.intervals import Interval, Kind
from tests.engines.decoding.snippets.snippet_makers import (
    Scores,
    brute_force,
    even_edges,
    scores_of,
    snippet_rules,
    videos,
)

PLAIN = SnippetRules(first_top=2, tops=1, video_weight=0.0)


@settings(max_examples=200)
@given(videos(), snippet_rules(), st.sampled_from([1.0, 4.8, 8.0, 9.6]), st.integers(0, 1000))
def test_the_expressions_are_those_of_the_definition(
    scores: Scores, rules: SnippetRules, ticks: float, first: int
) -> None:
    edges = even_edges(len(scores["attention"]), ticks, first)
    found = decode_snippets(scores, rules, edges)
    expected = in_order(brute_force(scores, rules, edges))
    assert [(i.kind, i.onset, i.apex, i.offset) for i in found] == [
        (i.kind, i.onset, i.apex, i.offset) for i in expected
    ]
    assert [i.score for i in found] == pytest.approx([i.score for i in expected])


def test_a_proposal_lasts_from_edge_to_edge_and_its_apex_is_its_best_snippet() -> None:
    # snippets 2 and 3 of six; the macro class is highest in snippet 3
    macro = [0.0, 0.0, 0.5, 0.75, 0.0, 0.0]
    scores = scores_of([0.1, 0.0, 0.8, 0.9, 0.0, 0.0], [0.0] * 6, macro)
    rules = SnippetRules(first_top=3, tops=1, video_weight=0.0)
    (found,) = decode_snippets(scores, rules, even_edges(6, 8.0, 100.0))
    # phi = 0.625 - 0, reported as phi / (1 + phi)
    assert found == Interval(Kind.MACRO, 116, 128, 131, pytest.approx(0.625 / 1.625))


def test_edges_between_ticks_are_rounded() -> None:
    # snippets of 32 frames at 200 fps are 4.8 ticks: edges 0, 4.8, 9.6, 14.4, 19.2
    scores = scores_of([0.0, 0.9, 0.8, 0.0])
    (found,) = decode_snippets(scores, PLAIN, even_edges(4, 4.8))
    # snippet 1 is the better one, whose centre is 7.2; 9.6 ticks are 0.32 s
    assert (found.kind, found.onset, found.apex, found.offset) == (Kind.MICRO, 5, 7, 13)


@pytest.mark.parametrize(("ticks", "kind"), [(7.5, "micro"), (7.6, "macro"), (8.0, "macro")])
def test_a_micro_expression_lasts_half_a_second_at_most(ticks: float, kind: str) -> None:
    scores = scores_of([0.0, 0.9, 0.8, 0.0])
    (found,) = decode_snippets(scores, PLAIN, even_edges(4, ticks))
    assert found.kind == kind


def test_by_duration_the_higher_class_score_counts_and_by_class_each_its_own() -> None:
    scores = scores_of([0.0, 0.9, 0.8, 0.0], [0.0, 3.0, 3.0, 0.0], [0.0, 1.0, 1.0, 0.0])
    (found,) = decode_snippets(scores, PLAIN, even_edges(4))
    assert (found.kind, found.score) == (Kind.MACRO, pytest.approx(3 / 4))
    by_class = SnippetRules(first_top=2, tops=1, video_weight=0.0, kind_by="class")
    (found,) = decode_snippets(scores, by_class, even_edges(4))
    assert (found.kind, found.score) == (Kind.MICRO, pytest.approx(3 / 4))
    apart = SnippetRules(
        first_top=2, tops=1, video_weight=0.0, kind_by="class", nms_within_kind=True
    )
    both = decode_snippets(scores, apart, even_edges(4))
    assert [(i.kind, i.score) for i in both] == [
        (Kind.MACRO, pytest.approx(1 / 2)),
        (Kind.MICRO, pytest.approx(3 / 4)),
    ]


def test_what_overlaps_a_better_proposal_by_more_than_a_hundredth_goes() -> None:
    # m = 2 keeps snippets 2 to 5, m = 4 the best two of them, 3 and 4
    attention = [0.0, 0.0, 0.6, 0.9, 0.8, 0.5, 0.0, 0.0]
    both = SnippetRules(first_top=2, tops=3, video_weight=0.0)
    (found,) = decode_snippets(scores_of(attention), both, even_edges(8))
    # inner less outer: (3, 4) 0.85 - 0.55 = 0.3; (2, 5) 0.7 - 0 = 0.7
    assert (found.onset, found.offset) == (16, 47)
    apart = SnippetRules(first_top=2, tops=3, video_weight=0.0, nms_iou=0.6)
    kept = decode_snippets(scores_of(attention), apart, even_edges(8))
    assert [(i.onset, i.offset) for i in kept] == [(16, 47), (24, 39)]


def test_a_score_at_the_floor_is_kept_and_one_below_it_dropped() -> None:
    scores = scores_of([0.0, 0.5, 0.5, 0.0])
    at = SnippetRules(first_top=2, tops=1, video_weight=0.0, score_floor=0.5)
    assert len(decode_snippets(scores, at, even_edges(4))) == 1
    above = SnippetRules(first_top=2, tops=1, video_weight=0.0, score_floor=0.501)
    assert decode_snippets(scores, above, even_edges(4)) == ()


def test_a_video_without_snippets_has_no_expressions() -> None:
    assert decode_snippets(scores_of([]), SnippetRules(), even_edges(0)) == ()


def test_the_choice_of_decoders_lays_snippets_evenly() -> None:
    scores = scores_of([0.0, 0.9, 0.8, 0.0])
    found = decode(scores, PLAIN, 10, ticks_per_row=8.0)
    assert found == decode_snippets(scores, PLAIN, even_edges(4, 8.0, 10)) != ()


@pytest.mark.parametrize(
    ("change", "edges", "reason"),
    [
        ({"attention": [0.5, 1.5]}, [0, 8, 16], "'attention' holds a value that is not a prob"),
        ({"micro": [0.5]}, [0, 8, 16], "must be as long as each other"),
        ({"macro": [0.5, float("inf")]}, [0, 8, 16], "'macro' holds a value that is not finite"),
        ({}, [0, 8], r"2 snippets have 3 edges, not \(2,\)"),
        ({}, [0, 8, 8], "edges of snippets must rise"),
        ({}, [0, float("nan"), 8], "edges of snippets must rise"),
    ],
)
def test_bad_scores_are_refused(
    change: dict[str, list[float]], edges: list[float], reason: str
) -> None:
    scores = scores_of([0.5, 0.6]) | {n: np.array(v, np.float32) for n, v in change.items()}
    with pytest.raises(ValueError, match=reason):
        decode_snippets(scores, SnippetRules(), np.array(edges, float))


def test_a_missing_score_is_named() -> None:
    scores = scores_of([0.5, 0.6])
    del scores["background"]
    with pytest.raises(ValueError, match="scores have no 'background'"):
        decode_snippets(scores, SnippetRules(), even_edges(2))


def test_a_large_video_score_lifts_every_proposal_of_its_class() -> None:
    scores = scores_of([0.0, 0.9, 0.8, 0.0], [0.0] * 4, [9.0] * 4)
    rules = SnippetRules(first_top=2, tops=1, pooled=PooledShares(4, 4, 4))
    (found,) = decode_snippets(scores, rules, even_edges(4))
    # no contrast; 0.15 times the logit 9
    assert found.score == pytest.approx(1.35 / 2.35)

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.decoding import (
    Change,
    Phase,
    RollingDecoder,
    SnippetRules,
    decode_snippets,
)
from engines.decoding.batch import in_order
from engines.intervals import Interval
from tests.engines.decoding.snippets.snippet_makers import (
    Scores,
    even_edges,
    scores_of,
    snippet_rules,
    videos,
)

PLAIN = SnippetRules(first_top=3, tops=1, video_weight=0.0)


def ends(changes: list[Change]) -> list[Interval]:
    return [c.interval for c in changes if c.phase is Phase.END]


def roll(scores: Scores, rules: SnippetRules, window: int, settle: int) -> list[Change]:
    """Follow scores that do not change with the window that they are seen in."""
    decoder = RollingDecoder(rules, settle)
    out: list[Change] = []
    count = len(scores["attention"])
    for newest in range(1, count + 1):
        start = max(0, newest - window)
        part = {name: row[start:newest] for name, row in scores.items()}
        edges = even_edges(count)[start : newest + 1]
        out += decoder.push(part, edges, whole=start == 0)
    return [*out, *decoder.finish()]


@given(videos(), snippet_rules())
def test_a_segment_that_is_decided_at_its_finish_ends_as_the_whole_video(
    scores: Scores, rules: SnippetRules
) -> None:
    found = ends(roll(scores, rules, window=50, settle=50))
    assert in_order(found) == decode_snippets(scores, rules, even_edges(len(scores["attention"])))


@settings(max_examples=200)
@given(videos(), snippet_rules(), st.integers(1, 30), st.integers(0, 30))
def test_what_is_told_is_consistent(
    scores: Scores, rules: SnippetRules, window: int, settle: int
) -> None:
    changes = roll(scores, rules, window, settle)
    phases: dict[int, list[Phase]] = {}
    for change in changes:
        phases.setdefault(change.id, []).append(change.phase)
    for life in phases.values():
        assert life[0] is Phase.NEW
        assert life[-1] in (Phase.END, Phase.RETRACTED)
        assert all(phase is Phase.UPDATE for phase in life[1:-1])
    final = ends(changes)
    for number, one in enumerate(final):
        for other in final[:number]:
            if one.kind is other.kind or not rules.nms_within_kind:
                assert one.iou(other) <= rules.nms_iou


@given(videos(), snippet_rules(), st.integers(1, 30), st.integers(0, 30))
def test_the_same_stream_tells_the_same_again(
    scores: Scores, rules: SnippetRules, window: int, settle: int
) -> None:
    assert roll(scores, rules, window, settle) == roll(scores, rules, window, settle)


def test_a_proposal_is_final_when_enough_snippets_have_followed_it() -> None:
    attention = [0.0, 0.0, 0.9, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0]
    changes = roll(scores_of(attention), PLAIN, window=9, settle=3)
    (end,) = [c for c in changes if c.phase is Phase.END]
    # snippets 2 and 3 end at tick 31; the third snippet after them ends at tick 55
    assert (end.interval.onset, end.interval.offset, end.decided_at) == (16, 31, 55)
    at_once = roll(scores_of(attention), PLAIN, window=9, settle=0)
    # without a wait, its first half is final as soon as it is seen
    assert [c.decided_at for c in at_once if c.phase is Phase.END] == [23]


@pytest.mark.parametrize(("after", "told"), [(1, 0), (2, 1), (4, 1), (5, 0)])
def test_what_turns_up_long_after_is_not_told(after: int, told: int) -> None:
    decoder = RollingDecoder(PLAIN, settle=2)
    scores = scores_of([0.0, 0.9, *[0.0] * after])
    changes = decoder.push(scores, even_edges(2 + after), whole=True)
    assert len(ends(list(changes))) == told


def test_what_is_final_stays_and_what_overlaps_it_is_not_told() -> None:
    decoder = RollingDecoder(PLAIN, settle=2)
    first = scores_of([0.0, 0.9, 0.0, 0.0])
    told = decoder.push(first, even_edges(4), whole=True)
    assert [(c.phase, c.interval.onset, c.interval.offset) for c in told] == [
        (Phase.NEW, 8, 15),
        (Phase.END, 8, 15),
    ]
    # seen again, the same moment looks longer: 16 ticks of which 8 are told already
    later = scores_of([0.0, 0.9, 0.8, 0.0, 0.0, 0.0])
    assert decoder.push(later, even_edges(6), whole=True) == ()
    assert decoder.finish() == ()


def test_what_begins_with_the_window_is_not_told_unless_the_segment_begins_there() -> None:
    scores = scores_of([0.9, 0.0, 0.0, 0.0])
    edges = even_edges(4, 8.0, 80.0)
    assert RollingDecoder(PLAIN, settle=2).push(scores, edges, whole=False) == ()
    told = RollingDecoder(PLAIN, settle=2).push(scores, edges, whole=True)
    assert [c.interval.onset for c in told if c.phase is Phase.END] == [80]


def test_a_proposal_that_vanishes_is_retracted() -> None:
    decoder = RollingDecoder(PLAIN, settle=9)
    (new,) = decoder.push(scores_of([0.0, 0.9, 0.0]), even_edges(3), whole=True)
    (gone,) = decoder.push(scores_of([0.0, 0.0, 0.0, 0.0]), even_edges(4), whole=True)
    assert (new.phase, gone.phase, gone.id) == (Phase.NEW, Phase.RETRACTED, new.id)


def test_a_segment_forgets_the_one_before_it_but_not_its_ids() -> None:
    decoder = RollingDecoder(PLAIN, settle=9)
    scores = scores_of([0.0, 0.9, 0.0])
    decoder.push(scores, even_edges(3), whole=True)
    (ended,) = decoder.finish()
    (new,) = decoder.push(scores, even_edges(3), whole=True)
    assert ended.phase is Phase.END
    assert (new.phase, new.id) == (Phase.NEW, ended.id + 1)


def test_a_wait_of_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="settle is 0 or more, not -1"):
        RollingDecoder(PLAIN, settle=-1)

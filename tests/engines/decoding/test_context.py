import numpy as np
import pytest

from engines.decoding import DecoderRules, KindRules
from engines.decoding.batch import decode
from engines.decoding.context import ContextStream, apply_context
from engines.decoding.stream import StreamDecoder
from engines.intervals import Kind
from tests.engines.decoding.score_makers import bump, quiet

CONTEXT = DecoderRules(macro=KindRules(3, 40, 3, 40, context=4))


def test_a_boundary_counts_as_far_as_the_face_rests_beside_it():
    rest = np.array([1.0, 0.5, 0.25, 0.0])
    ones = np.ones(4)
    onset, offset, apex = apply_context(ones, ones, ones, rest, 1)
    np.testing.assert_array_equal(onset, [1.0, 1.0, 0.5, 0.25])
    np.testing.assert_array_equal(offset, [0.5, 0.25, 0.0, 0.0])
    np.testing.assert_array_equal(apex, [0.0, 0.5, 0.75, 1.0])


def test_an_offset_within_an_expression_gives_way_to_the_one_at_its_end():
    scores = quiet(80)
    bump(scores, "macro", onset=10, apex=20, offset=60, p=0.8)
    scores["macro_offset"][30] = 0.9
    scores["macro_expression"][10:61] = 0.9
    (found,) = decode(scores, CONTEXT)
    assert (found.onset, found.offset) == (10, 60)
    (paper,) = decode(scores, DecoderRules(macro=KindRules(3, 40, 3, 40)))
    assert paper.offset == 30


def test_scores_come_out_in_order_as_late_as_the_context_reaches():
    stream = ContextStream(CONTEXT)
    names = [f"{k}_{m}" for k in Kind for m in ("onset", "offset", "apex", "expression")]
    ticks = [dict.fromkeys(names, 0.0) | {"micro_apex": n / 10} for n in range(9)]
    out = [[m["micro_apex"] for m in stream.push(tick)] for tick in ticks]
    assert out == [[]] * 4 + [[n / 10] for n in range(5)]
    assert [m["micro_apex"] for m in stream.finish()] == [0.5, 0.6, 0.7, 0.8]
    assert stream.finish() == []


def test_context_needs_the_expression_probability_and_says_so():
    scores = {f"{k}_{m}": 0.0 for k in Kind for m in ("onset", "offset", "apex")}
    with pytest.raises(ValueError, match="macro_expression"):
        StreamDecoder(CONTEXT).push(0, scores)

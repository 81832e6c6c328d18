import math

import numpy as np
import pytest

from engines.decoding.snippets.contrast import class_scores, contrast, video_scores
from engines.decoding.snippets.rules import PooledShares, SnippetRules
from engines.intervals import Kind

CURVE = np.array([1.0, -2.0, 6.0, 4.0, 5.0, 5.0, 3.0, 0.0])


def one(first: int, last: int, reach: float) -> float:
    (value,) = contrast(CURVE, np.array([[first, last]]), reach)
    return float(value)


def test_the_contrast_is_the_inner_less_the_outer_mean() -> None:
    # equations 24 and 25 of snippets 2 to 5 with psi = 0.25: one snippet on either side
    assert one(2, 5, 0.25) == pytest.approx((6 + 4 + 5 + 5) / 4 - (-2 + 3) / 2)
    # psi = 0.5: two on either side
    assert one(2, 5, 0.5) == pytest.approx(5 - (1 - 2 + 3 + 0) / 4)


def test_a_part_of_a_snippet_counts_by_its_fraction() -> None:
    # one snippet long: a quarter of each neighbour, so that their mean counts
    assert one(2, 2, 0.25) == pytest.approx(6 - (-2 + 4) / 2)
    # three long, psi = 0.5: one and a half on either side
    assert one(3, 5, 0.5) == pytest.approx(14 / 3 - (6 + 0.5 * -2 + 3 + 0.5 * 0) / 3)


def test_beyond_the_video_nothing_counts() -> None:
    assert one(0, 3, 0.25) == pytest.approx((1 - 2 + 6 + 4) / 4 - 5)
    assert one(4, 7, 0.25) == pytest.approx((5 + 5 + 3 + 0) / 4 - 4)
    # two and a half snippets before, of which there are two
    assert one(2, 6, 0.5) == pytest.approx(23 / 5 - (1 - 2 + 0) / 3)
    assert one(0, 7, 0.25) == pytest.approx(22 / 8)
    assert one(3, 3, 0.0) == 4


def test_a_class_scores_a_video_by_the_mean_of_its_best_snippets() -> None:
    # eight snippets: h = 3, 2, 9 keep 2, 4 and 1 of them (equation 7)
    curves = {"micro": CURVE, "macro": -CURVE, "background": CURVE / 10}
    rules = SnippetRules(pooled=PooledShares(micro=3, macro=2, background=9))
    video = video_scores(curves, rules)
    assert video == pytest.approx({"micro": 5.5, "macro": (2 + 0 - 1 - 3) / 4, "background": 0.6})


def test_the_probability_is_the_softmax_over_the_classes() -> None:
    curves = {name: np.array([value]) for name, value in
              (("micro", 0.0), ("macro", math.log(2)), ("background", math.log(5)))}  # fmt: skip
    video = video_scores(curves, SnippetRules(video_score="probability"))
    assert video == pytest.approx({"micro": 1 / 8, "macro": 2 / 8, "background": 5 / 8})
    large = {name: value + 5000 for name, value in curves.items()}
    assert video_scores(large, SnippetRules(video_score="probability")) == pytest.approx(video)


def test_a_class_score_is_the_contrast_and_a_share_of_the_video_score() -> None:
    # equation 23 with sigma = 0.5 and h = 8 for both: the video's best snippet
    curves = {"micro": CURVE, "macro": 2 * CURVE, "background": CURVE}
    rules = SnippetRules(video_weight=0.5, pooled=PooledShares(8, 8, 8))
    phi = class_scores(curves, np.array([[2, 5]]), rules)
    assert phi[Kind.MICRO].tolist() == pytest.approx([4.5 + 0.5 * 6])
    assert phi[Kind.MACRO].tolist() == pytest.approx([9 + 0.5 * 12])

"""Score sequences and rules for the decoder's tests."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from engines.decoding import DecoderRules, KindRules
from engines.intervals import Kind

Scores = dict[str, NDArray[np.float32]]
NAMES = [f"{kind}_{mark}" for kind in Kind for mark in ("onset", "offset", "apex", "expression")]


def quiet(ticks: int) -> Scores:
    """All probabilities zero."""
    return {name: np.zeros(ticks, np.float32) for name in NAMES}


def bump(scores: Scores, kind: str, *, onset: int, apex: int, offset: int, p: float = 0.9) -> None:
    """Write one clear expression into the scores."""
    for mark, tick in (("onset", onset), ("apex", apex), ("offset", offset)):
        scores[f"{kind}_{mark}"][tick] = p


def _white(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    return rng.random(ticks)


def _coarse(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    # few levels, so that ties abound
    return rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], ticks)


def _bursty(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    active = np.repeat(rng.random(ticks // 8 + 1) < 0.4, 8)[:ticks]
    return np.where(active, rng.random(ticks), 0.02 * rng.random(ticks))


def _smooth(rng: np.random.Generator, ticks: int) -> NDArray[np.float64]:
    width = int(rng.integers(3, 9))
    wave = np.convolve(rng.normal(size=ticks + width - 1), np.ones(width) / width, "valid")
    return 1 / (1 + np.exp(-6 * wave))


MAKERS = {"white": _white, "coarse": _coarse, "bursty": _bursty, "smooth": _smooth}


@st.composite
def score_sequences(draw: st.DrawFn, longest: int = 160) -> Scores:
    """Random, bursty, smooth or coarse scores of 0 to ``longest`` ticks."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    make = MAKERS[draw(st.sampled_from(sorted(MAKERS)))]
    ticks = draw(st.integers(0, longest))
    return {name: make(rng, ticks).astype(np.float32) for name in NAMES}


@st.composite
def kind_rules(draw: st.DrawFn, farthest: int) -> KindRules:
    """Any rules with search ranges up to ``farthest`` ticks."""
    left = sorted(draw(st.tuples(*[st.integers(0, farthest)] * 2)))
    right = sorted(draw(st.tuples(*[st.integers(0, farthest)] * 2)))
    return KindRules(
        left_min=left[0],
        left_max=left[1],
        right_min=right[0],
        right_max=right[1],
        apex_threshold=draw(st.sampled_from([0.2, 0.5, 0.8])),
        score_floor=draw(st.sampled_from([0.0, 0.1, 0.4])),
        barrier=draw(st.sampled_from([1.0, 0.9, 0.6])),
        boundary_threshold=draw(st.sampled_from([0.3, 0.5, 0.75, 1.0])),
        settle=draw(st.integers(0, 4)),
        shortest=draw(st.sampled_from([0, 0, 6, 15])),
        context=draw(st.sampled_from([0, 0, 1, 4, 7])),
    )


@st.composite
def decoder_rules(draw: st.DrawFn) -> DecoderRules:
    """Any rules, the paper's among them."""
    if draw(st.integers(0, 4)) == 0:
        return DecoderRules()
    return DecoderRules(
        micro=draw(kind_rules(8)),
        macro=draw(kind_rules(24)),
        nms_iou=draw(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.8, 0.99])),
        micro_inside_macro=draw(st.sampled_from([0.0, 0.3, 0.7, 1.0])),
        score=draw(st.sampled_from(["product", "geometric"])),
    )

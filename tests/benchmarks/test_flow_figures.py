"""Figures of the table, against closed forms."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.flow_banks import CALLS, FLOWS, REFERENCE, STREAMING
from benchmarks.flow_figures import Agreement, agreement_of, bars_of, error_of, times_of
from benchmarks.flow_trial import Trial

PAIRS = 6


def wave() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(PAIRS, 10, 2)).astype(np.float32)


def trial(
    ours: NDArray[np.float32],
    ours_ms: float = 2.0,
    truth: NDArray[np.float32] | None = None,
    consistent: NDArray[np.bool_] | None = None,
) -> Trial:
    """All flows say the same but ours."""
    patches = {name: wave() for name in FLOWS} | {STREAMING: ours}
    ms = {name: [100.0, 200.0, 300.0] for name in FLOWS} | {STREAMING: [ours_ms] * 3}
    kept = np.ones((PAIRS, 10), bool) if consistent is None else consistent
    return Trial("one", patches, ms, kept.any(axis=1), kept, truth)


def test_a_constant_difference_is_the_median_and_leaves_the_correlation_perfect() -> None:
    near = Agreement.of(wave(), wave() + np.float32(0.25))
    assert near is not None
    assert near.r == pytest.approx(1)
    assert (near.median_px, near.p95_px) == pytest.approx((0.25, 0.25), abs=1e-5)


def test_flows_that_disagree_in_sign_have_a_correlation_of_minus_one() -> None:
    near = Agreement.of(wave(), -wave())
    assert near is not None
    assert near.r == pytest.approx(-1)


def test_where_nothing_moves_there_is_no_correlation() -> None:
    near = Agreement.of(np.zeros((3, 10, 2), np.float32), np.zeros((3, 10, 2), np.float32))
    assert near is not None
    assert math.isnan(near.r)
    assert near.median_px == 0


def test_nothing_to_compare_is_no_agreement() -> None:
    empty = np.empty((0, 10, 2), np.float32)
    assert Agreement.of(empty, empty) is None
    assert agreement_of([], STREAMING) is None


def test_patches_that_the_reference_lost_are_left_out_and_their_share_is_told() -> None:
    """Ours is 9 px off at the mouth's four patches, at which the reference is not consistent."""
    ours, kept = wave(), np.ones((PAIRS, 10), bool)
    ours[:, 6:] += 9
    kept[:, 6:] = False
    every = agreement_of([trial(ours, consistent=kept)], STREAMING)
    chosen = agreement_of([trial(ours, consistent=kept)], STREAMING, consistent=True)
    assert every is not None
    assert chosen is not None
    assert (every.share, chosen.share) == pytest.approx((1.0, 0.6))
    assert every.p95_px == pytest.approx(9, abs=1e-4)
    assert (chosen.r, chosen.p95_px) == pytest.approx((1, 0))


def test_pairs_that_were_not_asked_are_not_counted_as_lost() -> None:
    kept = np.ones((PAIRS, 10), bool)
    kept[::2] = False
    near = agreement_of([trial(wave(), consistent=kept)], STREAMING, consistent=True)
    assert near is not None
    assert near.share == 1


def test_times_faster_is_the_median_over_frames_against_sixteen_calls() -> None:
    """2 ms against 100, 200 and 300 ms: 50, 100 and 150 times."""
    found = times_of([trial(wave())], STREAMING)
    assert found is not None
    assert (found.p50_ms, found.p95_ms, found.faster) == (2, 2, 100)
    own = times_of([trial(wave())], CALLS)
    assert own is not None
    assert own.faster == 1


def test_an_error_is_the_length_of_the_difference() -> None:
    truth = wave() - np.array([3, 4], np.float32)
    found = error_of([trial(wave(), truth=truth)], REFERENCE)
    assert found is not None
    assert (found.mean_px, found.median_px) == pytest.approx((5, 5), rel=1e-5)


def test_without_truth_there_is_no_error() -> None:
    assert error_of([trial(wave())], STREAMING) is None


@pytest.mark.parametrize(
    ("off_px", "ms", "missed"),
    [
        (0.0, 2.0, set()),
        (0.0, 9.0, {"times faster"}),
        (0.04, 2.0, {"median difference", "mean error"}),
    ],
)
def test_a_bar_is_met_only_by_what_reaches_it(off_px: float, ms: float, missed: set[str]) -> None:
    ours = wave() + np.float32(off_px)
    clips, films = [trial(ours, ms)], {"micro": [trial(ours, ms, truth=wave())]}
    bars = bars_of(clips, films)
    assert {bar.name.split(",")[0] for bar in bars if not bar.met} == missed
    assert len(bars) == 6


def test_with_nothing_measured_there_is_no_bar() -> None:
    assert bars_of([], {"micro": []}) == []

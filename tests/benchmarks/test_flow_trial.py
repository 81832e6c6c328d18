"""Flows run side by side on the same crops."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.flow_banks import FLOWS
from benchmarks.flow_stretch import Stretch
from benchmarks.flow_trial import ASKED_EVERY, consistent, round_trip_px, run_trial
from realtime.flow.canonical import Anchor
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import PATCH_LANDMARKS, Sites
from realtime.flow.step import Alignment
from realtime.types import WINDOW
from tests.realtime.flow.flow_makers import make_face, moved, texture

SHIFT = (0.5, -0.25)
TICKS = 4


def sliding(ticks: int) -> Stretch:
    """A texture that slides by ``SHIFT`` px a tick, and a face that goes with it."""
    first = make_face()
    anchor = Anchor.of(first.landmarks)
    shifts = [(SHIFT[0] * k, SHIFT[1] * k) for k in range(ticks)]
    faces = [moved(first, (x / anchor.scale, y / anchor.scale)) for x, y in shifts]
    return Stretch(
        "sliding",
        tuple(texture(shift=shift) for shift in shifts),
        tuple(Sites.of(face, anchor) for face in faces),
        (True,) * ticks,
        np.stack([anchor.to_crop(face.landmarks[list(PATCH_LANDMARKS)]) for face in faces]),
    )


def test_all_flows_answer_for_the_same_pairs_in_the_same_order() -> None:
    trial = run_trial(sliding(TICKS), Alignment.NOSE, both_ways=True)
    pairs = [(start, end) for end in range(TICKS) for start in range(end)]
    moved_px = np.array(
        [[SHIFT[0] * (end - start), SHIFT[1] * (end - start)] for start, end in pairs]
    )
    truth = moved_px / FlowParameters().zoom
    assert trial.truth is not None
    assert trial.truth[:, 0] == pytest.approx(truth, abs=1e-3)
    for name in FLOWS:
        # the whole face slides, which is head motion, so that nothing is left
        assert trial.patches[name].shape == (len(pairs), 10, 2)
        assert np.median(np.abs(trial.patches[name])) < 0.05
    assert trial.asked.tolist() == [start % ASKED_EVERY == 0 for start, _ in pairs]
    assert trial.consistent[trial.asked].all()
    assert not trial.consistent[~trial.asked].any()


def test_only_frames_that_end_sixteen_pairs_are_timed() -> None:
    short = run_trial(sliding(TICKS), Alignment.NOSE, both_ways=False)
    assert short.ms == {name: [] for name in FLOWS}
    assert not short.asked.any()


def test_a_frame_that_ends_sixteen_pairs_is_timed_for_every_flow() -> None:
    trial = run_trial(sliding(WINDOW), Alignment.NOSE, both_ways=False)
    assert {name: len(times) for name, times in trial.ms.items()} == dict.fromkeys(FLOWS, 1)
    assert all(times[0] > 0 for times in trial.ms.values())


def test_a_face_that_is_replaced_by_another_texture_is_not_consistent() -> None:
    whole = sliding(2)
    other = texture(seed=9)
    broken = Stretch("broken", (whole.crops[0], other), whole.sites, whole.opens)
    assert consistent(whole, 0, 1).all()
    assert consistent(broken, 0, 1).sum() <= 3


def constant(x: float, y: float) -> NDArray[np.float32]:
    return np.broadcast_to(np.array([x, y], np.float32), (40, 50, 2))


@pytest.mark.parametrize("centre", [(25.0, 20.0), (-8.0, 3.0), (300.0, 39.0)])
def test_a_way_back_that_undoes_the_way_there_leaves_nothing(centre: tuple[float, float]) -> None:
    point = np.array(centre, np.float32)
    assert round_trip_px(constant(3, -2), constant(-3, 2), point) == 0


def test_what_a_way_back_misses_is_told_in_px() -> None:
    point = np.array([25, 20], np.float32)
    assert round_trip_px(constant(3, 4), constant(0, 0), point) == pytest.approx(5)


def test_the_way_back_is_read_where_the_way_there_ends() -> None:
    """Back flow is zero on the left half, where the patch is, and right on the right half."""
    back = np.zeros((40, 50, 2), np.float32)
    back[:, 25:] = -20, 0
    point = np.array([12, 20], np.float32)
    assert round_trip_px(constant(20, 0), back, point) == 0

"""Equations 1 to 5, worked out by hand for features of one or two numbers."""

import math

import numpy as np
import pytest

from engines.intervals import Kind
from offline.gim.labels import Stage
from offline.gim.pseudo_labels import LEAST, cosine, gaussian
from tests.offline.gim.outputs import curve, label, outputs_of

MICRO, MACRO = Kind.MICRO, Kind.MACRO


def test_the_pseudo_apex_is_the_highest_within_a_quarter_of_k_c():
    # k_c = 16: I = 26 ... 34. The higher value at 25 is one tick too far.
    found = label(outputs_of(curve(60, {25: 0.9, 26: 0.6, 33: 0.5})), (30, MICRO))
    assert found.apexes.tolist() == [26]
    # k_c = 32: I = 22 ... 38.
    found = label(outputs_of(curve(60, {25: 0.9, 26: 0.6, 33: 0.5})), (30, MACRO))
    assert found.apexes.tolist() == [25]


def test_equal_intensities_leave_the_apex_at_the_label():
    assert label(outputs_of(curve(60)), (30, MICRO)).apexes.tolist() == [30]
    assert label(outputs_of(curve(60, {28: 0.7, 32: 0.7})), (30, MICRO)).apexes.tolist() == [28]


def test_ticks_above_theta_give_the_duration():
    # Macro, theta = 0.8 in the first epoch of stage 3. Above it are 20 ticks, 20 to 39, with the
    # apex at 30, all in J = 14 ... 46: 1.2 x 20 = 24, K = 18 ... 42.
    values = curve(60, {**dict.fromkeys(range(20, 40), 0.9), 30: 0.95})
    found = label(outputs_of(values), (28, MACRO))
    assert found.apexes.tolist() == [30]
    assert found.spans.tolist() == [[18, 42]]


def test_a_tick_at_theta_is_not_above_it():
    # 0.5 comes back from its logit as it was. 10 ticks x 1.2 = 12; with those at 0.5, 16.8.
    peaks = {**dict.fromkeys(range(23, 37), 0.5), **dict.fromkeys(range(25, 35), 0.9), 30: 0.95}
    outputs = outputs_of(curve(60, peaks))
    found = label(outputs, (30, MICRO), theta_start=0.5, longest_micro=20)
    assert found.spans.tolist() == [[24, 36]]


def test_a_fifth_is_added_without_a_loss_in_rounding():
    # Micro: 1.2 x 10 = 12, K reaches 6 ticks to both sides.
    values = curve(60, {**dict.fromkeys(range(25, 35), 0.9), 30: 0.95})
    assert label(outputs_of(values), (30, MICRO)).spans.tolist() == [[24, 36]]


def test_a_sharp_peak_lasts_half_of_k_c():
    found = label(outputs_of(curve(80, {30: 0.9, 60: 0.9})), (30, MICRO), (60, MACRO))
    assert found.spans.tolist() == [[26, 34], [52, 68]]


def test_a_plateau_lasts_k_c_or_36_ticks():
    # All 17 ticks of a micro J are above theta: 20.4 becomes 16. All 33 of a macro J: 39.6
    # becomes 36.
    found = label(outputs_of([0.9] * 120), (30, MICRO), (80, MACRO))
    assert found.spans.tolist() == [[22, 38], [62, 98]]


def test_the_limits_are_settings():
    outputs = outputs_of(curve(60, dict.fromkeys(range(24, 37), 0.9)))
    # 13 ticks x 1.2 = 15.6: K reaches 7 ticks; limited to 10 it reaches 5.
    assert label(outputs, (30, MICRO)).spans.tolist() == [[23, 37]]
    assert label(outputs, (30, MICRO), longest_micro=10).spans.tolist() == [[25, 35]]
    # Nothing above theta and no least duration: the apex alone, which is at the peak.
    found = label(outputs_of(curve(60)), (30, MICRO), shortest=0.0)
    assert found.spans.tolist() == [[30, 30]]
    assert found.soft[0, 30] == 1


def test_theta_falls_with_the_epoch():
    values = curve(60, {**dict.fromkeys(range(24, 37), 0.7), 30: 0.75})
    assert label(outputs_of(values), (30, MICRO), epoch=5).spans.tolist() == [[26, 34]]
    # Epoch 20: theta = 0.65, 13 ticks are above it.
    assert label(outputs_of(values), (30, MICRO), epoch=20).spans.tolist() == [[23, 37]]


def test_soft_labels_are_equations_4_and_5():
    # Apex at 30 and K = 26 ... 34 (duration 8). Features are 0 at the apex and 1, 1, 1, 2 on
    # both sides: variance = (6 x 1 + 2 x 4) / 8 = 7 / 4.
    x = [[0.0]] * 60
    for distance, value in ((1, 1.0), (2, 1.0), (3, 1.0), (4, 2.0)):
        x[30 - distance], x[30 + distance] = [value], [-value]
    found = label(outputs_of(curve(60, {30: 0.9}), x=x), (29, MICRO))
    near, far = math.exp(-1 / (2 * 7 / 4)), math.exp(-4 / (2 * 7 / 4))
    expected = [far, near, near, near, 1.0, near, near, near, far]
    assert found.soft[0, 26:35].tolist() == pytest.approx(expected, rel=1e-6)
    assert found.soft.sum() == pytest.approx(sum(expected), rel=1e-6)
    assert found.instances[0].soft.tolist() == pytest.approx(expected, rel=1e-6)


def test_the_distance_is_euclidean_in_all_features():
    # Squares 9 + 16 and 1 + 0, duration 2: variance 26 / 2 = 13.
    soft = gaussian(np.array([[0.0, 0.0], [3.0, 4.0], [1.0, 0.0]]), np.zeros(2), 2.0)
    assert soft.tolist() == pytest.approx([1.0, math.exp(-25 / 26), math.exp(-1 / 26)])


def test_equal_features_are_all_at_the_peak():
    assert gaussian(np.ones((3, 2)), np.ones(2), 8.0).tolist() == [1.0, 1.0, 1.0]


def test_the_divisor_shrinks_with_an_interval_that_is_cut_short():
    # The label is on tick 1 of the record: of K = -3 ... 5, 6 of 9 ticks exist. Squares: 1 at
    # ticks 0 and 2 to 5, so 5 / (8 x 6 / 9).
    x = [[1.0]] * 40
    x[1] = [0.0]
    found = label(outputs_of(curve(40, {1: 0.9}), x=x), (1, MICRO))
    assert found.spans.tolist() == [[0, 5]]
    expected = math.exp(-1 / (2 * 5 * 9 / (8 * 6)))
    assert found.soft[0, :6].tolist() == pytest.approx([expected, 1.0, *[expected] * 4], rel=1e-6)


def test_ticks_that_are_not_scored_are_never_apex_counted_or_labelled():
    values = curve(60, {**dict.fromkeys(range(20, 40), 0.9), 30: 0.99})
    scored = np.ones(60, bool)
    scored[[30, 31, 33]] = False
    found = label(outputs_of(values), (30, MACRO), scored=scored)
    # Ticks 29 and 32 are next best; the nearer wins. 17 ticks above theta: 20.4 -> K = 19 ... 39.
    assert found.apexes.tolist() == [29]
    assert found.spans.tolist() == [[19, 39]]
    assert found.soft[1, [30, 31, 33]].tolist() == [0, 0, 0]
    assert not found.neutral[[30, 31, 33]].any()


@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_a_point_far_from_any_scored_tick_labels_nothing(epoch: int):
    scored = np.ones(60, bool)
    scored[20:41] = False
    found = label(outputs_of(curve(60)), (30, MICRO), (50, MICRO), scored=scored, epoch=epoch)
    assert [instance.point.tick for instance in found.instances] == [50]


@pytest.mark.parametrize("epoch", [0, 1, 5])
def test_a_point_on_an_unscored_tick_labels_the_scored_ones_near_it(epoch: int):
    scored = np.ones(60, bool)
    scored[28:33] = False
    found = label(outputs_of(curve(60)), (30, MICRO), scored=scored, epoch=epoch)
    assert found.apexes.tolist() == [27]
    assert found.soft[0, 27] == 1


def test_stage_1_labels_1_around_the_labelled_frame():
    found = label(outputs_of(curve(80, {33: 0.9})), (30, MICRO), (60, MACRO), epoch=0)
    assert found.stage is Stage.HARD
    assert found.spans.tolist() == [[27, 33], [55, 65]]
    assert found.apexes.tolist() == [30, 60]
    assert set(found.soft[0, 27:34]) == set(found.soft[1, 55:66]) == {1.0}


def test_stage_2_builds_the_gaussian_at_the_labelled_frame():
    # Epoch 3: 2 ticks to both sides as if the duration were 4. Squares 1, 1, 4, 4: 10 / 4.
    x = [[float(t)] for t in range(60)]
    found = label(outputs_of(curve(60, {33: 0.9}), x=x), (30, MICRO), epoch=3)
    assert found.stage is Stage.WARM
    assert found.spans.tolist() == [[28, 32]]
    near, far = math.exp(-1 / 5), math.exp(-4 / 5)
    assert found.soft[0, 28:33].tolist() == pytest.approx([far, near, 1, near, far], rel=1e-6)
    # Epoch 1: 1 tick. Squares 1 and 1, duration 2: variance 1.
    found = label(outputs_of(curve(60), x=x), (30, MICRO), epoch=1)
    half = math.exp(-1 / 2)
    assert found.soft[0, 28:33].tolist() == pytest.approx([0, half, 1, half, 0], rel=1e-6)


def test_hard_labels_have_the_durations_of_gim():
    values = curve(60, {**dict.fromkeys(range(20, 40), 0.9), 30: 0.95})
    x = [[float(t)] for t in range(60)]
    found = label(outputs_of(values, x=x), (28, MACRO), soft_labels="hard")
    assert found.spans.tolist() == [[18, 42]]
    assert found.soft[1].tolist() == [0.0] * 18 + [1.0] * 25 + [0.0] * 17


def test_cosine_labels_are_the_similarity_to_the_pseudo_apex():
    x = [[1.0, 0.0]] * 60
    x[29], x[31], x[32] = [3.0, 4.0], [-1.0, 0.0], [0.0, 0.0]
    found = label(outputs_of(curve(60, {30: 0.9}), x=x), (30, MICRO), soft_labels="cosine")
    assert found.soft[0, 29] == pytest.approx(3 / 5)
    assert found.soft[0, 30] == 1
    # What points the other way, or nowhere, is as good as neutral but still a labelled tick.
    assert found.soft[0, [31, 32]].tolist() == pytest.approx([LEAST, LEAST])


def test_cosine_of_two_features():
    assert cosine(np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([1.0, 0.0])).tolist() == (
        pytest.approx([math.sqrt(0.5), 0.0])
    )


def test_class_mean_labels_are_built_around_the_mean_of_labelled_frames():
    # Two micro points: features 2 and 4 at their ticks, mean 3, macro ones apart. All other
    # features are 3: squares are 1 at tick 30 and 0 elsewhere, variance 1 / 8.
    x = [[3.0]] * 100
    x[30], x[60], x[90] = [2.0], [4.0], [50.0]
    values = curve(100, {30: 0.9, 60: 0.9, 90: 0.9})
    found = label(
        outputs_of(values, x=x), (30, MICRO), (60, MICRO), (90, MACRO), soft_labels="class-mean"
    )
    assert found.soft[0, 30] == pytest.approx(math.exp(-1 / (2 / 8)))
    assert found.soft[0, 29] == 1
    assert found.soft[1, 90] == 1


def test_mined_labels_are_the_run_above_theta_that_holds_the_labelled_frame():
    # From 30 the run goes back to 24; 23 is below theta, 22 above but apart. Forward, stage 1's
    # reach of 3 is kept though 31 is below, and 34 is joined to it.
    values = curve(60, {**dict.fromkeys(range(24, 31), 0.9), 22: 0.9, 34: 0.9})
    found = label(outputs_of(values), (30, MICRO), soft_labels="mined")
    assert found.spans.tolist() == [[24, 34]]
    assert set(found.soft[0, 24:35]) == {1.0}
    # A plateau is cut at half of k_c.
    found = label(outputs_of([0.9] * 60), (30, MICRO), soft_labels="mined")
    assert found.spans.tolist() == [[22, 38]]


def test_as_many_neutral_ticks_as_labelled_ones_and_the_lowest():
    values = curve(60, {30: 0.9})
    for rank, tick in enumerate(range(0, 18, 2)):
        values[tick] = 0.05 - rank * 0.001
    found = label(outputs_of(values), (30, MICRO))
    assert np.flatnonzero(found.neutral).tolist() == list(range(0, 18, 2))


def test_a_record_without_points_or_ticks_has_no_label():
    empty = label(outputs_of(curve(20)))
    assert not empty.soft.any()
    assert not empty.neutral.any()
    assert empty.instances == ()
    assert label(outputs_of([])).soft.shape == (2, 0)


def test_a_point_beyond_the_record_is_refused():
    with pytest.raises(ValueError, match="20 ticks"):
        label(outputs_of(curve(20)), (20, MICRO))

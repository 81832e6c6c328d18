"""Two labels at one tick (appendix A.1)."""

import numpy as np

from engines.intervals import Kind
from offline.gim.labels import PseudoLabels
from tests.offline.gim.outputs import curve, label, outputs_of

MICRO, MACRO = Kind.MICRO, Kind.MACRO


def overlapping(overlap: str, seed: int = 0) -> PseudoLabels:
    """Two micro instances with K = 26 ... 34 and 31 ... 39, whose soft labels differ."""
    x = [[0.0]] * 60
    for tick in range(60):
        x[tick] = [float(min(abs(tick - 30), 9))]
    values = curve(60, {30: 0.9, 35: 0.85})
    return label(
        outputs_of(values, x=x), (30, MICRO), (35, MICRO), overlap=overlap, seed=seed, k_c_micro=16
    )


def test_of_two_labels_of_one_kind_the_higher_or_the_lower_stays():
    first, second = overlapping("higher").instances
    assert (first.first, first.last, second.first, second.last) == (26, 34, 31, 39)
    both = np.stack([first.soft[5:], second.soft[:4]])
    assert (both[0] != both[1]).all()
    assert overlapping("higher").soft[0, 31:35].tolist() == both.max(axis=0).tolist()
    assert overlapping("lower").soft[0, 31:35].tolist() == both.min(axis=0).tolist()


def test_at_random_each_label_stays_about_as_often():
    first, second = overlapping("random").instances
    second_stays = np.zeros(4)
    for seed in range(400):
        soft = overlapping("random", seed).soft[0]
        assert soft[26:31].tolist() == first.soft[:5].tolist()
        assert soft[35:40].tolist() == second.soft[4:].tolist()
        kept = soft[31:35] == second.soft[:4]
        assert (kept | (soft[31:35] == first.soft[5:])).all()
        second_stays += kept
    # Four standard deviations of a fair coin thrown 400 times are 40 throws.
    assert (np.abs(second_stays - 200) < 40).all()


def test_equal_generators_give_equal_labels():
    assert overlapping("random", 7).soft.tolist() == overlapping("random", 7).soft.tolist()


def test_labels_of_two_kinds_are_both_kept():
    found = label(outputs_of(curve(60, {30: 0.9})), (30, MICRO), (30, MACRO))
    assert found.soft[0, 26:35].tolist() == [1.0] * 9
    assert found.soft[1, 22:39].tolist() == [1.0] * 17
    assert int(found.expression.sum()) == 17

import numpy as np
import pytest

from offline.evaluation.bootstrap import ShareIntervals, bootstrap


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def one_group(*subjects: tuple[int, int, int], level: float = 0.95) -> ShareIntervals:
    found = bootstrap(np.array(subjects)[:, None, :], rng(), draws=4000, level=level)
    assert found is not None
    return found[0]


def test_subjects_that_are_all_alike_leave_no_doubt() -> None:
    found = one_group(*[(3, 1, 2)] * 5)
    assert found.precision is not None
    assert found.recall is not None
    assert found.f1 is not None
    assert (found.precision.low, found.precision.high) == (3 / 4, 3 / 4)
    assert (found.recall.low, found.recall.high) == (3 / 5, 3 / 5)
    assert (found.f1.low, found.f1.high) == (6 / 9, 6 / 9)


def test_the_ends_are_percentiles_of_the_draws() -> None:
    # One subject right, one wrong: precision 0, 1/2 and 1 in 1/4, 1/2 and 1/4 of all draws.
    wide = one_group((1, 0, 0), (0, 1, 0), level=0.95).precision
    narrow = one_group((1, 0, 0), (0, 1, 0), level=0.4).precision
    assert wide is not None
    assert narrow is not None
    assert (wide.low, wide.high) == (0, 1)
    assert (narrow.low, narrow.high) == (0.5, 0.5)


def test_draws_without_the_figure_are_left_out_and_counted() -> None:
    # Recall has no meaning in the quarter of draws without the subject that has a label.
    recall = one_group((1, 0, 0), (0, 1, 0)).recall
    assert recall is not None
    assert (recall.low, recall.high) == (1, 1)
    assert 2800 < recall.draws < 3200


def test_a_figure_that_no_draw_has_is_none() -> None:
    assert one_group((0, 0, 0), (0, 0, 0)) == ShareIntervals(None, None, None)


@pytest.mark.parametrize("subjects", [0, 1])
def test_fewer_than_two_subjects_have_no_interval(subjects: int) -> None:
    assert bootstrap(np.ones((subjects, 1, 3), np.int64), rng()) is None


def test_equal_generators_give_equal_intervals_and_others_do_not() -> None:
    counts = np.random.default_rng(0).integers(0, 9, (12, 2, 3))
    first, again = bootstrap(counts, rng()), bootstrap(counts, rng())
    assert first == again
    assert first != bootstrap(counts, np.random.default_rng(8))


def test_groups_share_their_draws() -> None:
    counts = np.repeat(np.random.default_rng(0).integers(0, 9, (12, 1, 3)), 2, axis=1)
    found = bootstrap(counts, rng())
    assert found is not None
    assert found[0] == found[1]


def test_an_interval_holds_the_figure_itself_of_a_common_sample() -> None:
    counts = np.random.default_rng(3).integers(1, 9, (30, 1, 3))
    tp, fp, fn = counts.sum(axis=0)[0].tolist()
    f1 = one_group(*[tuple(row) for row in counts[:, 0].tolist()]).f1
    assert f1 is not None
    assert f1.low < 2 * tp / (2 * tp + fp + fn) < f1.high


@pytest.mark.parametrize(("draws", "level"), [(0, 0.9), (10, 0.0), (10, 1.0)])
def test_senseless_draws_and_levels_are_refused(draws: int, level: float) -> None:
    with pytest.raises(ValueError, match="needs draws and a level"):
        bootstrap(np.ones((3, 1, 3), np.int64), rng(), draws=draws, level=level)

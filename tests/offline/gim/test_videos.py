import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Interval, Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import TickPoint
from offline.gim.videos import OwnName, TrainingVideo
from tests.offline.gim.gim_training_makers import MACRO, MICRO, TRUTH, GivenPoints, gim_record
from tests.offline.training.tiny_records import TinyRecipe

CONFIG = GimLossConfig()


def video(*points: TickPoint) -> TrainingVideo:
    return TrainingVideo.of(gim_record(), GivenPoints(points), CONFIG)


def test_uncertain_labels_tell_nothing():
    record = dataclasses.replace(gim_record(), ignored=(Interval(Kind.MACRO, 30, 32, 35),))
    scored = TrainingVideo.of(record, TRUTH, CONFIG).scored
    assert np.flatnonzero(~scored).tolist() == [*range(30, 36), 70, 71]
    assert record.scored[30:36].all()


def test_points_outside_the_ticks_are_named(caplog):
    found = video(TickPoint(14, Kind.MICRO), TickPoint(99, Kind.MACRO))
    assert found.points == (TickPoint(14, Kind.MICRO),)
    assert "macro point at tick 99" in caplog.text


@pytest.mark.parametrize("most", [0, 80, 200])
def test_a_video_that_is_short_enough_stays_whole(most):
    whole = video(TickPoint(14, Kind.MICRO))
    assert whole.cut(most, CONFIG, np.random.default_rng(0)) is whole


@given(st.integers(0, 79), st.integers(16, 79), st.integers(0, 1000))
def test_a_cut_holds_a_point_and_what_lies_around_it(tick, most, seed):
    whole = video(TickPoint(tick, Kind.MACRO))
    part = whole.cut(most, CONFIG, np.random.default_rng(seed))
    assert part.ticks == len(part.windows) == most
    assert part.scored.any()
    if tick not in (70, 71):
        (point,) = part.points
        np.testing.assert_array_equal(part.windows[point.tick], whole.windows[tick])
    shifts = {a.onset - b.onset for a, b in zip(whole.truth, part.truth, strict=True)}
    assert len(shifts) == 1
    first = shifts.pop()
    np.testing.assert_array_equal(part.windows, whole.windows[first : first + most])


def test_ticks_that_a_point_outside_the_cut_might_label_are_not_taught_as_neutral():
    """Tick 30 is as far from both; of the ticks beyond it, those within 18 of the other go."""
    ticks = np.arange(80)
    reach = {20: (ticks >= 2) & (ticks < 30), 40: (ticks > 30) & (ticks <= 58)}
    whole = video(TickPoint(20, Kind.MACRO), TickPoint(40, Kind.MACRO))
    whole.windows[:, 0, 0, 0] = ticks
    for seed in range(30):
        part = whole.cut(16, CONFIG, np.random.default_rng(seed))
        (point,) = part.points
        shown = part.windows[:, 0, 0, 0].astype(int)
        lost = 60 - shown[point.tick]
        np.testing.assert_array_equal(part.scored, (whole.scored & ~reach[lost])[shown])


def test_a_video_without_points_is_cut_around_scored_ticks():
    whole = video()
    whole.scored[:60] = False
    part = whole.cut(16, CONFIG, np.random.default_rng(0))
    assert part.scored.any()
    assert part.points == ()


@pytest.mark.parametrize(("scored", "enough"), [(0, False), (1, False), (2, True)])
def test_a_video_of_one_scored_tick_teaches_nothing(scored, enough):
    record = gim_record(intervals=())
    record.scored[:] = False
    record.scored[:scored] = True
    assert TrainingVideo.of(record, TRUTH, CONFIG).long_enough is enough


def test_drawn_records_have_names_of_their_own_that_follow_from_the_generator():
    recipe = OwnName(TinyRecipe())
    names = [recipe.draw(np.random.default_rng(seed)).name for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]


def test_truth_is_kept_for_figures_alone():
    assert video(TickPoint(3, Kind.MICRO)).truth == (MICRO, MACRO)


@pytest.mark.parametrize(("even", "least", "most"), [(True, 80, 120), (False, 15, 55)])
def test_a_kind_with_few_points_is_cut_as_often_as_the_other_when_asked(even, least, most):
    """One micro point against five macro ones, each the only one in its run: a half or a sixth."""
    rng = np.random.default_rng(0)
    points = [TickPoint(tick, Kind.MACRO) for tick in range(20, 80, 12)]
    whole = TrainingVideo.of(gim_record(), GivenPoints((TickPoint(2, Kind.MICRO), *points)), CONFIG)
    runs = [whole.cut(16, CONFIG, rng, even_kinds=even) for _ in range(200)]
    micro = sum(any(p.kind is Kind.MICRO for p in run.points) for run in runs)
    assert least <= micro <= most


def test_ticks_far_from_points_outside_the_run_are_told_apart_from_those_near():
    """The macro point at tick 70 reaches back to 50, also in a run that does not hold it."""
    config = GimLossConfig(neutral_beyond_micro=8, neutral_beyond_macro=20)
    points = GivenPoints((TickPoint(20, Kind.MICRO), TickPoint(70, Kind.MACRO)))
    whole = TrainingVideo.of(gim_record(), points, config)
    assert np.flatnonzero(whole.far).tolist() == [*range(12), *range(29, 50)]
    part = whole.cut(40, config, np.random.default_rng(1))
    shift = part.truth[0].onset - whole.truth[0].onset
    np.testing.assert_array_equal(part.far, whole.far[-shift : 40 - shift])

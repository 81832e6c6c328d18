import pytest

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import Stage
from offline.gim.stages import stage_of, theta, warm_reach


def test_stages_last_1_4_and_95_of_100_epochs():
    stages = [stage_of(epoch, GimLossConfig()) for epoch in range(100)]
    assert [stages.count(stage) for stage in Stage] == [1, 4, 95]
    assert stages == sorted(stages, key=list(Stage).index)


def test_theta_falls_linearly_over_30_epochs_of_stage_3_and_stays():
    config = GimLossConfig()
    assert theta(5, config) == pytest.approx(0.8)
    assert theta(15, config) == pytest.approx(0.7)
    assert theta(20, config) == pytest.approx(0.65)
    assert theta(35, config) == pytest.approx(0.5)
    assert theta(99, config) == pytest.approx(0.5)
    assert theta(0, config) == pytest.approx(0.8)


def test_theta_without_epochs_to_fall_in_is_at_its_end():
    assert theta(0, GimLossConfig(theta_epochs=0, hard_epochs=0, warm_epochs=0)) == 0.5


def test_the_warm_reach_is_half_then_whole():
    config = GimLossConfig()
    assert [warm_reach(e, Kind.MICRO, config) for e in range(1, 5)] == [1, 1, 2, 2]
    assert [warm_reach(e, Kind.MACRO, config) for e in range(1, 5)] == [2, 2, 4, 4]


def test_a_warm_reach_of_one_or_none_is_not_halved():
    config = GimLossConfig(k_s2_micro=1, k_s2_macro=0)
    assert [warm_reach(e, Kind.MICRO, config) for e in range(1, 5)] == [1] * 4
    assert [warm_reach(e, Kind.MACRO, config) for e in range(1, 5)] == [0] * 4


def test_a_stage_can_be_left_out():
    config = GimLossConfig(hard_epochs=0, warm_epochs=0)
    assert stage_of(0, config) is Stage.GIM

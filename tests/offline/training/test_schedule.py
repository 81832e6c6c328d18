import pytest

from engines.errors import UsageError
from offline.training.config import TrainingConfig
from offline.training.schedule import learning_rate


def test_the_papers_rate_falls_by_four_percent_per_epoch():
    config = TrainingConfig()
    assert learning_rate(0, 10, config) == pytest.approx(2e-4)
    assert learning_rate(9, 10, config) == pytest.approx(2e-4)
    assert learning_rate(10, 10, config) == pytest.approx(2e-4 * 0.96)
    assert learning_rate(999, 10, config) == pytest.approx(2e-4 * 0.96**99)


def test_a_cosine_ends_at_its_final_fraction_and_is_half_way_in_the_middle():
    config = TrainingConfig(schedule="cosine", epochs=1, learning_rate=1.0, final_fraction=0.2)
    rates = [learning_rate(step, 101, config) for step in range(101)]
    assert rates[0] == pytest.approx(1.0)
    assert rates[50] == pytest.approx(0.6)
    assert rates[100] == pytest.approx(0.2)
    assert rates == sorted(rates, reverse=True)


def test_warm_up_rises_linearly_to_the_full_rate():
    config = TrainingConfig(schedule="constant", warmup_steps=4, learning_rate=1.0)
    rates = [learning_rate(step, 10, config) for step in range(6)]
    assert rates == pytest.approx([0.25, 0.5, 0.75, 1, 1, 1])


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"schedule": "linear"},
        {"beta1": 1.0},
        {"decay": 0.0},
        {"negative_fraction": 1.1},
        {"learning_rate": 0.0},
        {"warmup_steps": -1},
        {"learning_rate": float("nan")},
    ],
)
def test_settings_that_cannot_train_are_refused(change):
    with pytest.raises(UsageError, match=next(iter(change))):
        TrainingConfig(**change)

import pytest

from engines.errors import UsageError
from offline.pwes.config import ContrastConfig, MiningConfig, PwesLossConfig
from offline.pwes.settings import PwesSettings, PwesTrainingConfig


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (MiningConfig, "strategy", "caf3"),
        (MiningConfig, "warmup_steps", -1),
        (MiningConfig, "share", 0.0),
        (MiningConfig, "share", 1.1),
        (MiningConfig, "theta", 1.0),
        (MiningConfig, "distance", "printed"),
        (MiningConfig, "distance_scale", 0.0),
        (MiningConfig, "background", "all"),
        (MiningConfig, "labelled_above", 2),
        (ContrastConfig, "micro", -1),
        (ContrastConfig, "regions", "snippets"),
        (ContrastConfig, "tau", 0.0),
        (PwesLossConfig, "weight_guide", -0.1),
        (PwesLossConfig, "confidence", "max"),
        (PwesLossConfig, "h_macro", 0),
        (PwesLossConfig, "average", "foreground"),
        (PwesLossConfig, "focus", -1.0),
        (PwesTrainingConfig, "batch", 0),
        (PwesTrainingConfig, "epochs", 0),
        (PwesTrainingConfig, "learning_rate", 0.0),
        (PwesTrainingConfig, "optimizer", "sgd"),
        (PwesTrainingConfig, "schedule", "step"),
        (PwesTrainingConfig, "beta1", 1.0),
        (PwesTrainingConfig, "decay", 0.0),
        (PwesTrainingConfig, "steps_per_epoch", -1),
        (PwesTrainingConfig, "final_fraction", 1.5),
    ],
)
def test_what_cannot_be_honoured_is_refused_in_one_line(kind: type, name: str, value: object):
    with pytest.raises(UsageError, match=name) as caught:
        kind(**{name: value})
    assert "\n" not in str(caught.value)


def test_defaults_are_the_papers_for_casme2():
    settings = PwesSettings()
    assert (settings.mining.theta, settings.mining.share) == (0.8, 0.3)
    assert settings.mining.warmup_steps == 80
    assert settings.contrast.counts == (2, 3, 10)
    assert settings.contrast.tau == 1.0
    assert settings.loss.h == (9, 7, 5)
    training = settings.training
    assert (training.batch, training.learning_rate) == (8, 5e-4)
    assert training.epochs * training.steps_per_epoch == 1000
    assert training.optimizer == "adam"
    assert settings.snippets.frames == 8
    assert settings.method == "pwes"

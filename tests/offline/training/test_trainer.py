import dataclasses
import json
import os
import signal
from pathlib import Path

import pytest
import torch

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.inference import load_model
from offline.spotformer.losses import LossConfig
from offline.training import trainer
from offline.training.config import TrainingConfig
from offline.training.run_folder import RunFolder
from offline.training.settings import SpotFormerSettings
from offline.training.start import Source, count_steps, make_pool, train
from realtime.types import NODES
from tests.offline.training.tiny_records import TinyRecipe, make_record

TINY = SpotFormerSettings(
    SpotFormerConfig(width=8, heads=2, nodes=NODES, embedding_dropout=0.2),
    LossConfig(),
    TrainingConfig(
        epochs=3,
        steps_per_epoch=3,
        segments=3,
        segment_ticks=4,
        pool_records=4,
        ema_decay=0.9,
        keep_every=2,
        plot_every=0,
        learning_rate=1e-2,
    ),
)


def sources() -> list[Source]:
    fixed = [make_record(60, (Interval(Kind.MICRO, 20, 24, 29),))]
    return [Source("simulated", TinyRecipe(), 0.7), Source("recorded", fixed, 0.3)]


def fit(path: Path, settings: SpotFormerSettings = TINY, **options) -> RunFolder:
    return train(settings, sources(), path, 4, progress=False, device="cpu", threads=1, **options)


def loss_lines(run: RunFolder) -> list[dict[str, float]]:
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in run.metrics()]


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send this process a Ctrl-C in the middle of a step."""
    plain, done = trainer.spotformer_loss, [0]

    def counting(*arguments):
        done[0] += 1
        if done[0] == step:
            os.kill(os.getpid(), signal.SIGINT)
        return plain(*arguments)

    monkeypatch.setattr(trainer, "spotformer_loss", counting)


@pytest.mark.parametrize("step", [1, 3, 5])
def test_an_interrupted_and_resumed_run_equals_an_uninterrupted_one(tmp_path, monkeypatch, step):
    whole = fit(tmp_path / "whole")
    with monkeypatch.context() as patch:
        interrupt_at(step, patch)
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path / "parts")
    assert len(RunFolder.existing(tmp_path / "parts").metrics()) == step // 3
    parts = fit(tmp_path / "parts")
    for name, value in whole.load_weights().items():
        assert torch.equal(value, parts.load_weights()[name]), name
    assert loss_lines(whole) == loss_lines(parts)


def test_a_finished_run_is_left_as_it_is(tmp_path):
    before = fit(tmp_path).load_weights()
    after = fit(tmp_path).load_weights()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert len(RunFolder.existing(tmp_path).metrics()) == 3


def test_a_run_can_be_made_longer_with_resume(tmp_path):
    fit(tmp_path)
    longer = dataclasses.replace(TINY, training=dataclasses.replace(TINY.training, epochs=4))
    with pytest.raises(UsageError, match="--resume"):
        fit(tmp_path, longer)
    assert [m["epoch"] for m in fit(tmp_path, longer, resume=True).metrics()] == [1, 2, 3, 4]


@pytest.mark.parametrize("change", [{"epochs": 2}, {"steps_per_epoch": 4}])
def test_a_run_cannot_be_resumed_with_shorter_or_other_epochs(tmp_path, change):
    fit(tmp_path)
    other = dataclasses.replace(TINY, training=dataclasses.replace(TINY.training, **change))
    with pytest.raises(UsageError, match="choose a new folder"):
        fit(tmp_path, other, resume=True)


def test_the_folder_holds_what_a_run_promises(tmp_path):
    run = fit(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "config.json",
        "environment.json",
        "metrics.jsonl",
        "checkpoint.pt",
        "weights.safetensors",
        "weights-0002.safetensors",
        "curves.png",
    }
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    config = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert config["seed"] == 4
    assert config["data"] == [
        {"name": "simulated", "share": 0.7},
        {"name": "recorded", "share": 0.3},
    ]
    for epoch in run.metrics():
        parts = epoch["boundary"] + epoch["apex"] + epoch["expression"] + 0.005 * epoch["supcon"]
        assert epoch["total"] == pytest.approx(parts, rel=1e-4)


def test_validation_sees_the_network_that_is_saved(tmp_path):
    seen = []

    def validate(model):
        assert not model.training
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
        return {"val_f1": 0.25}

    run = fit(tmp_path, validate=validate)
    assert [epoch["val_f1"] for epoch in run.metrics()] == [0.25] * 3
    saved = load_model(run).state_dict()
    assert all(torch.equal(saved[name], value) for name, value in seen[-1].items())


def test_a_network_learns_a_motion_that_marks_an_expression(tmp_path):
    record = make_record(120, (Interval(Kind.MICRO, 20, 24, 29), Interval(Kind.MACRO, 60, 80, 100)))
    record.features[...] = 0
    record.features[20:30, :, 6:10] = 2
    record.features[60:101, :, 0:6] = -4
    training = dataclasses.replace(
        TINY.training,
        epochs=1,
        steps_per_epoch=60,
        segments=8,
        ema_decay=0.0,
        negative_fraction=0.3,
    )
    settings = dataclasses.replace(TINY, training=training)
    run = train(settings, [Source("one", [record])], tmp_path, 0, progress=False, device="cpu")
    with torch.no_grad():
        scores = load_model(run)(torch.from_numpy(record.features)).probabilities()
    assert scores["micro_expression"][20:30].min() > scores["micro_expression"][30:].max()
    assert scores["macro_expression"][60:101].min() > scores["macro_expression"][:60].max()


def test_a_loss_that_is_not_finite_stops_the_run_in_one_line(tmp_path):
    record = make_record(60, (Interval(Kind.MICRO, 20, 24, 29),))
    record.features[...] = float("nan")
    with pytest.raises(UsageError, match="not finite at step 0"):
        train(TINY, [Source("bad", [record])], tmp_path, 0, progress=False, device="cpu")


def test_an_error_of_the_data_reaches_the_caller(tmp_path):
    with pytest.raises(UsageError, match="expression"):
        train(TINY, [Source("none", [make_record(60, ())])], tmp_path, 0, progress=False)


def test_steps_of_recorded_data_are_one_pass_and_endless_data_needs_a_number():
    config = dataclasses.replace(TINY.training, steps_per_epoch=0)
    settings = dataclasses.replace(TINY, training=config)
    recipe, fixed = (make_pool(s, n, settings, 0) for n, s in enumerate(sources()))
    # ticks 20 to 29 touch segments 5, 6 and 7 of four ticks; three segments are one step
    assert count_steps([fixed], config) == 1
    assert count_steps([fixed, fixed], config) == 2
    with pytest.raises(UsageError, match="steps_per_epoch"):
        count_steps([recipe], config)


def test_an_unknown_device_is_refused_in_one_line(tmp_path):
    with pytest.raises(UsageError, match="--device abacus"):
        train(TINY, sources(), tmp_path, 0, device="abacus", progress=False)


def test_a_run_may_begin_with_the_weights_of_another(tmp_path):
    """With a learning rate of almost nothing, it ends with them too."""
    first = fit(tmp_path / "first")
    still = dataclasses.replace(
        TINY, training=dataclasses.replace(TINY.training, learning_rate=1e-12, weight_decay=0.0)
    )
    second = fit(tmp_path / "second", still, start_from=first.path)
    assert json.loads((second.path / "config.json").read_text())["start_from"] == "first"
    for name, value in first.load_weights().items():
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            assert torch.allclose(value, second.load_weights()[name], atol=1e-6), name


def test_weights_of_another_network_or_of_no_run_are_refused(tmp_path):
    with pytest.raises(UsageError, match="run"):
        fit(tmp_path / "a", start_from=tmp_path / "nothing")
    first = fit(tmp_path / "first")
    wider = dataclasses.replace(TINY, model=dataclasses.replace(TINY.model, width=16))
    with pytest.raises(UsageError, match="same model"):
        fit(tmp_path / "b", wider, start_from=first.path)

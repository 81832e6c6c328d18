import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.gim.labels import TickPoint
from offline.methods.registry import load_network, to_onnx
from offline.points.from_truth import How
from offline.pwes import training as pwes_training
from offline.pwes.network import PwesNetwork
from offline.pwes.sampler import BatchSampler
from offline.pwes.training import PwesTask
from offline.training.points import PointsFromTruth
from offline.training.run_folder import RunFolder
from offline.training.sources import Source
from offline.training.start import train
from tests.offline.pwes.makers import (
    MACRO,
    MICRO,
    TINY,
    TRUTH,
    GivenPoints,
    feature_record,
    settings,
    snippet_record,
)

CPU = torch.device("cpu")


def sources() -> list[Source]:
    names = ((MICRO, MACRO), (MACRO,), (MICRO,))
    return [Source("mine", [feature_record(str(n), n, kinds) for n, kinds in enumerate(names)])]


def fit(path: Path, chosen=TINY, points=TRUTH, **options) -> RunFolder:
    return train(
        chosen, options.pop("sources", sources()), path, 4, points=points, progress=False,
        device="cpu", threads=1, **options,
    )  # fmt: skip


def task_of(chosen=TINY, points=TRUTH, given=None) -> tuple[PwesTask, PwesNetwork]:
    torch.manual_seed(0)
    sampler = BatchSampler(given or sources(), chosen, points, 0)
    return PwesTask(sampler, chosen, CPU), PwesNetwork(chosen.network).train()


def losses(task: PwesTask, network: PwesNetwork, step: int) -> dict[str, float]:
    return dict(zip(task.parts, (part.item() for part in task.step(step)(network)), strict=True))


def lines(run: RunFolder) -> list[dict[str, float]]:
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in run.metrics()]


@pytest.mark.parametrize("step", [1, 4, 5])
def test_an_interrupted_and_resumed_run_equals_an_uninterrupted_one(tmp_path, monkeypatch, step):
    """The memory bank, which begins to fill with step 3 of 6, is part of the checkpoint."""
    whole = fit(tmp_path / "whole")
    plain, done = pwes_training.mean_parts, [0]

    def counting(*arguments):
        done[0] += 1
        if done[0] == step:
            os.kill(os.getpid(), signal.SIGINT)
        return plain(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(pwes_training, "mean_parts", counting)
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path / "parts")
    parts = fit(tmp_path / "parts")
    assert lines(whole) == lines(parts)
    for name, value in whole.load_weights().items():
        assert torch.equal(value, parts.load_weights()[name]), name


def test_a_checkpoint_of_other_data_is_refused(tmp_path, monkeypatch):
    plain = pwes_training.mean_parts

    def stop(*arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return plain(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(pwes_training, "mean_parts", stop)
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path)
    with pytest.raises(UsageError, match="a memory bank of shape"):
        fit(tmp_path, sources=[Source("mine", [feature_record("other")])])


def test_the_configuration_tells_method_mining_and_points(tmp_path):
    config = fit(tmp_path).config()
    assert config["method"] == "pwes"
    assert config["mining"]["theta"] == 0.3
    assert config["points"] == {"from_truth": "uniform", "seed": 0}
    with pytest.raises(UsageError, match="another points"):
        fit(tmp_path, points=PointsFromTruth(How.APEX, 0))


def test_points_are_required_and_a_teacher_refused(tmp_path):
    with pytest.raises(UsageError, match="pwes learns from points: give --points FILE"):
        fit(tmp_path / "a", points=None)
    with pytest.raises(UsageError, match="--teacher"):
        fit(tmp_path / "b", teacher=tmp_path)


def test_snippet_labels_and_memory_bank_start_when_the_warm_up_is_over():
    task, network = task_of()
    before = [losses(task, network, step) for step in (0, 1)]
    assert all(found["snippet"] == found["contrast"] == 0 for found in before)
    assert not task.memory()["bank_present"].any()
    after = losses(task, network, 2)
    assert after["snippet"] > 0
    assert after["contrast"] > 0
    assert task.memory()["bank_present"].any()


def test_the_baseline_never_labels_a_snippet():
    task, network = task_of(settings(mining={"strategy": "none", "warmup_steps": 0}))
    found = losses(task, network, 5)
    assert found["snippet"] == found["contrast"] == 0
    assert not task.memory()["bank_present"].any()


def test_videos_that_share_no_label_cost_no_contrast_and_are_trained_on():
    """A batch of one micro and one macro video: no vector has a positive in the other's."""
    given = [Source("mine", [feature_record("a", 0, (MICRO,)), feature_record("b", 1, (MACRO,))])]
    task, network = task_of(settings(mining={"warmup_steps": 0}), given=given)
    found = losses(task, network, 0)
    assert found["contrast"] == 0
    assert found["snippet"] > 0
    assert np.isfinite(found["total"])


def test_pseudo_labels_are_made_without_dropout_from_the_network_as_it_is(monkeypatch):
    seen = []
    plain = pwes_training.mine
    monkeypatch.setattr(
        pwes_training, "mine", lambda *given: seen.append(given[0]) or plain(*given)
    )
    task, network = task_of(settings(mining={"warmup_steps": 0}))
    batch = task._sampler.batch(0)
    task.step(0)(network)
    assert network.training
    with torch.no_grad():
        said = network.eval()(torch.from_numpy(batch[0].video.snippets))
    torch.testing.assert_close(seen[0].features, said.feature)
    assert not seen[0].features.requires_grad
    seen.clear()
    unsettled, network = task_of(settings(mining={"warmup_steps": 0}, training={"settled": False}))
    unsettled.step(0)(network)
    with torch.no_grad():
        said = network.eval()(torch.from_numpy(batch[0].video.snippets))
    assert not torch.allclose(seen[0].features, said.feature)


def test_metrics_tell_how_good_the_pseudo_labels_were(tmp_path):
    metrics = fit(tmp_path).metrics()
    assert "pseudo_recall_micro" not in metrics[0]
    last = metrics[-1]
    assert 0 <= last["pseudo_recall_micro"] <= 1
    assert 0 <= last["pseudo_recall_macro"] <= 1


def test_without_truth_there_is_no_recall(tmp_path):
    points = GivenPoints((TickPoint(14, Kind.MICRO), TickPoint(50, Kind.MACRO)))
    only = [Source("mine", [feature_record(intervals=())])]
    metrics = fit(tmp_path, points=points, sources=only).metrics()
    assert not any(name.startswith("pseudo_recall") for name in metrics[-1])


@pytest.mark.parametrize("ticks", [4, 8])
def test_a_video_of_one_or_two_snippets_is_trained_on(tmp_path, ticks):
    interval = Interval(Kind.MICRO, 0, 1, 3)
    only = [Source("mine", [feature_record(intervals=(interval,), ticks=ticks)])]
    assert np.isfinite(fit(tmp_path, sources=only).metrics()[-1]["total"])


def test_random_weights_of_i3d_are_told_in_the_configuration(tmp_path):
    inputs = {"source": "i3d-random-7", "features": 3, "frames": 32, "rate_hz": 200.0}
    record = snippet_record()
    marked = type(record)(
        record.name, record.subject, record.streams, record.valid, record.edges, "i3d-random-7", ()
    )
    points = GivenPoints((TickPoint(5, Kind.MICRO),))
    run = fit(tmp_path, settings(snippets=inputs), points, sources=[Source("mine", [marked])])
    assert run.config()["snippets"]["source"] == "i3d-random-7"


def test_a_network_learns_where_the_expressions_are(tmp_path):
    chosen = settings(
        mining={"warmup_steps": 20}, training={"epochs": 3, "steps_per_epoch": 40,
        "learning_rate": 5e-3, "ema_decay": 0.0},
    )  # fmt: skip
    network = load_network(fit(tmp_path, chosen))
    (batch,) = BatchSampler(
        [Source("new", [feature_record("new", 9)])], settings(training={"batch": 1}), TRUTH, 0
    ).batch(0)
    with torch.no_grad():
        scores = network.probabilities(torch.from_numpy(batch.video.snippets))
    attention = scores["attention"].numpy()
    quiet = [*range(2), *range(7, 9), *range(18, 30)]
    for label in (MICRO, MACRO):
        assert attention[label.apex // 4] > 2 * attention[quiet].mean()
    assert scores["macro"][12] > scores["micro"][12]
    assert scores["micro"][3] > scores["macro"][3]


def test_the_exported_graph_has_one_score_per_snippet(tmp_path):
    graph = to_onnx(load_network(fit(tmp_path))).graph
    assert [one.name for one in graph.input] == ["snippets"]
    assert [one.name for one in graph.output] == ["attention", "micro", "macro", "background"]


def test_the_network_gives_probabilities_for_a_class_map():
    torch.manual_seed(0)
    network = PwesNetwork(TINY.network).eval()
    rows = torch.randn(12, 2, TINY.snippets.features) * 50
    with torch.no_grad():
        outputs = network(rows)
    for values in (outputs.cam, outputs.suppressed, outputs.streams):
        assert ((values >= 0) & (values <= 1)).all()
    assert network.method == "pwes"


def test_a_run_of_another_method_is_no_beginning(tmp_path):
    first = fit(tmp_path / "first")
    again = fit(tmp_path / "again", start_from=first.path)
    assert again.config()["start_from"] == "first"
    config = first.config() | {"method": "mc-wes"}
    first.write_json("config.json", config)
    with pytest.raises(UsageError, match="holds no PWES run"):
        fit(tmp_path / "third", start_from=first.path)

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.errors import UsageError
from engines.intervals import Kind
from offline.gim import training as gim_training
from offline.gim.inference import load_model, outputs_of, spread
from offline.gim.labels import TickPoint
from offline.gim.model import GimNetwork, GimOutputs
from offline.gim.sampler import VideoSampler
from offline.gim.training import GimTask, make_optimizer
from offline.points.from_truth import How
from offline.report.soft_labels import UNKNOWN, load_soft_labels, save_soft_labels
from offline.training.points import PointsFromTruth
from offline.training.run_folder import RunFolder
from offline.training.sources import Source
from offline.training.start import train
from tests.offline.gim.gim_training_makers import (
    MACRO,
    MICRO,
    TINY,
    TRUTH,
    GivenPoints,
    gim_record,
    settings,
)

CPU = torch.device("cpu")


def sources() -> list[Source]:
    return [Source("recorded", [gim_record("a", seed=0), gim_record("b", seed=1)])]


def fit(path: Path, chosen=TINY, points=TRUTH, **options) -> RunFolder:
    return train(
        chosen, options.pop("sources", sources()), path, 4, points=points, progress=False,
        device="cpu", threads=1, **options,
    )  # fmt: skip


def lines(run: RunFolder) -> list[dict[str, float]]:
    return [{k: v for k, v in epoch.items() if k != "seconds"} for epoch in run.metrics()]


@pytest.mark.parametrize("step", [1, 4, 7])
def test_an_interrupted_and_resumed_run_equals_an_uninterrupted_one(tmp_path, monkeypatch, step):
    whole = fit(tmp_path / "whole")
    plain, done = gim_training.gim_loss, [0]

    def counting(*arguments):
        done[0] += 1
        if done[0] == step:
            os.kill(os.getpid(), signal.SIGINT)
        return plain(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(gim_training, "gim_loss", counting)
        with pytest.raises(KeyboardInterrupt):
            fit(tmp_path / "parts")
    parts = fit(tmp_path / "parts")
    assert lines(whole) == lines(parts)
    for name, value in whole.load_weights().items():
        assert torch.equal(value, parts.load_weights()[name]), name
    kept = [(run.path / "soft_labels.npz").read_bytes() for run in (whole, parts)]
    assert kept[0] == kept[1]


def test_the_configuration_tells_method_head_and_points(tmp_path):
    config = fit(tmp_path).config()
    assert config["method"] == "gim"
    assert config["head"]["dropout"] == 0.3
    assert config["points"]["from_truth"] == "gaussian"
    with pytest.raises(UsageError, match="another points"):
        fit(tmp_path, points=PointsFromTruth(How.APEX, 0))


def test_points_at_the_true_apexes_have_no_error_before_pseudo_apexes_are_sought(tmp_path):
    """The third stage begins with epoch 3 of 4."""
    metrics = fit(tmp_path, settings(most_ticks=0), PointsFromTruth(How.APEX, 0)).metrics()
    assert [epoch["apex_error"] for epoch in metrics[:2]] == [0.0, 0.0]
    for epoch in metrics:
        both = epoch["apex_error_micro"] + epoch["apex_error_macro"]
        # one point of each kind in each video, so that the mean over all is that of both kinds
        assert epoch["apex_error"] == pytest.approx(both / 2)


def test_without_truth_there_is_no_apex_error(tmp_path):
    points = GivenPoints((TickPoint(14, Kind.MICRO),))
    only = [Source("mine", [gim_record(intervals=())])]
    metrics = fit(tmp_path, points=points, sources=only).metrics()
    assert not any(name.startswith("apex_error") for name in metrics[-1])


def test_ticks_that_are_not_scored_change_nothing(tmp_path):
    """Neither what stands there, nor a jump across them."""
    weights = []
    for filler in (0.0, 1e6):
        record = gim_record()
        record.scored[22:30] = False
        record.features[~record.scored] = filler
        run = fit(tmp_path / str(filler), settings(most_ticks=0),
                  sources=[Source("one", [record])])  # fmt: skip
        weights.append(run.load_weights())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


@pytest.mark.parametrize("scored", [2, 3])
def test_a_video_of_almost_no_scored_tick_is_trained_on(tmp_path, scored):
    record = gim_record()
    record.scored[:] = False
    record.scored[10 : 10 + scored] = True
    run = fit(tmp_path, sources=[Source("one", [record])])
    assert np.isfinite(run.metrics()[-1]["total"])


def test_a_single_window_is_enough_for_a_step():
    """A cut may hold one scored tick, of which normalisation alone could make nothing."""
    record = gim_record()
    record.scored[:] = False
    record.scored[[10, 60]] = True
    sampler = VideoSampler([Source("one", [record])], TINY, TRUTH, 0)
    torch.manual_seed(0)
    network = GimNetwork(TINY.network).train()
    total = GimTask(sampler, TINY, 1, 0, CPU).step(0)(network)[0]
    assert torch.isfinite(total)


def test_pseudo_labels_are_made_anew_at_every_step_from_the_network_as_it_is(monkeypatch):
    seen = []
    plain = gim_training.pseudo_labels
    monkeypatch.setattr(
        gim_training, "pseudo_labels", lambda *given: seen.append(given) or plain(*given)
    )
    chosen = settings(most_ticks=0)
    sampler = VideoSampler(sources(), chosen, TRUTH, 0)
    torch.manual_seed(0)
    network = GimNetwork(chosen.network).train()
    task = GimTask(sampler, chosen, 2, 0, CPU)
    for step in (0, 5):
        task.step(step)(network)
    outputs, points, scored, *_ = seen[1]
    assert [given[4] for given in seen] == [0, 2]
    assert not outputs.intensity.requires_grad
    assert len(points) == 2
    assert len(outputs.intensity) == len(scored) == 80
    assert not outputs.feature[70:72].any()


def test_a_step_of_several_videos_has_the_mean_of_their_losses():
    """In evaluation mode, where neither dropout nor normalisation ties the videos together."""
    one, both = (settings(most_ticks=0, videos_per_step=count) for count in (1, 2))
    torch.manual_seed(0)
    network = GimNetwork(TINY.network).eval()
    singly, jointly = (
        GimTask(VideoSampler(sources(), chosen, TRUTH, 0), chosen, 9, 0, CPU)
        for chosen in (one, both)
    )
    alone = [torch.stack(singly.step(number)(network)) for number in (0, 1)]
    torch.testing.assert_close(torch.stack(jointly.step(0)(network)), sum(alone) / 2)


def test_a_network_learns_where_the_intensity_is(tmp_path):
    chosen = settings(
        epochs=60, most_ticks=0, learning_rate=1e-2, optimizer="adamw", ema_decay=0.0,
        schedule="cosine",
    )  # fmt: skip
    run = fit(tmp_path, chosen)
    record = gim_record("c", seed=9)
    network = load_model(run)
    intensity = outputs_of(network, record.features, record.scored).intensity.numpy()
    quiet = [*range(5), *range(25, 35), *range(66, 70)]
    for label in (MICRO, MACRO):
        assert intensity[label.apex - 2 : label.apex + 3].mean() > intensity[quiet].max()


def test_labels_of_single_expressions_are_kept_for_the_report(tmp_path):
    run = fit(tmp_path)
    kept = load_soft_labels(run.path / "soft_labels.npz")
    assert kept.kind.tolist() == ["micro", "micro", "macro", "macro"]
    assert set(kept.video) == {"a", "b"}
    for n in range(len(kept)):
        label = MICRO if kept.kind[n] == "micro" else MACRO
        assert kept.truth[n].tolist() == [label.onset, label.apex, label.offset]
        ticks = kept.first[n] + np.arange(kept.soft.shape[1])
        labelled = ticks[np.isfinite(kept.soft[n])]
        assert len(labelled)
        assert kept.apex[n] in labelled
        assert np.nanmax(kept.soft[n]) == 1.0
        outside = (ticks < 0) | (ticks >= 80) | np.isin(ticks, (70, 71))
        np.testing.assert_array_equal(np.isnan(kept.intensity[n]), outside)


def test_a_damaged_file_of_labels_is_refused_and_an_absent_one_is_none(tmp_path):
    assert load_soft_labels(tmp_path / "none.npz") is None
    run = fit(tmp_path / "run", points=GivenPoints((TickPoint(30, Kind.MICRO),)))
    kept = load_soft_labels(run.path / "soft_labels.npz")
    assert kept.truth.tolist() == [[UNKNOWN] * 3] * 2
    save_soft_labels(tmp_path / "copy.npz", kept)
    assert (tmp_path / "copy.npz").read_bytes() == (run.path / "soft_labels.npz").read_bytes()
    (tmp_path / "bad.npz").write_bytes((tmp_path / "copy.npz").read_bytes()[:90])
    with pytest.raises(UsageError, match="holds no pseudo-labels"):
        load_soft_labels(tmp_path / "bad.npz")


def test_outputs_of_scored_ticks_go_to_their_places_and_keep_their_gradient():
    value = torch.arange(6.0).view(3, 2).requires_grad_()
    scored = np.array([False, True, True, False, True])
    placed = spread(GimOutputs(value[:, 0], value, value, value), scored)
    assert placed.intensity_logit.tolist() == [0, 0, 2, 0, 4]
    assert placed.feature.tolist() == [[0, 0], [0, 1], [2, 3], [0, 0], [4, 5]]
    placed.feature.sum().backward()
    assert value.grad.tolist() == [[1, 1]] * 3


def test_the_papers_optimiser_adds_its_decay_to_the_gradient():
    weight = torch.nn.Linear(1, 1)
    adam = make_optimizer(weight, settings(optimizer="adam").training)
    adamw = make_optimizer(weight, settings(optimizer="adamw").training)
    assert type(adam) is torch.optim.Adam
    assert type(adamw) is torch.optim.AdamW
    assert adam.param_groups[0]["weight_decay"] == 0.1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"points": None}, "give --points FILE, or --points-from-truth"),
        ({"teacher": Path("run")}, "--teacher: only a SpotFormer"),
        ({"start_from": Path("nothing")}, "cannot start from nothing|not a run folder"),
    ],
)
def test_what_cannot_be_honoured_is_refused_before_anything_is_written(tmp_path, options, said):
    with pytest.raises(UsageError, match=said):
        fit(tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_a_run_may_begin_with_the_weights_of_another_of_this_method(tmp_path):
    first = fit(tmp_path / "first")
    still = settings(learning_rate=1e-12, weight_decay=0.0)
    second = fit(tmp_path / "second", still, start_from=first.path)
    assert json.loads((second.path / "config.json").read_text())["start_from"] == "first"
    for name, value in first.load_weights().items():
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            assert torch.allclose(value, second.load_weights()[name], atol=1e-6), name


def test_weights_of_another_network_are_refused(tmp_path):
    run = fit(tmp_path)
    config = run.config()
    for change, said in (
        ({"method": "spotformer"}, "holds no GIM run"),
        ({"head": None}, "holds no GIM run"),
        ({"model": {**config["model"], "width": 16}}, "weights of another network"),
    ):
        run.write_json("config.json", {**config, **change})
        with pytest.raises(UsageError, match=said):
            load_model(run)

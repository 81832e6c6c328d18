import dataclasses
import json

import numpy as np
import pytest
import torch

from engines.decoding.snippets import SnippetRules
from engines.errors import UsageError
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.mcwes.losses import McWesLossParts
from offline.mcwes.training import make_optimizer
from offline.methods.registry import load_network
from offline.methods.spotting import spot_video
from offline.training.run_folder import RunFolder
from offline.training.sources import Source
from offline.training.start import train
from offline.training.video_labels import KindsOfFile
from tests.offline.mcwes.mcwes_makers import TINY, network, record, settings

HELD = ("m", "M", "", "mM", "m", "M", "", "mM", "m", "M")


def source(count=10, first=0):
    return Source(
        "data", [record(f"v{first + n}", kinds=HELD[n % 10], seed=first + n) for n in range(count)]
    )


def fit(path, config, **options):
    return train(config, [options.pop("source", source())], path, 3, progress=False, threads=1,
                 device="cpu", **options)  # fmt: skip


def weights(run):
    return run.load_weights()


def test_a_run_holds_its_losses_settings_and_weights(tmp_path):
    run = fit(tmp_path / "run", TINY)
    assert run.config()["method"] == "mc-wes"
    metrics = run.metrics()
    assert [m["steps"] for m in metrics] == [3.0, 6.0]
    assert all(np.isfinite(m[name]) for m in metrics for name in McWesLossParts._fields)
    loaded = load_network(run)
    assert not loaded.training
    assert loaded.inputs == TINY.snippets
    assert all(torch.equal(v, loaded.state_dict()[k]) for k, v in weights(run).items())


def test_the_same_seed_gives_the_same_weights(tmp_path):
    one, two = fit(tmp_path / "one", TINY), fit(tmp_path / "two", TINY)
    assert all(torch.equal(v, weights(two)[k]) for k, v in weights(one).items())


def test_an_interrupted_run_ends_as_one_that_was_not(tmp_path):
    whole = fit(tmp_path / "whole", TINY)
    longer = settings(epochs=1)
    fit(tmp_path / "cut", longer)
    resumed = fit(tmp_path / "cut", TINY, resume=True)
    assert all(torch.equal(v, weights(resumed)[k]) for k, v in weights(whole).items())


def test_standardising_constants_are_those_of_the_training_data(tmp_path):
    inputs = dataclasses.replace(TINY.snippets, standardise=True)
    run = fit(tmp_path / "run", dataclasses.replace(TINY, snippets=inputs))
    rows = np.concatenate([r.streams for r in source().supply], axis=1).astype(np.float64)
    np.testing.assert_allclose(weights(run)["mean"].numpy(), rows.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(weights(run)["scale"].numpy(), 1 / rows.std(axis=1), rtol=1e-4)
    plain = fit(tmp_path / "plain", TINY)
    assert weights(plain)["mean"].eq(0).all()
    assert weights(plain)["scale"].eq(1).all()


def test_what_a_video_holds_may_come_from_a_table_alone(tmp_path):
    bare = [dataclasses.replace(r, intervals=()) for r in source().supply]
    kinds = {"m": frozenset({Kind.MICRO}), "M": frozenset({Kind.MACRO}), "": frozenset(),
             "mM": frozenset(Kind)}  # fmt: skip
    table = KindsOfFile(
        "kinds.csv", "digest", {f"v{n}": kinds[held] for n, held in enumerate(HELD)}
    )
    told = fit(tmp_path / "told", TINY, source=Source("data", bare), labels=table)
    known = fit(tmp_path / "known", TINY)
    assert all(torch.equal(v, weights(told)[k]) for k, v in weights(known).items())
    assert told.config()["video_labels"] == {"file": "kinds.csv", "sha256": "digest"}


def test_training_learns_where_expressions_are_from_what_videos_hold(tmp_path):
    config = dataclasses.replace(
        settings(epochs=4, steps_per_epoch=40, snippets=0, learning_rate=3e-3),
        model=dataclasses.replace(TINY.model, dropout=0.2, attention_dropout=0.2),
    )
    run = fit(tmp_path / "run", config, source=source(20))
    model = load_network(run)
    truth, found = [], []
    for one in source(10, first=50).supply:
        truth += [Instance.of(one.name, i) for i in one.intervals]
        rules = SnippetRules(first_top=4, score_floor=0.5)
        found += [Instance.of(one.name, i) for i in spot_video(model, one, rules)[1]]
    assert evaluate(truth, found).overall.counts.f1 > 0.6
    metrics = run.metrics()
    assert metrics[-1]["video"] < metrics[0]["video"]


def test_points_and_teachers_are_not_for_it(tmp_path):
    from offline.points.from_truth import How  # noqa: PLC0415
    from offline.training.points import PointsFromTruth  # noqa: PLC0415

    with pytest.raises(UsageError, match="mc-wes learns from other labels; leave the points out"):
        fit(tmp_path / "a", TINY, points=PointsFromTruth(How.APEX, 0))
    with pytest.raises(UsageError, match="--teacher"):
        fit(tmp_path / "b", TINY, teacher=tmp_path)


def test_a_run_of_another_method_is_no_beginning(tmp_path):
    run = RunFolder.start(tmp_path / "other", {"method": "gim"})
    run.save_weights(network().state_dict())
    with pytest.raises(UsageError, match="it holds no MC-WES run"):
        fit(tmp_path / "run", TINY, start_from=tmp_path / "other")


def test_a_run_may_begin_with_the_weights_of_another(tmp_path):
    first = fit(tmp_path / "first", TINY)
    still = settings(epochs=1, steps_per_epoch=1, learning_rate=1e-12)
    second = fit(tmp_path / "second", still, start_from=tmp_path / "first")
    assert all(torch.allclose(v, weights(second)[k]) for k, v in weights(first).items())


@pytest.mark.parametrize("section", ["snippets", "model"])
def test_a_folder_without_what_a_network_needs_is_refused(tmp_path, section):
    run = fit(tmp_path / "run", TINY)
    config = run.config()
    del config[section]
    (run.path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(UsageError, match="holds no run of a network of snippets"):
        load_network(RunFolder.existing(run.path))


def test_weights_of_another_network_are_refused(tmp_path):
    run = fit(tmp_path / "run", TINY)
    run.save_weights(network(fused_width=9).state_dict())
    with pytest.raises(UsageError, match="weights of another network"):
        load_network(run)


@pytest.mark.parametrize(
    ("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)]
)
def test_the_optimiser_is_the_one_asked_for(name, kind):
    config = settings(optimizer=name, weight_decay=0.25, beta1=0.5).training
    group = make_optimizer(network(), config).param_groups[0]
    assert type(make_optimizer(network(), config)) is kind
    assert (group["lr"], group["weight_decay"], group["betas"]) == (5e-4, 0.25, (0.5, 0.999))

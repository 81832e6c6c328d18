import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from click.testing import CliRunner

from engines.decoding.rules import DecoderRules
from engines.errors import FesError, ModelError
from engines.model_file import read_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.selfcheck import verify
from engines.stored_check import read_check
from offline import export as export_module
from offline.commands.export import export
from offline.commands.train import train
from offline.data.store import save_record
from offline.export import Identity, export_model
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.model import SCORE_NAMES, SpotFormer
from realtime.types import NODES
from tests.offline.training.tiny_records import make_record

IDENTITY = Identity("tiny", 96.0, "rigid", training={"seed": 3}, metrics={"f1": 0.5})
CONFIG = SpotFormerConfig(width=8, heads=2, nodes=NODES, input_compression_px=2.0)


@pytest.fixture
def model() -> SpotFormer:
    torch.manual_seed(0)
    model = SpotFormer(CONFIG)
    for _ in range(3):
        model(torch.randn(32, 17, len(NODES), 2) * 2)
    with torch.no_grad():
        # answers that differ between windows, as those of a trained head do
        model.head.weight.mul_(10)
    return model.eval()


@pytest.mark.parametrize("count", [1, 2, 37])
def test_the_exported_file_answers_as_torch_at_any_batch_size(tmp_path: Path, model, count: int):
    exported = export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    windows = np.random.default_rng(count).normal(size=(count, 17, 18, 2)).astype(np.float32)
    with OnnxRuntimeBackend(read_model(exported.model.path)) as backend:
        got = backend.run(windows)
    with torch.no_grad():
        expected = model(torch.from_numpy(windows)).probabilities()
    for name in SCORE_NAMES:
        np.testing.assert_allclose(got.values[name], expected[name].numpy(), atol=2e-6)
    if count > 2:
        assert np.ptp(got.values["micro_apex"]) > 0.05


def test_the_manifest_says_what_the_model_is(tmp_path: Path, model):
    export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    manifest = read_model(tmp_path / "tiny.onnx").manifest
    assert (manifest.name, manifest.method, manifest.licence) == ("tiny", "spotformer", "MIT")
    assert manifest.input.nodes == NODES
    assert (manifest.input.window, manifest.input.rate_hz) == (17, 30.0)
    assert (manifest.input.eye_distance_px, manifest.input.alignment) == (96.0, "rigid")
    assert manifest.outputs == SCORE_NAMES
    assert (manifest.training, manifest.metrics) == ({"seed": 3}, {"f1": 0.5})


def test_the_check_beside_it_is_passed(tmp_path: Path, model):
    export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    stored = read_model(tmp_path / "tiny.onnx")
    check = read_check(stored)
    with OnnxRuntimeBackend(stored) as backend:
        agreement = verify(backend, check)
    assert (len(check.windows), len(check.sequence)) == (64, 300)
    assert agreement.windows == 364
    assert agreement.worst.absolute < 2e-6
    assert np.ptp(check.expected.values["micro_apex"]) > 0.05


def test_the_check_holds_what_torch_answers_to_the_values_as_stored(tmp_path: Path, model):
    export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    check = read_check(read_model(tmp_path / "tiny.onnx"))
    for inputs, told in (
        (check.windows, check.expected),
        (check.sequence, check.sequence_expected),
    ):
        with torch.no_grad():
            answered = model(torch.from_numpy(inputs)).probabilities()
        for name in SCORE_NAMES:
            np.testing.assert_allclose(told.values[name], answered[name].numpy(), atol=1e-7)


def test_a_model_reads_its_own_nodes_of_the_check(tmp_path: Path):
    torch.manual_seed(0)
    nodes = NODES[:3] + NODES[10:12]
    few = SpotFormer(SpotFormerConfig(width=8, heads=2, nodes=nodes)).eval()
    check = read_check(export_model(few, tmp_path / "few.onnx", IDENTITY).model)
    assert check.sequence.shape == (300, 17, len(nodes), 2)


def test_a_model_that_diverged_is_not_exported(tmp_path: Path, model):
    with torch.no_grad():
        model.head.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="not a number"):
        export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    assert not list(tmp_path.iterdir())


def test_nothing_but_the_model_and_its_check_is_written(tmp_path: Path, model):
    export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    assert {path.name for path in tmp_path.iterdir()} == {"tiny.onnx", "tiny.check.npz"}


def test_equal_weights_give_equal_files(tmp_path: Path, model):
    first = export_model(model, tmp_path / "a.onnx", IDENTITY).model
    second = export_model(model, tmp_path / "b.onnx", IDENTITY).model
    assert first.sha256 == second.sha256


def test_a_graph_that_differs_from_torch_is_not_put_in_place(tmp_path: Path, model, monkeypatch):
    plain = export_module.to_onnx

    def spoiled(network: SpotFormer) -> onnx.ModelProto:
        graph = plain(network)
        weight = max(graph.graph.initializer, key=lambda tensor: len(tensor.raw_data))
        weight.raw_data = bytes(len(weight.raw_data))
        return graph

    monkeypatch.setattr(export_module, "to_onnx", spoiled)
    with pytest.raises(ModelError, match="differs from torch"):
        export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    assert not list(tmp_path.iterdir())


TINY_RUN = (
    *("--data", "simulated", "--seed", "3", "--threads", "1"),
    *("--set", "model.width=8", "--set", "model.heads=2", "--set", "model.mlp_width=8"),
    *("--set", "training.epochs=1", "--set", "training.steps_per_epoch=2"),
    *("--set", "training.segments=2", "--set", "training.pool_records=2"),
)


def test_a_run_goes_from_the_train_command_to_a_model_file(tmp_path: Path):
    run = tmp_path / "run"
    save_record(tmp_path / "held_out" / "a.npz", make_record(60, ()))
    arguments = [*TINY_RUN, "--out", str(run), "--validate", str(tmp_path / "held_out")]
    trained = CliRunner().invoke(train, arguments, catch_exceptions=False)
    assert trained.exit_code == 0
    assert trained.stdout.strip() == str(run)
    metrics = json.loads((run / "metrics.jsonl").read_text(encoding="utf-8"))
    assert set(metrics) >= {"total", "val_f1", "val_f1_micro", "val_f1_macro"}

    rules = tmp_path / "decoder.toml"
    rules.write_text("nms_iou = 0.25\n[micro]\napex_threshold = 0.4\n", encoding="utf-8")
    out = tmp_path / "model.onnx"
    arguments = [str(run), "--out", str(out), "--decoder", str(rules), "--json"]
    exported = CliRunner().invoke(export, arguments, catch_exceptions=False)
    assert exported.exit_code == 0
    assert json.loads(exported.stdout)["largest_difference_from_torch"] < 1e-4
    manifest = read_model(out).manifest
    assert manifest.name == "run"
    assert manifest.training["seed"] == 3
    assert manifest.training["epochs_done"] == 1
    decoder = DecoderRules.from_model(manifest.decoder, manifest.name)
    assert (decoder.nms_iou, decoder.micro.apex_threshold) == (0.25, 0.4)
    assert str(tmp_path) not in manifest.to_json()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{}/none", "--out", "{}/m.onnx"], "not a run folder"),
        (["{}/run", "--out", "{}/m.bin"], "must end in .onnx"),
        (["{}/run", "--out", "{}/m.onnx"], "no readable weights"),
        (["{}/run", "--out", "{}/m.onnx", "--decoder", "{}/bad.toml"], "no rule apex"),
        (["{}/run", "--out", "{}/m.onnx", "--metrics", "{}/bad.toml"], "not readable JSON"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(tmp_path: Path, arguments, said):
    (tmp_path / "run").mkdir()
    config = {"method": "spotformer", "model": {"width": 8, "heads": 2}}
    (tmp_path / "run" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (tmp_path / "bad.toml").write_text("apex = 1\n", encoding="utf-8")
    result = CliRunner().invoke(export, [a.format(tmp_path) for a in arguments])
    assert isinstance(result.exception, FesError)
    assert said in str(result.exception)
    assert "\n" not in str(result.exception)
    assert not (tmp_path / "m.onnx").exists()

"""Networks of snippets as model files."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engines.contracts import InputContract, SnippetContract
from engines.decoding import DecoderRules, SnippetRules, decode
from engines.errors import ModelError
from engines.intervals import Kind
from engines.model_file import read_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.scores import Scores
from engines.selfcheck import verify
from engines.stored_check import as_stored, read_check
from offline.check_snippets import check_rows, snippet_check, steady
from offline.export import Identity, export_model, make_check
from offline.mcwes.config import SnippetInputs, SnippetModel, SnippetNetworkConfig
from offline.mcwes.network import McWesNetwork, SnippetNetwork
from realtime.live import LiveOptions, load
from realtime.snippets.pooling import SNIPPET_FEATURES
from realtime.types import NODES

IDENTITY = Identity("tiny", 96.0, "rigid", decoder=SnippetRules(score_floor=0.2).to_dict())
MODEL = SnippetModel(embedding=8, attention_width=8, fused_width=16)
INPUTS = {
    "sw-mro": SnippetInputs("sw-mro", 8, 30.0, SNIPPET_FEATURES),
    "i3d": SnippetInputs("i3d", 32, 200.0, 12),
    "i3d-random-5": SnippetInputs("i3d-random-5", 8, 30.0, 12),
}


def network(source: str) -> SnippetNetwork:
    torch.manual_seed(0)
    return McWesNetwork(SnippetNetworkConfig(INPUTS[source], MODEL)).eval()


@pytest.mark.parametrize("source", sorted(INPUTS))
def test_the_exported_file_answers_as_torch_for_videos_of_any_length(
    tmp_path: Path, source: str
) -> None:
    model = network(source)
    exported = export_model(model, tmp_path / "tiny.onnx", IDENTITY)
    contract = exported.model.manifest.input
    assert isinstance(contract, SnippetContract)
    assert contract.source == source
    assert contract.ticks_per_row == pytest.approx(INPUTS[source].ticks)
    with OnnxRuntimeBackend(read_model(exported.model.path)) as backend:
        for count in (1, 2, 33, 300):
            rng = np.random.default_rng(count)
            snippets = rng.normal(size=(count, *contract.row)).astype(np.float32)
            got = backend.run(snippets)
            with torch.no_grad():
                wanted = model.probabilities(torch.from_numpy(snippets))
            for name, vector in wanted.items():
                np.testing.assert_allclose(got.values[name], vector.numpy(), atol=1e-5)
        assert verify(backend, read_check(exported.model)).windows > 64
    if source == "sw-mro":
        require_taken_live(exported.model.path)


def require_taken_live(path: Path) -> None:
    """A model of pooled windows says which windows, and those are the pipeline's."""
    model, backend = load(LiveOptions(model=path, backend="onnxruntime"))
    backend.close()
    contract = model.manifest.input
    assert isinstance(contract, SnippetContract)
    assert isinstance(contract.windows, InputContract)
    assert (contract.windows.nodes, contract.windows.eye_distance_px) == (NODES, 96.0)


def test_rules_of_another_method_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="a network of mc-wes does not go with these decoder"):
        make_check(network("i3d"), DecoderRules(), IDENTITY)


def loud(snippets: np.ndarray) -> Scores:
    """Scores that follow how loud each snippet is."""
    level = np.abs(snippets).mean(axis=(1, 2), dtype=np.float64)
    values = (level / (1 + level), level, level, -level)
    names = ("attention", "micro", "macro", "background")
    return Scores({n: v.astype(np.float32) for n, v in zip(names, values, strict=True)})


def test_the_sequence_holds_expressions_of_both_kinds_that_do_not_hang_on_last_bits() -> None:
    contract = SnippetContract("i3d", 12, 8, 30.0, 1)
    rules = SnippetRules(first_top=10, tops=2, video_weight=0.0)
    check = snippet_check(loud, contract, rules)
    events = decode(loud(check.sequence).values, rules, ticks_per_row=8.0)
    assert {event.kind for event in events} == set(Kind)
    assert steady(check.sequence_expected, rules, 8.0)
    np.testing.assert_array_equal(as_stored(check.sequence), check.sequence)
    assert check.ticks_per_row == 8.0
    assert (check.sequence >= 0).all()


def test_scores_that_hang_on_their_last_bits_are_not_steady() -> None:
    flat = np.full(60, 0.5, np.float32)
    scores = Scores({"attention": flat, "micro": flat, "macro": flat, "background": flat})
    assert not steady(scores, SnippetRules(video_weight=1.0), 8.0)


def test_the_first_set_is_of_all_sizes() -> None:
    rows = check_rows(SnippetContract("i3d", 1000, 8, 30.0, 1))
    assert rows.shape == (64, 2, 1000)
    assert (rows >= 0).all()
    sizes = np.sqrt((rows.astype(float) ** 2).mean(axis=(1, 2)))
    np.testing.assert_allclose(sizes, np.geomspace(0.01, 5, 64), rtol=0.1)

"""From a training run to one ONNX file with its manifest inside."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from engines.contracts import SW_MRO
from engines.decoding import DecoderRules, Rules, SnippetRules
from engines.decoding.choice import RULES
from engines.errors import ModelError
from engines.manifest import Alignment, Contract, InputContract, Manifest, SnippetContract
from engines.model_file import ModelFile, write_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.scores import Scores
from engines.selfcheck import verify
from engines.stored_check import StoredCheck, write_check
from offline.check_sequence import check_sequence
from offline.check_snippets import snippet_check
from offline.mcwes.network import SnippetNetwork
from offline.methods.network import SpottingNetwork
from offline.methods.registry import to_onnx
from offline.spotformer.network import WindowNetwork
from realtime.snippets.contract import SNIPPETS_VERSION
from realtime.types import FEATURES_VERSION, NODES, RATE_HZ, WINDOW

CHECK_WINDOWS: Final = 64
_CHECK_SEED: Final = 20


@dataclass(frozen=True, slots=True)
class Identity:
    """What a model file says about itself beyond its network.

    Attributes
    ----------
    name, version, licence
        Of the model.
    eye_distance_px, alignment
        Of the features that it was trained on.
    decoder, training, metrics
        Tables for the manifest; see :class:`engines.manifest.Manifest`.
    """

    name: str
    eye_distance_px: float
    alignment: Alignment
    version: str = "1.0.0"
    licence: str = "MIT"
    decoder: Mapping[str, object] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exported:
    """A written model and its largest difference from torch, in probability."""

    model: ModelFile
    check: Path
    difference: float


def export_model(model: SpottingNetwork, out: Path, identity: Identity) -> Exported:
    """Write a model file and its check, once ONNX Runtime agrees with torch.

    Parameters
    ----------
    model
        Trained network.
    out
        The ``.onnx`` file; the check lies beside it.
    identity
        What the manifest says.

    Raises
    ------
    ModelError
        If the exported graph is refused by the loader or answers otherwise than torch; nothing
        is put in place then.
    """
    graph = to_onnx(model)
    rules = RULES.get(model.method, DecoderRules).from_model(identity.decoder, identity.name)
    check = make_check(model, rules, identity)
    draft = out.with_name(f".{out.stem}.draft.onnx")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        written = write_model(draft, graph, make_manifest(model, identity))
        difference = _difference(written, check, out)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    placed = dataclasses.replace(written, path=out)
    return Exported(placed, write_check(placed, check), difference)


def make_manifest(model: SpottingNetwork, identity: Identity) -> Manifest:
    """Return the manifest of a network; the hash of its weights is filled in when written."""
    return Manifest(
        name=identity.name,
        version=identity.version,
        method=model.method,
        licence=identity.licence,
        input=make_contract(model, identity),
        outputs=model.score_names,
        decoder=identity.decoder,
        training=identity.training,
        metrics=identity.metrics,
    )


def make_contract(model: SpottingNetwork, identity: Identity) -> Contract:
    """Return what a network reads, as its manifest says it.

    Raises
    ------
    ModelError
        If it is a network of neither windows nor snippets.
    """
    if isinstance(model, WindowNetwork):
        return _window_contract(model.inputs.window, model.inputs.nodes, identity)
    if not isinstance(model, SnippetNetwork):
        raise ModelError(f"a network of {model.method} cannot be exported")
    return _snippet_contract(model, identity)


def _snippet_contract(model: SnippetNetwork, identity: Identity) -> SnippetContract:
    inputs = model.inputs
    pooled = inputs.source == SW_MRO
    return SnippetContract(
        source=inputs.source,
        features=inputs.features,
        frames=inputs.frames,
        rate_hz=float(inputs.rate_hz),
        extractor=SNIPPETS_VERSION,
        windows=_window_contract(WINDOW, NODES, identity) if pooled else None,
    )


def _window_contract(window: int, nodes: tuple[str, ...], identity: Identity) -> InputContract:
    return InputContract(
        window=window,
        rate_hz=float(RATE_HZ),
        nodes=nodes,
        eye_distance_px=identity.eye_distance_px,
        alignment=identity.alignment,
        extractor=FEATURES_VERSION,
    )


def make_check(model: SpottingNetwork, rules: Rules, identity: Identity) -> StoredCheck:
    """Return what any backend must answer: torch's answers, those of the values as stored.

    Raises
    ------
    ModelError
        If the rules are not of the network's method.
    """

    def answers(inputs: NDArray[np.float32]) -> Scores:
        return _answers(model, inputs)

    if isinstance(model, SnippetNetwork) and isinstance(rules, SnippetRules):
        contract = _snippet_contract(model, identity)
        return snippet_check(answers, contract, rules)
    if not isinstance(model, WindowNetwork):
        raise ModelError(f"a network of {model.method} does not go with these decoder rules")
    windows = check_windows(model)
    sequence, expected = check_sequence(answers, model.inputs.node_indices, rules)
    return StoredCheck(windows, answers(windows), sequence, expected, rules)


def check_windows(model: WindowNetwork) -> NDArray[np.float32]:
    """Return windows (64, 17, K, 2) of motions from a hundredth of a pixel to ten, px."""
    rng = np.random.default_rng(_CHECK_SEED)
    shape = (CHECK_WINDOWS, model.inputs.window, len(model.inputs.nodes), 2)
    sizes = np.geomspace(0.01, 10.0, CHECK_WINDOWS).reshape(-1, 1, 1, 1)
    steps = rng.normal(size=shape)
    steps[:, 0] = 0.0
    windows = sizes * np.cumsum(steps, axis=1) / model.inputs.window**0.5
    return np.asarray(windows, np.float32)


@torch.no_grad()
def _answers(model: SpottingNetwork, inputs: NDArray[np.float32]) -> Scores:
    reference = model.eval().probabilities(torch.from_numpy(inputs))
    scores = Scores({name: vector.numpy().copy() for name, vector in reference.items()})
    if not all(np.isfinite(vector).all() for vector in scores.values.values()):
        raise ModelError("the network answers with what is not a number; train it again")
    return scores


def _difference(written: ModelFile, check: StoredCheck, out: Path) -> float:
    """Return the largest difference of a probability between ONNX Runtime and torch."""
    try:
        with OnnxRuntimeBackend(written) as backend:
            return verify(backend, check).worst.absolute
    except ModelError as error:
        raise ModelError(f"{out}: differs from torch; not written: {error}") from error

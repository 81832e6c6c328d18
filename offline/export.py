"""From a training run to one ONNX file with its manifest inside."""

import dataclasses
import tempfile
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engines.errors import ModelError
from engines.manifest import Alignment, InputContract, Manifest
from engines.model_file import ModelFile, write_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.scores import Scores
from engines.selfcheck import TOLERANCE, write_check
from offline.spotformer.folding import fold_norms
from offline.spotformer.model import SCORE_NAMES, SpotFormer
from realtime.types import RATE_HZ

OPSET: Final = 17
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


def export_model(model: SpotFormer, out: Path, identity: Identity) -> Exported:
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
    inputs = check_windows(model)
    expected = _answers(model, inputs)
    draft = out.with_name(f".{out.stem}.draft.onnx")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        written = write_model(draft, graph, make_manifest(model, identity))
        difference = _difference(written, inputs, expected)
        if not difference <= TOLERANCE:
            raise ModelError(
                f"{out}: ONNX Runtime differs from torch by {difference:.2g} (at most "
                f"{TOLERANCE:.2g}); not written"
            )
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    placed = dataclasses.replace(written, path=out)
    return Exported(placed, write_check(placed, inputs, expected), difference)


def to_onnx(model: SpotFormer) -> onnx.ModelProto:
    """Return the inference graph: ``windows`` (N, 17, K, 2) in, one (N,) per score out."""
    network = _Probabilities(fold_norms(model)).eval()
    example = torch.from_numpy(check_windows(model)[:2])
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        path = Path(folder) / "graph.onnx"
        # Sizes other than the batch are meant to become constants.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            (example,),
            path,
            input_names=["windows"],
            output_names=list(SCORE_NAMES),
            dynamic_axes={name: {0: "N"} for name in ("windows", *SCORE_NAMES)},
            opset_version=OPSET,
            dynamo=False,
        )
        return onnx.load_model_from_string(path.read_bytes())


def make_manifest(model: SpotFormer, identity: Identity) -> Manifest:
    """Return the manifest of a network; the hash of its weights is filled in when written."""
    contract = InputContract(
        window=model.config.window,
        rate_hz=float(RATE_HZ),
        nodes=model.config.nodes,
        eye_distance_px=identity.eye_distance_px,
        alignment=identity.alignment,
    )
    return Manifest(
        name=identity.name,
        version=identity.version,
        method="spotformer",
        licence=identity.licence,
        input=contract,
        outputs=SCORE_NAMES,
        decoder=identity.decoder,
        training=identity.training,
        metrics=identity.metrics,
    )


def check_windows(model: SpotFormer) -> NDArray[np.float32]:
    """Return windows (64, 17, K, 2) of motions from a hundredth of a pixel to ten, px."""
    rng = np.random.default_rng(_CHECK_SEED)
    shape = (CHECK_WINDOWS, model.config.window, len(model.config.nodes), 2)
    sizes = np.geomspace(0.01, 10.0, CHECK_WINDOWS).reshape(-1, 1, 1, 1)
    steps = rng.normal(size=shape)
    steps[:, 0] = 0.0
    windows = sizes * np.cumsum(steps, axis=1) / model.config.window**0.5
    return np.asarray(windows, np.float32)


class _Probabilities(nn.Module):
    """A network that answers with one vector per score, in the manifest's order."""

    def __init__(self, model: SpotFormer) -> None:
        super().__init__()
        self.model = model

    def forward(self, windows: Tensor) -> tuple[Tensor, ...]:
        scores = self.model(windows).probabilities()
        return tuple(scores[name] for name in SCORE_NAMES)


@torch.no_grad()
def _answers(model: SpotFormer, inputs: NDArray[np.float32]) -> Scores:
    reference = model.eval()(torch.from_numpy(inputs)).probabilities()
    return Scores({name: vector.numpy().copy() for name, vector in reference.items()})


def _difference(written: ModelFile, inputs: NDArray[np.float32], expected: Scores) -> float:
    with OnnxRuntimeBackend(written) as backend:
        got = backend.run(inputs)
    return max(float(np.abs(got.values[n] - v).max()) for n, v in expected.values.items())

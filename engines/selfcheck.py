"""Stored inputs and expected outputs beside a model, and a backend's agreement with them."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.backend import Backend, Windows
from engines.errors import ModelError
from engines.model_file import ModelFile
from engines.scores import Scores

TOLERANCE: Final = 1e-4
"""Largest accepted difference of a probability between float32 backends."""

MAX_BYTES: Final = 64 * 1024 * 1024
WEIGHTS: Final = "weights_sha256"
WINDOWS: Final = "windows"


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """What a model is expected to answer.

    Attributes
    ----------
    windows
        float32 (N, window, nodes, 2).
    expected
        One vector (N,) per output name.
    """

    windows: Windows
    expected: Scores


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a backend's answers are from the stored ones.

    Attributes
    ----------
    windows
        Number of windows compared.
    differences
        Largest absolute difference per output name.
    """

    windows: int
    differences: dict[str, float]

    @property
    def worst(self) -> float:
        """Largest absolute difference of all outputs."""
        # unlike max(), this never overlooks a difference that is not a number
        return float(np.max(list(self.differences.values())))


def check_path(model: Path) -> Path:
    """Return where a model's check is stored: ``spotformer.onnx`` has ``spotformer.check.npz``."""
    return model.with_suffix(".check.npz")


def write_check(model: ModelFile, inputs: Windows, outputs: Scores) -> Path:
    """Store inputs and expected outputs beside a model.

    Parameters
    ----------
    model
        The model; its hash of weights is stored too.
    inputs
        float32 (N, window, nodes, 2).
    outputs
        What the reference implementation answers, one vector (N,) per output of the manifest.

    Raises
    ------
    ValueError
        If the outputs are not the manifest's, or not one per window.
    """
    if set(outputs.values) != set(model.manifest.outputs) or len(outputs) != len(inputs):
        raise ValueError(f"a check needs {len(inputs)} values of each of {model.manifest.outputs}")
    path = check_path(model.path)
    weights = np.array(model.manifest.weights_sha256)
    arrays = {f"output_{name}": vector for name, vector in outputs.values.items()}
    np.savez(path, **{WINDOWS: inputs, WEIGHTS: weights}, **arrays)
    return path


def read_check(model: ModelFile) -> StoredCheck:
    """Read a model's stored check; no pickle is ever loaded.

    Raises
    ------
    ModelError
        If there is none, it is damaged, or it belongs to other weights.
    """
    path = check_path(model.path)
    if not path.is_file():
        raise ModelError(f"model {model.path}: has no stored outputs at {path}; export it again")
    arrays = _read_arrays(path)
    try:
        if str(arrays[WEIGHTS]) != model.manifest.weights_sha256:
            raise ModelError(f"check {path}: belongs to other weights; export the model again")
        expected = {name: arrays[f"output_{name}"] for name in model.manifest.outputs}
        return StoredCheck(arrays[WINDOWS], Scores(expected))
    except (KeyError, ValueError) as error:
        raise ModelError(f"check {path}: lacks or mixes arrays: {error}") from error


def verify(backend: Backend, check: StoredCheck, tolerance: float = TOLERANCE) -> Agreement:
    """Run the stored inputs and compare.

    Parameters
    ----------
    backend
        What to verify.
    check
        What to expect.
    tolerance
        Largest accepted absolute difference of a probability.

    Raises
    ------
    ModelError
        If the inputs do not fit the model or an answer differs by more than the tolerance.
    """
    try:
        got = backend.run(check.windows)
    except ValueError as error:
        raise ModelError(f"the stored check does not fit the model: {error}") from error
    differences = {
        name: float(np.abs(got.values[name] - expected).max())
        for name, expected in check.expected.values.items()
    }
    agreement = Agreement(len(check.windows), differences)
    # a comparison that also fails for a stored value that is not a number
    if not agreement.worst <= tolerance:
        name = list(differences)[int(np.argmax(list(differences.values())))]
        raise ModelError(
            f"backend {backend.name}: output {name!r} differs from the stored one by "
            f"{differences[name]:.3g}, more than {tolerance:.3g}; do not use it for this model"
        )
    return agreement


def _read_arrays(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise ModelError(f"check {path}: {size} bytes is above the limit of {MAX_BYTES}")
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(f"check {path}: cannot be read: {error}") from error

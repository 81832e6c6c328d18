"""Inputs and expected outputs stored beside a model: ``spotformer.check.npz``.

Of a model of snippets the first set is cut into videos of 1, 2, 5 and 32 snippets, and the
sequence is one video.

Two sets: windows of motions of all sizes, and a sequence, the windows of consecutive ticks, whose
scores decode to expressions. The sequence is stored in half precision, to be small, and run in
single precision; its expected outputs are those of the values as stored.
"""

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.backend import Windows
from engines.decoding import Rules, SnippetRules, read_rules
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.model_file import ModelFile
from engines.scores import Scores

MAX_BYTES: Final = 64 * 1024 * 1024
GRAPH: Final = "graph_sha256"
WINDOWS: Final = "windows"
SEQUENCE: Final = "sequence"
OUTPUT: Final = "output"
DAMAGES: Final = (
    OSError,
    ValueError,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged archive raises, or one whose sizes were made up."""


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """What a model is expected to answer.

    Attributes
    ----------
    windows
        float32 (N, window, nodes, 2), px, motions of all sizes; or (N, 2, D), snippets.
    expected
        One vector (N,) per output name.
    sequence
        float32 (T, window, nodes, 2), px, the windows of consecutive ticks; or (T, 2, D), the
        snippets of a video.
    sequence_expected
        One vector (T,) per output name.
    rules
        The model's decoder, which finds expressions in the sequence's scores.
    ticks_per_row
        Ticks from one row of the sequence to the next.
    """

    windows: Windows
    expected: Scores
    sequence: Windows
    sequence_expected: Scores
    rules: Rules
    ticks_per_row: float = 1.0

    @property
    def joint(self) -> bool:
        """Whether the rows of one call depend on each other."""
        return isinstance(self.rules, SnippetRules)


def check_path(model: Path) -> Path:
    """Return where a model's check is stored: ``spotformer.onnx`` has ``spotformer.check.npz``."""
    return model.with_suffix(".check.npz")


def as_stored(sequence: Windows) -> Windows:
    """Return a sequence with the values that remain of it once stored, float32."""
    return sequence.astype(np.float16).astype(np.float32)


def write_check(model: ModelFile, check: StoredCheck) -> Path:
    """Store inputs and expected outputs beside a model.

    Parameters
    ----------
    model
        The model; the hash of its graph is stored too. Its manifest holds the decoder's rules.
    check
        Inputs, and what the reference implementation answers to them; the sequence holds values
        of :func:`as_stored`.

    Raises
    ------
    ValueError
        If outputs are not the manifest's or not one per window, or the sequence holds values
        that half precision does not.
    """
    _require_complete(model.manifest, check.windows, check.expected)
    _require_complete(model.manifest, check.sequence, check.sequence_expected)
    if not np.array_equal(as_stored(check.sequence), check.sequence):
        raise ValueError("the sequence must hold what remains of it once stored; see as_stored")
    arrays: dict[str, NDArray[np.generic]] = {
        GRAPH: np.array(model.manifest.graph_sha256),
        WINDOWS: check.windows,
        SEQUENCE: check.sequence.astype(np.float16),
    }
    arrays |= {f"{OUTPUT}_{name}": v for name, v in check.expected.values.items()}
    arrays |= {f"{SEQUENCE}_{name}": v for name, v in check.sequence_expected.values.items()}
    path = check_path(model.path)
    draft = path.with_name(f".{path.name}.part.npz")
    try:
        np.savez_compressed(draft, **arrays)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def read_check(model: ModelFile) -> StoredCheck:
    """Read a model's stored check; no pickle is ever loaded.

    Raises
    ------
    ModelError
        If there is none, it is damaged, of an earlier layout, or it belongs to another graph, or
        if the model's decoder cannot be used.
    """
    path = check_path(model.path)
    if not path.is_file():
        raise ModelError(f"model {model.path}: has no stored outputs at {path}; export it again")
    rules = read_rules(model.manifest)
    arrays = _read_arrays(path)
    try:
        if str(arrays[GRAPH]) != model.manifest.graph_sha256:
            raise ModelError(f"check {path}: belongs to another graph; export the model again")
        names = model.manifest.outputs
        return StoredCheck(
            windows=arrays[WINDOWS].astype(np.float32, casting="same_kind"),
            expected=_scores(arrays, OUTPUT, names),
            sequence=arrays[SEQUENCE].astype(np.float32, casting="same_kind"),
            sequence_expected=_scores(arrays, SEQUENCE, names),
            rules=rules,
            ticks_per_row=model.manifest.input.ticks_per_row,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"check {path}: lacks or mixes arrays: {error}; export the model again"
        ) from error


def _require_complete(manifest: Manifest, inputs: Windows, outputs: Scores) -> None:
    if set(outputs.values) != set(manifest.outputs) or len(outputs) != len(inputs):
        raise ValueError(f"a check needs {len(inputs)} values of each of {manifest.outputs}")


def _scores(
    arrays: Mapping[str, NDArray[np.generic]], prefix: str, names: tuple[str, ...]
) -> Scores:
    vectors = {name: arrays[f"{prefix}_{name}"] for name in names}
    return Scores({name: v.astype(np.float32, casting="no") for name, v in vectors.items()})


def _read_arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise ModelError(f"check {path}: {size} bytes is above the limit of {MAX_BYTES}")
        with np.load(path, allow_pickle=False) as stored:
            return dict(stored)
    except DAMAGES as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ModelError(f"check {path}: cannot be read: {reason}") from error

"""Model files: one ONNX file that carries its manifest in its own metadata.

A file is refused, with the reason, before any backend sees it: when it is too large, is not
ONNX, refers to other files, uses operators beyond the standard set, has no manifest, one that
this version cannot honour, or weights that are not the manifest's.
"""

import hashlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from onnx import numpy_helper

from engines.errors import ModelError
from engines.graph import require_interface, require_safe
from engines.manifest import MANIFEST_KEY, Manifest

MAX_BYTES: Final = 256 * 1024 * 1024
"""A larger file is refused before it is read."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model file that passed every check.

    Attributes
    ----------
    path
        Where it was read from.
    manifest
        What it says about itself.
    content
        The file's bytes, exactly those that were checked.
    """

    path: Path
    manifest: Manifest
    content: bytes

    @property
    def sha256(self) -> str:
        """Hash of the whole file, hexadecimal; the key under which built plans are kept."""
        return hashlib.sha256(self.content).hexdigest()


def read_model(path: Path | str) -> ModelFile:
    """Read and check a model file.

    Parameters
    ----------
    path
        An ONNX file.

    Raises
    ------
    ModelError
        If the file cannot be used; the text says why.
    """
    path = Path(path)
    content = _read_bytes(path)
    where = f"model {path}"
    model = _parse(content, where)
    require_safe(model, where)
    manifest = Manifest.from_json(_manifest_text(model, where), where)
    require_interface(model, manifest, where)
    if _hash_weights(model, where) != manifest.weights_sha256:
        raise ModelError(f"{where}: its weights are not those of its manifest; get the file again")
    return ModelFile(path, manifest, content)


def attach_manifest(model: onnx.ModelProto, manifest: Manifest) -> Manifest:
    """Store a manifest in an ONNX model, with the hash of the model's weights filled in.

    Parameters
    ----------
    model
        Changed in place: an earlier manifest is replaced.
    manifest
        What to store.

    Returns
    -------
    Manifest
        As stored.
    """
    stored = replace(manifest, weights_sha256=hash_weights(model))
    others = [p for p in model.metadata_props if p.key != MANIFEST_KEY]
    del model.metadata_props[:]
    model.metadata_props.extend(others)
    model.metadata_props.add(key=MANIFEST_KEY, value=stored.to_json())
    return stored


def write_model(path: Path | str, model: onnx.ModelProto, manifest: Manifest) -> ModelFile:
    """Write a model with its manifest; nothing is left behind that could not be read again.

    Raises
    ------
    ModelError
        If :func:`read_model` would refuse the result.
    """
    path = Path(path)
    attach_manifest(model, manifest)
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(model.SerializeToString())
    try:
        written = read_model(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return replace(written, path=path)


def hash_weights(model: onnx.ModelProto) -> str:
    """Return the SHA-256 over the graph's initialisers, hexadecimal.

    Each in the order of its name: name, data type, shape, and values in little-endian C order,
    every part with its length in front.
    """
    digest = hashlib.sha256()
    for tensor in sorted(model.graph.initializer, key=lambda t: t.name):
        values = numpy_helper.to_array(tensor)
        little = values if sys.byteorder == "little" else values.byteswap()
        head = f"{tensor.data_type}:{','.join(map(str, tensor.dims))}"
        for part in (tensor.name.encode(), head.encode(), little.tobytes()):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()


def _hash_weights(model: onnx.ModelProto, where: str) -> str:
    try:
        return hash_weights(model)
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise ModelError(f"{where}: a weight is damaged: {reason}") from error


def _read_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise ModelError(f"model {path}: no such file; give the path of an ONNX file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelError(f"model {path}: {size} bytes is above the limit of {MAX_BYTES}")
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"model {path}: cannot be read: {error.strerror}") from error


def _parse(content: bytes, where: str) -> onnx.ModelProto:
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise ModelError(f"{where}: not an ONNX file, or a damaged one") from error
    # arbitrary bytes can be a valid, empty message
    if not model.graph.node:
        raise ModelError(f"{where}: not an ONNX file, or one with an empty graph")
    return model


def _manifest_text(model: onnx.ModelProto, where: str) -> str:
    found = [p.value for p in model.metadata_props if p.key == MANIFEST_KEY]
    if len(found) != 1:
        raise ModelError(
            f"{where}: has {len(found)} manifests under {MANIFEST_KEY!r} instead of one; "
            "use a model exported by fes-offline"
        )
    return str(found[0])

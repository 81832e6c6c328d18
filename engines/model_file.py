"""Model files: one ONNX file that carries its manifest in its own metadata.

A file is refused, with the reason, before any backend sees it: when it is too large, is not
ONNX, refers to other files, uses operators beyond those allowed, asks for more memory or work than
a network of this kind takes, has no manifest, one that this version cannot honour, or weights or a
graph that are not the manifest's. The hashes find damage and mixed-up files; they prove nothing
about who made the model.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from engines.errors import ModelError
from engines.files import read_regular
from engines.graph import require_interface, require_safe
from engines.hashes import hash_graph, hash_weights
from engines.limits import require_bounded
from engines.manifest import MANIFEST_KEY, Manifest
from engines.text import one_line
from engines.wire import require_few_parts

MAX_BYTES: Final = 256 * 1024 * 1024
"""A larger file is refused before it is read; SpotFormer's network takes 13 MB, MC-WES's, of two
streams of 1024 features, 136."""

_RUNTIME_FORMAT: Final = (4, b"ORTM")
"""Where, and by what, ONNX Runtime knows a file of its own format, which it then reads instead."""


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
    where = f"model {one_line(path, 1000)}"
    content = read_regular(path, MAX_BYTES, where)
    model = _parse(content, where)
    require_safe(model, where)
    manifest = Manifest.from_json(_manifest_text(model, where), where)
    require_interface(model, manifest, where)
    if hash_weights(model) != manifest.weights_sha256:
        raise ModelError(f"{where}: its weights are not those of its manifest; get the file again")
    if hash_graph(model) != manifest.graph_sha256:
        raise ModelError(f"{where}: its graph is not that of its manifest; get the file again")
    require_bounded(model, where, joint=manifest.input.joint)
    return ModelFile(path, manifest, content)


def attach_manifest(model: onnx.ModelProto, manifest: Manifest) -> Manifest:
    """Store a manifest in an ONNX model, with the model's hashes filled in.

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
    stored = replace(manifest, weights_sha256=hash_weights(model), graph_sha256=hash_graph(model))
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
    try:
        draft.write_bytes(model.SerializeToString())
        written = read_model(draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return replace(written, path=path)


def _parse(content: bytes, where: str) -> onnx.ModelProto:
    at, mark = _RUNTIME_FORMAT
    if content[at : at + len(mark)] == mark:
        raise ModelError(f"{where}: is in ONNX Runtime's own format; give an ONNX file")
    require_few_parts(content, where)
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

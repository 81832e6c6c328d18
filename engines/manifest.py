"""What a model file says about itself, kept inside the file."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Final, Self

from engines.contracts import Alignment, Contract, InputContract, SnippetContract, read_contract
from engines.errors import ModelError
from engines.strict import Table, read_json
from engines.text import shown

__all__ = [
    "MANIFEST_KEY",
    "SCHEMA",
    "UNHASHED",
    "Alignment",
    "Contract",
    "InputContract",
    "Manifest",
    "SnippetContract",
    "require_contract",
    "require_windows",
    "windows_of",
]

SCHEMA: Final = 2
"""Version of the manifest's own layout; another one is refused."""

MANIFEST_KEY: Final = "fes.manifest"
"""Key of the manifest's JSON text in the ONNX file's ``metadata_props``."""

UNHASHED: Final = "0" * 64
"""Stands for a hash until the manifest is attached to a model."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Identity, contract and provenance of one model.

    Attributes
    ----------
    name, version, method, licence
        What it is, and under which terms it may be used.
    input
        What it expects.
    outputs
        Names of its outputs, in the graph's order.
    decoder
        Rules that turn its outputs into expressions; read by ``engines.decoding``.
    training, metrics
        What it was trained on, and how well it did; free JSON.
    weights_sha256
        Hash over the graph's initialisers, see :func:`engines.hashes.hash_weights`.
    graph_sha256
        Hash over all that is computed, weights included, see :func:`engines.hashes.hash_graph`.
    schema
        Version of this layout.
    """

    name: str
    version: str
    method: str
    licence: str
    input: Contract
    outputs: tuple[str, ...]
    decoder: Mapping[str, object] = field(default_factory=dict)
    training: Mapping[str, object] = field(default_factory=dict)
    metrics: Mapping[str, object] = field(default_factory=dict)
    weights_sha256: str = UNHASHED
    graph_sha256: str = UNHASHED
    schema: int = SCHEMA

    def to_dict(self) -> dict[str, object]:
        """Return the manifest as a JSON-ready dictionary."""
        return asdict(self)

    def to_json(self) -> str:
        """Return the manifest as JSON text.

        Raises
        ------
        ValueError
            If a table holds what JSON cannot: another type, or a number that is not finite.
        """
        try:
            return json.dumps(self.to_dict(), sort_keys=True, allow_nan=False)
        except TypeError as error:
            raise ValueError(f"manifest of {self.name}: {error}") from error

    @classmethod
    def from_json(cls, text: str, where: str = "manifest") -> Self:
        """Read a manifest; every key must be known, present and of the right type.

        Parameters
        ----------
        text
            JSON.
        where
            How errors name it, such as the file's path.

        Raises
        ------
        ModelError
            If the text is not a manifest that this version can honour.
        """
        return cls._from_data(read_json(text, f"{where}: its manifest"), where)

    @classmethod
    def _from_data(cls, data: object, where: str) -> Self:
        # first, since another layout has other keys
        schema = data.get("schema") if isinstance(data, dict) else None
        if schema != SCHEMA or isinstance(schema, bool):
            raise ModelError(
                f"{where}: manifest schema {shown(schema)} is not supported, this version reads "
                f"{SCHEMA}; export it again"
            )
        table = Table(data, f"{where}: manifest", tuple(f.name for f in fields(cls)))
        return cls(
            schema=table.whole("schema"),
            name=table.text("name"),
            version=table.text("version"),
            method=table.text("method"),
            licence=table.text("licence"),
            input=read_contract(table.raw("input"), f"{where}: manifest input"),
            outputs=table.texts("outputs"),
            decoder=table.table("decoder"),
            training=table.table("training"),
            metrics=table.table("metrics"),
            weights_sha256=_sha256(table, "weights_sha256", where),
            graph_sha256=_sha256(table, "graph_sha256", where),
        )


def windows_of(manifest: Manifest) -> InputContract:
    """Return what a model says of windows: its own input, or what its snippets are pooled from.

    Raises
    ------
    ModelError
        If its snippets are made of frames, which no live pipeline does.
    """
    contract = manifest.input
    if isinstance(contract, InputContract):
        return contract
    if contract.windows is None:
        raise ModelError(
            f"model {manifest.name}: it reads snippets of {contract.source}, which are made from "
            "whole recordings and not in a live pipeline; extract them with fes-offline extract "
            "--source i3d, and give that file to fes-offline spot"
        )
    return contract.windows


def require_windows(manifest: Manifest, what: str) -> InputContract:
    """Return what a model of windows expects.

    Parameters
    ----------
    manifest
        The model's.
    what
        What takes no other, for errors.

    Raises
    ------
    ModelError
        If it reads snippets.
    """
    if isinstance(manifest.input, SnippetContract):
        raise ModelError(
            f"model {manifest.name}: it reads snippets, and {what} takes a model of windows, such "
            "as a SpotFormer's or GIM's"
        )
    return manifest.input


def require_contract(
    manifest: Manifest,
    *,
    window: int,
    rate_hz: float,
    nodes: Collection[str],
    eye_distance_px: float,
    extractor: int,
) -> None:
    """Refuse a model that expects other input than the caller can give.

    Parameters
    ----------
    manifest
        The model's.
    window
        Ticks in the caller's windows.
    rate_hz
        The caller's ticks per second.
    nodes
        Names of all nodes that the caller can compute; a model may use some of them.
    eye_distance_px
        Distance of the outer eye corners on the caller's canonical face, px.
    extractor
        Version of the caller's feature extractor.

    Raises
    ------
    ModelError
        Naming the first difference.
    """
    wanted = windows_of(manifest)
    for what, model, own in (
        ("window", wanted.window, window),
        ("rate_hz", wanted.rate_hz, rate_hz),
        ("eye_distance_px", wanted.eye_distance_px, eye_distance_px),
        ("extractor", wanted.extractor, extractor),
    ):
        if model != own:
            raise ModelError(
                f"model {manifest.name}: its {what} is {model:g}, this pipeline's is {own:g}; "
                "use a model made for it"
            )
    unknown = [node for node in wanted.nodes if node not in nodes]
    if unknown:
        raise ModelError(
            f"model {manifest.name}: this pipeline has no node {', '.join(unknown[:5])}; "
            "use a model made for it"
        )


def _sha256(table: Table, key: str, where: str) -> str:
    text = table.text(key)
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ModelError(f"{where}: manifest {key} is not a SHA-256 in hexadecimal")
    return text

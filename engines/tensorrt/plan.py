"""Plan files: a network compiled by TensorRT, with a side file that says what it is good for.

A plan is handed to TensorRT only after its size and hash were found to be those of its side
file. That protects from damage and from mixed-up files, not from malice: a plan is a program,
as far to be trusted as whoever built it.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import ModelError
from engines.files import read_regular
from engines.manifest import Manifest
from engines.tensorrt.key import BatchRange, PlanKey
from engines.tensorrt.side import Side, read_side, side_path

__all__ = ["MAX_BYTES", "SUFFIX", "BatchRange", "Plan", "PlanKey", "read_plan", "write_plan"]

SUFFIX: Final = ".plan"
MAX_BYTES: Final = 1024**3
"""A larger plan is refused before it is read."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan file that passed every check.

    Attributes
    ----------
    path
        Where it lies.
    key
        What it was built from and for.
    content
        The file's bytes, exactly those that were checked.
    """

    path: Path
    key: PlanKey
    content: bytes


def write_plan(folder: Path, manifest: Manifest, key: PlanKey, content: bytes) -> Plan:
    """Write a plan and its side file, and take away older plans of the same key.

    The same build gives other bytes each time, so the name holds the hash of the content: two
    processes that build one plan at once write two files, each with a side file of its own.
    The side file is put in place first: whoever finds a plan finds both.

    Parameters
    ----------
    folder
        Where to; it is made where absent.
    manifest
        The model's, for its name and version.
    key, content
        What was built.

    Raises
    ------
    ModelError
        If it is too large or cannot be written; nothing is left behind then.
    """
    side = Side(manifest.name, manifest.version, key, _sha256(content), len(content))
    stem = f"{_slug(f'{manifest.name}-{manifest.version}')}-{key.precision}-{key.digest}"
    path = folder / f"{stem}-{side.sha256[:12]}{SUFFIX}"
    if not 0 < len(content) <= MAX_BYTES:
        raise ModelError(f"plan {path}: {len(content)} bytes is not within 1 to {MAX_BYTES}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_pair(path, side, content)
    except OSError as error:
        raise ModelError(
            f"plan {path}: cannot be written: {error.strerror}; name another folder"
        ) from error
    _remove_older(path, folder.glob(f"{stem}-*{SUFFIX}"))
    return Plan(path, key, content)


def read_plan(path: Path | str) -> Plan:
    """Read and check a plan; TensorRT is not involved.

    Raises
    ------
    ModelError
        If the plan or its side file is absent, damaged or too large, or one is not the other's.
    """
    path = Path(path)
    content = read_regular(path, MAX_BYTES, f"plan {path}")
    side = read_side(path)
    if len(content) != side.size:
        raise ModelError(
            f"plan {path}: has {len(content)} bytes instead of {side.size}, as of a broken copy; "
            "build it again"
        )
    if _sha256(content) != side.sha256:
        raise ModelError(f"plan {path}: its hash is not that of its side file; build it again")
    return Plan(path, side.key, content)


def _write_pair(path: Path, side: Side, content: bytes) -> None:
    _write_atomically(side_path(path), side.to_json().encode())
    try:
        _write_atomically(path, content)
    except BaseException:
        if not path.exists():
            side_path(path).unlink(missing_ok=True)
        raise


def _write_atomically(path: Path, content: bytes) -> None:
    # a name of its own: another process may be writing the same file
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
    ) as stream:
        draft = Path(stream.name)
        try:
            stream.write(content)
            stream.close()
            draft.chmod(0o644)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def _remove_older(kept: Path, found: Iterable[Path]) -> None:
    # strictly older ones: two processes must not remove each other's
    for path in found:
        try:
            if path != kept and path.stat().st_mtime_ns < kept.stat().st_mtime_ns:
                path.unlink()
                for companion in path.parent.glob(f"{path.name}.*"):
                    companion.unlink()
        except OSError:  # another process was faster, or has it open
            continue


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:60] or "model"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

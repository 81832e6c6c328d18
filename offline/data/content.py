"""What a video holds, as a hash: the same frames under another name or date have the same one."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from engines.errors import SourceError
from offline.atomic import replace_file
from realtime.sources.folder import SUFFIXES

CACHE: Final = ".content"


def content_hash(path: Path, cache: Path | None = None) -> str:
    """Return the SHA-256 of a video file's bytes, or of a folder's images: names and bytes.

    Parameters
    ----------
    path
        File, or folder of images; what is not an image in it does not count.
    cache
        Folder in which the hash is kept. It is used again as long as no size and no time of
        modification has changed, so that a terabyte is not read twice.

    Raises
    ------
    SourceError
        If the path is missing or unreadable.
    """
    try:
        print_now = fingerprint(path)
        if cache is None:
            return _computed(path)
        if (kept := cached_hash(path, cache, print_now)) is not None:
            return kept
        content = _computed(path)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SourceError(f"cannot read {path}: {reason}") from error
    note = json.dumps({"fingerprint": print_now, "content": content})
    # where nothing can be written, the features will say so
    with suppress(OSError):
        replace_file(_note(path, cache), lambda file: file.write(note.encode()))
    return content


def cached_hash(path: Path, cache: Path, print_now: str | None = None) -> str | None:
    """Return the hash that is kept of a path, or None where there is none that still holds."""
    try:
        note = json.loads(_note(path, cache).read_text("utf-8"))
        now = fingerprint(path) if print_now is None else print_now
        content = note["content"] if note["fingerprint"] == now else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return content if isinstance(content, str) else None


def fingerprint(path: Path) -> str:
    """Return what sizes and times of modification say, without reading any file's content."""
    digest = hashlib.sha256()
    for file in _files(path):
        stat = file.stat()
        digest.update(f"{file.name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def source_bytes(path: Path) -> int:
    """Return the size of a video, bytes; 0 where it cannot be read."""
    try:
        return sum(file.stat().st_size for file in _files(path))
    except OSError:
        return 0


def _computed(path: Path) -> str:
    if not path.is_dir():
        return _file_hash(path)
    digest = hashlib.sha256(b"images\n")
    for file in _files(path):
        digest.update(f"{file.name}\0{file.stat().st_size}\0{_file_hash(file)}\n".encode())
    return digest.hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in SUFFIXES and not file.name.startswith("."):
            yield file


def _note(path: Path, cache: Path) -> Path:
    # a hash, because a path may tell more about a person than a feature file should
    return cache / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]}.json"

"""Kernels that TensorRT-RTX compiles on the machine that runs a plan, kept for the next start."""

import logging
import os
from pathlib import Path
from typing import Final

from engines.tensorrt.api import RuntimeConfig

MAX_BYTES: Final = 256 * 1024 * 1024
"""A larger file is not read."""

log = logging.getLogger(__name__)


class KernelCache:
    """The runtime cache of one plan.

    TensorRT-RTX compiles kernels from a plan when a batch size is first seen; with the cache of
    an earlier start it need not. A file that is damaged, or of another GPU, driver or version,
    is not used: TensorRT checks all of these, and the kernels are compiled anew.

    Parameters
    ----------
    config
        What contexts are made with; it uses the cache from now on.
    path
        The cache's file; it may be absent.
    """

    def __init__(self, config: RuntimeConfig, path: Path) -> None:
        self._path = path
        self._cache = config.create_runtime_cache()
        self._stored = self._load()
        if not config.set_runtime_cache(self._cache):
            log.warning("TensorRT takes no runtime cache: kernels are compiled at every start")

    def save(self) -> None:
        """Write the cache where it changed; what cannot be written is logged and left."""
        content = bytes(self._cache.serialize())
        if content == self._stored:
            return
        draft = self._path.with_name(f".{self._path.name}.{os.getpid()}.part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(self._path)
            self._stored = content
            log.debug("runtime cache %s: %d bytes", self._path, len(content))
        except OSError as error:
            log.warning("runtime cache %s cannot be written: %s", self._path, error.strerror)
        finally:
            _remove(draft)

    def _load(self) -> bytes | None:
        content = _read(self._path)
        if content is None:
            log.info("no compiled kernels are kept yet for this plan: this start takes longer")
            return None
        if not content or not self._cache.deserialize(content):
            log.warning(
                "runtime cache %s is damaged or of another machine: it is made anew", self._path
            )
            return None
        return content


def _read(path: Path) -> bytes | None:
    try:
        if not path.is_file():
            return None
        if path.stat().st_size > MAX_BYTES:
            log.warning("runtime cache %s is above %d bytes: it is made anew", path, MAX_BYTES)
            return None
        return path.read_bytes()
    except OSError as error:
        log.warning("runtime cache %s cannot be read: %s", path, error.strerror)
        return None


def _remove(draft: Path) -> None:
    try:
        draft.unlink(missing_ok=True)
    except OSError:
        log.debug("%s could not be removed", draft)

"""Which models are installed, and which backend runs one."""

import logging
from importlib import resources
from pathlib import Path
from typing import Final

from engines.backend import Backend
from engines.errors import ModelError, UsageError
from engines.model_file import ModelFile
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.selfcheck import check_path, read_check, verify

BACKENDS: Final = ("auto", "onnxruntime")
DEFAULT_MODEL: Final = "spotformer.onnx"

log = logging.getLogger(__name__)


def models_folder() -> Path:
    """Return the folder of the models that come with the package; it may be absent."""
    return Path(str(resources.files("engines"))) / "models"


def list_models() -> tuple[Path, ...]:
    """Return the models that come with the package, by name; none of them is read."""
    return tuple(sorted(models_folder().glob("*.onnx")))


def default_model_path() -> Path:
    """Return the model that is used when none is named.

    Raises
    ------
    ModelError
        If this installation has none.
    """
    path = models_folder() / DEFAULT_MODEL
    if not path.is_file():
        raise ModelError(f"no model is installed at {path}; name a model file")
    return path


def open_backend(model: ModelFile, backend: str = "auto", threads: int = 1) -> Backend:
    """Load a model for running.

    Parameters
    ----------
    model
        A checked model file.
    backend
        ``auto`` takes the best that loads and agrees with the stored check, where there is one.
        A backend that is named is the one that runs, or an error.
    threads
        CPU threads within one operator.

    Raises
    ------
    UsageError
        If there is no such backend, or ``threads`` is below one.
    ModelError
        If the model cannot be loaded, or ``auto`` finds no backend that agrees.
    """
    if backend not in BACKENDS:
        raise UsageError(f"backend {backend!r} is unknown; choose one of {', '.join(BACKENDS)}")
    loaded = OnnxRuntimeBackend(model, threads)
    if backend == "auto" and check_path(model.path).is_file():
        agreement = verify(loaded, read_check(model))
        log.debug("backend %s agrees within %.2g", loaded.name, agreement.worst)
    log.info("model %s %s runs on %s", model.manifest.name, model.manifest.version, loaded.name)
    return loaded

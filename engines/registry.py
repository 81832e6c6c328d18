"""Which models are installed, and which backend runs one."""

import logging
from importlib import resources
from pathlib import Path
from typing import Final

from engines import opening
from engines.backend import Backend
from engines.errors import ModelError, UsageError
from engines.model_file import ModelFile
from engines.precision import Precision
from engines.selfcheck import verify
from engines.stored_check import StoredCheck, check_path, read_check

AUTO: Final = "auto"
BACKENDS: Final = (AUTO, "onnxruntime", "tensorrt", "tensorrt-rtx")
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


def open_backend(
    model: ModelFile,
    backend: str = "auto",
    threads: int = 1,
    precision: Precision | None = None,
) -> Backend:
    """Load a model for running, and check its answers where some are stored beside it.

    Parameters
    ----------
    model
        A checked model file.
    backend
        ``auto`` takes the first of tensorrt-rtx, tensorrt and onnxruntime that this machine can
        run, that loads, and that agrees with the stored check, where there is one; the log says
        which one runs and why the others do not. A backend that is named is the one that runs,
        or an error.
    threads
        CPU threads within one operator.
    precision
        Number format; the backend's own where None.

    Raises
    ------
    UsageError
        If there is no such backend or precision, or ``threads`` is below one.
    ModelError
        If the model cannot be loaded or its answers differ, or its stored check cannot be read.
    """
    if backend not in BACKENDS:
        raise UsageError(f"backend {backend!r} is unknown; choose one of {', '.join(BACKENDS)}")
    opening.require_options(backend, threads, precision)
    check = read_check(model) if check_path(model.path).is_file() else None
    if backend == AUTO:
        loaded = _first_usable(model, check, threads, precision)
    else:
        loaded = _load_checked(model, check, backend, threads, precision)
    name, version = model.manifest.name, model.manifest.version
    log.info("model %s %s runs on %s in %s", name, version, loaded.name, loaded.precision)
    return loaded


def _first_usable(
    model: ModelFile, check: StoredCheck | None, threads: int, precision: Precision | None
) -> Backend:
    reasons = []
    for name in opening.CANDIDATES:
        reason = opening.why_not(name)
        if reason is None:
            try:
                return _load_checked(model, check, name, threads, precision)
            except (ModelError, UsageError) as error:
                reason = str(error)
        log.info("backend %s is not used: %s", name, reason)
        reasons.append(f"{name}: {reason}")
    raise ModelError(f"model {model.path}: no backend runs it: {'; '.join(reasons)}")


def _load_checked(
    model: ModelFile,
    check: StoredCheck | None,
    name: str,
    threads: int,
    precision: Precision | None,
) -> Backend:
    """Load a backend and compare its answers; it is closed again when they differ."""
    loaded = opening.load_backend(model, name, threads, precision)
    if check is None:
        return loaded
    try:
        agreement = verify(loaded, check)
    except BaseException:
        loaded.close()
        raise
    log.debug("backend %s agrees within %.2g", name, agreement.worst.absolute)
    return loaded

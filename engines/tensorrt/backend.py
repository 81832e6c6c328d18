"""Running a model with TensorRT on a GPU, without torch; one class for both distributions."""

import logging
import time
import weakref
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Self

from engines.backend import Windows, require_windows, to_scores
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.precision import Precision
from engines.scores import Scores
from engines.tensorrt.contract import read_interface, require_contract
from engines.tensorrt.cuda import Cuda, CudaError
from engines.tensorrt.engine import Engine
from engines.tensorrt.memory import release
from engines.tensorrt.plan import Plan
from engines.tensorrt.session import Session

log = logging.getLogger(__name__)


class TensorRTBackend:
    """A plan on a GPU; see :class:`engines.backend.Backend`.

    Its thread may change from call to call, but it serves one at a time. What it holds on the
    GPU is freed by :meth:`close`, and at the latest when it is collected or Python ends.

    Parameters
    ----------
    trt, cuda
        The loaded TensorRT, and CUDA's runtime.
    manifest
        Of the model that the plan was built from.
    plan
        A plan whose key was compared.
    device
        CUDA's index of the GPU.
    cache
        Where kernels that TensorRT-RTX compiles are kept; the file may be absent.

    Raises
    ------
    ModelError
        If the plan is refused, is not the model's, or does not run; nothing stays allocated.
    """

    def __init__(
        self,
        trt: ModuleType,
        cuda: Cuda,
        manifest: Manifest,
        plan: Plan,
        *,
        device: int,
        cache: Path,
    ) -> None:
        self.name: str = plan.key.distribution
        self.precision: Precision = plan.key.precision
        self._cuda = cuda
        self._manifest = manifest
        self._device = device
        began = time.perf_counter()
        try:
            cuda.set_device(device)
            with ExitStack() as stack:
                session = _open_session(trt, cuda, stack, manifest, plan, cache)
                # what frees must not hold what it frees for, or that is never collected
                self._finalizer = weakref.finalize(self, _free, cuda, device, stack.pop_all())
        except CudaError as error:
            raise ModelError(f"plan {plan.path}: {error}") from error
        self._session: Session | None = session
        log.debug("%s: ready in %.2f s", plan.path, time.perf_counter() - began)

    @property
    def has_graph(self) -> bool:
        """Whether a batch of one runs as one CUDA graph."""
        return self._session is not None and self._session.has_graph

    def run(self, windows: Windows) -> Scores:
        """Score a batch of windows of any size; see :meth:`engines.backend.Backend.run`."""
        if self._session is None:
            raise ValueError("the backend is closed")
        require_windows(windows, self._manifest)
        name = self._manifest.name
        try:
            # CUDA keeps the current GPU per thread, and this may be another than the last
            self._cuda.set_device(self._device)
            vectors = self._session.run(windows)
        except ModelError as error:
            raise ModelError(f"model {name} on {self.name}: {error}") from error
        return to_scores(vectors, len(windows), self._manifest)

    def close(self) -> None:
        """Free the engine and all memory; safe to call twice."""
        self._session = None
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open_session(
    trt: ModuleType, cuda: Cuda, stack: ExitStack, manifest: Manifest, plan: Plan, cache: Path
) -> Session:
    engine = Engine(trt, plan)
    stack.callback(engine.close)
    found = read_interface(engine.loaded, manifest.input.tensor)
    require_contract(found, trt, manifest, plan.key.batch, f"plan {plan.path}")
    engine.configure(cache, eager=not manifest.input.joint)
    session = Session(cuda, stack, engine, manifest, plan.key.batch)
    # every batch size has run, or none has kernels of its own: nothing is compiled after this
    engine.save_cache()
    return session


def _free(cuda: Cuda, device: int, stack: ExitStack) -> None:
    # a collection may run in any thread
    release(cuda.set_device, device)
    stack.close()

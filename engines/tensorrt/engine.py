"""A plan turned into an engine, and the execution contexts that run it."""

import logging
from pathlib import Path
from types import ModuleType

from engines.errors import ModelError
from engines.tensorrt.api import CudaEngine, ExecutionContext, Runtime, RuntimeConfig
from engines.tensorrt.collecting import no_collection
from engines.tensorrt.messages import Messages, collect_messages, take_error
from engines.tensorrt.plan import Plan
from engines.tensorrt.runtime_cache import KernelCache

log = logging.getLogger(__name__)


class Engine:
    """TensorRT's runtime and engine of one plan; :meth:`close` lets go of both.

    TensorRT frees its objects when the last reference goes. They are held here alone, so that
    closing frees them also while an exception still holds the frames that made them.

    Parameters
    ----------
    trt
        The loaded TensorRT.
    plan
        A plan whose key was compared.

    Raises
    ------
    ModelError
        If TensorRT refuses the plan, with its reason.
    """

    def __init__(self, trt: ModuleType, plan: Plan) -> None:
        self._trt = trt
        self._where = f"plan {plan.path}"
        self._messages: Messages = collect_messages(trt)
        self._config: RuntimeConfig | None = None
        self._cache: KernelCache | None = None
        self._engine: CudaEngine | None = None
        self._runtime: Runtime | None = self._start()
        try:
            self._engine = self._load(self._runtime, plan)
        except BaseException:
            # the error's traceback holds this object, and with it the runtime, for long
            self.close()
            raise

    def _load(self, runtime: Runtime, plan: Plan) -> CudaEngine:
        self._require_valid(plan)
        with no_collection():
            engine = runtime.deserialize_cuda_engine(plan.content)
        if engine is None:
            raise self._refusal("TensorRT cannot load it")
        return engine

    @property
    def loaded(self) -> CudaEngine:
        """TensorRT's engine; hold it no longer than a call.

        Raises
        ------
        ValueError
            After :meth:`close`.
        """
        if self._engine is None:
            raise ValueError("the engine is closed")
        return self._engine

    def configure(self, cache: Path, *, eager: bool = True) -> None:
        """Prepare what TensorRT-RTX can be told about contexts; another TensorRT needs none of it.

        A kernel for each batch size is compiled at its first use, not beside it in the
        background: answers then never change half way through a stream, and a CUDA graph does
        not keep the slow kernels that would stand in. TensorRT's own CUDA graphs stay off, since
        :mod:`engines.tensorrt.graph` records the copies too, and does so for both distributions.

        Parameters
        ----------
        cache
            Where compiled kernels are kept; the file may be absent.
        eager
            False where sizes are too many to compile for each: kernels then fit them all.
        """
        strategies = getattr(self._trt, "DynamicShapesKernelSpecializationStrategy", None)
        if strategies is None:
            return
        self._config = self.loaded.create_runtime_config()
        self._config.dynamic_shapes_kernel_specialization_strategy = (
            strategies.EAGER if eager else strategies.NONE
        )
        self._cache = KernelCache(self._config, cache)

    def create_context(self) -> ExecutionContext:
        """Return a new context, with activations of its own.

        Raises
        ------
        ModelError
            If TensorRT cannot make one, as where memory is short.
        """
        if self._config is None:
            context = self.loaded.create_execution_context()
        else:
            context = self.loaded.create_execution_context(self._config)
        if context is None:
            raise self._refusal("TensorRT cannot make an execution context")
        return context

    def failure(self, what: str) -> ModelError:
        """Return an error that says what failed, with TensorRT's own reason."""
        return ModelError(f"{self._where}: {what}{take_error(self._messages)}")

    def save_cache(self) -> None:
        """Keep the kernels that were compiled, for the next start."""
        if self._cache is not None:
            self._cache.save()

    def close(self) -> None:
        """Let go of everything; contexts must be gone before. Safe to call twice."""
        self._cache = None
        self._config = None
        self._engine = None
        self._runtime = None

    def _start(self) -> Runtime:
        try:
            with no_collection():
                runtime: Runtime = self._trt.Runtime(self._messages)
        except Exception as error:  # its bindings raise what they like where CUDA does not answer
            raise self._refusal(f"TensorRT does not start ({type(error).__name__})") from error
        return runtime

    def _require_valid(self, plan: Plan) -> None:
        """Ask TensorRT-RTX, before the plan is loaded, whether it suits this machine."""
        ask = getattr(self._runtime, "get_engine_validity", None)
        if ask is None:
            return
        with no_collection():
            validity, bits = ask(plan.content)
        if validity == self._trt.EngineValidity.INVALID:
            raise self._refusal(f"TensorRT does not take it here{self._diagnosis(bits)}")
        if validity != self._trt.EngineValidity.VALID:
            log.info("%s: slower than one built for this GPU", self._where)

    def _diagnosis(self, bits: int) -> str:
        members = self._trt.EngineInvalidityDiagnostics.__members__
        words = [name.lower().replace("_", " ") for name, bit in members.items() if bits & int(bit)]
        # where it sees no cause in the plan, its log has one
        return f" ({', '.join(words)})" if words else ""

    def _refusal(self, what: str) -> ModelError:
        error = self.failure(what)
        return ModelError(f"{error}; build it again with fes-engine build")

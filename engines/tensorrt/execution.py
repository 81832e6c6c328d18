"""An execution context tied to memory and a stream."""

from engines.tensorrt.api import ExecutionContext
from engines.tensorrt.cuda import Cuda
from engines.tensorrt.engine import Engine
from engines.tensorrt.memory import Buffer


class Execution:
    """Puts copies and the network into a stream; :meth:`close` frees the context.

    Parameters
    ----------
    cuda
        CUDA's runtime.
    engine
        The engine; it outlives this.
    stream
        Where to.
    name
        Of the input.
    source
        What it is given, float32 (most, ...).
    answers
        One row per output, float32 (outputs, at least most).
    outputs
        Names of the outputs, in the order of the rows.

    Raises
    ------
    ModelError
        If TensorRT cannot make a context, or does not take the memory.
    """

    def __init__(
        self,
        cuda: Cuda,
        engine: Engine,
        stream: int,
        name: str,
        source: Buffer,
        answers: Buffer,
        outputs: tuple[str, ...],
    ) -> None:
        self._cuda = cuda
        self._engine = engine
        self._stream = stream
        self._name = name
        self._source = source
        self._answers = answers
        self._context: ExecutionContext | None = engine.create_context()
        try:
            self._bind({name: source.device_address})
            self._bind({output: answers.row_address(r) for r, output in enumerate(outputs)})
        except BaseException:
            self.close()
            raise

    @property
    def capturable(self) -> bool:
        """Whether its calls may be recorded; TensorRT-RTX knows, another TensorRT can always."""
        ask = getattr(self._live, "is_stream_capturable", None)
        return ask is None or bool(ask(self._stream))

    def enqueue(self, size: int) -> None:
        """Put the copy of ``size`` windows, the network and the copy of its answers in.

        Raises
        ------
        ModelError
            If CUDA or TensorRT refuses.
        """
        source, answers, stream = self._source, self._answers, self._stream
        self._cuda.copy_to_device(
            source.device_address, source.host_address, source.row_bytes * size, stream
        )
        if not self._live.set_input_shape(self._name, (size, *source.host.shape[1:])):
            raise self._engine.failure(f"TensorRT does not take a batch of {size}")
        if not self._live.execute_async_v3(stream):
            raise self._engine.failure(f"TensorRT failed on a batch of {size}")
        self._cuda.copy_to_host(
            answers.host_address, answers.device_address, answers.host.nbytes, stream
        )

    def close(self) -> None:
        """Free the context; the stream must have run dry. Safe to call twice."""
        self._context = None

    @property
    def _live(self) -> ExecutionContext:
        if self._context is None:
            raise ValueError("the execution context is closed")
        return self._context

    def _bind(self, addresses: dict[str, int]) -> None:
        for name, address in addresses.items():
            if not self._live.set_tensor_address(name, address):
                raise self._engine.failure(f"TensorRT does not take memory for {name!r}")

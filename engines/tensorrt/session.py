"""An engine with its memory and its stream: windows go in, vectors come out."""

import logging
from contextlib import ExitStack
from typing import Final

import numpy as np

from engines.backend import Windows
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.tensorrt.cuda import Cuda
from engines.tensorrt.engine import Engine
from engines.tensorrt.execution import Execution
from engines.tensorrt.graph import capture
from engines.tensorrt.key import BatchRange
from engines.tensorrt.memory import Buffer, release

ALIGNMENT: Final = 64
"""Floats from one output to the next: 256 bytes, the alignment of the GPU's own allocations."""

SAME: Final = 1e-3
"""Largest difference of a probability between a CUDA graph and the calls that it recorded."""

log = logging.getLogger(__name__)


class Session:
    """Runs an engine in one stream.

    A batch is padded to the next power of two, so that few batch sizes exist: all of them are
    run once here, which leaves nothing to be compiled or set up while a camera waits. The
    smallest size has an execution context of its own, whose calls and copies become one CUDA
    graph where that is possible; the other sizes cannot change what was recorded.

    The snippets of a video are not padded, since what is added would change their scores: each
    length runs as it is, and there is no graph.

    Parameters
    ----------
    cuda
        CUDA's runtime; the thread's GPU is set.
    stack
        What frees everything, last first.
    engine
        The engine; ``stack`` closes it after all that is made here.
    manifest
        Of the model: its window and its outputs.
    batch
        Sizes that the engine takes.

    Raises
    ------
    ModelError
        If memory is short or the engine does not run.
    """

    def __init__(
        self, cuda: Cuda, stack: ExitStack, engine: Engine, manifest: Manifest, batch: BatchRange
    ) -> None:
        self._cuda = cuda
        self._manifest = manifest
        self._outputs = manifest.outputs
        self._joint = manifest.input.joint
        self._sizes = _ends(batch) if self._joint else padded_sizes(batch)
        self._stream = cuda.create_stream()
        stack.callback(release, cuda.destroy_stream, self._stream)
        self._source, self._answers = self._buffers(stack, manifest, batch)
        self._small = self._execution(stack, engine)
        alone = self._joint or len(self._sizes) == 1
        self._large = self._small if alone else self._execution(stack, engine)
        stack.callback(release, cuda.wait, self._stream)
        self._warm_up()
        self._graph = None if self._joint else self._capture(stack)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Batch sizes that calls are padded to; of snippets, lengths that were tried."""
        return self._sizes

    @property
    def has_graph(self) -> bool:
        """Whether the smallest batch runs as one CUDA graph."""
        return self._graph is not None

    def run(self, windows: Windows) -> dict[str, Windows]:
        """Score windows, in as many calls as it takes.

        Parameters
        ----------
        windows
            float32 (N, ...), N at least 1.

        Returns
        -------
        dict
            float32 (N,) per output; the arrays are the caller's own.

        Raises
        ------
        ModelError
            If a call fails, or there are more snippets than the plan takes.
        """
        if self._joint and len(windows) > self._sizes[-1]:
            raise ModelError(
                f"{len(windows)} snippets are more than the plan's {self._sizes[-1]}; build it "
                "again with a larger --max-batch"
            )
        values = np.empty((len(self._outputs), len(windows)), np.float32)
        most = self._sizes[-1]
        try:
            for start in range(0, len(windows), most):
                part = slice(start, start + most)
                values[:, part] = self._run_part(windows[part])
        except BaseException:
            # a copy may still be under way, and the next call writes to where it reads
            release(self._cuda.wait, self._stream)
            raise
        return dict(zip(self._outputs, values, strict=True))

    def _run_part(self, windows: Windows) -> Windows:
        size = len(windows) if self._joint else self._padded(len(windows))
        # rows beyond the windows hold earlier ones: their answers are not read
        self._source.host[: len(windows)] = windows
        if self._graph is not None and size == self._sizes[0]:
            self._cuda.launch(self._graph, self._stream)
        else:
            self._enqueue(size)
        self._cuda.wait(self._stream)
        return self._answers.host[:, : len(windows)]

    def _padded(self, size: int) -> int:
        return next(padded for padded in self._sizes if padded >= size)

    def _enqueue(self, size: int) -> None:
        execution = self._small if size == self._sizes[0] else self._large
        execution.enqueue(size)

    def _warm_up(self) -> None:
        self._source.host[...] = _ramp(self._source.host.shape)
        for size in self._sizes:
            self._enqueue(size)
            self._cuda.wait(self._stream)

    def _capture(self, stack: ExitStack) -> int | None:
        if not self._small.capturable:
            log.info("no CUDA graph: TensorRT says that this engine cannot be recorded")
            return None
        size = self._sizes[0]
        graph = capture(self._cuda, stack, self._stream, lambda: self._enqueue(size))
        # windows that the recording did not see: a copy that it lacks shows
        self._source.host[...] = -self._source.host
        repeated = None if graph is None else self._replay(graph, size)
        # a recording that failed must have left no trace either
        self._enqueue(size)
        self._cuda.wait(self._stream)
        plain = self._answers.host[:, :size]
        if repeated is None or np.allclose(repeated, plain, rtol=0, atol=SAME):
            return graph
        log.warning("no CUDA graph: it does not answer as the calls that it recorded")
        return None

    def _replay(self, graph: int, size: int) -> Windows:
        self._answers.host[...] = np.nan
        self._cuda.launch(graph, self._stream)
        self._cuda.wait(self._stream)
        return self._answers.host[:, :size].copy()

    def _buffers(
        self, stack: ExitStack, manifest: Manifest, batch: BatchRange
    ) -> tuple[Buffer, Buffer]:
        stride = -(-batch.most // ALIGNMENT) * ALIGNMENT
        return (
            Buffer.allocate(self._cuda, stack, (batch.most, *manifest.input.row)),
            Buffer.allocate(self._cuda, stack, (len(manifest.outputs), stride)),
        )

    def _execution(self, stack: ExitStack, engine: Engine) -> Execution:
        name = self._manifest.input.tensor
        execution = Execution(
            self._cuda, engine, self._stream, name, self._source, self._answers, self._outputs
        )
        stack.callback(execution.close)
        return execution


def padded_sizes(batch: BatchRange) -> tuple[int, ...]:
    """Return the batch sizes that calls are padded to: both ends, and powers of two between."""
    powers = (1 << power for power in range(batch.most.bit_length()))
    between = {power for power in powers if batch.least < power < batch.most}
    return tuple(sorted({batch.least, batch.most} | between))


def _ends(batch: BatchRange) -> tuple[int, ...]:
    return tuple(sorted({batch.least, batch.usual, batch.most}))


def _ramp(shape: tuple[int, ...]) -> Windows:
    """Return windows of small movements, px, that differ from each other."""
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)

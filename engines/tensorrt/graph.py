"""CUDA graphs: a sequence of calls that is recorded once and then put into a stream as one."""

import logging
from collections.abc import Callable
from contextlib import ExitStack

from engines.errors import ModelError
from engines.tensorrt.cuda import Cuda, CudaError
from engines.tensorrt.memory import release

log = logging.getLogger(__name__)


def capture(cuda: Cuda, stack: ExitStack, stream: int, enqueue: Callable[[], None]) -> int | None:
    """Record what a function puts into a stream.

    Parameters
    ----------
    cuda
        CUDA's runtime.
    stack
        What destroys the graph later.
    stream
        Where to; it holds no work.
    enqueue
        It was run at least once before, so that nothing is set up during the recording. The
        addresses that it uses stay what they are for as long as the graph lives.

    Returns
    -------
    int | None
        For :meth:`Cuda.launch`; None, with a line in the log, where recording is not possible.
        The stream can be used either way.
    """
    try:
        graph = _record(cuda, stream, enqueue)
        try:
            executable = cuda.instantiate(graph)
        finally:
            release(cuda.destroy_graph, graph)
    except ModelError as error:
        cuda.forget_error()
        log.info("no CUDA graph, every call is put into the stream by itself: %s", error)
        return None
    stack.callback(release, cuda.destroy_executable, executable)
    return executable


def _record(cuda: Cuda, stream: int, enqueue: Callable[[], None]) -> int:
    cuda.begin_capture(stream)
    try:
        enqueue()
    except BaseException:
        _abandon(cuda, stream)
        raise
    return cuda.end_capture(stream)


def _abandon(cuda: Cuda, stream: int) -> None:
    """End a recording that failed half way, which leaves the stream usable again."""
    try:
        release(cuda.destroy_graph, cuda.end_capture(stream))
    except CudaError:
        log.debug("the recording had already ended")

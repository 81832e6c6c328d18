"""From a model file to a plan that is kept."""

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from engines.model_file import ModelFile
from engines.precision import Precision
from engines.tensorrt.compiler import Order, compile_graph
from engines.tensorrt.distribution import Distribution, load, version_of
from engines.tensorrt.half import to_half
from engines.tensorrt.key import DEFAULT_BATCH, BatchRange, PlanKey
from engines.tensorrt.plan import Plan, write_plan
from engines.tensorrt.progress import ProgressBar, make_monitor
from engines.tensorrt.store import plans_folder

log = logging.getLogger(__name__)


def plan_key(
    model: ModelFile,
    distribution: Distribution,
    targets: tuple[str, ...],
    precision: Precision,
    batch: BatchRange = DEFAULT_BATCH,
) -> PlanKey:
    """Return the key that a plan built here would have.

    Raises
    ------
    ModelError
        If the distribution is not installed or does not load.
    """
    version = version_of(load(distribution))
    return PlanKey(model.sha256, distribution.name, version, targets, precision, batch)


def build_plan(
    model: ModelFile,
    distribution: Distribution,
    targets: tuple[str, ...],
    precision: Precision,
    *,
    batch: BatchRange = DEFAULT_BATCH,
    progress: bool = False,
    folder: Path | None = None,
) -> Plan:
    """Compile a model and keep the plan.

    An interrupt stops the build at TensorRT's next step, and nothing is written.

    Parameters
    ----------
    model
        A checked model file.
    distribution
        What compiles it.
    targets
        Of tensorrt-rtx, the GPU generations to build for, as
        :func:`engines.tensorrt.target.require_targets` returns them; of tensorrt, the GPU at
        hand alone, as :func:`engines.tensorrt.target.gpu_target` writes it.
    precision
        Number format of the network.
    batch
        Windows per call.
    progress
        Show a bar on standard error, where that is a terminal.
    folder
        Where to keep it; by default :func:`engines.tensorrt.store.plans_folder`.

    Raises
    ------
    ModelError
        If TensorRT does not load, cannot compile the model, or the plan cannot be written; in
        fp16, also if the fp16 graph does not answer as the model does.
    """
    key = plan_key(model, distribution, targets, precision, batch)
    graph = to_half(model) if precision == "fp16" else model.content
    order = Order(load(distribution), distribution, model, key, graph)
    log.info("building %s in %s for %s", model.path.name, precision, ", ".join(targets))
    with ProgressBar(model.manifest.name, progress) as bar:
        content = _compile_apart(order, bar)
    return write_plan(folder or plans_folder(), model.manifest, key, content)


def _compile_apart(order: Order, bar: ProgressBar) -> bytes:
    """Compile in a thread of its own: in this one, an interrupt would wait for C++ to return."""
    cancelled = Event()
    monitor = make_monitor(order.trt, bar, cancelled)
    with ThreadPoolExecutor(1, thread_name_prefix="fes-build") as pool:
        try:
            return pool.submit(compile_graph, order, monitor).result()
        finally:
            # after an interrupt the pool waits for the build to notice
            cancelled.set()

"""Opening a model with TensorRT: the plan for this GPU is found, or built."""

import logging
import time
from pathlib import Path
from types import ModuleType

from engines.model_file import ModelFile
from engines.precision import Precision
from engines.tensorrt.availability import Gpu, reach
from engines.tensorrt.backend import TensorRTBackend
from engines.tensorrt.build import build_plan
from engines.tensorrt.distribution import Distribution, version_of
from engines.tensorrt.key import batch_of
from engines.tensorrt.plan import Plan
from engines.tensorrt.store import find_plan
from engines.tensorrt.target import gpu_target

log = logging.getLogger(__name__)


def open_tensorrt(
    model: ModelFile, distribution: Distribution, precision: Precision = "fp16"
) -> TensorRTBackend:
    """Load a model on this machine's GPU.

    A plan is taken when its key is that of the model, the GPU, the TensorRT and the precision;
    where there is none, it is built, which takes seconds with ``tensorrt-rtx`` and may take
    minutes with ``tensorrt``. A plan that another process built meanwhile does no harm.

    Raises
    ------
    ModelError
        If this machine cannot run it, as :func:`engines.tensorrt.availability.why_not` says, or
        the plan cannot be built, is refused, or does not run.
    """
    trt, cuda, gpu = reach(distribution)
    cuda.set_device(gpu.device)
    plan = _plan(model, distribution, trt, gpu, precision)
    log.info("%s runs %s on %s", distribution.name, plan.path.name, gpu)
    return TensorRTBackend(
        trt, cuda, model.manifest, plan, device=gpu.device, cache=cache_path(plan)
    )


def cache_path(plan: Plan) -> Path:
    """Return where kernels compiled for a plan are kept: beside it."""
    return plan.path.with_name(f"{plan.path.name}.cache")


def _plan(
    model: ModelFile, distribution: Distribution, trt: ModuleType, gpu: Gpu, precision: Precision
) -> Plan:
    target = gpu_target(distribution, gpu.capability, gpu.name)
    batch = batch_of(model.manifest.input)
    found = find_plan(model, distribution, version_of(trt), target, precision, batch)
    if found is not None:
        return found
    log.info(
        "no plan of %s fits %s with %s %s: building one",
        model.path.name,
        gpu,
        distribution.name,
        version_of(trt),
    )
    began = time.perf_counter()
    plan = build_plan(model, distribution, (target,), precision, batch=batch)
    log.info("built %s in %.1f s", plan.path.name, time.perf_counter() - began)
    return plan

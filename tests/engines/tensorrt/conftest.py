"""The GPU of this machine, for tests that are marked ``gpu``; they skip with the reason."""

import pytest

from engines.tensorrt.availability import Gpu, find_gpu, why_not
from engines.tensorrt.cuda import Cuda, load_cuda
from engines.tensorrt.distribution import DISTRIBUTIONS, Distribution


@pytest.fixture(params=DISTRIBUTIONS.values(), ids=DISTRIBUTIONS.keys(), scope="session")
def runnable(request: pytest.FixtureRequest) -> Distribution:
    """Each distribution of TensorRT that this machine can run."""
    distribution: Distribution = request.param
    reason = why_not(distribution)
    if reason is not None:
        pytest.skip(reason)
    return distribution


@pytest.fixture(scope="session")
def cuda(runnable: Distribution) -> Cuda:
    return load_cuda(runnable)


@pytest.fixture(scope="session")
def gpu(runnable: Distribution, cuda: Cuda) -> Gpu:
    return find_gpu(cuda, runnable)

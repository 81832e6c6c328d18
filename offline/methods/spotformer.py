"""SpotFormer: trained from onset, apex and offset of every expression."""

import logging

import onnx

from engines.errors import UsageError
from offline.methods.method import Job, Method
from offline.spotformer.distillation import narrow_weights
from offline.spotformer.graph import to_onnx
from offline.spotformer.inference import load_model
from offline.spotformer.model import SpotFormer
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.sampler import BatchSampler, WeightedPool
from offline.training.schedule import learning_rate
from offline.training.settings import SpotFormerSettings
from offline.training.sources import count_steps, make_pool
from offline.training.task import Course
from offline.training.trainer import SpotFormerTask, make_optimizer

log = logging.getLogger(__name__)


class SpotFormerMethod(Method[SpotFormerSettings, SpotFormer]):
    """See :mod:`offline.spotformer`."""

    name = "spotformer"
    uses_points = False

    def build(self, settings: SpotFormerSettings) -> SpotFormer:
        """Return a network whose weights are drawn from torch's generator."""
        return SpotFormer(settings.model)

    def course(
        self, settings: SpotFormerSettings, network: SpotFormer, job: Job
    ) -> Course[SpotFormer]:
        """Return how a network is trained, on batches of segments."""
        pools = [make_pool(source, n, settings, job.seed) for n, source in enumerate(job.sources)]
        weighted = [WeightedPool(p, s.share) for p, s in zip(pools, job.sources, strict=True)]
        sampler = BatchSampler(weighted, settings.training, settings.model.node_indices, job.seed)
        steps = count_steps(pools, settings.training)
        teacher = None if job.teacher is None else load_model(RunFolder.existing(job.teacher))
        if teacher is not None:
            require_same_inputs(teacher, settings, str(job.teacher))
        return Course(
            SpotFormerTask(sampler, settings, job.device, teacher),
            make_optimizer(network, settings.training),
            lambda step: learning_rate(step, steps, settings.training),
            steps,
            settings.training,
            lambda: SpotFormer(settings.model),
        )

    def begin_with(self, network: SpotFormer, run: RunFolder) -> None:
        """Give a network the weights of an earlier run, cut down where its MLP is wider."""
        network.load_state_dict(narrow_weights(run.load_weights(), network))

    def load(self, run: RunFolder, weights: str = WEIGHTS) -> SpotFormer:
        """Return the network of a run."""
        return load_model(run, weights)

    def to_onnx(self, network: SpotFormer) -> onnx.ModelProto:
        """Return the inference graph."""
        return to_onnx(network)


def require_same_inputs(teacher: SpotFormer, settings: SpotFormerSettings, where: str) -> None:
    """Check that a teacher reads what the network that is to learn reads.

    Raises
    ------
    UsageError
        If it does not.
    """
    for name in ("nodes", "window", "flow"):
        if getattr(teacher.config, name) != getattr(settings.model, name):
            raise UsageError(f"{where}: the teacher's {name} differs; name one that reads the same")

"""MC-WES: trained from which kinds of expression each video holds."""

import onnx
import torch

from engines.errors import UsageError
from offline.mcwes.graph import to_onnx
from offline.mcwes.inference import load_snippet_network
from offline.mcwes.network import McWesNetwork
from offline.mcwes.sampler import BatchSampler
from offline.mcwes.settings import McWesSettings
from offline.mcwes.training import McWesTask, make_optimizer
from offline.methods.method import Job, Method
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.schedule import learning_rate
from offline.training.task import Course
from offline.training.video_labels import KindsOfRecords


class McWesMethod(Method[McWesSettings, McWesNetwork]):
    """See :mod:`offline.mcwes`."""

    name = "mc-wes"
    uses_points = False
    uses_video_labels = True

    def build(self, settings: McWesSettings) -> McWesNetwork:
        """Return a network whose weights are drawn from torch's generator."""
        return McWesNetwork(settings.network)

    def course(
        self, settings: McWesSettings, network: McWesNetwork, job: Job
    ) -> Course[McWesNetwork]:
        """Return how a network is trained, on batches of videos.

        Raises
        ------
        UsageError
            If nothing can be trained on, or a teacher is named.
        """
        if job.teacher is not None:
            raise UsageError("--teacher: only a SpotFormer learns from another network")
        sampler = BatchSampler(job.sources, settings, job.labels or KindsOfRecords(), job.seed)
        if settings.snippets.standardise:
            mean, deviation = sampler.statistics()
            network.standardise(torch.from_numpy(mean), torch.from_numpy(deviation))
        steps = settings.training.steps_per_epoch
        return Course(
            McWesTask(sampler, settings, job.device),
            make_optimizer(network, settings.training),
            lambda step: learning_rate(step, steps, settings.training),
            steps,
            settings.training,
            lambda: McWesNetwork(settings.network),
        )

    def begin_with(self, network: McWesNetwork, run: RunFolder) -> None:
        """Give a network the weights of an earlier run of this method."""
        if run.config().get("method") != self.name:
            raise ValueError("it holds no MC-WES run")
        network.load_state_dict(run.load_weights())

    def load(self, run: RunFolder, weights: str = WEIGHTS) -> McWesNetwork:
        """Return the network of a run."""
        return load_snippet_network(run, McWesNetwork, weights)

    def to_onnx(self, network: McWesNetwork) -> onnx.ModelProto:
        """Return the inference graph."""
        return to_onnx(network)

"""PWES: trained from one arbitrary labelled frame of every expression, on snippets."""

import onnx
import torch

from engines.errors import UsageError
from offline.mcwes.graph import to_onnx
from offline.mcwes.inference import load_snippet_network
from offline.methods.method import Job, Method
from offline.pwes.network import PwesNetwork
from offline.pwes.sampler import BatchSampler
from offline.pwes.settings import PwesSettings
from offline.pwes.training import PwesTask, make_optimizer
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.schedule import learning_rate
from offline.training.task import Course


class PwesMethod(Method[PwesSettings, PwesNetwork]):
    """See :mod:`offline.pwes`."""

    name = "pwes"
    uses_points = True

    def build(self, settings: PwesSettings) -> PwesNetwork:
        """Return a network whose weights are drawn from torch's generator."""
        return PwesNetwork(settings.network)

    def course(self, settings: PwesSettings, network: PwesNetwork, job: Job) -> Course[PwesNetwork]:
        """Return how a network is trained, on batches of videos.

        Raises
        ------
        UsageError
            If there are no points, nothing can be trained on, or a teacher is named.
        """
        if job.points is None:
            raise UsageError(
                "--method pwes learns from points: give --points FILE, or --points-from-truth "
                "uniform where the features have labels"
            )
        if job.teacher is not None:
            raise UsageError("--teacher: only a SpotFormer learns from another network")
        sampler = BatchSampler(job.sources, settings, job.points, job.seed)
        if settings.snippets.standardise:
            mean, deviation = sampler.statistics()
            network.standardise(torch.from_numpy(mean), torch.from_numpy(deviation))
        steps = sampler.steps_per_epoch()
        return Course(
            PwesTask(sampler, settings, job.device),
            make_optimizer(network, settings.training),
            lambda step: learning_rate(step, steps, settings.training),
            steps,
            settings.training,
            lambda: PwesNetwork(settings.network),
        )

    def begin_with(self, network: PwesNetwork, run: RunFolder) -> None:
        """Give a network the weights of an earlier run of this method."""
        if run.config().get("method") != self.name:
            raise ValueError("it holds no PWES run")
        network.load_state_dict(run.load_weights())

    def load(self, run: RunFolder, weights: str = WEIGHTS) -> PwesNetwork:
        """Return the network of a run."""
        return load_snippet_network(run, PwesNetwork, weights)

    def to_onnx(self, network: PwesNetwork) -> onnx.ModelProto:
        """Return the inference graph."""
        return to_onnx(network)

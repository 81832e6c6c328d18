"""GIM: trained from one labelled frame of every expression."""

import onnx

from engines.errors import UsageError
from offline.gim.graph import to_onnx
from offline.gim.inference import load_model
from offline.gim.model import GimNetwork
from offline.gim.sampler import VideoSampler
from offline.gim.settings import GimSettings
from offline.gim.training import GimTask, make_optimizer
from offline.methods.method import Job, Method
from offline.training.run_folder import WEIGHTS, RunFolder
from offline.training.schedule import learning_rate
from offline.training.task import Course


class GimMethod(Method[GimSettings, GimNetwork]):
    """See :mod:`offline.gim`."""

    name = "gim"
    uses_points = True

    def build(self, settings: GimSettings) -> GimNetwork:
        """Return a network whose weights are drawn from torch's generator."""
        return GimNetwork(settings.network)

    def course(self, settings: GimSettings, network: GimNetwork, job: Job) -> Course[GimNetwork]:
        """Return how a network is trained, on one video per step.

        Raises
        ------
        UsageError
            If there are no points, or a teacher is named.
        """
        if job.points is None:
            raise UsageError(
                "--method gim learns from points: give --points FILE, or --points-from-truth "
                "gaussian where the features have labels"
            )
        if job.teacher is not None:
            raise UsageError("--teacher: only a SpotFormer learns from another network")
        sampler = VideoSampler(job.sources, settings, job.points, job.seed)
        steps = sampler.steps_per_epoch()
        return Course(
            GimTask(sampler, settings, steps, job.seed, job.device),
            make_optimizer(network, settings.training),
            lambda step: learning_rate(step, steps, settings.training),
            steps,
            settings.training,
            lambda: GimNetwork(settings.network),
        )

    def begin_with(self, network: GimNetwork, run: RunFolder) -> None:
        """Give a network the weights of an earlier run of this method."""
        if run.config().get("method") != self.name:
            raise ValueError("it holds no GIM run")
        network.load_state_dict(run.load_weights())

    def load(self, run: RunFolder, weights: str = WEIGHTS) -> GimNetwork:
        """Return the network of a run."""
        return load_model(run, weights)

    def to_onnx(self, network: GimNetwork) -> onnx.ModelProto:
        """Return the inference graph."""
        return to_onnx(network)

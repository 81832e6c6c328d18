"""What a GIM is trained for, in terms of the training loop (section 3.6)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from engines.intervals import Kind
from offline.gim.apex_error import apex_distances
from offline.gim.examples import save_examples
from offline.gim.inference import spread
from offline.gim.losses import GimLossParts, gim_loss
from offline.gim.model import GimNetwork, GimOutputs
from offline.gim.pseudo_labels import pseudo_labels
from offline.gim.sampler import VideoSampler
from offline.gim.settings import GimSettings, GimTrainingConfig
from offline.gim.videos import TrainingVideo
from offline.training.run_folder import RunFolder

APEX_ERRORS: Final = ("apex_error", *(f"apex_error_{kind}" for kind in Kind))
"""Mean distance of pseudo-apexes from true apexes over an epoch, ticks (figure 7)."""

_SUMS: Final = tuple(f"apex_{what}_{kind}" for kind in Kind for what in ("distance", "count"))
_LABEL_STREAM: Final = 7


class GimTask:
    """Pseudo-labels of a step's videos, made from the step's own forward pass, and its loss.

    The paper updates pseudo-labels at each epoch. A video's are made here when its step comes,
    from the same forward pass that is then trained, less the branches' dropout
    (:meth:`offline.gim.model.GimNetwork.settled`): no pass more than the loss needs, and nothing
    to be stored from one epoch to the next.

    Parameters
    ----------
    sampler
        Gives the ticks of a step.
    settings
        Of the method.
    steps_per_epoch
        Says which epoch a step is in.
    seed
        Of overlaps that are settled at random.
    device
        Where torch computes.
    """

    def __init__(
        self,
        sampler: VideoSampler,
        settings: GimSettings,
        steps_per_epoch: int,
        seed: int,
        device: torch.device,
    ) -> None:
        self._sampler = sampler
        self._settings = settings
        self._steps_per_epoch = steps_per_epoch
        self._seed = seed
        self._device = device

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the loss's parts, then what figure 7 is made from."""
        return (*GimLossParts._fields, *_SUMS)

    def step(self, number: int) -> Callable[[GimNetwork], tuple[Tensor, ...]]:
        """Return the mean loss of a step's videos as a function of the network."""
        return partial(self._losses, number, self._sampler.videos(number))

    def metrics(self, means: Mapping[str, float]) -> dict[str, float]:
        """Return the mean of each part, and the error of pseudo-apexes where there is truth."""
        out = {name: means[name] for name in GimLossParts._fields}
        distance, count = np.reshape([means[name] for name in _SUMS], (len(Kind), 2)).T
        for name, far, many in zip(
            APEX_ERRORS, (distance.sum(), *distance), (count.sum(), *count), strict=True
        ):
            if many:
                out[name] = float(far / many)
        return out

    def keep(self, network: Callable[[], GimNetwork], run: RunFolder) -> None:
        """Write the pseudo-labels of some expressions (figure 4)."""
        save_examples(run.path, network(), self._sampler, self._settings)

    def _losses(
        self, number: int, videos: Sequence[TrainingVideo], network: GimNetwork
    ) -> tuple[Tensor, ...]:
        rng = np.random.default_rng((self._seed, _LABEL_STREAM, number))
        parts = [
            self._losses_of(video, outputs, network, number // self._steps_per_epoch, rng)
            for video, outputs in zip(videos, self._outputs(network, videos), strict=True)
        ]
        return tuple(torch.stack(part).mean() for part in zip(*parts, strict=True))

    def _losses_of(
        self,
        video: TrainingVideo,
        outputs: GimOutputs,
        network: GimNetwork,
        epoch: int,
        rng: np.random.Generator,
    ) -> tuple[Tensor, ...]:
        labels = pseudo_labels(
            network.settled(outputs.feature.detach()),
            video.points,
            video.scored,
            self._settings.loss,
            epoch,
            rng,
            video.far,
        )
        loss = gim_loss(outputs, labels, self._settings.loss)
        found = apex_distances(labels, video.truth)
        figures = [float(f(found[kind])) for kind in Kind for f in (sum, len)]
        return (*loss, *loss.total.new_tensor(figures))

    def _outputs(self, network: GimNetwork, videos: Sequence[TrainingVideo]) -> list[GimOutputs]:
        """Return each video's outputs; ticks that are not scored are not computed, and 0."""
        nodes = list(network.inputs.node_indices)
        scored = [video.windows[video.scored][:, :, nodes] for video in videos]
        counts = [len(rows) for rows in scored]
        joined = np.concatenate(scored)
        # normalisation in training needs two windows, and a run of ticks may hold one alone
        taken = joined if len(joined) > 1 else np.repeat(joined, 2, axis=0)
        windows = torch.from_numpy(taken).to(self._device)
        reduced = self._settings.training.bfloat16
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=reduced):
            found: GimOutputs = network(windows)
        columns = (torch.split(value[: sum(counts)].float(), counts) for value in found)
        return [
            spread(GimOutputs(*rows), video.scored)
            for rows, video in zip(zip(*columns, strict=True), videos, strict=True)
        ]


def make_optimizer(network: nn.Module, config: GimTrainingConfig) -> torch.optim.Optimizer:
    """Return the optimiser over all weights."""
    kind = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    return kind(
        network.parameters(),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        weight_decay=config.weight_decay,
    )

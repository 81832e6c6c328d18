"""What a PWES network is trained for, in terms of the training loop (sections 3.2 and 4.3)."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from offline.mcwes.network import BACKGROUND, SnippetOutputs
from offline.pwes.bank import MemoryBank
from offline.pwes.contrast import contrast_loss
from offline.pwes.figures import COUNTS, counts_of, figures
from offline.pwes.losses import PwesLossParts, joined, mean_parts, snippet_loss
from offline.pwes.mining import VideoScores, combined, mine
from offline.pwes.network import PwesNetwork
from offline.pwes.regions import classes_of, sample_regions
from offline.pwes.sampler import BatchSampler
from offline.pwes.settings import PwesSettings, PwesTrainingConfig
from offline.pwes.supplies import BatchVideo
from offline.training.run_folder import RunFolder


class PwesTask:
    """Batches of videos, the pseudo labels of each from the network as it is, and equation 18.

    Until the warm-up is over, only the losses of whole videos are computed; then a video's pseudo
    labels are made whenever it comes. Its region-level vectors go into the memory bank, and are
    compared with those of all other videos there, of this batch or of earlier ones.

    Parameters
    ----------
    sampler
        Gives the videos of a step.
    settings
        Of the method.
    device
        Where torch computes.
    """

    def __init__(self, sampler: BatchSampler, settings: PwesSettings, device: torch.device) -> None:
        self._sampler = sampler
        self._settings = settings
        self._device = device
        classes = classes_of(settings.contrast.counts)
        self._bank = MemoryBank(sampler.slots, classes, settings.model.fused_width, device)

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the loss's parts, then counts of snippets that figures are made from."""
        return (*PwesLossParts._fields, *COUNTS)

    def step(self, number: int) -> Callable[[PwesNetwork], tuple[Tensor, ...]]:
        """Return the loss of a step's batch as a function of the network."""
        return partial(self._losses, number, self._sampler.batch(number))

    def metrics(self, means: Mapping[str, float]) -> dict[str, float]:
        """Return the mean of each part, and how good the pseudo labels were."""
        return {name: means[name] for name in PwesLossParts._fields} | figures(means)

    def keep(self, network: Callable[[], PwesNetwork], run: RunFolder) -> None:
        """Leave nothing behind but the weights."""

    def memory(self) -> dict[str, Tensor]:
        """Return the memory bank."""
        return self._bank.state()

    def recall(self, memory: Mapping[str, Tensor]) -> None:
        """Go back to a memory bank."""
        self._bank.restore(memory)

    def _losses(
        self, number: int, batch: Sequence[BatchVideo], network: PwesNetwork
    ) -> tuple[Tensor, ...]:
        mining, loss = self._settings.mining, self._settings.loss
        points = [self._tensor(one.video.points) for one in batch]
        pseudo: list[Tensor] = []
        outputs = [network(self._tensor(one.video.snippets)) for one in batch]
        snippet = contrast = [torch.zeros((), device=self._device)] * len(batch)
        if mining.strategy != "none" and number >= mining.warmup_steps:
            pseudo = self._pseudo(network, batch, outputs, points)
            labels = [combined(given, made) for given, made in zip(points, pseudo, strict=True)]
            snippet = [snippet_loss(o, of, loss) for o, of in zip(outputs, labels, strict=True)]
            contrast = self._contrast(batch, outputs, labels)
        parts = [
            joined(said, given.any(dim=0), first, second, loss)
            for said, given, first, second in zip(outputs, points, snippet, contrast, strict=True)
        ]
        truth = [self._tensor(one.video.truth) for one in batch]
        counts = counts_of(pseudo, truth if pseudo else [])
        return (*mean_parts(parts), *(count.to(self._device) for count in counts))

    @torch.no_grad()
    def _pseudo(
        self,
        network: PwesNetwork,
        batch: Sequence[BatchVideo],
        outputs: Sequence[SnippetOutputs],
        points: Sequence[Tensor],
    ) -> list[Tensor]:
        """Return the pseudo labels of each video, made without dropout where that is asked for."""
        if self._settings.training.settled:
            network.eval()
            outputs = [network(self._tensor(one.video.snippets)) for one in batch]
            network.train()
        scores = [VideoScores(said.feature, said.cam, said.attention) for said in outputs]
        mining = self._settings.mining
        return [mine(said, given, mining) for said, given in zip(scores, points, strict=True)]

    def _contrast(
        self,
        batch: Sequence[BatchVideo],
        outputs: Sequence[SnippetOutputs],
        labels: Sequence[Tensor],
    ) -> list[Tensor]:
        """Store the region-level vectors of all videos, then return equation 17 of each."""
        config, bank = self._settings.contrast, self._bank
        regions = [
            sample_regions(said.feature, of, config.counts, config.regions)
            for said, of in zip(outputs, labels, strict=True)
        ]
        for one, own in zip(batch, regions, strict=True):
            bank.update(one.slot, own)
        return [
            contrast_loss(own, bank.classes, bank.others(one.slot), config.tau, BACKGROUND)
            for one, own in zip(batch, regions, strict=True)
        ]

    def _tensor(self, array: NDArray[np.float32] | NDArray[np.bool_]) -> Tensor:
        return torch.from_numpy(array).to(self._device)


def make_optimizer(network: nn.Module, config: PwesTrainingConfig) -> torch.optim.Optimizer:
    """Return the optimiser over all weights."""
    kind = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    return kind(
        network.parameters(),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        weight_decay=config.weight_decay,
    )

"""What a network of MC-WES is trained for, in terms of the training loop."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import nn

from offline.mcwes.losses import McWesLossParts, mc_wes_loss
from offline.mcwes.network import McWesNetwork
from offline.mcwes.sampler import Batch, BatchSampler
from offline.mcwes.settings import McWesSettings, SnippetTrainingConfig
from offline.training.run_folder import RunFolder


class McWesTask:
    """Batches of videos and the loss of equation 22.

    Parameters
    ----------
    sampler
        Gives the batch of a step.
    settings
        Of the method.
    device
        Where torch computes.
    """

    def __init__(
        self, sampler: BatchSampler, settings: McWesSettings, device: torch.device
    ) -> None:
        self._sampler = sampler
        self._settings = settings
        self._device = device

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the loss's parts."""
        return McWesLossParts._fields

    def step(self, number: int) -> Callable[[McWesNetwork], McWesLossParts]:
        """Return the loss of a step's batch as a function of the network."""
        return partial(self._loss, self._sampler.batch(number))

    def metrics(self, means: Mapping[str, float]) -> dict[str, float]:
        """Return the mean of each part."""
        return dict(means)

    def keep(self, network: Callable[[], McWesNetwork], run: RunFolder) -> None:
        """Leave nothing behind but the weights."""

    def _loss(self, batch: Batch, network: McWesNetwork) -> McWesLossParts:
        outputs = [network(torch.from_numpy(rows).to(self._device)) for rows in batch.snippets]
        kinds = torch.from_numpy(batch.kinds).to(self._device)
        return mc_wes_loss(outputs, kinds, batch.pairs, self._settings.loss)


def make_optimizer(network: nn.Module, config: SnippetTrainingConfig) -> torch.optim.Optimizer:
    """Return the optimiser over all weights."""
    kind = torch.optim.Adam if config.optimizer == "adam" else torch.optim.AdamW
    return kind(
        network.parameters(),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        weight_decay=config.weight_decay,
    )

"""Tiny networks of snippets, and videos whose snippets show what they hold."""

import dataclasses

import numpy as np
import torch
from torch import Tensor

from engines.intervals import Interval, Kind
from offline.mcwes.config import SnippetInputs, SnippetModel, SnippetNetworkConfig
from offline.mcwes.network import McWesNetwork, SnippetOutputs
from offline.mcwes.settings import McWesLossConfig, McWesSettings, SnippetTrainingConfig
from offline.snippets.record import SnippetRecord

FEATURES = 6
INPUTS = SnippetInputs("i3d", 8, 30.0, FEATURES)
MODEL = SnippetModel(attention_width=5, fused_width=7)
TINY = McWesSettings(
    INPUTS,
    MODEL,
    McWesLossConfig(),
    SnippetTrainingConfig(epochs=2, steps_per_epoch=3, snippets=12, plot_every=0),
)


def settings(**training: object) -> McWesSettings:
    return dataclasses.replace(TINY, training=dataclasses.replace(TINY.training, **training))


def network(seed: int = 0, **model: object) -> McWesNetwork:
    torch.manual_seed(seed)
    layers = dataclasses.replace(MODEL, **model)
    return McWesNetwork(SnippetNetworkConfig(INPUTS, layers)).eval()


def outputs(seed: int, snippets: int, features: int = 4) -> SnippetOutputs:
    """Random answers of a network, in double precision."""
    draw = torch.Generator().manual_seed(seed)
    return SnippetOutputs(
        torch.rand((2, snippets), generator=draw, dtype=torch.float64),
        torch.randn((snippets, 3), generator=draw, dtype=torch.float64),
        torch.randn((snippets, features), generator=draw, dtype=torch.float64),
    )


def answers(
    attention: list[float], cam: list[list[float]], feature: list[list[float]]
) -> SnippetOutputs:
    """Answers that a test writes down; both streams attend alike."""
    one = torch.tensor(attention, dtype=torch.float64)
    return SnippetOutputs(
        torch.stack([one, one]),
        torch.tensor(cam, dtype=torch.float64),
        torch.tensor(feature, dtype=torch.float64),
    )


def interval(kind: Kind, snippet: int, count: int = 2) -> Interval:
    """An expression that fills some snippets of 8 ticks."""
    first = 8 * snippet
    return Interval(kind, first, first + 4 * count, first + 8 * count - 1)


def record(
    name: str = "video",
    snippets: int = 20,
    kinds: str = "",
    seed: int = 0,
    features: int = FEATURES,
    source: str = "i3d",
    ticks: float = 8.0,
) -> SnippetRecord:
    """Noise, in which ``"m"`` and ``"M"`` are a micro- and a macro-expression in a row.

    Each moves a feature of its own.
    """
    streams = np.random.default_rng(seed).normal(0, 0.3, (2, snippets, features))
    found = []
    for place, letter in enumerate(kinds):
        kind, count = (Kind.MICRO, 1) if letter == "m" else (Kind.MACRO, 3)
        first = 2 + 5 * place
        streams[:, first : first + count, 0 if letter == "m" else 1] += 4
        found.append(interval(kind, first, count))
    return SnippetRecord(
        name, "subject", streams.astype(np.float32), np.ones(snippets, np.bool_),
        np.arange(snippets + 1) * ticks, source, tuple(found),
    )  # fmt: skip


def double(value: Tensor) -> np.ndarray:
    return value.detach().numpy().astype(np.float64)

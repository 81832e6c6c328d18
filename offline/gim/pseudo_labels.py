"""Pseudo-labels from one labelled frame per expression (section 3.4, equations 1 to 5)."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.durations import Evidence, Span, anchor, estimate, mine, reach_around
from offline.gim.labels import InstanceLabels, PseudoLabels, Stage, TickPoint
from offline.gim.model import GimOutputs
from offline.gim.neutral import neutral_ticks
from offline.gim.stages import stage_of, theta, warm_reach
from offline.spotformer.targets import KINDS

LEAST: Final = 1e-6
"""Smallest soft label, since 0 stands for no label."""

Means = dict[Kind, NDArray[np.float64]]


def pseudo_labels(
    outputs: GimOutputs,
    points: Sequence[TickPoint],
    scored: NDArray[np.bool_],
    config: GimLossConfig,
    epoch: int,
    rng: np.random.Generator,
    far: NDArray[np.bool_] | None = None,
) -> PseudoLabels:
    """Return the pseudo-labels of one record in one epoch.

    Points without a scored tick within k_c / 4 label nothing. Ticks outside the record or not
    scored are in none of I_i, J_i and K_i. Where K_i is cut short, the divisor of equation 4
    shrinks with it.

    Parameters
    ----------
    outputs
        Of the record's T ticks, best without dropout
        (:meth:`offline.gim.model.GimNetwork.settled`).
    points
        Inside the record, at most one of each kind per tick
        (:func:`offline.gim.labels.usable_points`).
    scored
        bool (T,), False where a tick tells nothing.
    config
        Which variant, and its sizes.
    epoch
        Counted from 0; gives the stage and θ.
    rng
        Settles overlaps of one kind.
    far
        bool (T,): ticks far from every point of the video
        (:func:`offline.gim.neutral.far_ticks`); without it equation 6 decides what is neutral.

    Raises
    ------
    ValueError
        If a point is outside the record.
    """
    evidence = Evidence(_numpy(outputs.intensity), _numpy(outputs.x), scored)
    if any(point.tick >= len(scored) for point in points):
        raise ValueError(f"a point is beyond the record's {len(scored)} ticks")
    found = [(point, anchor(point, evidence, config)) for point in points]
    labelled = [(point, tick) for point, tick in found if tick is not None]
    means = _class_means(labelled, evidence)
    stage = stage_of(epoch, config)
    instances = []
    for point, tick in labelled:
        span = _span(point, tick, evidence, config, epoch)
        soft = _soft(span, point.kind, evidence, config, stage, means)
        instances.append(InstanceLabels(point, span.centre, span.ticks, soft))
    soft = _settle_overlaps(instances, len(scored), config, rng)
    neutral = neutral_ticks(evidence.intensity, (soft > 0).any(axis=0), scored, config, far)
    return PseudoLabels(soft, neutral, scored, tuple(instances), stage)


def _span(
    point: TickPoint, tick: int, evidence: Evidence, config: GimLossConfig, epoch: int
) -> Span:
    """Return the ticks that a point labels in an epoch."""
    stage = stage_of(epoch, config)
    if stage is Stage.HARD:
        return reach_around(tick, config.k_s1(point.kind), evidence)
    if stage is Stage.WARM:
        return reach_around(tick, warm_reach(epoch, point.kind, config), evidence)
    if config.soft_labels == "mined":
        return mine(tick, point.kind, evidence, config, theta(epoch, config))
    return estimate(point, evidence, config, theta(epoch, config))


def _soft(
    span: Span,
    kind: Kind,
    evidence: Evidence,
    config: GimLossConfig,
    stage: Stage,
    means: Means,
) -> NDArray[np.float32]:
    if stage is Stage.HARD or config.soft_labels in {"hard", "mined"}:
        return np.ones(len(span.ticks), np.float32)
    x = evidence.x[span.ticks]
    if config.soft_labels == "cosine":
        soft = cosine(x, evidence.x[span.centre])
    else:
        of_class = config.soft_labels == "class-mean"
        mu = means[kind] if of_class else evidence.x[span.centre]
        soft = gaussian(x, mu, span.duration, span.share)
    return np.clip(soft, LEAST, 1).astype(np.float32)


def gaussian(
    x: NDArray[np.float64], mu: NDArray[np.float64], duration: float, share: float = 1.0
) -> NDArray[np.float64]:
    """Return equation 5 with the variance of equation 4, float64 (n,).

    Parameters
    ----------
    x
        Features of the n ticks of K_i, float64 (n, C).
    mu
        Float64 (C,).
    duration
        δ L_i, ticks, above 0.
    share
        Of K_i that ``x`` covers; less than 1 where it is cut short.
    """
    squares = ((x - mu) ** 2).sum(axis=1)
    variance = squares.sum() / (duration * share)
    if variance == 0:
        return np.ones(len(x))
    bell: NDArray[np.float64] = np.exp(-squares / (2 * variance))
    return bell


def cosine(x: NDArray[np.float64], mu: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cosine of features (n, C) with one feature (C,), float64 (n,); 0 for a zero."""
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(mu)
    products: NDArray[np.float64] = x @ mu
    return np.divide(products, lengths, out=np.zeros(len(x)), where=lengths > 0)


def _class_means(labelled: Sequence[tuple[TickPoint, int]], evidence: Evidence) -> Means:
    """Return the mean feature of the labelled ticks of each kind that has any."""
    rows = {kind: [tick for point, tick in labelled if point.kind is kind] for kind in KINDS}
    return {kind: evidence.x[ticks].mean(axis=0) for kind, ticks in rows.items() if ticks}


def _settle_overlaps(
    instances: Sequence[InstanceLabels],
    length: int,
    config: GimLossConfig,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return one array per kind, float32 (2, T), with one label per tick (appendix A.1)."""
    soft = np.zeros((len(KINDS), length), np.float32)
    for instance in instances:
        row = soft[KINDS.index(instance.point.kind)]
        old, new = row[instance.ticks], instance.soft
        taken = old > 0
        wins = np.ones(len(new), np.bool_)
        if config.overlap == "random":
            wins[taken] = rng.random(int(taken.sum())) < 0.5
        else:
            wins[taken] = (new > old if config.overlap == "higher" else new < old)[taken]
        row[instance.ticks[wins]] = new[wins]
    return soft


def _numpy(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.detach().double().cpu().numpy()

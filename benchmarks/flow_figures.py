"""From what the flows said to the figures of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.flow_banks import CALLS, REFERENCE, STREAMING
from benchmarks.flow_trial import Trial

FASTER: Final = 40.0
LEAST_R: Final = 0.99
MOST_MEDIAN_PX: Final = 0.03

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Times:
    """Time of a frame, ms, and how many times as long sixteen calls take (median over frames)."""

    p50_ms: float
    p95_ms: float
    faster: float


@dataclass(frozen=True, slots=True)
class Error:
    """Distance between measured and true displacement, canonical px, all patches and steps."""

    mean_px: float
    median_px: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How near two flows are, over all values: patches, steps, both axes.

    Attributes
    ----------
    share
        How many of the values that could be compared were, in [0, 1].
    r
        Pearson's correlation; not a number where nothing moves.
    median_px, p95_px
        Of the absolute difference, canonical px.
    """

    share: float
    r: float
    median_px: float
    p95_px: float

    @classmethod
    def of(cls, one: Floats, other: Floats, share: float = 1.0) -> Self | None:
        """Compare arrays of equal shape, canonical px; None if they are empty."""
        a, b = (part.ravel().astype(np.float64) for part in (one, other))
        if not a.size:
            return None
        difference = np.abs(a - b)
        moves = bool(a.std() and b.std())
        return cls(
            share=share,
            r=float(np.corrcoef(a, b)[0, 1]) if moves else float("nan"),
            median_px=float(np.median(difference)),
            p95_px=float(np.percentile(difference, 95)),
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """One thing to reach, and what was measured."""

    name: str
    bar: str
    measured: str
    met: bool


def times_of(trials: Sequence[Trial], flow: str) -> Times | None:
    """Return the times of a flow over all frames with sixteen pairs; None if there are none."""
    own, calls = (
        np.array([ms for trial in trials for ms in trial.ms[name]]) for name in (flow, CALLS)
    )
    if not own.size:
        return None
    p50, p95 = np.percentile(own, (50, 95))
    return Times(float(p50), float(p95), float(np.median(calls / own)))


def error_of(trials: Sequence[Trial], flow: str) -> Error | None:
    """Return a flow's error over trials whose truth is known; None if there are none."""
    lengths = [
        np.linalg.norm(trial.patches[flow] - trial.truth, axis=-1).ravel()
        for trial in trials
        if trial.truth is not None
    ]
    if not lengths:
        return None
    every = np.concatenate(lengths)
    return Error(float(every.mean()), float(np.median(every)))


def agreement_of(trials: Sequence[Trial], flow: str, consistent: bool = False) -> Agreement | None:
    """Compare a flow with the reference over trials put together.

    Parameters
    ----------
    trials
        Of real clips.
    flow
        Which.
    consistent
        Keep only those patches at which the reference agrees with itself.
    """
    if not trials:
        return None
    one, other = (
        np.concatenate([trial.patches[name] for trial in trials]) for name in (flow, REFERENCE)
    )
    if not consistent:
        return Agreement.of(one, other)
    asked = np.concatenate([trial.asked for trial in trials])
    kept = np.concatenate([trial.consistent for trial in trials])
    share = float(kept[asked].mean()) if asked.any() else 0.0
    return Agreement.of(one[kept], other[kept], share)


def bars_of(clips: Sequence[Trial], films: Mapping[str, Sequence[Trial]]) -> list[Bar]:
    """Return the bars that the streaming flow has to reach, as far as they were measured."""
    out = []
    everything = [*clips, *(trial for group in films.values() for trial in group)]
    if times := times_of(everything, STREAMING):
        speed = f"{times.faster:.1f}"
        out.append(Bar("times faster", f">= {FASTER:.0f}", speed, times.faster >= FASTER))
    for consistent, where in ((False, "all values"), (True, "reference agrees with itself")):
        if near := agreement_of(clips, STREAMING, consistent):
            median = near.median_px
            out += [
                Bar(f"r, {where}", f">= {LEAST_R}", f"{near.r:.4f}", near.r >= LEAST_R),
                Bar(f"median difference, {where}", f"<= {MOST_MEDIAN_PX} px",
                    f"{median:.4f} px", median <= MOST_MEDIAN_PX),
            ]  # fmt: skip
    for group, trials in films.items():
        own, slow = error_of(trials, STREAMING), error_of(trials, REFERENCE)
        if own and slow:
            met = own.mean_px <= slow.mean_px
            name, bar = f"mean error, {group}", f"<= {slow.mean_px:.3f} px"
            out.append(Bar(name, bar, f"{own.mean_px:.3f} px", met))
    return out

"""Every flow on the same frames, one after the other on each, so that all meet the same noise."""

import time
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.flow_banks import Runner, make_runners
from benchmarks.flow_stretch import Stretch
from realtime.flow.parameters import FlowParameters
from realtime.flow.reference import aligned_flow
from realtime.flow.step import Alignment
from realtime.types import FLOW_NODES, WINDOW

ROUND_TRIP_PX: Final = 0.5
"""Forward and backward flow of a pair cancel to within this where a flow agrees with itself."""

ASKED_EVERY: Final = 6
"""Ticks between the windows whose pairs are also measured backwards, which takes as long again."""

Floats = NDArray[np.float32]

NOWHERE: Final = np.zeros(len(FLOW_NODES), np.bool_)


@dataclass(slots=True)
class Trial:
    """What every flow said about one stretch.

    Attributes
    ----------
    name
        Of the stretch.
    patches
        By flow: float32 (pairs, 10, 2), canonical px; pairs in the same order for all.
    ms
        By flow: time of each frame that ended sixteen pairs, ms; of plain calls, theirs alone.
    asked
        bool (pairs,): pairs that the reference has measured backwards too.
    consistent
        bool (pairs, 10): among them, patches at which it agrees with itself.
    truth
        float32 (pairs, 10, 2), canonical px; None where nobody knows it.
    """

    name: str
    patches: dict[str, Floats]
    ms: dict[str, list[float]]
    asked: NDArray[np.bool_]
    consistent: NDArray[np.bool_]
    truth: Floats | None = None


@dataclass(slots=True)
class _Notes:
    pairs: list[tuple[int, int]] = field(default_factory=list)
    patches: dict[str, list[Floats]] = field(default_factory=dict)
    ms: dict[str, list[float]] = field(default_factory=dict)
    asked: list[bool] = field(default_factory=list)
    consistent: list[NDArray[np.bool_]] = field(default_factory=list)


def run_trial(stretch: Stretch, alignment: Alignment, both_ways: bool) -> Trial:
    """Run all flows on a stretch.

    Parameters
    ----------
    stretch
        At least two crops.
    alignment
        How head motion is removed.
    both_ways
        Also ask the reference, outside of the timing, whether it agrees with itself.
    """
    notes, runners = _Notes(), make_runners(alignment)
    for tick in range(len(stretch.crops)):
        starts = _push_all(stretch, tick, runners, notes)
        notes.pairs += [(start, tick) for start in starts]
        asked = [both_ways and start % ASKED_EVERY == 0 for start in starts]
        notes.asked += asked
        notes.consistent += [
            consistent(stretch, start, tick) if ask else NOWHERE
            for start, ask in zip(starts, asked, strict=True)
        ]
    known = stretch.places is not None
    return Trial(
        stretch.name,
        {name: np.array(rows, np.float32) for name, rows in notes.patches.items()},
        notes.ms,
        np.array(notes.asked, np.bool_),
        np.array(notes.consistent, np.bool_),
        np.array([stretch.truth(*pair) for pair in notes.pairs]) if known else None,
    )


def _push_all(stretch: Stretch, tick: int, runners: dict[str, Runner], notes: _Notes) -> list[int]:
    """Give one crop to every flow, in turn the first; return the pairs' first frames."""
    names = list(runners)
    turn = tick % len(names)
    starts: list[int] = []
    for name in names[turn:] + names[:turn]:
        runner = runners[name]
        begin, called_s = time.perf_counter(), runner.calls_s
        steps = runner.push(stretch.crops[tick])
        if stretch.opens[tick]:
            runner.open(tick, stretch.sites[tick])
        elapsed_s = time.perf_counter() - begin
        if called_s is not None and runner.calls_s is not None:
            elapsed_s = runner.calls_s - called_s
        found = runner.canonical(steps)
        starts = sorted(found)
        notes.patches.setdefault(name, []).extend(found[start] for start in starts)
        times = notes.ms.setdefault(name, [])
        if len(found) == WINDOW - 1:
            times.append(1e3 * elapsed_s)
    return starts


def consistent(stretch: Stretch, start: int, end: int) -> NDArray[np.bool_]:
    """Say at which patches the reference's flow of a pair agrees with its flow back, bool (10,).

    It is asked before its second pass, whose warp would be that of another fit on the way back.
    """
    first, last = stretch.crops[start], stretch.crops[end]
    forward = aligned_flow(first, last, stretch.sites[start].nose, FlowParameters())
    back = aligned_flow(last, first, stretch.sites[end].nose, FlowParameters())
    rest = [round_trip_px(forward, back, centre) for centre in stretch.sites[start].patches]
    return np.array(rest) <= ROUND_TRIP_PX


def round_trip_px(forward: Floats, back: Floats, centre: Floats) -> float:
    """Return how far pixels of a patch are, there and back, from where they began: median, px.

    Parameters
    ----------
    forward, back
        float32 (H, W, 2): flow from one crop to the other and back, px.
    centre
        float32 (2,): middle of the patch on the first crop, px.
    """
    height, width = forward.shape[:2]
    radius = FlowParameters().patch_radius_px
    side = np.arange(-radius, radius + 1)
    x, y = (np.round(c).astype(int) + side for c in centre)
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    there = forward[np.ix_(y, x)]
    at_x = np.clip(np.round(x[None, :] + there[..., 0]).astype(int), 0, width - 1)
    at_y = np.clip(np.round(y[:, None] + there[..., 1]).astype(int), 0, height - 1)
    rest = there + back[at_y, at_x]
    return float(np.median(np.hypot(rest[..., 0], rest[..., 1])))

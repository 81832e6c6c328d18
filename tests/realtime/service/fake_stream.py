"""Serve a plausible stream without a pipeline, to look at the dashboard.

    python -m tests.realtime.service.fake_stream --port 8765

Nothing here measures or spots anything: the scores are bumps around scripted apexes.
"""

import argparse
import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engines.intervals import Kind
from realtime.events.cloudevents import utc_text
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    Hello,
    ModelInfo,
    Phase,
    SourceDescription,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.service.server import EventServer
from realtime.sources.condition import Condition
from realtime.types import FLOW_NODES

PATCHES = np.array(
    [
        [-52, -27], [-40, -33], [-27, -31], [27, -31], [40, -33], [52, -27],
        [-25, 61], [0, 53], [25, 61], [0, 73],
    ],
    dtype=float,
)  # fmt: skip
SMILE = np.array([[0, 0]] * 6 + [[-6, -5], [0, 1], [6, -5], [0, 2]], dtype=float)
FROWN = np.array([[0.6, 1], [1.2, 2], [2, 3], [-2, 3], [-1.2, 2], [-0.6, 1]] + [[0, 0]] * 4)


@dataclass(frozen=True)
class Act:
    """One scripted expression: when it peaks, and how long it rises and falls, s."""

    number: int
    kind: Kind
    apex_s: float
    rise_s: float
    fall_s: float

    def strength(self, time_s: float) -> float:
        side = self.rise_s if time_s < self.apex_s else self.fall_s
        return math.exp(-0.5 * ((time_s - self.apex_s) / (side / 2)) ** 2)

    def event(
        self, phase: Phase, delay_s: float | None, started: float, source: int = 0, face: int = 0
    ) -> Expression:
        onset, offset = self.apex_s - self.rise_s, self.apex_s + self.fall_s

        def at(time_s: float) -> str:
            return utc_text(datetime.fromtimestamp(started + time_s, UTC))

        return Expression(
            f"{source}-{face}-{self.number}", phase, self.kind, onset, self.apex_s, offset,
            0.62 + 0.3 * abs(math.sin(self.number)), face, at(onset),
            at(self.apex_s), at(offset), 21.4 + 4 * math.sin(self.number), delay_s, source,
        )  # fmt: skip


def script(rng: np.random.Generator, seconds: float) -> list[Act]:
    """Draw a sequence of expressions that lasts about ``seconds``."""
    acts: list[Act] = []
    now = 2.0
    while now < seconds:
        kind = Kind.MICRO if rng.random() < 0.5 else Kind.MACRO
        rise = rng.uniform(0.12, 0.2) if kind is Kind.MICRO else rng.uniform(0.4, 1.1)
        fall = rng.uniform(0.12, 0.2) if kind is Kind.MICRO else rng.uniform(0.5, 1.3)
        acts.append(Act(len(acts), kind, now + rise, rise, fall))
        now += rise + fall + rng.uniform(1.2, 3.5)
    return acts


def telemetry(
    acts: list[Act], now: float, rng: np.random.Generator, args: argparse.Namespace,
    source: int = 0, face: int = 0,
) -> Telemetry:  # fmt: skip
    """Look at the stream at one moment."""
    parts = {kind: max([0.0, *(a.strength(now) for a in acts if a.kind is kind)]) for kind in Kind}
    shifts = SMILE * parts[Kind.MACRO] + FROWN * parts[Kind.MICRO] + rng.normal(0, 0.12, (10, 2))
    noise = np.abs(rng.normal(0, 0.025, 2))
    scores = {
        f"{kind}_{'action' if args.gim else 'apex'}": float(min(1, 0.03 + 0.88 * parts[kind] + n))
        for kind, n in zip(Kind, noise, strict=True)
    }
    if args.gim:
        scores["intensity"] = float(min(1, 0.05 + 0.8 * max(parts.values()) + noise[0]))
    base = {"decode": 1.1, "landmarks": 7.8, "flow": 6.2, "model": 3.9, "spot": 0.4}
    return Telemetry(
        time_s=now, face=face, scores=scores, source=source,
        patches=tuple((float(x), float(y)) for x, y in PATCHES + shifts),
        shifts=tuple((float(x), float(y)) for x, y in shifts),
        rates={"capture_hz": 29.9 + rng.normal(0, 0.1), "tick_hz": 30.0},
        latency_ms={stage: value * rng.uniform(0.85, 1.2) for stage, value in base.items()},
        drops=int(now / 9), repeated=int(now / 20), preview=args.preview, recording=args.record,
    )  # fmt: skip


def play(publisher: Publisher, args: argparse.Namespace) -> None:
    """Publish the scripts of all faces at their own pace."""
    rng = np.random.default_rng(args.seed)
    cast = {
        (source, face): script(rng, args.seconds)
        for source in range(args.sources) for face in range(args.faces)
    }  # fmt: skip
    began = time.time()
    todo: list[tuple[float, EventData]] = []
    for (source, face), acts in cast.items():
        todo.append((0.1, FaceFound(face, 0.0, source)))
        for act in acts:
            new = act.event(Phase.NEW, None, began, source, face)
            end = act.event(Phase.END, 0.27, began, source, face)
            todo += [(act.apex_s + 0.3, new), (act.apex_s + act.fall_s + 0.27, end)]
    todo.append((12.0, StreamGap(10.9, 11.8, "no frames")))
    if args.trouble:
        todo += trouble(args.sources - 1)
    todo.sort(key=lambda item: item[0])
    began -= args.skip
    while (now := time.time() - began) < args.seconds:
        while todo and todo[0][0] <= now:
            publisher.publish(todo.pop(0)[1])
        for (source, face), acts in cast.items():
            publisher.publish(telemetry(acts, now, rng, args, source, face))
        time.sleep(0.1)
    for source in range(args.sources):
        frames = int(args.seconds * 30)
        publisher.publish(StreamEnd("finished", args.seconds, frames, frames, source=source))


def trouble(source: int) -> list[tuple[float, EventData]]:
    """Return what a bad cable does to the last source."""
    times = (14.0, 18.0, 24.0, 29.0)
    states = (Condition.RECONNECTING, Condition.LIVE, Condition.BLACK, Condition.LIVE)
    reasons = ("the camera went away, next try in 2 s", None, "every pixel is dark", None)
    return [
        (time_s, StreamState(source, state, time_s, reason))
        for time_s, state, reason in zip(times, states, reasons, strict=True)
    ]


def main() -> None:
    """Serve until the script is over, then linger."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--skip", type=float, default=0)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--token")
    parser.add_argument("--gim", action="store_true", help="with an intensity, as GIM's")
    parser.add_argument("--preview", action="store_true")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--faces", type=int, default=1, help="in each source")
    parser.add_argument("--sources", type=int, default=1)
    parser.add_argument("--trouble", action="store_true", help="the last source fails now and then")
    args = parser.parse_args()
    method = "gim" if args.gim else "spotformer"
    started = utc_text(datetime.fromtimestamp(time.time() - args.skip, UTC))
    names = ["synthetic: two minutes", *(f"camera {n}" for n in range(1, args.sources))]
    hello = Hello(
        ModelInfo(f"{method}-demo", "1.0.0", method), 30, "onnxruntime", "fp32", 0.27,
        names[0], started, FLOW_NODES, True, recording=args.record,
        sources=tuple(SourceDescription(name, started, n == 0) for n, name in enumerate(names)),
    )  # fmt: skip
    with (
        EventServer(port=args.port, token=args.token) as server,
        Publisher(hello, [server]) as publisher,
    ):
        play(publisher, args)
        time.sleep(args.seconds)


if __name__ == "__main__":
    main()

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
    StreamEnd,
    StreamGap,
)
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.service.server import EventServer
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

    def event(self, phase: Phase, delay_s: float | None, started: float) -> Expression:
        onset, offset = self.apex_s - self.rise_s, self.apex_s + self.fall_s

        def at(time_s: float) -> str:
            return utc_text(datetime.fromtimestamp(started + time_s, UTC))

        return Expression(
            f"e{self.number}", phase, self.kind, onset, self.apex_s, offset,
            0.62 + 0.3 * abs(math.sin(self.number)), 0, at(onset),
            at(self.apex_s), at(offset), 21.4, delay_s,
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
    acts: list[Act], now: float, rng: np.random.Generator, args: argparse.Namespace
) -> Telemetry:
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
        time_s=now, face=0, scores=scores,
        patches=tuple((float(x), float(y)) for x, y in PATCHES + shifts),
        shifts=tuple((float(x), float(y)) for x, y in shifts),
        rates={"capture_hz": 29.9 + rng.normal(0, 0.1), "tick_hz": 30.0},
        latency_ms={stage: value * rng.uniform(0.85, 1.2) for stage, value in base.items()},
        drops=int(now / 9), repeated=int(now / 20), preview=args.preview, recording=args.record,
    )  # fmt: skip


def play(publisher: Publisher, args: argparse.Namespace) -> None:
    """Publish the script at its own pace."""
    rng = np.random.default_rng(args.seed)
    acts = script(rng, args.seconds)
    began = time.time()
    todo: list[tuple[float, EventData]] = []
    for act in acts:
        end = act.apex_s + act.fall_s
        todo += [
            (act.apex_s + 0.3, act.event(Phase.NEW, None, began)),
            (end + 0.27, act.event(Phase.END, 0.27, began)),
        ]
    todo += [(0.1, FaceFound(0, 0.0)), (12.0, StreamGap(10.9, 11.8, "no frames"))]
    todo.sort(key=lambda item: item[0])
    began -= args.skip
    while (now := time.time() - began) < args.seconds:
        while todo and todo[0][0] <= now:
            publisher.publish(todo.pop(0)[1])
        publisher.publish(telemetry(acts, now, rng, args))
        time.sleep(0.1)
    publisher.publish(
        StreamEnd("finished", args.seconds, int(args.seconds * 30), int(args.seconds * 30))
    )


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
    args = parser.parse_args()
    method = "gim" if args.gim else "spotformer"
    hello = Hello(
        ModelInfo(f"{method}-demo", "1.0.0", method), 30, "onnxruntime", "fp32", 0.27,
        "synthetic: two minutes", utc_text(datetime.now(UTC)), FLOW_NODES, True,
    )  # fmt: skip
    with (
        EventServer(port=args.port, token=args.token) as server,
        Publisher(hello, [server]) as publisher,
    ):
        play(publisher, args)
        time.sleep(args.seconds)


if __name__ == "__main__":
    main()

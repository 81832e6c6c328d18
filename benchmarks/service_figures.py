"""What a loaded event service is judged by, from what was sent and what came."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.service_watch import Received, Watch
from engines.errors import FesError


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of a delay, ms."""

    messages: int
    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True)
class Use:
    """What the process takes: resident memory, MiB, and open files."""

    resident_mib: float
    files: int


@dataclass(slots=True)
class Course:
    """What the conductor of the run saw.

    Attributes
    ----------
    stretches
        Begin and end of each stretch, s of ``time.monotonic``, and whether clients stalled in it.
    before, during, after
        What the process took without clients, with all of them, and when they had left.
    events_cores, all_cores, machine_cores
        Cores that the thread of the service, the whole process, and everything on this machine
        kept busy, the clients among it.
    received
        What those who read got.
    failure
        Why it could not be measured.
    """

    stretches: list[tuple[float, float, bool]]
    before: Use | None = None
    during: Use | None = None
    after: Use | None = None
    events_cores: float = 0.0
    all_cores: float = 0.0
    machine_cores: float = 0.0
    received: Received | None = None
    failure: Exception | None = None


def spread(delays_ms: NDArray[np.float64]) -> Spread:
    """Return the percentiles of delays, float64 (N,), ms."""
    if not len(delays_ms):
        raise FesError("no message came: measure for longer (--seconds)")
    p50, p95, p99 = np.percentile(delays_ms, (50, 95, 99))
    return Spread(len(delays_ms), *(round(float(v), 2) for v in (p50, p95, p99, delays_ms.max())))


def delays_of(
    watch: Watch, received: Received, stretches: Sequence[tuple[float, float, bool]]
) -> dict[bool, NDArray[np.float64]]:
    """Return capture and publication to client, float64 (N, 2), ms, with and without stalling."""
    moments = watch.moments()
    rows: dict[bool, list[NDArray[np.float64]]] = {False: [], True: []}
    known = np.isin(received.numbers, np.array(list(moments), np.int64))
    sent = np.array([moments[number] for number in received.numbers[known].tolist()])
    times_s = received.times_s[known]
    delays = (times_s[:, None] - sent.reshape(-1, 2)) * 1e3
    for first_s, last_s, is_stalled in stretches:
        inside = (sent[:, 1] >= first_s) & (sent[:, 1] <= last_s)
        rows[is_stalled].append(delays[inside])
    return {which: np.concatenate(parts) for which, parts in rows.items()}


def losses(received: Received) -> dict[str, int]:
    """Count events that a client lacks, has twice or has out of order: each must be 0."""
    missing = doubled = disordered = 0
    for client in np.unique(received.clients):
        mine = received.numbers[(received.clients == client) & (received.numbers > 0)]
        if not len(mine):
            continue
        steps = np.diff(mine)
        doubled += int((steps == 0).sum())
        disordered += int((steps < 0).sum())
        missing += int(mine.max() - mine.min() + 1 - len(np.unique(mine)))
    return {"missing": missing, "doubled": doubled, "disordered": disordered}


def figures_of(watch: Watch, course: Course, dropped: int) -> dict[str, object]:
    """Return everything that was measured."""
    if course.received is None:
        raise FesError("the clients left without their notes: see the lines above")
    delays = delays_of(watch, course.received, course.stretches)
    done_s = np.array(watch.done_s)
    first_s, last_s = course.stretches[0][0], course.stretches[-1][1]
    inside = done_s[(done_s >= first_s) & (done_s <= last_s)]
    both = np.concatenate(list(delays.values()))
    calm, stalled = spread(delays[False][:, 1]), spread(delays[True][:, 1])
    return {
        "capture_to_client_ms": asdict(spread(both[:, 0])),
        "publish_to_client_ms": {"none stalled": asdict(calm), "some stalled": asdict(stalled)},
        "extra_of_others_ms": {
            name: round(getattr(stalled, name) - getattr(calm, name), 2)
            for name in ("p50", "p95", "p99", "max")
        },
        "frames_per_s": round((len(inside) - 1) / (last_s - first_s), 2),
        "frames_dropped": dropped,
        "capture_to_published_ms": asdict(spread(np.array(watch.totals_ms)[60:])),
        "events": {**losses(course.received), "connections_lost": course.received.lost},
        "use": {
            name: None if use is None else asdict(use)
            for name, use in (
                ("before", course.before), ("during", course.during), ("after", course.after),
            )
        },
        "cores": {
            "service": round(course.events_cores, 3),
            "process": round(course.all_cores, 3),
            "machine": round(course.machine_cores, 3),
            "there": psutil.cpu_count(),
        },
    }  # fmt: skip

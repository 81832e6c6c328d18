"""The event service under load: many clients, some of which stall, while the pipeline runs.

    python -m benchmarks.service_load [--clients 500 --stalled 20 --seconds 30 --json]

The pipeline and the service are this process, as in ``fes-live``; the clients are others, on
loopback. Stretches without and with the stalled clients take turns, so that what else the machine
does falls on both alike. Capture to client is the whole way of a message: from the frame that
brought it to its arrival in the client's process. The source is rendered beforehand and played at
30 fps, or a file.
"""

import gc
import logging
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click
import psutil

from benchmarks.measure.machine import MIB, processor_s
from benchmarks.measure.sources import open_live
from benchmarks.service_crowd import STALLED
from benchmarks.service_figures import Course, Use, figures_of
from benchmarks.service_watch import Crowd, Watch
from engines.console import option_debug, print_json, run_command, setup_log
from engines.errors import FesError, UsageError
from realtime import live
from realtime.live import LiveOptions
from realtime.pipeline.timing import Stopwatch
from realtime.service.server import EventServer
from realtime.sources.base import Source

log = logging.getLogger("fes.service_load")

TURNS: Final = 4
"""Stretches: without, with, without, with."""
START_S: Final = 180.0
SETTLE_S: Final = 0.5
"""Begin of each stretch that does not count: processes come and go in it."""
AFTER_S: Final = 2.0
P99_BAR_MS: Final = 100.0
DELAY_BAR_MS: Final = 10.0


def use_of(process: psutil.Process) -> Use:
    """Return what a process takes now."""
    return Use(round(process.memory_info().rss / MIB, 1), process.num_fds())


def conduct(
    server: EventServer, watch: Watch, source: Source, plan: tuple[int, int, float], course: Course
) -> None:
    """Let clients come and go while the pipeline runs, then end it."""
    try:
        _await_telemetry(watch)
        with tempfile.TemporaryDirectory() as folder:
            _load(server, plan, Path(folder), course)
    except (FesError, OSError) as error:
        course.failure = error
    finally:
        source.close()


def _load(server: EventServer, plan: tuple[int, int, float], folder: Path, course: Course) -> None:
    clients, stalled, seconds = plan
    process = psutil.Process()
    course.before = use_of(process)
    with Crowd(server.events_url, clients - stalled, folder / "read.npy") as crowd:
        log.info("%d clients read", clients - stalled)
        begin_s, busy_s, events_s = time.monotonic(), time.process_time(), _events_thread_s()
        machine_s = processor_s()
        for turn in range(TURNS):
            with ExitStack() as stack:
                if turn % 2:
                    bad = Crowd(server.events_url, stalled, folder / "stalled.npy", STALLED)
                    stack.enter_context(bad)
                time.sleep(SETTLE_S)
                start_s = time.monotonic()
                time.sleep(seconds / TURNS)
                course.stretches.append((start_s, time.monotonic(), bool(turn % 2)))
                course.during = use_of(process)
            log.info("%d of %d stretches", turn + 1, TURNS)
        wall_s = time.monotonic() - begin_s
        course.all_cores = (time.process_time() - busy_s) / wall_s
        course.machine_cores = (processor_s() - machine_s) / wall_s
        course.events_cores = (_events_thread_s() - events_s) / wall_s
    course.received = crowd.received
    time.sleep(AFTER_S)
    gc.collect()
    course.after = use_of(process)


def _await_telemetry(watch: Watch) -> None:
    end_s = time.monotonic() + START_S
    while len(watch.done_s) < 60:
        if time.monotonic() > end_s:
            raise FesError(f"the pipeline did not run within {START_S:.0f} s")
        time.sleep(0.1)


def _events_thread_s() -> float:
    wanted = [t.native_id for t in threading.enumerate() if t.name == "fes-events"]
    times = psutil.Process().threads()
    return sum(one.user_time + one.system_time for one in times if one.id in wanted)


def print_figures(figures: dict[str, object], clients: int, stalled: int) -> None:
    """Print what was measured, and the bars, as text."""
    print(f"{clients} clients, {stalled} of them stalled in every second stretch")
    for name, value in figures.items():
        print(f"{name:26} {value}")
    capture = figures["capture_to_client_ms"]
    extra = figures["extra_of_others_ms"]
    if isinstance(capture, dict) and isinstance(extra, dict):
        print(f"capture to client, p99: {capture['p99']} ms (bar {P99_BAR_MS:.0f})")
        print(f"others delayed by the stalled, p99: {extra['p99']} ms (bar {DELAY_BAR_MS:.0f})")


@click.command()
@click.option("--clients", type=click.IntRange(min=2), default=500, show_default=True)
@click.option("--stalled", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--seconds", type=click.FloatRange(min=4), default=30.0, show_default=True)
@click.option("--source", metavar="PATH", help="A file, played as a camera would deliver it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def main(
    clients: int, stalled: int, seconds: float, source: str | None, as_json: bool, debug: bool
) -> None:
    """Measure the event service under load."""
    setup_log(debug)
    if stalled >= clients:
        raise UsageError(f"--stalled {stalled}: there must be clients that read (--clients)")
    opened = open_live(None, source, None)
    watch, course = Watch(), Course([])
    server = EventServer(port=0)

    def heard(stage: str, duration_ms: float) -> None:
        watch.heard(stage, duration_ms)
        server.metrics.heard(stage, duration_ms)

    with server:
        plan = (clients, stalled, seconds)
        conductor = threading.Thread(
            target=conduct, args=(server, watch, opened.source, plan, course), name="conductor"
        )
        conductor.start()
        try:
            live.run(opened.source, LiveOptions(), [watch, server], stopwatch=Stopwatch(heard))
        finally:
            conductor.join()
    if course.failure is not None:
        raise course.failure
    figures = figures_of(watch, course, opened.source.dropped)
    if as_json:
        print_json(figures)
    else:
        print_figures(figures, clients, stalled)


if __name__ == "__main__":
    sys.exit(run_command(main))

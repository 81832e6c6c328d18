"""One measured run of the live pipeline, with whoever listens to it."""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure.client import Client
from benchmarks.measure.machine import processor_s
from benchmarks.measure.recorder import Recorder
from benchmarks.measure.watched import Watched
from engines.errors import SourceError
from realtime import live
from realtime.events.publisher import Sink
from realtime.live import LiveOptions
from realtime.pipeline.timing import Stopwatch
from realtime.service.server import EventServer
from realtime.sources.base import Source, SourceInfo


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went.

    Attributes
    ----------
    source
        What was played.
    recorder
        What the run said of itself.
    dropped
        Frames that were dropped after the first one was taken.
    started_s
        When the run began to load the model, s of ``time.monotonic``.
    others_cores
        Cores that other programs kept busy meanwhile; the client is one of them.
    completed
        False when the user interrupted it.
    received
        Messages that the client got, or None where nothing was served.
    failure
        Why the source was lost, or None.
    """

    source: SourceInfo
    recorder: Recorder
    dropped: int
    started_s: float
    others_cores: float
    completed: bool
    received: int | None = None
    failure: SourceError | None = None


def measure(
    source: Source,
    options: LiveOptions,
    *,
    serve: bool = False,
    keep: bool = True,
    waited: Callable[[Recorder, float], None] = lambda _, __: None,
) -> Outcome:
    """Run the live pipeline over a source and record what it says of itself.

    Parameters
    ----------
    source
        Open; closed here.
    options
        How the run is set up.
    serve
        Serve the events on loopback, to one client in a process of its own.
    keep
        See :class:`Recorder`.
    waited
        Told how long each frame took to come, ms.

    Raises
    ------
    FesError
        If the run could not begin. A source that is lost later ends the run: ``failure``.
    """
    recorder = Recorder(keep)
    watched = Watched(source, options.seconds, lambda ms: waited(recorder, ms))
    failure: SourceError | None = None
    completed, client = True, None
    with contextlib.ExitStack() as stack:
        stack.callback(source.close)
        sinks: list[Sink] = []
        if serve:
            server = EventServer(port=0).start()
            stack.callback(server.close)
            client = stack.enter_context(Client(server.events_url))
            # closed before the client is waited for: it leaves when the service does
            stack.callback(server.close)
            sinks.append(server)
        started_s, busy_s = time.monotonic(), _others_busy_s()
        try:
            completed = live.run(
                watched, options, [*sinks, recorder], stopwatch=Stopwatch(recorder.heard)
            )
        except SourceError as error:
            failure = error
        wall_s, busy_s = time.monotonic() - started_s, _others_busy_s() - busy_s
    return Outcome(
        source=watched.info,
        recorder=recorder,
        dropped=watched.dropped,
        started_s=started_s,
        others_cores=max(0.0, busy_s / max(wall_s, 1e-9)),
        completed=completed,
        received=None if client is None else client.received,
        failure=failure,
    )


def _others_busy_s() -> float:
    return processor_s() - time.process_time()

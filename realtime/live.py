"""One live run: its sources, their pipelines, and everyone who listens."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import cv2

from engines.backend import Backend
from engines.batching import BatchingBackend
from engines.manifest import require_contract
from engines.model_file import ModelFile, read_model
from engines.registry import default_model_path, open_backend
from realtime.events.messages import EventData
from realtime.events.publisher import Publisher, Sink
from realtime.faces.tracker import open_tracker
from realtime.flow.parameters import EYE_DISTANCE_PX
from realtime.greeting import make_hello
from realtime.marks import Marker
from realtime.pipeline.observer import Observer
from realtime.pipeline.path import FramePath
from realtime.pipeline.paths import follow_all
from realtime.pipeline.pipeline import ROLLING, Pipeline
from realtime.pipeline.timing import Stopwatch
from realtime.pipeline.warm import warm_up
from realtime.snippets.contract import Rolling, require_pooled
from realtime.sources.base import Source, close_all
from realtime.stopping import Stopper
from realtime.types import FEATURES_VERSION, NODES, RATE_HZ, WINDOW
from realtime.witness import Setting, Witness


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """How a run is set up.

    Attributes
    ----------
    model
        A model file, or None for the default one.
    backend
        ``auto`` or the name of a backend.
    face_model
        A MediaPipe ``.task`` file, or None for the bundled mesh.
    flow
        ``streaming`` or ``reference``.
    seconds
        Stop after this much stream time from the first frame on, or None.
    pace
        Play a file at its own speed instead of as fast as possible.
    threads
        Threads that the flow may use, and the model.
    rolling
        How much of the stream a model of snippets sees, and how long it waits; None to spot the
        whole of a recording at its end.
    max_faces
        Most faces to follow at a time, in each source.
    """

    model: Path | None = None
    backend: str = "auto"
    face_model: Path | None = None
    flow: str = "streaming"
    seconds: float | None = None
    pace: bool = False
    threads: int = 1
    rolling: Rolling | None = ROLLING
    max_faces: int = 1

    def setting(self) -> Setting:
        """Return the options for a description of the run: of files, their names."""
        rolling = self.rolling
        return {
            "model": None if self.model is None else self.model.name,
            "backend": self.backend,
            "face_model": None if self.face_model is None else self.face_model.name,
            "flow": self.flow,
            "seconds": self.seconds,
            "pace": self.pace,
            "threads": self.threads,
            "snippet_window": None if rolling is None else rolling.window,
            "snippet_settle": None if rolling is None else rolling.settle,
            "max_faces": self.max_faces,
        }


def load(options: LiveOptions) -> tuple[ModelFile, Backend]:
    """Open the model and what runs it, which any number of pipelines may share.

    Raises
    ------
    ModelError
        If the model is not one that this program can feed.
    """
    model = read_model(options.model or default_model_path())
    require_contract(
        model.manifest,
        window=WINDOW,
        rate_hz=RATE_HZ,
        nodes=NODES,
        eye_distance_px=EYE_DISTANCE_PX,
        extractor=FEATURES_VERSION,
    )
    require_pooled(model.manifest)
    backend = open_backend(model, options.backend, options.threads)
    return model, BatchingBackend(backend, model.manifest)


def run(
    sources: Source | Sequence[Source],
    options: LiveOptions,
    sinks: Sequence[Sink],
    on_event: Callable[[EventData], None] = lambda _: None,
    *,
    stopwatch: Stopwatch | None = None,
    marker: Marker | None = None,
    witnesses: Sequence[Witness] = (),
) -> bool:
    """Spot expressions in one or more sources until they end or the user stops it.

    All sources share the model. Each has its own faces, its own time and its own end: one that is
    lost does not end the others.

    Parameters
    ----------
    sources
        Open; closed here. Their places are their numbers.
    options
        How the run is set up.
    sinks
        Who gets the events; closed here.
    on_event
        Called with every event, telemetry excepted; with several sources, from several threads.
    stopwatch
        Takes the time of every stage (:mod:`realtime.pipeline.timing`). With several sources, its
        listener hears of all of them, and it keeps the times of the first.
    marker
        Writes down what clients mark; closed here.
    witnesses
        Who follows the whole run, such as a recording; closed here.

    Returns
    -------
    bool
        False when the user interrupted it.

    Raises
    ------
    SourceError
        If a source was lost or is corrupt; all events have been delivered.
    ModelError
        If the model cannot be used.
    """
    # OpenCV would start threads of its own for filters that take microseconds.
    cv2.setNumThreads(1)
    opened = list(sources) if isinstance(sources, Sequence) else [sources]
    starts = [_started(source) for source in opened]
    with contextlib.ExitStack() as stack:
        for sink in (*sinks, *witnesses):
            stack.callback(sink.close)
        if marker is not None:
            stack.callback(marker.close)
        opened = [
            stack.enter_context(_followed(source, number, marker, witnesses))
            for number, source in enumerate(opened)
        ]
        model, backend = load(options)
        stack.enter_context(backend)
        pipelines = [
            _pipeline(stack, options, model, backend, start, watch, number, witnesses)
            for number, (start, watch) in enumerate(
                zip(starts, _stopwatches(stopwatch, len(starts)), strict=True)
            )
        ]
        warm_up(backend, model.manifest, options.flow, options.threads, options.rolling)
        infos, delay_s = [source.info for source in opened], pipelines[0].head.delay_s
        marks = marker is not None
        hello = make_hello(
            model.manifest, backend, infos, starts, delay_s, marks=marks, witnesses=witnesses
        )
        for witness in witnesses:
            witness.begin(model.manifest, list(zip(infos, starts, strict=True)), options.setting())
        publisher = stack.enter_context(Publisher(hello, (*sinks, *witnesses)))
        if marker is not None:
            marker.announce(publisher.publish)
        stopper = stack.enter_context(Stopper(lambda: close_all(opened)))
        paths = [
            FramePath(source, pipeline, publisher, on_event, stopper)
            for source, pipeline in zip(opened, pipelines, strict=True)
        ]
        return follow_all(paths, stopper, options.seconds, options.pace)


def _started(source: Source) -> datetime | None:
    """Return when stream time 0 was; loading the model takes seconds, which do not count."""
    if not source.info.live:
        return None
    return source.info.started or datetime.now(UTC)


def _followed(
    source: Source, number: int, marker: Marker | None, witnesses: Sequence[Witness]
) -> Source:
    """Return a source as those see it who look at its frames on the way."""
    if marker is not None:
        source = marker.follow(source, number)
    for witness in witnesses:
        source = witness.follow(source)
    return source


def _stopwatches(first: Stopwatch | None, count: int) -> list[Stopwatch | None]:
    """Return one for each source: the first as it was given."""
    return [first, *(None if first is None else first.sibling() for _ in range(count - 1))]


def _pipeline(
    stack: contextlib.ExitStack,
    options: LiveOptions,
    model: ModelFile,
    backend: Backend,
    started: datetime | None,
    stopwatch: Stopwatch | None,
    number: int,
    observers: Sequence[Observer],
) -> Pipeline:
    """Return the pipeline of one source, with a tracker of its own."""
    tracker = stack.enter_context(open_tracker(options.face_model, options.max_faces))
    return Pipeline(
        tracker,
        backend,
        model.manifest,
        options.flow,
        started,
        options.threads,
        stopwatch,
        options.rolling,
        number,
        observers,
    )

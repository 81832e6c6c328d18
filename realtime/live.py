"""One live run: a source, the pipeline, and everyone who listens."""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import cv2

from engines.backend import Backend
from engines.batching import BatchingBackend
from engines.manifest import require_contract
from engines.model_file import ModelFile, read_model
from engines.registry import default_model_path, open_backend
from realtime.events.cloudevents import utc_text
from realtime.events.messages import EventData, Hello, ModelInfo
from realtime.events.publisher import Publisher, Sink
from realtime.faces.tracker import open_tracker
from realtime.flow.parameters import EYE_DISTANCE_PX
from realtime.marks import Marker
from realtime.pipeline.path import FramePath
from realtime.pipeline.pipeline import ROLLING, Pipeline
from realtime.pipeline.timing import Stopwatch
from realtime.pipeline.warm import warm_up
from realtime.snippets.contract import Rolling, require_pooled
from realtime.sources.base import Source
from realtime.stopping import Stopper
from realtime.types import FEATURES_VERSION, FLOW_NODES, NODES, RATE_HZ, WINDOW

log = logging.getLogger(__name__)

SYNTHETIC_PREFIX: Final = "synthetic"


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
    """

    model: Path | None = None
    backend: str = "auto"
    face_model: Path | None = None
    flow: str = "streaming"
    seconds: float | None = None
    pace: bool = False
    threads: int = 1
    rolling: Rolling | None = ROLLING


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
    source: Source,
    options: LiveOptions,
    sinks: Sequence[Sink],
    on_event: Callable[[EventData], None] = lambda _: None,
    *,
    stopwatch: Stopwatch | None = None,
    marker: Marker | None = None,
) -> bool:
    """Spot expressions in a source until it ends or the user stops it.

    Parameters
    ----------
    source
        Open; it is closed here.
    options
        How the run is set up.
    sinks
        Who gets the events; closed here.
    on_event
        Called with every event, telemetry excepted.
    stopwatch
        Takes the time of every stage (:mod:`realtime.pipeline.timing`).
    marker
        Writes down what clients mark; closed here.

    Returns
    -------
    bool
        False when the user interrupted it.

    Raises
    ------
    SourceError
        If the source was lost or is corrupt; the events up to there have been delivered.
    ModelError
        If the model cannot be used.
    """
    # OpenCV would start threads of its own for filters that take microseconds.
    cv2.setNumThreads(1)
    # A camera's stream time began when it opened, just now: loading the model takes seconds.
    started = datetime.now(UTC) if source.info.live else None
    with contextlib.ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
        if marker is not None:
            stack.callback(marker.close)
            source = marker.follow(source)
        stack.enter_context(source)
        model, backend = load(options)
        stack.enter_context(backend)
        tracker = stack.enter_context(open_tracker(options.face_model))
        pipeline = Pipeline(
            tracker,
            backend,
            model.manifest,
            options.flow,
            started,
            options.threads,
            stopwatch,
            options.rolling,
        )
        warm_up(backend, model.manifest, options.flow, options.threads, options.rolling)
        hello = _hello(model, backend, source, started, marker is not None, pipeline.head.delay_s)
        publisher = stack.enter_context(Publisher(hello, sinks))
        if marker is not None:
            marker.announce(publisher.publish)
        stopper = stack.enter_context(Stopper(source.close))
        path = FramePath(source, pipeline, publisher, on_event, stopper)
        return path.follow(options.seconds, options.pace)


def _hello(
    model: ModelFile,
    backend: Backend,
    source: Source,
    started: datetime | None,
    marks: bool,
    delay_s: float,
) -> Hello:
    manifest = model.manifest
    return Hello(
        model=ModelInfo(manifest.name, manifest.version, manifest.method),
        rate_hz=RATE_HZ,
        backend=backend.name,
        precision=backend.precision,
        algorithmic_delay_s=round(delay_s, 4),
        source=source.info.name,
        started_utc=None if started is None else utc_text(started),
        nodes=FLOW_NODES,
        synthetic=source.info.name.startswith(SYNTHETIC_PREFIX),
        marks=marks,
    )

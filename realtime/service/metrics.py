"""The figures of ``/metrics``, for Prometheus.

What happens on the frame path costs it one observation per stage, a microsecond each; everything
else is read when somebody asks.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from realtime.events.cloudevents import EVENT_TYPES, Envelope
from realtime.events.messages import Snapshot
from realtime.events.telemetry import Telemetry
from realtime.pipeline.timing import STAGES
from realtime.sources.condition import Condition

BUCKETS_S: Final = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.033, 0.05, 0.067, 0.1, 0.2, 0.5, 1.0, 2.5),
    float("inf"),
)
"""Edges of the histograms, s: a frame at 30 and at 15 Hz among them."""

FRAME: Final = "total"
"""The stage that every frame has once."""


class Refusal(StrEnum):
    """Why a connection was not served."""

    ORIGIN = "origin"
    QUERY = "query"
    TOKEN = "token"  # noqa: S105 - a label
    MESSAGE = "message"
    SILENT = "silent"
    HANDSHAKE = "handshake"
    FULL = "full"


class Metrics:
    """Counts what the service does, in a registry of its own.

    Parameters
    ----------
    look
        Gives the stage of the stream (``waiting``, ``live``, ``ended``), the number of sources
        and its state, whenever somebody asks.
    clients
        Gives the number of clients that follow.
    """

    def __init__(
        self, look: Callable[[], tuple[str, int, Snapshot]], clients: Callable[[], int]
    ) -> None:
        self._registry = registry = CollectorRegistry()
        self._latest: dict[int, Telemetry] = {}
        stages = Histogram(
            "fes_stage_duration_seconds", "How long each stage of the frame path takes.",
            ["stage"], registry=registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._any_stage = stages
        self._stages = {stage: stages.labels(stage) for stage in STAGES}
        self._frames = _counter(registry, "fes_frames", "Frames that were processed.")
        events = _counter(registry, "fes_events", "Messages of the stream, by type.", "type")
        self._events = {name: events.labels(name) for name in EVENT_TYPES}
        refused = _counter(
            registry, "fes_refused_connections", "Connections that were not served.", "reason"
        )
        self._refused = {reason: refused.labels(reason) for reason in Refusal}
        self._admitted = _counter(registry, "fes_clients_admitted", "Clients that ever followed.")
        self._overflows = _counter(
            registry, "fes_client_overflows", "Clients that were closed (1013) for falling behind."
        )
        self._expires = Gauge(
            "fes_tls_certificate_expires_timestamp_seconds",
            "When the certificate expires; 0 without TLS.", registry=registry,
        )  # fmt: skip
        registry.register(_Asked(look, clients, self._latest))
        ProcessCollector(registry=registry)

    def heard(self, stage: str, duration_ms: float) -> None:
        """Take one duration; a listener of :class:`realtime.pipeline.timing.Stopwatch`."""
        known = self._stages.get(stage) or self._any_stage.labels(stage)
        known.observe(duration_ms / 1e3)
        if stage == FRAME:
            self._frames.inc()

    def sent(self, envelope: Envelope) -> None:
        """Count one envelope of the stream."""
        self._events[envelope.type].inc()
        if isinstance(envelope.data, Telemetry):
            self._latest[envelope.data.source] = envelope.data

    def refused(self, reason: Refusal) -> None:
        """Count a connection that was not served."""
        self._refused[reason].inc()

    def admitted(self) -> None:
        """Count a client that follows from now on."""
        self._admitted.inc()

    def overflowed(self) -> None:
        """Count a client that fell too far behind."""
        self._overflows.inc()

    def certificate(self, expires: datetime) -> None:
        """Note until when the certificate in use is valid."""
        self._expires.set(expires.timestamp())

    def page(self, accept: str) -> tuple[bytes, str]:
        """Return the figures and their content type, in the format that the asker prefers."""
        encode, kind = choose_encoder(accept)
        return encode(self._registry), kind


class _Asked(Collector):
    """Figures that are read when they are asked for."""

    def __init__(
        self,
        look: Callable[[], tuple[str, int, Snapshot]],
        clients: Callable[[], int],
        latest: Mapping[int, Telemetry],
    ) -> None:
        self._look = look
        self._clients = clients
        self._latest = latest

    def collect(self) -> Iterator[Metric]:
        stage, sources, state = self._look()
        yield GaugeMetricFamily("fes_sequence", "Number of the newest event.", state.sequence)
        yield GaugeMetricFamily("fes_clients", "Clients that follow now.", self._clients())
        yield _table(
            "fes_stream", "1 for what the stream is now.", "stage",
            {name: float(name == stage) for name in ("waiting", "live", "ended")},
        )  # fmt: skip
        yield _conditions(sources, state)
        seen = {str(source): 0.0 for source in range(sources)}
        for face in state.faces:
            seen[str(face.source)] = seen.get(str(face.source), 0.0) + 1
        yield _table("fes_faces", "Faces in view.", "source", seen)
        yield GaugeMetricFamily(
            "fes_open_expressions", "Expressions not final yet.", len(state.open_expressions)
        )
        yield from self._reported()

    def _reported(self) -> Iterator[Metric]:
        latest = dict(self._latest)
        dropped = CounterMetricFamily(
            "fes_dropped_frames", "Frames that a source discarded.", labels=["source"]
        )
        rates = GaugeMetricFamily("fes_rate_hz", "Latest rates.", labels=["source", "rate"])
        for source, report in latest.items():
            dropped.add_metric([str(source)], report.drops)
            for name, value in report.rates.items():
                rates.add_metric([str(source), name.removesuffix("_hz")], value)
        yield dropped
        yield rates


def _counter(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Counter:
    return Counter(name, text, labels, registry=registry)


def _table(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _conditions(sources: int, state: Snapshot) -> Metric:
    now = {told.source: told.state for told in state.states}
    family = GaugeMetricFamily(
        "fes_source_state", "1 for what a source delivers now.", labels=["source", "state"]
    )
    for source in range(sources):
        for condition in Condition:
            is_so = now.get(source, Condition.LIVE) == condition
            family.add_metric([str(source), str(condition)], float(is_so))
    return family

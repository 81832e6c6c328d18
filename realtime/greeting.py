"""The first message of a run: what it scores with, and what it looks at."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from engines.backend import Backend
from engines.manifest import Manifest
from realtime.events.cloudevents import utc_text
from realtime.events.messages import Hello, ModelInfo, SourceDescription
from realtime.sources.base import SourceInfo
from realtime.types import FLOW_NODES, RATE_HZ
from realtime.witness import Witness

SYNTHETIC_PREFIX: Final = "synthetic:"


def make_hello(
    manifest: Manifest,
    backend: Backend,
    infos: Sequence[SourceInfo],
    starts: Sequence[datetime | None],
    delay_s: float,
    *,
    marks: bool = False,
    witnesses: Sequence[Witness] = (),
) -> Hello:
    """Return the hello of a run.

    Parameters
    ----------
    manifest, backend
        The model and what runs it.
    infos
        The sources, at least one, by their number.
    starts
        Wall-clock time of each source's stream time 0, or None.
    delay_s
        How long after a moment, at the soonest, it is decided, s.
    marks
        Whether clients may mark moments.
    witnesses
        Who follows the run, and may write it to disk.
    """
    sources = tuple(map(_describe, infos, starts))
    return Hello(
        model=ModelInfo(manifest.name, manifest.version, manifest.method),
        rate_hz=RATE_HZ,
        backend=backend.name,
        precision=backend.precision,
        algorithmic_delay_s=round(delay_s, 4),
        source=sources[0].name,
        started_utc=sources[0].started_utc,
        nodes=FLOW_NODES,
        synthetic=sources[0].synthetic,
        marks=marks,
        sources=sources,
        recording=any(witness.records for witness in witnesses),
        recording_video=any(witness.records_video for witness in witnesses),
    )


def _describe(info: SourceInfo, started: datetime | None) -> SourceDescription:
    return SourceDescription(
        name=info.name,
        started_utc=None if started is None else utc_text(started),
        synthetic=info.name.startswith(SYNTHETIC_PREFIX),
    )

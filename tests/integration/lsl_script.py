"""A run that publishes to LSL, and real inlets that read it, all in this process.

A process of its own, since the library reads its configuration once. Usage: lsl_script.py FILM;
prints what was read as JSON.
"""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pylsl

from realtime.events.cloudevents import Envelope
from realtime.events.messages import Expression, Phase
from realtime.live import LiveOptions, run
from realtime.lsl.outlets import LslOutlets
from realtime.pipeline.observer import TickScores
from realtime.sources.file import open_file
from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame

PATIENCE_S = 60.0


class Paced(WrappedSource):
    """A film whose frames were captured at known times, each a thirtieth of a second later."""

    def __init__(self, path: Path, start_s: float) -> None:
        super().__init__(open_file(path))
        self.start_s = start_s

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            yield replace(frame, captured_s=self.start_s + frame.timestamp_s)


class Inlets(LslOutlets):
    """The outlets, which are read from the moment they are open; keeps what went out too."""

    def __init__(self) -> None:
        super().__init__()
        self.inlets: dict[str, pylsl.StreamInlet] = {}
        self.told: list[dict[str, object]] = []
        self.scores = 0

    def begin(self, manifest: object, sources: object, setting: object) -> None:
        super().begin(manifest, sources, setting)  # type: ignore[arg-type]
        limit = time.monotonic() + PATIENCE_S
        while len(self.inlets) < 2 and time.monotonic() < limit:
            for info in pylsl.resolve_streams(wait_time=0.5):
                if info.name() not in self.inlets:
                    self.inlets[info.name()] = pylsl.StreamInlet(info)
                    self.inlets[info.name()].open_stream(timeout=PATIENCE_S)

    def write(self, envelope: Envelope) -> None:
        if isinstance(envelope.data, Expression) and envelope.data.phase is Phase.END:
            self.told.append({"id": envelope.data.id, "apex_s": envelope.data.apex_s})
        super().write(envelope)

    def scored(self, scores: TickScores) -> None:
        self.scores += 1
        super().scored(scores)

    def close(self) -> None:
        """Read before the outlets go."""
        if self.inlets and not hasattr(self, "read"):
            self.read = {name: read(inlet) for name, inlet in self.inlets.items()}
            self.described = {name: i.info(PATIENCE_S).as_xml() for name, i in self.inlets.items()}
        super().close()


def read(inlet: pylsl.StreamInlet) -> list[tuple[float, list[object]]]:
    out: list[tuple[float, list[object]]] = []
    sample, stamp = inlet.pull_sample(timeout=PATIENCE_S)
    while sample is not None:
        out.append((stamp, sample))
        sample, stamp = inlet.pull_sample(timeout=2.0)
    return out


def main() -> None:
    start_s = time.monotonic() - 1000
    outlets = Inlets()
    run(Paced(Path(sys.argv[1]), start_s), LiveOptions(), [], witnesses=[outlets])
    offset_s = pylsl.local_clock() - time.monotonic()
    json.dump(
        {
            "read": outlets.read,
            "described": outlets.described,
            "told": outlets.told,
            "scores": outlets.scores,
            "zero_lsl_s": start_s + offset_s,
        },
        sys.stdout,
    )


main()

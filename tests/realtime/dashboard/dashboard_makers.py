"""A service with things to look at, and words for what a page shows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engines.intervals import Kind
from realtime.events.messages import (
    Expression,
    FaceFound,
    Hello,
    Phase,
    SourceDescription,
)
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.service.server import EventServer
from tests.browser import Page
from tests.realtime.service.service_makers import HELLO

STARTED = "2024-02-29T12:00:00.000Z"
LIVE = replace(
    HELLO, started_utc=STARTED, sources=(SourceDescription(HELLO.source, STARTED, False),)
)
TWO = replace(
    LIVE, sources=(SourceDescription(HELLO.source, STARTED), SourceDescription("door", STARTED))
)
ROWS = "[...document.querySelectorAll('.row:not([hidden])')]"
SETTLE = "new Promise((done) => setTimeout(done, 450))"


def script(name: str) -> str:
    """Return one of the scripts beside this file."""
    return (Path(__file__).parent / "scripts" / f"{name}.js").read_text("utf-8")


@dataclass(frozen=True)
class Stage:
    """A running service."""

    server: EventServer
    publisher: Publisher

    @property
    def port(self) -> int:
        return int(self.server.url.rstrip("/").rsplit(":", 1)[1])

    def say(self, number: int, apex_s: float, kind: Kind = Kind.MACRO, **more: object) -> None:
        """Publish an expression that is final; its score is 0.5 unless told otherwise."""
        half = 0.2 if kind is Kind.MICRO else 1.0
        self.publisher.publish(
            replace(
                Expression(
                    f"0-0-{number}", Phase.END, kind, apex_s - half, apex_s, apex_s + half, 0.5, 0,
                    compute_delay_ms=20.0, algorithmic_delay_s=0.3,
                ),
                **more,  # type: ignore[arg-type]
            )
        )  # fmt: skip

    def look(self, time_s: float, face: int = 0, source: int = 0, macro: float = 0.25) -> None:
        """Publish telemetry."""
        scores = {"macro_apex": macro, "micro_apex": 0.125}
        self.publisher.publish(Telemetry(time_s, face, scores, source=source))

    def found(self, face: int = 0, source: int = 0) -> None:
        self.publisher.publish(FaceFound(face, 0.0, source))


@contextmanager
def staging(hello: Hello = LIVE, port: int = 0, history: int = 4096) -> Iterator[Stage]:
    server = EventServer(port=port, history=history, queue=history - 1)
    with server, Publisher(hello, [server]) as publisher:
        yield Stage(server, publisher)


def watch(tab: Page, stage: Stage, until_s: float | None = 60.0) -> None:
    """Open the page, and give it a face and a present."""
    tab.open(stage.server.url)
    tab.wait("document.getElementById('link-text').textContent === 'Live'")
    if until_s is not None:
        stage.found()
        stage.look(until_s)
        tab.wait("document.getElementById('score-macro').textContent === '0.25'")


def listed(tab: Page, count: int, of: int | None = None) -> None:
    """Wait until so many expressions are listed."""
    text = str(count) if of is None else f"{count} of {of}"
    tab.wait(f"document.getElementById('listed').textContent === {text!r}")


def column(tab: Page, name: str) -> object:
    """Return the texts of one column of the rows in sight, from the top."""
    top = "(a, b) => a.at - b.at"
    return tab.run(f"{ROWS}.sort({top}).map((row) => row.querySelector('.{name}').textContent)")


def shown(tab: Page, text: str) -> None:
    """Wait until the timeline says that it shows this."""
    tab.wait(f"document.getElementById('range').textContent.startsWith({text!r})")

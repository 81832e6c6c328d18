"""The JavaScript client in a real browser: order, resume, tokens, and what it does not hide."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import realtime
from engines.intervals import Kind
from realtime.events.messages import Expression, FaceFound, Phase
from realtime.events.publisher import Publisher
from realtime.service.server import EventServer
from tests.browser import Page, browsing, find_browser
from tests.realtime.service.service_makers import HELLO, running

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

TOKEN = "correct horse battery"  # noqa: S105 - opens a service of this test only
START = """
window.seen = []; window.lost = []; window.links = []; window.asked = [];
window.client?.stop();
import('/js/client.js').then(({ EventClient }) => {
  window.client = new EventClient({
    event(envelope, fresh) { seen.push([envelope.type, envelope.sequence ?? null, fresh]); },
    lost(gap) { lost.push([gap.first, gap.last]); },
    link(name, text) { links.push([name, text]); },
    HANDLERS
  }, OPTIONS);
  client.start();
})
"""
ASK = "token(refusal) { asked.push(refusal); return asked.length > 1 ? RIGHT : 'wrong'; },"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("profile")) as page:
        yield page


def start(tab: Page, server: EventServer, handlers: str = "", **options: object) -> None:
    # a page without scripts of its own, from the same origin
    tab.open(server.url + "asyncapi.json")
    tab.run(START.replace("HANDLERS", handlers).replace("OPTIONS", json.dumps(options)))


def sequences(tab: Page) -> object:
    return tab.run("seen.map((one) => one[1]).filter((number) => number !== null)")


def wait_for(tab: Page, count: int) -> None:
    tab.wait(f"seen.filter((one) => one[1] !== null).length >= {count}")


def test_it_takes_every_event_from_the_start_in_order(tab: Page) -> None:
    with running() as service:
        service.publish_faces(1, 3)
        start(tab, service.server, since=0)
        wait_for(tab, 3)
        service.publish_faces(4, 200)
        wait_for(tab, 200)
        assert sequences(tab) == list(range(1, 201))
        assert tab.run("seen[0]") == ["fes.hello", None, True]
        assert tab.run("lost") == []
        tab.run("client.stop()")


def test_without_since_it_begins_with_what_comes_next(tab: Page) -> None:
    with running() as service:
        service.publish_faces(1, 3)
        start(tab, service.server)
        tab.wait("client.since === 3")
        service.publish_faces(4, 4)
        wait_for(tab, 1)
        assert sequences(tab) == [4]
        tab.run("client.stop()")


def test_a_service_that_comes_back_as_another_run_is_told_apart(tab: Page) -> None:
    first = EventServer(port=0)
    with first, Publisher(HELLO, [first]) as publisher:
        publisher.publish(FaceFound(1, 0.0))
        start(tab, first, since=0)
        wait_for(tab, 1)
    tab.wait("links.at(-1)[0] === 'lost'")
    port = int(first.url.rstrip("/").rsplit(":", 1)[1])
    second = EventServer(port=port)
    with second, Publisher(HELLO, [second]) as publisher:
        publisher.publish(FaceFound(7, 0.0))
        publisher.publish(FaceFound(8, 0.0))
        wait_for(tab, 3)
        assert sequences(tab) == [1, 1, 2]
        assert tab.run("seen.filter((one) => one[0] === 'fes.hello').map((one) => one[2])") == [
            True,
            True,
        ]
        assert tab.run("lost") == []
        tab.run("client.stop()")


def test_what_a_client_missed_for_good_is_said(tab: Page) -> None:
    with running(history=10, queue=5) as service:
        service.publish_faces(1, 2)
        start(tab, service.server, since=0)
        wait_for(tab, 2)
        tab.run("client.stop()")
        service.publish_faces(3, 30)
        tab.run("client.start()")
        wait_for(tab, 12)
        assert sequences(tab) == [1, 2, *range(21, 31)]
        assert tab.run("lost") == [[3, 20]]
        assert tab.run("seen.filter((one) => one[0] === 'fes.hello').length") == 2
        assert tab.run("seen.findLast((one) => one[0] === 'fes.hello')[2]") is True
        tab.run("client.stop()")


def test_a_token_is_asked_for_until_it_is_right(tab: Page) -> None:
    with running(token=TOKEN) as service:
        start(tab, service.server, ASK.replace("RIGHT", json.dumps(TOKEN)))
        tab.wait("seen.length > 0")
        assert tab.run("asked") == ["", "wrong token"]
        tab.run("client.stop()")


def test_a_wrong_token_that_nobody_can_mend_ends_the_client(tab: Page) -> None:
    with running(token=TOKEN) as service:
        start(tab, service.server, token="wrong")  # noqa: S106 - it is the wrong one
        tab.wait("links.at(-1)?.[0] === 'stopped'")
        assert tab.run("links.at(-1)[1]") == "Refused: wrong token"
        assert tab.run("seen.length") == 0


PAGE = """<!doctype html><meta charset="utf-8"><title>another page</title>
<script type="module">
import { EventClient } from "SERVICEjs/client.js";
window.seen = [];
window.client = new EventClient(
  { event(envelope) { seen.push([envelope.type, envelope.sequence ?? null]); } },
  { url: "SERVICE", token: "TOKEN", since: 0 },
);
client.start();
</script>"""


@contextmanager
def website() -> Iterator[tuple[str, list[bytes]]]:
    """A page of another origin."""
    pages: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(pages[-1])

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", pages
        finally:
            server.shutdown()
            thread.join()


def test_a_page_of_an_allowed_origin_imports_it_and_follows_and_another_may_not(tab: Page) -> None:
    with website() as (origin, pages):
        server = EventServer(port=0, token=TOKEN, origins=[origin])
        with server, Publisher(HELLO, [server]) as publisher:
            publisher.publish(FaceFound(1, 0.0))
            pages.append(PAGE.replace("SERVICE", server.url).replace("TOKEN", TOKEN).encode())
            tab.open(origin)
            wait_for(tab, 1)
            assert tab.run("seen[0][0]") == "fes.hello"
            tab.open(origin.replace("127.0.0.1", "localhost"))
            tab.wait("document.readyState === 'complete'")
            assert tab.run(f"import('{server.url}js/client.js').then(() => 1, () => 0)") == 0
            tab.open("about:blank#done")
    tab.errors.clear()


def test_the_example_of_the_documentation_runs_as_it_is_printed(tab: Page) -> None:
    page = Path(realtime.__file__).parent.parent / "docs" / "service.md"
    (text,) = re.findall(r"```js\n(.*?)```", page.read_text(), re.DOTALL)
    with website() as (origin, pages):
        server = EventServer(port=0, token=TOKEN, origins=[origin])
        with server, Publisher(HELLO, [server]) as publisher:
            script = text.replace("http://127.0.0.1:8765/", server.url).replace(
                '"..."', f'"{TOKEN}"'
            )
            note = "window.said = []; console.log = (...what) => said.push(what.join(' '));"
            pages.append(f"<script>{note}</script><script type=module>{script}</script>".encode())
            tab.open(origin)
            tab.wait("said.length === 1")
            publisher.publish(Expression("a", Phase.END, Kind.MICRO, 1.0, 1.25, 1.5, 0.5, 0))
            tab.wait("said.length === 2")
            assert tab.run("said") == ["another stream: forget what was known", "micro 1 1.5"]
            tab.open("about:blank#done")

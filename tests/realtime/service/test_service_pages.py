import http.client
import json
import re
from importlib.resources import files
from urllib.parse import urlsplit

import pytest

from realtime.events.messages import StreamEnd
from realtime.events.schema import DOCUMENTS, document_bytes
from realtime.service.server import EventServer
from tests.realtime.service.service_makers import opening, running

DASHBOARD = files("realtime") / "dashboard"


def request(
    server: EventServer, path: str, method: str = "GET"
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/css/base.css", "text/css; charset=utf-8"),
        ("/js/app.js", "text/javascript; charset=utf-8"),
        ("/icon.svg", "image/svg+xml"),
        ("/asyncapi.json", "application/json"),
        ("/schemas/events.json", "application/json"),
        ("/healthz", "application/json"),
    ],
)
def test_each_page_has_its_content_type_and_is_locked_to_this_origin(path: str, kind: str) -> None:
    with EventServer(port=0) as server:
        response, body = request(server, path)
    assert (response.status, response.headers["Content-Type"]) == (200, kind)
    assert int(response.headers["Content-Length"]) == len(body) > 0
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_the_documents_are_served_as_they_are_shipped() -> None:
    with EventServer(port=0) as server:
        for name in DOCUMENTS:
            assert request(server, f"/{name}")[1] == document_bytes(name)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../pyproject.toml",
        "/js/../../types.py",
        "/css",
        "/metrics/x",
        "//[",
        "//",
        "/%2e%2e/x",
    ],
)
def test_no_other_path_leads_anywhere(path: str) -> None:
    with EventServer(port=0) as server:
        response, _ = request(server, path)
    assert response.status == 404
    assert response.headers["Content-Security-Policy"]


def test_only_reading_is_served() -> None:
    with EventServer(port=0) as server:
        response, body = request(server, "/", "HEAD")
        assert (response.status, body) == (200, b"")
        assert int(response.headers["Content-Length"]) > 0
        assert request(server, "/", "DELETE")[0].status == 405


def test_a_plain_request_for_the_events_is_told_to_upgrade() -> None:
    with EventServer(port=0) as server:
        assert request(server, "/events")[0].status == 426


def test_health_follows_the_stream_and_its_clients() -> None:
    with EventServer(port=0) as idle:
        assert json.loads(request(idle, "/healthz")[1])["stream"] == "waiting"
    with running() as service:
        service.publish_faces(1, 2)
        with service.client() as client:
            opening(client)
            health = json.loads(request(service.server, "/healthz")[1])
            assert health == {
                "status": "ok",
                "stream": "live",
                "sequence": 2,
                "clients": 1,
                "token_needed": False,
            }
            assert service.server.clients == 1
        service.publisher.publish(StreamEnd("finished", 1.0, 30, 30))
        assert json.loads(request(service.server, "/healthz")[1])["stream"] == "ended"


def dashboard_text() -> dict[str, str]:
    folders = [DASHBOARD, DASHBOARD / "js", DASHBOARD / "css"]
    entries = [entry for folder in folders for entry in folder.iterdir() if entry.is_file()]
    return {entry.name: entry.read_text("utf-8") for entry in entries}


def test_the_dashboard_asks_nothing_of_another_host() -> None:
    namespace = "http://www.w3.org/2000/svg"
    for name, text in dashboard_text().items():
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"'`]*", text.replace(namespace, ""))
        assert not found, f"{name} points at {found}"


def test_every_file_and_module_that_the_dashboard_names_is_served() -> None:
    texts = dashboard_text()
    named = re.findall(r'(?:href|src)="(/[^"]+)"', texts["index.html"])
    modules = [m for text in texts.values() for m in re.findall(r'from "\./([\w.]+)"', text)]
    assert named
    assert modules
    with EventServer(port=0) as server:
        for path in (*named, *(f"/js/{module}" for module in modules)):
            assert request(server, path)[0].status == 200, path


def test_every_element_that_a_script_looks_up_is_in_the_page() -> None:
    texts = dashboard_text()
    there = set(re.findall(r'id="([\w-]+)"', texts["index.html"]))
    wanted = set()
    for name, text in texts.items():
        if name.endswith(".js"):
            wanted |= set(re.findall(r'(?:get|getElementById|setText|setFigure)\("([\w-]+)"', text))
    assert wanted
    assert wanted <= there


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_text_stands_out_in_light_and_in_dark() -> None:
    css = dashboard_text()["base.css"]
    themes = re.findall(r":root[^{]*\{([^}]*)\}", css)
    assert len(themes) == 2
    for theme in themes:
        colour = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", theme))
        pairs = [
            (name, "paper") for name in ("ink", "soft", "macro", "micro", "good", "bad", "warn")
        ]
        pairs += [("macro", "macro-wash"), ("micro", "micro-wash"), ("ink", "micro-wash")]
        for text, ground in pairs:
            light, dark = sorted((luminance(colour[text]), luminance(colour[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {ground}"

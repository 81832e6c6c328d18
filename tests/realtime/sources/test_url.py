"""Network streams against a small HTTP server."""

import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engines.errors import SourceError
from realtime.sources.open import open_source
from realtime.sources.url import open_url
from tests.realtime.sources.rtsp_server import RtspServer
from tests.realtime.sources.source_videos import pictures


class Server(http.server.ThreadingHTTPServer):
    """Serves one file: with its length, or as an endless stream that never ends by itself."""

    daemon_threads = True
    content = b""
    endless = True
    requests = 0
    parts = 1_000_000


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.requests += 1
        self.send_response(200)
        if not self.server.endless:
            self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        try:
            for _ in range(self.server.parts if self.server.endless else 1):
                self.wfile.write(self.server.content)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def address(server: Server) -> str:
    return f"http://anna:s3cret@127.0.0.1:{server.server_port}/live?token=t0ken"


@pytest.fixture
def transport_stream(write_video: Callable[..., Path]) -> bytes:
    path = write_video("c.ts", pictures(60), codec="mpeg2video", pix_fmt="yuv420p")
    return path.read_bytes()


def test_a_live_stream_gives_increasing_frames_and_no_credentials(
    server: Server, transport_stream: bytes
) -> None:
    server.content = transport_stream
    with open_url(address(server), timeout_s=5) as source:
        frames = [frame for frame, _ in zip(source, range(5), strict=False)]
    assert source.info.live
    assert source.info.name == f"http://127.0.0.1:{server.server_port}/live"
    assert (source.info.width, source.info.height) == (64, 48)
    times_s = [frame.timestamp_s for frame in frames]
    assert times_s == sorted(set(times_s))
    assert server.requests == 1


def test_a_stream_that_breaks_off_is_connected_again(
    server: Server, transport_stream: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server.content, server.parts = transport_stream, 1
    with open_url(address(server), timeout_s=5) as source:
        frames = iter(source)
        while server.requests < 2:
            next(frames)
        next(frames)
    assert "connecting again" in caplog.text
    assert "s3cret" not in caplog.text
    assert "t0ken" not in caplog.text


def test_a_recording_on_a_web_server_is_read_in_full(
    server: Server, write_video: Callable[..., Path]
) -> None:
    path = write_video(
        "c.mp4", pictures(40), codec="mpeg4", pix_fmt="yuv420p", options={"movflags": "faststart"}
    )
    server.content, server.endless = path.read_bytes(), False
    with open_source(address(server)) as source:
        frames = list(source)
    assert not source.info.live
    assert len(frames) == 40
    assert frames[-1].timestamp_s == pytest.approx(39 / 30)


def test_rtsp_is_asked_for_over_tcp_and_gives_frames(transport_stream: bytes) -> None:
    with RtspServer(transport_stream) as running:
        url = f"rtsp://anna:s3cret@127.0.0.1:{running.port}/live"
        with open_url(url, timeout_s=5) as source:
            frames = [frame for frame, _ in zip(source, range(3), strict=False)]
    assert source.info.live
    assert frames[0].image.shape == (48, 64, 3)
    assert all("RTP/AVP/TCP" in transport for transport in running.transports)
    assert_clean(source.info.name)


def refusal(url: str) -> str:
    with pytest.raises(SourceError) as caught:
        open_url(url, timeout_s=0.5)
    assert caught.value.exit_code == 3
    assert caught.value.__suppress_context__  # a traceback would repeat the whole address
    return str(caught.value)


def assert_clean(text: str) -> None:
    assert "\n" not in text
    for secret in ("anna", "s3cret", "t0ken"):
        assert secret not in text


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_an_address_where_nothing_listens_is_refused_without_its_secrets(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    text = refusal(f"{scheme}://anna:s3cret@127.0.0.1:{port}/x?token=t0ken")
    assert "connection refused" in text
    assert_clean(text)


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_server_that_does_not_answer_is_given_up(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        text = refusal(f"{scheme}://anna:s3cret@127.0.0.1:{port}/x?token=t0ken")
    assert "no answer in time" in text
    assert_clean(text)
    assert not [t for t in threading.enumerate() if t.name.startswith("reader of")]


def test_a_page_that_is_no_video_is_refused(server: Server) -> None:
    server.content, server.endless = b"<html>hello</html>" * 20, False
    text = refusal(address(server))
    assert "it is not a video" in text
    assert_clean(text)

"""A network camera: an endless multipart JPEG stream over HTTP, as most of them serve it."""

import http.server
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from tests.realtime.sources.source_videos import pictures

_PERIOD_S = 1 / 30


def jpegs(count: int = 8) -> list[bytes]:
    """Different pictures, as JPEG."""
    return [cv2.imencode(".jpg", np.ascontiguousarray(one))[1].tobytes() for one in pictures(count)]


class CameraServer(http.server.ThreadingHTTPServer):
    """Shows the same few pictures in turn to everyone, until it is switched off."""

    daemon_threads = True

    def __init__(self, port: int, shown: list[bytes]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.shown = shown
        self.off = threading.Event()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: CameraServer

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        number = 0
        try:
            while not self.server.off.wait(_PERIOD_S):
                picture = self.server.shown[number % len(self.server.shown)]
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n"
                self.wfile.write(head.encode() + b"\r\n" + picture + b"\r\n")
                number += 1
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def camera_on(port: int = 0, shown: list[bytes] | None = None) -> Iterator[CameraServer]:
    """A camera that is on for as long as the block lasts; everyone is cut off at its end."""
    limit_s = time.monotonic() + 30
    while True:
        try:
            server = CameraServer(port, shown or jpegs())
            break
        except OSError:  # the port of the one before is free in a moment
            if time.monotonic() > limit_s:
                raise
            time.sleep(0.05)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.off.set()
        server.shutdown()
        server.server_close()
        thread.join()

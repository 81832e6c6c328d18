"""Videos whose frames carry their number, and a server that labels them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from offline.labelling.desk import Desk
from offline.labelling.point_file import PointFile
from offline.labelling.server import LabelServer
from offline.labelling.tapes import open_tapes, row_names

BITS, BLOCK = 10, 16
WIDTH, HEIGHT = BITS * BLOCK, 48
WAIT_S = 60.0

Image = NDArray[np.uint8]


def numbered(number: int) -> Image:
    """A picture, uint8 RGB (48, 160, 3), that shows its number as ten black or white blocks."""
    bits = [255 * (number >> bit & 1) for bit in range(BITS)]
    row = np.repeat(np.array(bits, np.uint8), BLOCK)
    return np.broadcast_to(row[None, :, None], (HEIGHT, WIDTH, 3)).copy()


def number_in(image: Image) -> int:
    """Read the number of a picture, whatever a codec did to it."""
    middle = image[HEIGHT // 2, BLOCK // 2 :: BLOCK].astype(float).mean(axis=-1)
    return sum(1 << bit for bit, level in enumerate(middle[:BITS]) if level > 127)


def write_numbered(
    path: Path,
    count: int = 60,
    *,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    times_s: Sequence[float] | None = None,
) -> Path:
    """Write a video of numbered frames at 30 Hz, or at given times (s)."""
    base = Fraction(1, 1000 if times_s else 30)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options=options or {})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "bgr0" if codec == "ffv1" else "yuv420p"
        stream.codec_context.time_base = base
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(numbered(number), format="rgb24")
            frame.time_base = base
            frame.pts = round(times_s[number] * 1000) if times_s else number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@dataclass(frozen=True)
class Labelling:
    """A running server and its file."""

    server: LabelServer
    out: Path

    def client(self, origin: str | None = None) -> ClientConnection:
        return connect(
            self.server.url.replace("http", "ws") + "label",
            origin=None if origin is None else Origin(origin),
            proxy=None,
            close_timeout=0.5,
        )


@contextmanager
def labelling(out: Path, *videos: Path) -> Iterator[Labelling]:
    """Serve videos without scores on a free port."""
    tapes = open_tapes(videos, scores=False)
    desk = Desk(PointFile(out, row_names(tapes)), [tape.name for tape in tapes])
    with LabelServer(tapes, desk, None, out.name, 0) as server:
        yield Labelling(server, out)


def say(client: ClientConnection, **message: object) -> None:
    client.send(json.dumps(message))


def hear(client: ClientConnection, kind: str) -> dict[str, object]:
    """Return the next message of a type; others are passed over."""
    while True:
        text = client.recv(timeout=WAIT_S)
        message = json.loads(text) if isinstance(text, str) else {"type": "picture"}
        if message["type"] == kind:
            return dict(message)


def hear_picture(client: ClientConnection) -> bytes:
    while True:
        data = client.recv(timeout=WAIT_S)
        if isinstance(data, bytes):
            return data


def wait_until_read(client: ClientConnection, video: int = 0) -> int:
    """Return the number of frames of a video, once it was read."""
    say(client, type="watch", video=video)
    while True:
        news = hear(client, "times")
        if news["video"] == video and news["done"]:
            times = news["times"]
            assert isinstance(times, list)
            return int(str(news["first"])) + len(times)

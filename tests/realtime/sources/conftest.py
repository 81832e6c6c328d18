"""Small videos with known pixels and times, written for each test."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.realtime.sources.source_videos import pictures

Images = Sequence[NDArray[np.uint8]]
WriteVideo = Callable[..., Path]

MEDIA = Path(__file__).parents[3].parent / "shared" / "media" / "videos"


@pytest.fixture
def clip() -> Callable[[str], Path]:
    def find(name: str) -> Path:
        path = MEDIA / name
        if not path.is_file():
            pytest.skip(f"needs {name} in ../shared/media/videos")
        return path

    return find


@pytest.fixture
def write_video(tmp_path: Path) -> WriteVideo:
    """Write frames at given times (s); ffv1 with bgr0 keeps every pixel."""

    def write(
        name: str = "clip.mkv",
        images: Images | None = None,
        *,
        times_s: Sequence[float] | None = None,
        codec: str = "ffv1",
        pix_fmt: str = "bgr0",
        options: dict[str, str] | None = None,
    ) -> Path:
        images = pictures(30) if images is None else images
        path = tmp_path / name
        with av.open(str(path), "w", options=options or {}) as container:
            stream = container.add_stream(codec, rate=30)
            stream.height, stream.width = images[0].shape[:2]
            stream.pix_fmt = pix_fmt
            stream.codec_context.time_base = Fraction(1, 1000 if times_s else 30)
            for i, image in enumerate(images):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
                frame.time_base = stream.codec_context.time_base
                frame.pts = round(times_s[i] * 1000) if times_s else i
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return write

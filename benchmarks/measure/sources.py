"""From what the user named to a source that can be measured."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from benchmarks.measure.played import PlayedSource, TakenSource
from benchmarks.measure.rendering import Rendered, count_of, render
from engines.errors import UsageError
from realtime.sources.base import Source
from realtime.sources.open import SYNTHETIC, open_camera, open_source
from realtime.types import Frame

LOOP_S: Final = 20.0
"""Length of a rendered loop, s: 527 MiB of pictures."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that is ready.

    Attributes
    ----------
    source
        Closed by whoever runs it.
    rendering_s
        Time that rendering took, s; 0 where nothing was rendered.
    reel_bytes
        Memory that rendered frames take.
    """

    source: Source
    rendering_s: float = 0.0
    reel_bytes: int = 0


def synthetic_seed(camera: str) -> int | None:
    """Return the seed of ``synthetic`` or ``synthetic:SEED``; None where a camera is named.

    Raises
    ------
    UsageError
        If the seed is no whole number of 0 or more.
    """
    name, separator, seed = camera.partition(":")
    if name.lower() != SYNTHETIC:
        return None
    if not separator:
        return 0
    if not (seed.isascii() and seed.isdigit()):
        raise UsageError(f"--camera {camera}: the seed is a whole number, as in synthetic:7")
    return int(seed)


def open_live(camera: str | None, source: str | None, seconds: float | None) -> Opened:
    """Open what is to be played at its own pace, the newest frame wins.

    Parameters
    ----------
    camera
        ``synthetic``, ``synthetic:SEED``, an index or a name.
    source
        A path or a URL; the synthetic camera where neither is given.
    seconds
        How long the run is to be: no more than that is rendered.

    Raises
    ------
    UsageError
        If both are given.
    SourceError
        If it cannot be opened.
    """
    _require_one(camera, source)
    if source is not None:
        opened = open_source(source)
        if opened.info.live:
            return Opened(opened)
        return Opened(PlayedSource(opened.info, lambda: iter(opened), opened.close))
    seed = synthetic_seed(camera or SYNTHETIC)
    if seed is None:
        return Opened(open_camera(camera or SYNTHETIC))
    loop, took_s = _loop(seed, seconds)
    played = PlayedSource(loop.info(seconds), loop.reel.swinging)
    return Opened(played, took_s, loop.reel.bytes_in_memory)


def open_taken(camera: str | None, source: str | None, seconds: float) -> Opened:
    """Open what is to be taken as fast as possible: a recording, or rendered frames.

    Raises
    ------
    UsageError
        If the source is live: it would come at its own pace.
    SourceError
        If it cannot be opened.
    """
    _require_one(camera, source)
    if source is not None:
        opened = open_source(source)
        if not opened.info.live:
            return Opened(opened)
        opened.close()
        raise UsageError(_own_pace(opened.info.name))
    seed = synthetic_seed(camera or SYNTHETIC)
    if seed is None:
        raise UsageError(_own_pace(f"--camera {camera}"))
    loop, took_s = _loop(seed, seconds)
    taken = TakenSource(loop.info(seconds), _first(loop, seconds))
    return Opened(taken, took_s, loop.reel.bytes_in_memory)


def _loop(seed: int, seconds: float | None) -> tuple[Rendered, float]:
    start_s = time.monotonic()
    loop = render(seed, LOOP_S if seconds is None else min(seconds, LOOP_S))
    return loop, time.monotonic() - start_s


def _first(loop: Rendered, seconds: float) -> Iterator[Frame]:
    return islice(loop.reel.swinging(), count_of(seconds))


def _own_pace(name: str) -> str:
    return (
        f"{name} comes at its own pace: throughput needs a recording (--source FILE) or "
        "--camera synthetic; latency measures a camera or a stream"
    )


def _require_one(camera: str | None, source: str | None) -> None:
    if camera is not None and source is not None:
        raise UsageError("give one source: --camera or --source, not both")

"""A camera in which a portrait makes scripted expressions, with known truth."""

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from realtime.sources.base import SourceInfo
from realtime.synthesis.disturbances import MOTIONS, Disturbances
from realtime.synthesis.expressions import Expression
from realtime.synthesis.portraits import Portrait, default_portrait
from realtime.synthesis.render import Renderer
from realtime.synthesis.script import Script
from realtime.synthesis.studio import Studio
from realtime.types import Frame


class SyntheticCamera:
    """A source of rendered frames; the same seed gives the same pictures.

    Parameters
    ----------
    seed
        Of the script and of the noise.
    live
        True: in real time, dropping what a slow consumer misses. False: as fast as frames are
        asked for. Either way the first frame is at 0 s.
    duration_s
        Length; endless when None.
    rate_hz
        Frames per second.
    size
        Width and height, px.
    portrait
        Who acts; scikit-image's astronaut when None.
    disturbances
        Everything that is no expression; moderate when None.
    script
        What happens; drawn from the seed when None.

    Raises
    ------
    UsageError
        If the portrait shows no face.
    ValueError
        If the rate, the size or the duration is not positive.
    """

    def __init__(
        self,
        seed: int = 0,
        live: bool = True,
        duration_s: float | None = None,
        rate_hz: float = 30.0,
        size: tuple[int, int] = (640, 480),
        portrait: Portrait | None = None,
        disturbances: Disturbances | None = None,
        script: Script | None = None,
    ) -> None:
        if rate_hz <= 0 or min(size) <= 0 or (duration_s is not None and duration_s <= 0):
            raise ValueError("rate, size and duration of a synthetic camera are positive")
        strength = MOTIONS["moderate"] if disturbances is None else disturbances
        acted = Script(seed, strength, until_s=duration_s) if script is None else script
        renderer = Renderer(portrait or default_portrait(), size)
        self._studio = Studio(renderer, acted, strength, seed)
        self._rate_hz, self._live = rate_hz, live
        self._frames = None if duration_s is None else max(1, round(duration_s * rate_hz))
        self._info = SourceInfo(f"synthetic:{seed}", live, size[0], size[1], rate_hz, self._frames)
        self._closed = threading.Event()
        self._start_s, self._dropped = 0.0, 0

    @property
    def info(self) -> SourceInfo:
        """What is known of the camera."""
        return self._info

    @property
    def dropped(self) -> int:
        """Frames that a slow consumer missed."""
        return self._dropped

    @property
    def truth(self) -> tuple[Expression, ...]:
        """Expressions that have begun so far, in the time of the frames' stamps."""
        return self._studio.script.truth

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames until the duration is over or the camera is closed."""
        self._start_s = time.monotonic()
        index = 0
        while not self._closed.is_set() and (self._frames is None or index < self._frames):
            if self._live:
                index = self._wait(index)
            if self._closed.is_set() or (self._frames is not None and index >= self._frames):
                return
            moment = index / self._rate_hz
            yield Frame(index, moment, self._studio.shoot(moment).image)
            index += 1

    def close(self) -> None:
        """End the iteration; safe to call twice and from another thread."""
        self._closed.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wait(self, index: int) -> int:
        """Sleep until a frame is due; return the newest one that is."""
        due = self._start_s + index / self._rate_hz
        late = time.monotonic() - due
        if late < 0:
            self._closed.wait(-late)
            return index
        missed = int(late * self._rate_hz)
        self._dropped += missed
        return index + missed

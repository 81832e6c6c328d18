"""A rendered face, made in a process of its own.

What rendering leaves behind (loaded libraries, free heap) would otherwise flatter the start and
hide growth of the program that is measured.

    python -m benchmarks.measure.rendering SEED SECONDS UNTIL
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

import numpy as np

from benchmarks.measure.reel import Image, Reel
from engines.errors import FesError
from realtime.sources.base import SourceInfo
from realtime.synthesis.disturbances import MOTIONS
from realtime.synthesis.expressions import Expression
from realtime.synthesis.script import Script
from realtime.types import RATE_HZ

SIZE: Final = (640, 480)
FRAME_BYTES: Final = SIZE[0] * SIZE[1] * 3
MOTION: Final = "moderate"
"""What the synthetic camera of fes-live shows besides expressions."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered face, ready to be played.

    Attributes
    ----------
    name
        ``synthetic:SEED``.
    reel
        Its frames, 640x480 at 30 Hz.
    truth
        Its expressions, in the time of the frames.
    """

    name: str
    reel: Reel
    truth: tuple[Expression, ...]

    def info(self, seconds: float | None = None) -> SourceInfo:
        """Describe it as a source that is as long as it is, or as it is wanted."""
        frames = self.reel.count if seconds is None else count_of(seconds)
        return SourceInfo(self.name, False, *self.reel.size, self.reel.rate_hz, frames)


def count_of(seconds: float) -> int:
    """Return the number of frames of some stream time, at least one."""
    return max(1, round(seconds * RATE_HZ))


def render(seed: int, seconds: float, until_s: float | None = None) -> Rendered:
    """Render what the synthetic camera of a seed shows.

    Parameters
    ----------
    seed
        Of its script and its noise.
    seconds
        Length.
    until_s
        No expression ends later; the whole length by default.

    Raises
    ------
    UsageError
        If the frames fit neither in memory nor on the disk.
    FesError
        If rendering failed.
    """
    until = seconds if until_s is None else until_s
    count, name = count_of(seconds), f"synthetic:{seed}"
    arguments = [str(seed), str(seconds), str(until)]
    with subprocess.Popen(
        [sys.executable, "-m", __name__, *arguments],
        stdout=subprocess.PIPE,
        # Ctrl-C is for this process, which ends that one
        start_new_session=True,
    ) as process:
        try:
            reel = Reel(_received(process.stdout, name), count, RATE_HZ, SIZE, f"rendering {name}")
        finally:
            process.kill()
    return Rendered(name, reel, truth_of(seed, count, until))


def _received(pipe: IO[bytes] | None, name: str) -> Iterator[Image]:
    while pipe is not None and len(content := pipe.read(FRAME_BYTES)) == FRAME_BYTES:
        yield np.frombuffer(content, np.uint8).reshape(SIZE[1], SIZE[0], 3)
    raise FesError(f"rendering {name} failed: the reason stands above")


def truth_of(seed: int, count: int, until_s: float) -> tuple[Expression, ...]:
    """Return the expressions of a script; the same seed gives those of the rendered frames."""
    script = _script(seed, until_s)
    for index in range(count):
        script.at(index / RATE_HZ)
    return script.truth


def _script(seed: int, until_s: float) -> Script:
    return Script(seed, MOTIONS[MOTION], until_s=until_s)


def send(seed: int, seconds: float, until_s: float, pipe: IO[bytes]) -> None:
    """Render and write raw frames until all are written or nobody reads them."""
    # it loads a portrait and its warps, which the process that measures must not
    from realtime.synthesis.camera import SyntheticCamera  # noqa: PLC0415

    length_s = count_of(seconds) / RATE_HZ
    script = _script(seed, until_s)
    camera = SyntheticCamera(
        seed, False, length_s, RATE_HZ, SIZE, disturbances=MOTIONS[MOTION], script=script
    )
    with camera:
        for frame in camera:
            pipe.write(np.ascontiguousarray(frame.image).data)
    pipe.flush()


def main(seed: str, seconds: str, until_s: str) -> None:
    """Write frames to standard output; whatever else is printed goes to standard error."""
    pipe = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with pipe:
        send(int(seed), float(seconds), float(until_s), pipe)


if __name__ == "__main__":
    main(*sys.argv[1:])

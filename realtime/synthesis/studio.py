"""A portrait that acts out a script in front of a sensor: frames with their truth."""

from collections.abc import Iterator

import numpy as np

from realtime.synthesis.disturbances import Disturbances
from realtime.synthesis.render import RenderedFrame, Renderer
from realtime.synthesis.script import Script
from realtime.synthesis.sensor import Sensor


class Studio:
    """Renders moments of a script, in order of time.

    Parameters
    ----------
    renderer
        Who acts, and in what frame.
    script
        What happens.
    disturbances
        Noise and compression of the sensor.
    seed
        Of the sensor's noise.
    """

    def __init__(
        self,
        renderer: Renderer,
        script: Script,
        disturbances: Disturbances,
        seed: int = 0,
    ) -> None:
        self.script = script
        self.renderer = renderer
        self._sensor = Sensor(np.random.default_rng([seed, 99]), renderer.stage.size, disturbances)

    def shoot(self, time_s: float) -> RenderedFrame:
        """Return the frame of one moment, s."""
        state = self.script.at(time_s)
        clean = self.renderer.render(state)
        image = self._sensor.expose(clean.image, state.light)
        return RenderedFrame(image, clean.mesh, clean.expression_shift)


def frame_times(
    rate_hz: float, jitter: float = 0.0, rng: np.random.Generator | None = None
) -> Iterator[float]:
    """Yield the times of frames from 0 on, s.

    Parameters
    ----------
    rate_hz
        Mean rate.
    jitter
        Largest relative deviation of the time between two frames, in [0, 0.9]: a camera that
        lengthens its exposure, or a busy computer. 0 is exact.
    rng
        For the jitter; needed when there is any.

    Raises
    ------
    ValueError
        If the jitter is out of range or has no generator.
    """
    if not 0 <= jitter <= 0.9 or (jitter and rng is None):
        raise ValueError("jitter lies in [0, 0.9] and needs a generator")
    index, offset = 0, 0.0
    while True:
        yield index / rate_hz + offset
        index += 1
        if rng is not None and jitter:
            offset += float(rng.uniform(-jitter, jitter)) / rate_hz

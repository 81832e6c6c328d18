"""Brightness that swings: mains light that does not fit the exposure, or an exposure that hunts."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lombscargle

Floats = NDArray[np.float64]

SMOOTH_S: Final = 1.0
"""What is slower is a cloud, or somebody who leans."""

LEAST_HZ: Final = 1.0
LEAST_SAMPLES: Final = 32
STANDS_OUT: Final = 0.4
"""Share of the variance that one frequency must hold to be called a flicker; noise spreads it."""


@dataclass(frozen=True, slots=True)
class Flicker:
    """How much the brightness of the face swings.

    Attributes
    ----------
    percent
        Standard deviation around the moving mean, in percent of it.
    frequency_hz
        Where most of it is, as far as the frame rate shows (light at 100 Hz appears as its
        alias); None where no frequency stands out.
    """

    percent: float
    frequency_hz: float | None


def measure_flicker(times_s: Floats, brightness: Floats) -> Flicker | None:
    """Return the flicker of a series.

    Parameters
    ----------
    times_s
        float64 (N,), increasing, not necessarily even.
    brightness
        float64 (N,), 0 to 255.

    Returns
    -------
    Flicker or None
        None where there are fewer than 32 samples, or no light.
    """
    if len(times_s) < LEAST_SAMPLES or not brightness.mean() > 0:
        return None
    rate_hz = 1 / float(np.median(np.diff(times_s)))
    rest = brightness - _moving_mean(brightness, max(3, round(rate_hz * SMOOTH_S)))
    percent = float(100 * rest.std() / brightness.mean())
    return Flicker(percent, _peak_hz(times_s, rest, rate_hz))


def _moving_mean(values: Floats, width: int) -> Floats:
    """Return the mean over a centred run of samples, shorter at the ends."""
    kernel = np.ones(width)
    counts = np.convolve(np.ones_like(values), kernel, "same")
    mean: Floats = np.convolve(values, kernel, "same") / counts
    return mean


def _peak_hz(times_s: Floats, rest: Floats, rate_hz: float) -> float | None:
    highest_hz = 0.499 * rate_hz
    if highest_hz <= LEAST_HZ or not rest.std() > 0:
        return None
    length_s = float(times_s[-1] - times_s[0])
    # four points for each line of the spectrum
    count = max(8, int(4 * (highest_hz - LEAST_HZ) * length_s))
    frequencies = np.linspace(LEAST_HZ, highest_hz, count)
    centred = rest - rest.mean()
    power = lombscargle(times_s, centred, 2 * np.pi * frequencies, normalize=True)
    best = int(np.argmax(power))
    return float(frequencies[best]) if power[best] >= STANDS_OUT else None

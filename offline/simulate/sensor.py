"""What a camera and the flow make of a motion: repeated frames, noise, limited reach."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from offline.simulate.profiles import smooth_noise
from realtime.flow.posture import KEEP, posture_nodes
from realtime.types import FLOW_NODES, HALF_WINDOW, RATE_HZ, WINDOW

Floats = NDArray[np.float64]

RATES_HZ: Final = (30.0, 25.0, 24.0, 20.0, 15.0)
RATE_SHARES: Final = (0.66, 0.2, 0.05, 0.05, 0.04)


def repeat_frames(rng: np.random.Generator, track: Floats) -> Floats:
    """Return the track (T, …) as a camera of another rate shows it on the 30 Hz grid."""
    rate = float(rng.choice(RATES_HZ, p=RATE_SHARES))
    if rate == RATE_HZ:
        return track
    ticks = np.arange(len(track))
    frames = np.round(ticks * rate / RATE_HZ + rng.random()) * RATE_HZ / rate
    nearest = np.clip(np.round(frames), 0, len(track) - 1).astype(int)
    return np.asarray(track[nearest])


def measure(rng: np.random.Generator, track: Floats, window: int = WINDOW) -> NDArray[np.float32]:
    """Return SW-MRO windows of a motion with the noise of a real measurement.

    Parameters
    ----------
    rng
        Source of randomness.
    track
        float64 (T, 14, 2), displacement over time of every node but posture, canonical px.
    window
        Ticks in a window, odd.

    Returns
    -------
    float32 (T, window, 18, 2)
        Ends padded with ``window // 2`` copies, step 0 zero.
    """
    ticks, half = len(track), window // 2
    noise = float(np.exp(rng.uniform(np.log(0.02), np.log(0.22))))
    flow = len(FLOW_NODES)
    track = track.copy()
    # landmarks jitter from frame to frame, so the lids carry noise of their own
    track[:, flow] += rng.normal(0, rng.uniform(0.1, 0.5), (ticks, 2))
    track[:, :flow] += _texture_noise(rng, ticks, noise)
    padded = np.concatenate([track[:1].repeat(half, 0), track, track[-1:].repeat(half, 0)])
    index = np.arange(ticks)[:, None] + np.arange(window)
    windows = np.asarray(padded[index] - padded[index[:, :1]], np.float32)
    jitter = rng.normal(0, noise * 0.6, (ticks, window, flow, 2)).astype(np.float32)
    windows[:, 1:, :flow] += jitter[:, 1:]
    _blur_fast_motion(rng, windows)
    windows[:, 0] = 0
    posture = _posture(padded[: ticks + half, :flow])[:ticks]
    posture = posture_nodes(posture[:, None] + windows[:, :, :flow])
    return np.concatenate([windows, posture], axis=2)


def _posture(track: Floats) -> NDArray[np.float32]:
    """Return the posture along a track (T, 10, 2): its increments, slowly forgotten."""
    out = np.diff(track, axis=0, prepend=track[:1])
    for tick in range(1, len(out)):
        out[tick] += KEEP * out[tick - 1]
    return out.astype(np.float32)


def _texture_noise(rng: np.random.Generator, ticks: int, noise: float) -> Floats:
    """Return noise that belongs to a frame, (T, 10, 2), with occasional noisy stretches."""
    out = rng.normal(0, noise, (ticks, len(FLOW_NODES), 2)) * rng.uniform(0.5, 1.5, (1, 10, 1))
    for _ in range(rng.poisson(0.5)):
        start = int(rng.integers(-HALF_WINDOW, ticks))
        stretch = slice(max(start, 0), start + int(rng.integers(3, 40)))
        out[stretch] *= rng.uniform(2, 12)
    return np.asarray(out + noise * 0.7 * smooth_noise(rng, ticks, 1.5)[:, None, None])


def _blur_fast_motion(rng: np.random.Generator, windows: NDArray[np.float32]) -> None:
    """Weaken and perturb large displacements, which a flow measures less well than small ones."""
    flow = windows[:, :, : len(FLOW_NODES)]
    reach = rng.uniform(12, 40)
    size = np.hypot(flow[..., 0], flow[..., 1])[..., None]
    error = rng.normal(0, rng.uniform(0.01, 0.06), flow.shape).astype(np.float32)
    flow *= (1 / np.sqrt(1 + (size / reach) ** 2)) * (1 + error)

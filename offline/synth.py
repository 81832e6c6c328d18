"""Writes a dataset of synthetic faces: videos, and the truth about them.

Layout: ``rawvideo/s01/01_0101.mp4`` as in CAS(ME)², one JSON file per video under ``truth/``, and
the tables of :mod:`offline.synth_tables`. A finished video is never rendered again.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from tqdm import tqdm

from engines.errors import UsageError
from offline.parallel import run_jobs
from offline.synth_options import SynthOptions
from offline.synth_tables import read_truth_file, write_tables
from offline.synth_video import paths, portrait, render_video, write_json

MANIFEST: Final = "dataset.json"
PACKAGES: Final = ("fes", "numpy", "opencv-contrib-python", "mediapipe", "av", "scikit-image")


def write_dataset(out: Path, videos: int, options: SynthOptions, workers: int = 1) -> int:
    """Render the videos that are missing and rewrite the tables.

    Parameters
    ----------
    out
        Folder; made if absent. An earlier run with the same options is continued.
    videos
        Number of videos in all; subjects take turns.
    options
        What is rendered.
    workers
        Processes.

    Returns
    -------
    int
        Number of videos that were rendered now.

    Raises
    ------
    UsageError
        If the folder holds a dataset made with other options, or a portrait shows no face.
    """
    if videos < 1 or workers < 1:
        raise UsageError("--videos and --workers are at least 1")
    for path in options.portraits[:videos]:
        portrait(path)
    try:
        return _write(out, videos, options, workers)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{out}: cannot be written: {reason}; choose another --out") from error


def _write(out: Path, videos: int, options: SynthOptions, workers: int) -> int:
    claim(out, describe(options))
    missing = [n for n in range(videos) if not paths(out, n, options)[0].is_file()]
    with tqdm(total=videos, initial=videos - len(missing), unit="video") as progress:
        _tabulate(out, videos, options)
        for _ in run_jobs(partial(render_video, out, options=options), missing, workers):
            # after every video, so that none is ever there without its labels
            _tabulate(out, videos, options)
            progress.update()
    return len(missing)


def _tabulate(out: Path, videos: int, options: SynthOptions) -> None:
    places = sorted(paths(out, number, options) for number in range(videos))
    write_tables(out, [read_truth_file(truth) for video, truth in places if video.is_file()])


def describe(options: SynthOptions) -> dict[str, object]:
    """Return options as a manifest says them."""
    return {**asdict(options), "portraits": [path.stem for path in options.portraits]}


def claim(out: Path, settings: Mapping[str, object]) -> None:
    """Write the manifest of a folder, or check that the one in it asks for the same.

    Raises
    ------
    UsageError
        If the folder holds a dataset of other settings.
    """
    manifest = out / MANIFEST
    wanted = json.loads(json.dumps(settings))
    if manifest.is_file():
        try:
            made = json.loads(manifest.read_text("utf-8")).get("options")
        except (ValueError, AttributeError) as error:
            raise UsageError(f"{manifest}: not a manifest; choose another --out") from error
        if made != wanted:
            raise UsageError(f"{out} holds videos made with other options; choose another --out")
        return
    versions = {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}}
    write_json(manifest, {"options": wanted, "versions": versions})


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

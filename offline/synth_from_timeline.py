"""A dataset of synthetic faces whose instances lie where those of a truth file do.

Layout as in :mod:`offline.synth`, with the videos' and subjects' own names
(``rawvideo/006/006_1.mp4``), and one file per video under ``plans/``: what was asked for, and the
hash of what came out. A video is complete when both agree; only then is it not rendered again.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from engines.errors import UsageError
from engines.intervals import Kind
from offline.parallel import run_jobs
from offline.synth import claim
from offline.synth_identity import person
from offline.synth_moments import draw_expressions, span_of
from offline.synth_plan import (
    TimelineOptions,
    cast_of,
    draw_timeline_take,
    hashes_of,
    is_complete,
    places,
    plan_of,
)
from offline.synth_script import ComposedScript
from offline.synth_tables import (
    VideoTruth,
    frame_distractors,
    frame_expressions,
    read_truth_file,
    write_tables,
)
from offline.synth_timeline import Timeline, TimelineVideo
from offline.synth_video import REST_S, Take, partial_of, portrait, record, write_json
from realtime.synthesis.disturbances import MOTIONS
from realtime.synthesis.render import Renderer
from realtime.synthesis.studio import Studio

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What a run made.

    Attributes
    ----------
    videos, rendered
        Number of videos asked for, and how many of them were rendered now.
    subjects, micro, macro
        Counts in the videos asked for.
    overlaps
        Pairs of instances that share a moment; they are composed.
    single_frames
        Instances of one frame at the rate of the video.
    """

    videos: int
    rendered: int
    subjects: int
    micro: int
    macro: int
    overlaps: int
    single_frames: int


def write_timeline(
    out: Path,
    timeline: Timeline,
    chosen: Sequence[TimelineVideo],
    options: TimelineOptions,
    workers: int = 1,
) -> Written:
    """Render videos of a timeline that are missing, and rewrite the tables.

    The tables list every complete video in the folder, so that parts may be rendered one after
    the other.

    Parameters
    ----------
    out
        Folder; made if absent.
    timeline
        Of the whole dataset: a subject's face does not depend on the part that is rendered.
    chosen
        Its videos that are wanted.
    options
        How they are rendered.
    workers
        Processes.

    Raises
    ------
    UsageError
        If there is nothing to render, the folder holds a dataset made with other options, or a
        portrait shows no face.
    """
    if not chosen or workers < 1:
        raise UsageError("no video of the timeline is chosen, or --workers is less than 1")
    for path in options.synth.portraits:
        portrait(path)
    try:
        return _write(out, timeline, chosen, options, workers)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{out}: cannot be written: {reason}; choose another --out") from error


def _write(
    out: Path,
    timeline: Timeline,
    chosen: Sequence[TimelineVideo],
    options: TimelineOptions,
    workers: int,
) -> Written:
    claim(out, options.manifest)
    there = {v.name for v in timeline.videos if is_complete(out, v, options)}
    missing = [video for video in chosen if video.name not in there]
    done_s = sum(v.seconds for v in chosen if v.name in there)
    with tqdm(
        total=round(sum(v.seconds for v in chosen)), initial=round(done_s), desc="video", unit="s"
    ) as progress:
        _tabulate(out, timeline, there)
        for name in run_jobs(partial(render_moments, out, options=options), missing, workers):
            there.add(name)
            # after every video, so that none is ever there without its labels
            _tabulate(out, timeline, there)
            progress.set_postfix_str(f"{name} done", refresh=False)
            progress.update(round(next(v.seconds for v in missing if v.name == name)))
    _warn_of_strangers(out, there)
    return _counted(chosen, len(missing), options)


def render_moments(out: Path, video: TimelineVideo, options: TimelineOptions) -> str:
    """Render one video with its truth and its plan; return its name.

    Raises
    ------
    ValueError
        If the script does not show the instances on their frames, which would be a defect.
    """
    target, truth_file, plan_file = places(out, video)
    plan_file.unlink(missing_ok=True)
    take = draw_timeline_take(video, options)
    spans = [span_of(moment, take.times) for moment in video.moments]
    rng = np.random.default_rng([take.seed, 0])
    strength = MOTIONS[options.synth.motion]
    expressions = draw_expressions(spans, take.times, rng)
    script = ComposedScript(take.seed, strength, expressions, video.seconds - REST_S)
    picture, variant = cast_of(video, options)
    renderer = _renderer(picture, variant, options.synth.seed, options.synth.size)
    studio = Studio(renderer, script, strength, take.seed)
    record(target, studio, take, options.synth)
    name = person(picture, variant, options.synth.seed).name
    truth = _truth(video, take, studio, name)
    shown = [(Kind(row.kind), row.onset, row.apex, row.offset) for row in truth.expressions]
    if shown != [(span.kind, span.onset, span.apex, span.offset) for span in spans]:
        raise ValueError(f"{video.name}: instances are not on the frames of the timeline")
    write_json(truth_file, asdict(truth))
    partial_of(target).replace(target)
    write_json(plan_file, {"plan": plan_of(video, options), **hashes_of(target, truth_file)})
    return video.name


def _truth(video: TimelineVideo, take: Take, studio: Studio, portrait_name: str) -> VideoTruth:
    return VideoTruth(
        video=video.name,
        subject=video.number,
        portrait=portrait_name,
        take=take.number,
        rate_hz=take.rate_hz,
        frames=len(take.times),
        expressions=frame_expressions(studio.script, studio.renderer, take.times),
        distractors=frame_distractors(studio.script, take.times),
        label=video.subject,
    )


def _tabulate(out: Path, timeline: Timeline, there: set[str]) -> None:
    complete = [video for video in timeline.videos if video.name in there]
    write_tables(out, [read_truth_file(places(out, video)[1]) for video in complete])


def _warn_of_strangers(out: Path, known: set[str]) -> None:
    strangers = [path for path in sorted(out.rglob("*.mp4")) if path.stem not in known]
    for path in strangers[:1]:
        log.warning(
            "%s is not of this timeline as it is now (%d such videos): no table lists it; "
            "delete it",
            path,
            len(strangers),
        )


def _counted(chosen: Sequence[TimelineVideo], rendered: int, options: TimelineOptions) -> Written:
    moments = [moment for video in chosen for moment in video.moments]
    return Written(
        videos=len(chosen),
        rendered=rendered,
        subjects=len({video.subject for video in chosen}),
        micro=sum(moment.kind is Kind.MICRO for moment in moments),
        macro=sum(moment.kind is Kind.MACRO for moment in moments),
        overlaps=sum(video.overlaps for video in chosen),
        single_frames=sum(_single_frames(video, options) for video in chosen),
    )


def _single_frames(video: TimelineVideo, options: TimelineOptions) -> int:
    times = draw_timeline_take(video, options).times
    spans = [span_of(moment, times) for moment in video.moments]
    return sum(span.onset == span.offset for span in spans)


@lru_cache(maxsize=2)
def _renderer(path: Path | None, variant: int, seed: int, size: tuple[int, int]) -> Renderer:
    return Renderer(person(path, variant, seed), size)

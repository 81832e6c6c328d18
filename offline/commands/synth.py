"""``fes-offline synth``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from offline.synth import write_dataset
from offline.synth_from_timeline import write_timeline
from offline.synth_options import MIXED, RATES, SynthOptions, choose_portraits
from offline.synth_plan import TimelineOptions
from offline.synth_timeline import choose_videos, read_timeline
from realtime.synthesis.disturbances import MOTIONS

NATIVE: Final = "timeline"
"""Value of ``--fps``: the timeline's own rate."""

VIDEOS: Final = 4
TIMELINE_ONLY: Final = {
    "timeline_fps": "--timeline-fps",
    "timeline_base": "--timeline-base",
    "only_videos": "--only-videos",
    "subjects": "--subjects",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which videos of which timeline."""

    file: Path
    rate_hz: float
    base: int
    only: Sequence[str]
    subjects: int | None
    videos: int | None


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline synth --out data/faces --videos 8 --seconds 60
      fes-offline synth --out data/train --videos 40 --portraits faces --workers 4
      fes-offline synth --out data/test --portraits faces --only anna,ben --fps mixed
      fes-offline synth --out data/samm --timeline samm_lv_truth.csv --timeline-fps 200 --workers 2
    """
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder of the dataset; a run that was interrupted goes on.")  # fmt: skip
@click.option("--portraits", type=click.Path(path_type=Path), metavar="DIR",
              help="Pictures of one face each, one per subject; a bundled one if absent.",
              )  # fmt: skip
@click.option("--only", default="", metavar="NAME,NAME",
              help="Use these pictures alone, by name without suffix.")  # fmt: skip
@click.option("--videos", type=click.IntRange(1), default=None,
              help="How many; 4 if absent, or all of a timeline.")  # fmt: skip
@click.option("--seconds", type=float, default=60.0, show_default=True, help="Length of each.")
@click.option("--fps", type=click.Choice([*RATES, MIXED, NATIVE]), default="30", show_default=True,
              help="Of the videos; timeline: its own rate.")  # fmt: skip
@click.option("--size", default="640x480", show_default=True, metavar="WxH")
@click.option("--motion", type=click.Choice(list(MOTIONS)), default="moderate", show_default=True,
              help="How much else moves: head, lids, eyes, speech, light.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--timeline", type=click.Path(path_type=Path, dir_okay=False), metavar="TRUTH.csv",
              help="Render these instances, one video for each that the file names: columns "
              "video,kind,onset,apex,offset in inclusive frames, and video_duration_s if known. "
              "A subject is what stands before the first underscore of a video's name.",
              )  # fmt: skip
@click.option("--timeline-fps", type=float, default=200.0, show_default=True,
              help="Rate of the timeline's frames.")  # fmt: skip
@click.option("--timeline-base", type=click.IntRange(0, 1), default=0, show_default=True,
              help="Number of the timeline's first frame.")  # fmt: skip
@click.option("--only-videos", default="", metavar="VIDEO,VIDEO",
              help="These videos of the timeline alone.")  # fmt: skip
@click.option("--subjects", type=click.IntRange(1), help="The timeline's first subjects alone.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@option_debug
@click.pass_context
def synth(
    context: click.Context,
    *,
    out: Path,
    portraits: Path | None,
    only: str,
    videos: int | None,
    seconds: float,
    fps: str,
    size: str,
    motion: str,
    seed: int,
    timeline: Path | None,
    timeline_fps: float,
    timeline_base: int,
    only_videos: str,
    subjects: int | None,
    workers: int,
    as_json: bool,
    debug: bool,
) -> None:
    """Render videos of synthetic faces whose expressions are known to the frame.

    Writes videos, truth.csv (0-based frames, inclusive), and tables in the columns of CAS(ME)².
    With --timeline, instances lie where that file says, each end on the frame nearest to its time.
    """
    setup_log(debug)
    _refuse_contradictions(context, timeline)
    options = SynthOptions(
        seconds=seconds,
        seed=seed,
        fps="30" if fps == NATIVE else fps,
        size=_parse_size(size),
        motion=motion,
        portraits=choose_portraits(portraits, _names(only)),
    )
    if timeline is None:
        count = VIDEOS if videos is None else videos
        figures: dict[str, object] = {"videos": count}
        figures["rendered"] = write_dataset(out, count, options, workers)
    else:
        wanted = Wanted(
            timeline, timeline_fps, timeline_base, _names(only_videos), subjects, videos
        )
        figures = _follow(out, wanted, options, fps == NATIVE, workers)
    if as_json:
        print_json({"out": str(out), **figures})
    text = (
        f"{figures['rendered']} of {figures['videos']} videos rendered, the rest was there: {out}"
    )
    click.echo(text, err=True)


def _follow(
    out: Path, wanted: Wanted, options: SynthOptions, native: bool, workers: int
) -> dict[str, object]:
    """Render a timeline and return its figures."""
    timeline = read_timeline(wanted.file, wanted.rate_hz, wanted.base)
    chosen = choose_videos(timeline, wanted.only, wanted.subjects, wanted.videos)
    chosen_options = TimelineOptions(options, wanted.rate_hz, wanted.base, native)
    written = write_timeline(out, timeline, chosen, chosen_options, workers)
    click.echo(
        f"{written.subjects} subjects, {written.micro} micro and {written.macro} macro instances; "
        f"{written.overlaps} pairs overlap, {written.single_frames} last one frame; in the whole "
        f"timeline {timeline.middle_apexes} apexes taken to be in the middle, "
        f"{timeline.ignored} ignored rows left out",
        err=True,
    )
    odd = {"middle_apexes": timeline.middle_apexes, "ignored_rows": timeline.ignored}
    return {**asdict(written), **odd}


def _refuse_contradictions(context: click.Context, timeline: Path | None) -> None:
    def given(name: str) -> bool:
        return context.get_parameter_source(name) is ParameterSource.COMMANDLINE

    if timeline is not None:
        if given("seconds"):
            raise UsageError("--seconds: the timeline says how long its videos are; leave it out")
        return
    for name, option in TIMELINE_ONLY.items():
        if given(name):
            raise UsageError(f"{option} is about a timeline; give --timeline as well")
    if context.params["fps"] == NATIVE:
        raise UsageError(f"--fps {NATIVE} is the rate of a timeline; give --timeline as well")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _parse_size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size {text}: not a size; write it as 640x480")
    return int(width), int(height)

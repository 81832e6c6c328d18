"""``fes-offline extract``."""

import logging
from pathlib import Path

import click
from tqdm import tqdm

from engines.console import option_debug, setup_log
from engines.errors import SourceError, UsageError
from offline.data.extraction import ExtractionOptions, extract_path
from offline.data.store import SUFFIX, save_record
from offline.data.videos import Video, find_videos
from realtime.flow.extractor import FLOWS
from realtime.flow.step import Alignment

log = logging.getLogger(__name__)


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline extract interview.mp4 --out features
      fes-offline extract data/faces --out features
      fes-offline extract my-videos --truth labels.csv --out features
    """
)
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder of feature files, one per video.")  # fmt: skip
@click.option("--truth", type=click.Path(path_type=Path, dir_okay=False),
              help="CSV: video,kind,onset,apex,offset and subject; truth.csv beside the videos "
              "if absent.")  # fmt: skip
@click.option("--alignment", type=click.Choice([a.value for a in Alignment]),
              default=Alignment.RIGID.value, show_default=True,
              help="How head motion is removed.")  # fmt: skip
@click.option("--flow", type=click.Choice(FLOWS), default="streaming", show_default=True)
@click.option("--face-model", type=click.Path(path_type=Path), metavar="FILE.task")
@option_debug
def extract(
    *,
    sources: tuple[Path, ...],
    out: Path,
    truth: Path | None,
    alignment: str,
    flow: str,
    face_model: Path | None,
    debug: bool,
) -> None:
    """Read SW-MRO features from videos, or from folders of videos.

    A video whose feature file is there already is skipped, so the same command again goes on
    after an interruption.
    """
    setup_log(debug)
    options = ExtractionOptions(Alignment(alignment), flow, face_model)
    videos = find_videos(sources, truth)
    failed = 0
    for video in tqdm(videos, unit="video", disable=len(videos) < 2):
        failed += not _extract_one(video, out / f"{video.name}{SUFFIX}", options)
    click.echo(f"{len(videos) - failed} of {len(videos)} videos in {out}", err=True)
    if failed == len(videos):
        raise UsageError("no video could be read; the lines above say why")


def _extract_one(video: Video, target: Path, options: ExtractionOptions) -> bool:
    if target.exists():
        log.debug("%s is there already", target)
        return True
    try:
        extraction = extract_path(video.path, options)
    except SourceError as error:
        log.warning("skipped: %s", error)
        return False
    save_record(target, extraction.record(video.name, video.subject, video.labels, video.ignored))
    if extraction.lost:
        log.info("%s: no face or no frame at %d places", video.name, len(extraction.lost))
    return True

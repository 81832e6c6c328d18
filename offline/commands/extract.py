"""``fes-offline extract``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from offline.commands.i3d_options import i3d_store, options_i3d, require_one_source
from offline.data.extract_all import Summary, extract_all
from offline.data.extraction import ExtractionOptions
from offline.data.feature_store import FeatureStore
from offline.data.recording import VideoRecording
from offline.data.videos import find_videos
from offline.work.choice import chosen_executor, option_ray
from realtime.flow.extractor import FLOWS
from realtime.flow.step import Alignment
from realtime.types import WINDOW

if TYPE_CHECKING:
    from offline.i3d.store import I3dStore

LISTED = 20
"""Videos with a lost face that are named without ``--json``."""


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline extract interview.mp4 --out features
      fes-offline extract data/faces --out features --workers 4
      fes-offline extract my-videos --truth labels.csv --out features --json
      fes-offline extract /shared/faces --out /shared/features --ray auto
      fes-offline extract my-videos --window 25 --out features-25
      fes-offline extract my-videos --source i3d --i3d-rgb rgb.pt --i3d-flow flow.pt --out i3d
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
@click.option("--window", type=int, default=WINDOW, show_default=True,
              help="Ticks of a window, odd, 5 to 33: model.window of the network that is to read "
              "the features.")  # fmt: skip
@options_i3d
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True,
              help="Videos that are read at the same time, one core each.")  # fmt: skip
@option_ray
@click.option("--json", "as_json", is_flag=True, help="Print what became of every video as JSON.")
@option_debug
def extract(
    *,
    sources: tuple[Path, ...],
    out: Path,
    truth: Path | None,
    alignment: str,
    flow: str,
    face_model: Path | None,
    window: int,
    source: str,
    i3d_rgb: Path | None,
    i3d_flow: Path | None,
    i3d_random: int | None,
    snippet: int,
    i3d_region: str,
    device: str,
    workers: int,
    ray: str | None,
    as_json: bool,
    debug: bool,
) -> None:
    """Read features from videos, or from folders of videos: SW-MRO, or I3D of snippets.

    A video whose features are there already is skipped, so the same command again goes on after
    an interruption. Features of other frames, of another version or of other options are replaced.
    """
    setup_log(debug)
    require_one_source(click.get_current_context(), source)
    recordings = [VideoRecording(video) for video in find_videos(sources, truth)]
    store: FeatureStore | I3dStore
    with chosen_executor(workers, ray) as executor:
        if source == "i3d":
            store = i3d_store(out, i3d_rgb, i3d_flow, i3d_random, snippet, i3d_region, device)
            summary = extract_all(store, recordings, executor=executor)
        else:
            options = ExtractionOptions(Alignment(alignment), flow, face_model, window)
            store = FeatureStore.open(out, options, keyed_names=False)
            summary = extract_all(store, recordings, executor=executor)
    if as_json:
        print_json({"out": str(out), "settings": store.settings, **summary.document()})
    _say(summary, out)
    if len(summary.failed) == len(recordings):
        raise UsageError("no video could be read; the lines above say why")


def _say(summary: Summary, out: Path) -> None:
    videos = len(summary.outcomes)
    click.echo(f"{videos - len(summary.failed)} of {videos} videos in {out}", err=True)
    for outcome in summary.face_lost[:LISTED]:
        click.echo(f"{outcome.name}: no face in {outcome.faceless_share:.1%} of it", err=True)
    if (more := len(summary.face_lost) - LISTED) > 0:
        click.echo(f"and {more} more videos in which the face was lost (--json)", err=True)

"""``fes-offline spot``."""

import csv
import logging
import sys
from pathlib import Path

import click

from engines.console import option_debug, print_json, setup_log
from engines.contracts import SnippetContract
from engines.model_file import read_model
from engines.registry import BACKENDS, default_model_path, open_backend
from offline.snippets.store import SUFFIX, load_snippets
from offline.spotting import Spotted
from offline.spotting import spot as find
from offline.spotting_features import SpottedSnippets, spot_snippets
from realtime.flow.extractor import FLOWS
from realtime.live import LiveOptions
from realtime.sources.open import open_source

log = logging.getLogger(__name__)

COLUMNS = ("video", "kind", "onset_s", "apex_s", "offset_s", "score")


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline spot interview.mp4
      fes-offline spot --model mine.onnx interview.mp4 > events.csv
      fes-offline spot --json interview.mp4
      fes-offline spot --model mc-wes.onnx interview.mp4
      fes-offline spot --model mc-wes-i3d.onnx features/s15_01.i3d
    """
)
@click.argument("videos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path), help="Model file; the default if absent.")
@click.option("--backend", type=click.Choice(BACKENDS), default="auto", show_default=True)
@click.option("--face-model", type=click.Path(path_type=Path), metavar="FILE.task")
@click.option("--flow", type=click.Choice(FLOWS), default="streaming", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of CSV.")
@option_debug
def spot(
    *,
    videos: tuple[Path, ...],
    model: Path | None,
    backend: str,
    face_model: Path | None,
    flow: str,
    as_json: bool,
    debug: bool,
) -> None:
    """Find the expressions of recorded videos and print them as CSV.

    The very pipeline of fes-live runs, so its final events on the same file are the same. A model
    of snippets is given the whole of each video instead of what fes-live rolls over; one that
    reads I3D features takes files of fes-offline extract --source i3d.
    """
    setup_log(debug)
    options = LiveOptions(
        model=model, backend=backend, face_model=face_model, flow=flow, rolling=None
    )
    results = {video: _spot(video, options) for video in videos}
    if as_json:
        print_json([_to_dict(video, spotted) for video, spotted in results.items()])
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for video, spotted in results.items():
        for e in spotted.expressions:
            row = (video.stem, e.kind.value, e.onset_s, e.apex_s, e.offset_s, round(e.score, 4))
            writer.writerow(row)


def _spot(video: Path, options: LiveOptions) -> Spotted | SpottedSnippets:
    file = read_model(options.model or default_model_path())
    if video.suffix != SUFFIX:
        found = find(open_source(str(video)), options)
        contract = file.manifest.input
        if isinstance(contract, SnippetContract) and found.end.ticks < contract.ticks_per_row:
            log.warning("%s: shorter than one snippet: nothing is spotted in it", video)
        return found
    record = load_snippets(video)
    with open_backend(file, options.backend, options.threads) as backend:
        return spot_snippets(record, video, file.manifest, backend)


def _to_dict(video: Path, spotted: Spotted | SpottedSnippets) -> dict[str, object]:
    return {
        "video": str(video),
        **_extent(spotted),
        "expressions": [
            {name: getattr(e, name) for name in (*COLUMNS[1:], "face")} for e in spotted.expressions
        ],
    }


def _extent(spotted: Spotted | SpottedSnippets) -> dict[str, object]:
    if isinstance(spotted, SpottedSnippets):
        return {"snippets": spotted.snippets, "source": spotted.source}
    return {"frames": spotted.end.frames, "ticks": spotted.end.ticks}

"""``fes-offline report``."""

from pathlib import Path

import click

from engines.console import option_debug, setup_log
from engines.errors import UsageError


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline report runs/loso --out report.html
      fes-offline report runs/paper runs/ours --out comparison.html --title "Alignment"
      fes-offline report runs/loso --out short.html --videos 10 --gallery 6
    """
)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="HTML file; replaced if it is there.",
)
@click.option("--title", default="Facial expression spotting", show_default=True)
@click.option(
    "--videos",
    type=click.IntRange(0),
    default=60,
    show_default=True,
    help="Videos whose scores are drawn, at most.",
)
@click.option(
    "--gallery",
    type=click.IntRange(0),
    default=12,
    show_default=True,
    help="Charts in each gallery of false positives or misses, at most.",
)
@option_debug
def report(
    *, runs: tuple[Path, ...], out: Path, title: str, videos: int, gallery: int, debug: bool
) -> None:
    """Write one HTML page about RUNS: folders of leave-one-subject-out or training runs.

    The page needs no other file and no network. Several runs stand side by side. A run that is not
    finished is shown as such, with what there is.
    """
    setup_log(debug)
    # Imported here: reading runs brings in torch, and --help need not wait for it.
    from offline.atomic import replace_file  # noqa: PLC0415
    from offline.report.page import PageOptions, render  # noqa: PLC0415
    from offline.report.reading import open_runs  # noqa: PLC0415

    page = render(open_runs(runs), PageOptions(title, videos, gallery)).encode()
    try:
        replace_file(out, lambda file: file.write(page))
    except OSError as error:
        raise UsageError(f"{out}: cannot be written: {error.strerror or error}") from error
    click.echo(str(out))

"""Options of ``fes-offline extract`` for I3D features."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click
from click.core import ParameterSource

from engines.errors import UsageError

if TYPE_CHECKING:
    from offline.i3d.store import I3dStore

Command = TypeVar("Command", bound=Callable[..., object])

SOURCES: Final = ("sw-mro", "i3d")
I3D_ONLY: Final = ("i3d_rgb", "i3d_flow", "i3d_random", "snippet", "i3d_region", "device")
SW_MRO_ONLY: Final = ("alignment", "flow", "face_model", "window")


def options_i3d(command: Command) -> Command:
    """Add ``--source`` and what belongs to I3D to a command."""
    file = click.Path(path_type=Path, dir_okay=False)
    for option in reversed((
        click.option("--source", type=click.Choice(SOURCES), default=SOURCES[0], show_default=True,
                     help="What to measure: the flow of brows and mouth, or two-stream I3D."),
        click.option("--i3d-rgb", type=file, metavar="FILE.pt",
                     help="I3D: Kinetics checkpoint of the PyTorch port, RGB."),
        click.option("--i3d-flow", type=file, metavar="FILE.pt", help="I3D: the one of flow."),
        click.option("--i3d-random", type=click.IntRange(0), metavar="SEED",
                     help="I3D: random weights instead; every report names them."),
        click.option("--snippet", type=int, default=8, show_default=True,
                     help="I3D: frames of a snippet; the papers have 8 (SAMM-LV, 200 fps: 32)."),
        click.option("--i3d-region", type=click.Choice(("frame", "face")), default="frame",
                     show_default=True, help="I3D: whether whole frames are seen, as in the "
                     "papers, or a square around the first face."),
        click.option("--device", default="auto", show_default=True,
                     help="I3D: where networks run; auto is a GPU where there is one."),
    )):  # fmt: skip
        command = option(command)
    return command


def require_one_source(context: click.Context, source: str) -> None:
    """Refuse options of the other source.

    Raises
    ------
    UsageError
        If one is given.
    """
    alien = I3D_ONLY if source == "sw-mro" else SW_MRO_ONLY
    for name in alien:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            other = next(known for known in SOURCES if known != source)
            raise UsageError(f"--{name.replace('_', '-')} belongs to --source {other}")


def i3d_store(
    out: Path,
    rgb: Path | None,
    flow: Path | None,
    seed: int | None,
    frames: int,
    region: str,
    device: str,
) -> "I3dStore":
    """Return the folder of I3D features that the options describe; its weights are tried.

    Raises
    ------
    UsageError
        If there are no weights, or torch has no such device.
    ModelError
        If a checkpoint cannot be read or is none of I3D.
    """
    # Imported here: torch takes seconds.
    from offline.i3d.config import I3dOptions, Region  # noqa: PLC0415
    from offline.i3d.store import I3dStore  # noqa: PLC0415
    from offline.i3d.streams import two_streams  # noqa: PLC0415
    from offline.i3d.weights import I3dWeights  # noqa: PLC0415

    options = I3dOptions(I3dWeights(rgb, flow, seed), frames, Region(region), device)
    store = I3dStore.open(out, options, keyed_names=False)
    two_streams(options.weights, device)
    return store

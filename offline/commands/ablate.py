"""``fes-offline ablate``."""

import os
from pathlib import Path

import click

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from offline.commands.method_options import points_options
from offline.commands.typed import TypedCommand, typed_command

EPILOG = """\b
Sets of presets: modules, architectures, windows, lambda (SpotFormer, tables 2 to 5) and
cross-dataset (MC-WES, table 7; datasets casme2 and samm-lv); gim-losses, gim-labels, gim-overlaps
and gim-durations (GIM, tables 2 to 5), which learn from points. A network reads features that were
extracted with its window, so the folders of --data for the set windows hold those of 9, 11, 15, 17,
19, 21 and 25 ticks (fes-offline extract --window), each below a folder of its own.

\b
Examples:
  fes-offline ablate --presets modules,lambda --data casme2=features/casme2 --loso \\
      --workers 4 --out runs/ablation
  fes-offline ablate --presets cross-dataset --data casme2=features/casme2 \\
      --data samm-lv=features/samm --loso --out runs/cross
  fes-offline ablate --presets windows --data simulated --set model.width=32 \\
      --set training.epochs=4 --set training.steps_per_epoch=200 --out runs/windows
  fes-offline ablate --presets spotformer-paper,own.toml --data casme2=features/casme2 \\
      --data own=features/own --train-on casme2 --test-on own --out runs/own
  fes-offline ablate --presets gim-labels --points-from-truth gaussian \\
      --data casme2=features/casme2 --loso --out runs/labels
"""


@click.command(cls=TypedCommand, epilog=EPILOG)
@click.option("--presets", required=True, metavar="NAME|FILE,...",
              help="Training presets, cases, or sets of them.")  # fmt: skip
@click.option("--data", "texts", required=True, multiple=True, metavar="NAME=FOLDER",
              help="Folder of feature files, of each window that is read, and its name, or "
              "'simulated'; may be repeated.",
              )  # fmt: skip
@click.option("--train-on", metavar="NAME,...",
              help="Datasets that presets are trained on.  [default: all]")  # fmt: skip
@click.option("--test-on", metavar="NAME,...",
              help="Datasets that presets are tested on.  [default: all]")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="Folder of all cases; the same command again goes on.")  # fmt: skip
@click.option("--loso", is_flag=True,
              help="Leave each subject out in turn; else a share of them, once.")  # fmt: skip
@click.option("--held-out", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.2,
              show_default=True, help="Share of the subjects that are tested, without --loso.",
              )  # fmt: skip
@click.option("--selection", type=click.Choice(("last", "inner", "oracle")), default="last",
              show_default=True, help="Epoch of a fold (see fes-offline loso).")  # fmt: skip
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE",
              help="Override a setting of every preset; may be repeated.")  # fmt: skip
@points_options
@click.option("--top", type=click.IntRange(0), default=0, show_default=True,
              help="Proposals kept of each kind in a video; the released protocol keeps 5. 0: all.",
              )  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True,
              help="Of torch; another number changes last digits.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True,
              help="Folds at a time on this machine; changes no digit.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def ablate(
    *,
    presets: str,
    texts: tuple[str, ...],
    train_on: str | None,
    test_on: str | None,
    out: Path,
    loso: bool,
    held_out: float,
    selection: str,
    overrides: tuple[str, ...],
    points: Path | None,
    points_from_truth: str | None,
    top: int,
    seed: int,
    threads: int,
    device: str,
    workers: int,
    as_json: bool,
    debug: bool,
) -> None:
    """Train networks that differ in one thing, test them alike, and print one table.

    Nobody who is tested is trained on. A dataset that is trained and tested on has subjects held
    out, the same in every case; one that is only tested on is tested whole. The same command again
    goes on where it was interrupted, with the same figures in the end.
    """
    setup_log(debug)
    if selection != "last" and not loso:
        raise UsageError("--selection is of folds: add --loso, or leave it at last")
    # Threads that spin while they wait take the cores from everything else.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Imported here: torch takes seconds to load, reads that setting, and --help need not wait.
    from offline.ablation.cases import find_cases  # noqa: PLC0415
    from offline.ablation.options import Options  # noqa: PLC0415
    from offline.ablation.run import Ablation  # noqa: PLC0415
    from offline.ablation.table import table_text  # noqa: PLC0415
    from offline.loso.plan import Decoding, LosoPlan, Selection  # noqa: PLC0415
    from offline.training.points import points_source  # noqa: PLC0415
    from offline.training.start import choose_device  # noqa: PLC0415
    from offline.work.executor import LocalExecutor  # noqa: PLC0415

    plan = LosoPlan(
        decoding=Decoding(top=top),
        selection=Selection(selection),
        seed=seed,
        threads=threads,
        device=choose_device(device).type,
        points=points_source(points, points_from_truth, seed),
    )
    options = Options(plan, overrides, loso, held_out, typed_command())
    cases = find_cases(_names(presets), _names(train_on), _names(test_on))
    ablation = Ablation.of(cases, texts, options)
    rows, failures = ablation.run(out, LocalExecutor(workers))
    if as_json:
        print_json({**options.to_dict(), "cases": [r.to_dict() for r in rows], "failed": failures})
    elif rows:
        click.echo(table_text(rows, options.notes()))
    if failures:
        for failure in failures:
            click.echo(f"error: {failure}", err=True)
        raise click.exceptions.Exit(1)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())

"""``fes-offline loso``."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from engines.console import option_debug, print_json, setup_log
from engines.errors import UsageError
from offline.commands.method_options import METHODS, points_options
from offline.commands.typed import TypedCommand, typed_command
from offline.datasets.catalog import NAMES, load_dataset
from offline.datasets.marks import Imputation
from offline.datasets.options import DatasetOptions
from offline.datasets.sampling import Sampling
from offline.work.choice import chosen_executor, option_ray
from realtime.flow.extractor import FLOWS
from realtime.flow.step import Alignment

if TYPE_CHECKING:
    from offline.data.feature_store import FeatureStore
    from offline.loso.corpus import Corpus
    from offline.loso.run import LosoRun
    from offline.snippets.reads import Reads
    from offline.work.executor import Executor

SELECTIONS: Final = ("last", "inner", "oracle")
BARS: Final = ("none", "inner")
folder_option = click.Path(path_type=Path, file_okay=False)
file_option = click.Path(path_type=Path, dir_okay=False)

EPILOG = """\b
Examples:
  fes-offline loso --dataset casme2 --root "CAS(ME)2" --out runs/casme2
  fes-offline loso --dataset samm-lv --root SAMM --set loss.macro_weight=0.55 --workers 4 \\
      --features features/samm --out runs/samm --selection inner
  fes-offline loso --data features/samm --preset spotformer-default --decoder default \\
      --out runs/small --folds 006,007
  fes-offline loso --data features/samm --method gim --points-from-truth gaussian --out runs/gim
  fes-offline loso --data features/i3d --method mc-wes --preset mc-wes-casme2 --out runs/mc-wes
  fes-offline loso --dataset casme3 --root CASME3 --out /shared/runs/casme3 --ray auto
"""


@click.command(cls=TypedCommand, epilog=EPILOG)
@click.option("--dataset", type=click.Choice(NAMES), help="Dataset to read, with --root.")
@click.option("--root", type=folder_option, help="Folder of the dataset.")
@click.option("--data", type=folder_option, help="Feature files instead of a dataset.")
@click.option("--annotations", type=file_option, metavar="FILE",
              help=".xls, .xlsx or .csv; looked for below the root if absent.")  # fmt: skip
@click.option("--impute", type=click.Choice([rule.value for rule in Imputation]),
              default=Imputation.MIRROR.value, show_default=True,
              help="What stands for an offset that was not annotated.")  # fmt: skip
@click.option("--first-frame", type=click.IntRange(0, 1), help="What the table calls the first.")
@click.option("--rate", "rate_hz", type=float, metavar="HZ", help="Of folders of images.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True,
              help="Read every n-th frame as 30 Hz, as papers do with n = 7 on SAMM-LV; "
              "1: all, resampled by time.")  # fmt: skip
@click.option("--features", type=folder_option,
              help="Where features are kept, those of every window apart.  [default: features "
              "in --out]")  # fmt: skip
@click.option("--alignment", type=click.Choice([a.value for a in Alignment]),
              default=Alignment.RIGID.value, show_default=True,
              help="How head motion is removed.")  # fmt: skip
@click.option("--flow", type=click.Choice(FLOWS), default="streaming", show_default=True)
@click.option("--face-model", type=file_option, metavar="FILE.task")
@click.option("--method", type=click.Choice(METHODS),
              help="What is trained.  [default: the preset's method, or spotformer]",
              )  # fmt: skip
@click.option("--preset", metavar="NAME|FILE", help="Settings.  [default: METHOD-paper]")
@points_options
@click.option("--set", "overrides", multiple=True, metavar="SECTION.KEY=VALUE",
              help="Override a setting; may be repeated.")  # fmt: skip
@click.option("--decoder", default="paper", show_default=True, metavar="paper|default|FILE",
              help="Rules of the method's decoder.")  # fmt: skip
@click.option("--top", type=click.IntRange(0), default=0, show_default=True,
              help="Proposals kept of each kind in a video; the released protocol keeps 5. 0: all.",
              )  # fmt: skip
@click.option("--selection", type=click.Choice(SELECTIONS), default="last", show_default=True,
              help="Epoch: the last; by an inner split of the training subjects; or the best on "
              "each held-out subject's own labels, only to compare with papers.")  # fmt: skip
@click.option("--bar", type=click.Choice(BARS), default="none", show_default=True,
              help="Least score of a proposal that counts: none; or the one with the best F1 on an "
              "inner split of the training subjects, in each fold.")  # fmt: skip
@click.option("--start-from", type=folder_option,
              help="Run folder whose weights every fold begins with.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True,
              help="Of torch in each fold; another number changes last digits.")  # fmt: skip
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True,
              help="Folds at a time on this machine; changes no digit.")  # fmt: skip
@option_ray
@click.option("--folds", metavar="SUBJECT,...", help="Do these folds now.  [default: all]")
@click.option("--out", type=folder_option, required=True,
              help="Folder of the run; the same command again goes on.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def loso(
    *,
    dataset: str | None,
    root: Path | None,
    data: Path | None,
    annotations: Path | None,
    impute: str,
    first_frame: int | None,
    rate_hz: float | None,
    every: int,
    features: Path | None,
    alignment: str,
    flow: str,
    face_model: Path | None,
    method: str | None,
    preset: str | None,
    points: Path | None,
    points_from_truth: str | None,
    overrides: tuple[str, ...],
    decoder: str,
    top: int,
    selection: str,
    bar: str,
    start_from: Path | None,
    seed: int,
    threads: int,
    device: str,
    workers: int,
    ray: str | None,
    folds: str | None,
    out: Path,
    as_json: bool,
    debug: bool,
) -> None:
    """Leave one subject out: each person is spotted by a network that never saw that person.

    The same command again goes on where it was interrupted, with the same figures in the end. A
    fold that fails is named, and the others go on.
    """
    setup_log(debug)
    # Threads that spin while they wait take the cores from the other folds.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Imported here: torch takes seconds to load, reads that setting, and --help need not wait.
    from offline.data.extraction import ExtractionOptions  # noqa: PLC0415
    from offline.data.feature_store import FeatureStore  # noqa: PLC0415
    from offline.loso.decoders import load_rules  # noqa: PLC0415
    from offline.loso.folder import FEATURES, require_usable  # noqa: PLC0415
    from offline.loso.plan import Bar, Decoding, LosoPlan, Selection  # noqa: PLC0415
    from offline.loso.run import run_loso  # noqa: PLC0415
    from offline.training.points import points_source, require_known_videos  # noqa: PLC0415
    from offline.training.settings import load_settings  # noqa: PLC0415
    from offline.training.start import choose_device  # noqa: PLC0415

    reading = DatasetOptions(annotations, Imputation(impute), first_frame, rate_hz, Sampling(every))
    wanted = _Data(dataset, root, data, reading)
    settings = load_settings(preset or f"{method or METHODS[0]}-paper", overrides, method)
    wanted.require_extracted(settings.files)
    labelled = points_source(points, points_from_truth, seed)
    plan = LosoPlan(
        settings,
        Decoding(load_rules(decoder, settings.method), top),
        Selection(selection),
        seed,
        threads,
        choose_device(device).type,
        start_from,
        labelled,
        Bar(bar),
    )
    require_usable(out, plan.describe())
    options = ExtractionOptions(Alignment(alignment), flow, face_model, plan.settings.window)
    with chosen_executor(workers, ray, threads, int(plan.device == "cuda")) as executor:
        corpus = wanted.corpus(
            settings.files, lambda: FeatureStore.open(features or out / FEATURES, options), executor
        )
        require_known_videos(labelled, {clip.name for clip in corpus.clips}, corpus.name)
        run = run_loso(
            plan, corpus, out, executor=executor, only=_names(folds), command=typed_command()
        )
    _show(run, as_json)


@dataclass(frozen=True, slots=True)
class _Data:
    """A dataset with its folder, or a folder of feature files."""

    dataset: str | None
    root: Path | None
    data: Path | None
    options: DatasetOptions

    def __post_init__(self) -> None:
        if (self.data is None) == (self.dataset is None):
            raise UsageError("give --dataset NAME with --root DIR, or --data DIR of feature files")
        if (self.dataset is None) != (self.root is None):
            raise UsageError("--dataset and --root belong together")

    def require_extracted(self, reads: "Reads") -> None:
        """Refuse a dataset whose features would have to be those of I3D.

        Raises
        ------
        UsageError
            If they would.
        """
        if reads.i3d and self.dataset is not None:
            raise UsageError(
                f"--dataset {self.dataset}: loso measures SW-MRO, and the settings read "
                f"{reads.source}; run fes-offline extract --source i3d --out DIR first, then give "
                "--data DIR, or name a preset for sw-mro"
            )

    def corpus(
        self, reads: "Reads", store: Callable[[], "FeatureStore"], executor: "Executor"
    ) -> "Corpus":
        """Return the videos; the features of a dataset are extracted where they are absent."""
        from offline.loso.corpus import Corpus  # noqa: PLC0415
        from offline.loso.features import corpus_of  # noqa: PLC0415

        if self.dataset is None or self.root is None:
            return Corpus.of_folder(self.data or Path(), reads)
        found = load_dataset(self.dataset, self.root, self.options)
        return corpus_of(found, self.options.impute, store(), executor)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


def _show(run: "LosoRun", as_json: bool) -> None:
    """Print the result, then what failed, and end with the code of the failures."""
    if run.result is not None and as_json:
        print_json({**run.result.to_dict(), "failed": run.failures})
    elif run.result is not None:
        click.echo(run.result.text())
    if run.failed:
        for outcome in run.failed:
            click.echo(f"error: fold {outcome.subject} failed: {outcome.reason}", err=True)
        raise click.exceptions.Exit(run.exit_code)

"""Everything needed to run it again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from offline.report.blocks import Block, Code, Details, Row, Section, Table, Text
from offline.report.recipe import NO_BAR, command, decoder_toml, settings_toml, typed
from offline.report.run_data import Run
from offline.report.sections.glance import dataset_title, source
from offline.report.values import ABSENT, flatten, plain, section
from offline.training.changes import COMMANDS

_PROTOCOL: Final = (
    "Onset and offset are inclusive ticks of the 30 Hz grid. A proposal is right if its IoU with a "
    "label of its video and kind reaches the threshold; each proposal and each label is used at "
    "most once, proposals in order of score. Counts are summed over all folds before precision, "
    "recall and F1 are computed; videos without labels count, and whatever is proposed there is "
    "wrong."
)
_TYPED: Final = (
    "Commands that are marked as typed stand as they were given, in the folder in which they were "
    "given; the settings that came of them are printed below."
)
_COMMANDS: Final = (
    "Commands that are not marked read the files that are printed below as settings. Names in "
    "capitals stand for folders: the dataset, its features, and where the run goes."
)
_EVALUATE: Final = (
    "fes-offline evaluate --truth OUT/truth.csv --predictions OUT/predictions.csv "
    "--subjects OUT/subjects.csv --fps 30"
)
_BARS: Final = " --bars OUT/subjects.csv"


def rerun(runs: Sequence[Run]) -> Section:
    """Return command, choices, settings, versions and hardware of every run, side by side."""
    protocol = [_PROTOCOL] if any(run.loso for run in runs) else []
    told = [_TYPED] if any(typed(run) for run in runs) else []
    blocks: list[Block] = [Text((*protocol, *told, _COMMANDS))]
    blocks += [Code(_commands(run)) for run in runs]
    blocks.append(_side_by_side("What decided the figures", runs, _choices))
    blocks.append(_side_by_side("Versions and hardware", runs, lambda r: flatten(r.environment)))
    if len(runs) > 1:
        settings = _side_by_side("All settings", runs, _settings)
        blocks.append(Details("All settings, side by side", (settings,)))
    for run in runs:
        files = ("settings.toml", settings_toml(run)), ("decoder.toml", decoder_toml(run))
        codes = [Code((f"# {name}", "", text.rstrip())) for name, text in files if text]
        blocks.append(Details(f"Settings of {run.name}", codes))
    return Section("rerun", "To run it again", tuple(blocks))


def _commands(run: Run) -> tuple[str, ...]:
    made = typed(run)
    lines = (f"# {run.name}, as typed", *made) if made else (f"# {run.name}", command(run))
    if run.evidence is None:
        return lines
    barred = run.evidence.summary.rules.bars is not None
    return (*lines, _EVALUATE + _BARS if barred else _EVALUATE)


def _settings(run: Run) -> dict[str, str]:
    return flatten({key: value for key, value in run.config.items() if key != COMMANDS})


def _choices(run: Run) -> dict[str, str]:
    rows = {
        "kind of run": "leave one subject out" if run.loso else "training",
        "method": plain(run.config.get("method")),
        "seed": plain(run.config.get("seed")),
    }
    if points := section(run.config, "points"):
        rows["learns from points"] = ", ".join(f"{k} {plain(v)}" for k, v in points.items())
    if labels := section(run.config, "video_labels"):
        rows["learns from video labels"] = ", ".join(f"{k} {plain(v)}" for k, v in labels.items())
    if reads := source(run):
        rows["features"] = reads
    if run.loso:
        rows |= {
            "dataset": dataset_title(run),
            "selection": run.selection or ABSENT,
            "selection means": plain(
                section(run.result, "selection").get("meaning", _meaning(run))
            ),
            "score bar": plain(run.config.get("bar", NO_BAR)),
            "score bar means": plain(section(run.result, "bar").get("meaning", ABSENT)),
            "missing offsets": plain(run.data.get("imputation", ABSENT)),
            "folds finished": f"{sum(t.finished for t in run.trainings)} of {run.expected}",
            "folder": run.path.resolve().name,
        }
        rows |= {f"data: {key}": value for key, value in flatten(run.data).items()
                 if key not in {"name", "imputation", "source"}}  # fmt: skip
    if run.evidence is not None:
        rows["rule of a hit"] = run.evidence.summary.rules.describe()
    return rows


def _meaning(run: Run) -> str:
    told = [one.selection.get("meaning") for one in run.trainings]
    return next((text for text in told if isinstance(text, str)), ABSENT)


def _side_by_side(
    caption: str, runs: Sequence[Run], tell: Callable[[Run], Mapping[str, str]]
) -> Table:
    columns = [tell(run) for run in runs]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = []
    for name in names:
        values = [column.get(name, ABSENT) for column in columns]
        rows.append(Row((name, *values), "differs" if len(set(values)) > 1 else ""))
    note = "Rows in which the runs differ are marked." if len(runs) > 1 else ""
    head = ("", *(run.name for run in runs))
    return Table(caption, head, tuple(rows), note, frozenset(range(len(head))))

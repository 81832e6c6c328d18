"""``fes-offline evaluate``: compare a table of predictions with a table of labels."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from engines.console import option_debug, print_json, setup_log
from offline.evaluation.bars import read_bars
from offline.evaluation.bootstrap import DRAWS
from offline.evaluation.rules import Rules
from offline.evaluation.subjects import Subjects, assign_subjects, read_subjects
from offline.evaluation.summary import summarise
from offline.evaluation.tables import Labels, Predictions, read_prediction_table, read_truth
from offline.evaluation.text import summary_text
from offline.evaluation.variants import HIT, Matching, Variant

log = logging.getLogger(__name__)

NAMED: Final = 5
"""How many rows or videos the log names; JSON names them all."""

file_option = click.Path(path_type=Path, dir_okay=False)


@click.command(
    epilog="""
    \b
    Examples:
      fes-offline evaluate --truth labels.csv --predictions events.csv --fps 30
      fes-offline evaluate --truth labels.csv --predictions events.csv --subjects people.csv
      fes-offline evaluate --truth labels.csv --predictions events.csv --ignore-kind --json
    """
)
@click.option(
    "--truth", type=file_option, required=True, help="CSV: video,kind,onset,offset[,apex,subject]."
)
@click.option(
    "--predictions",
    type=file_option,
    required=True,
    help="CSV: video,kind,onset,offset[,score,apex,subject].",
)
@click.option(
    "--subjects",
    type=file_option,
    help="CSV: video,subject; may name videos without labels.",
)
@click.option(
    "--matching",
    type=click.Choice([m.value for m in Matching]),
    default=Matching.ONE_TO_ONE.value,
    show_default=True,
    help="many-truths lets a prediction find several labels, for cross-checks.",
)
@click.option("--ignore-kind", is_flag=True, help="Let a prediction find a label of any kind.")
@click.option(
    "--iou",
    type=click.FloatRange(0, 1, min_open=True),
    default=HIT,
    show_default=True,
    help="Least inclusive IoU of a hit.",
)
@click.option("--above", is_flag=True, help="A hit needs more than --iou, for cross-checks.")
@click.option("--no-plus-one", is_flag=True, help="Lengths are offset - onset, for cross-checks.")
@click.option(
    "--bar", type=float, help="Least score that counts, chosen elsewhere.  [default: all count]"
)
@click.option(
    "--bars",
    type=file_option,
    help="CSV: video,bar, a least score for each video; subjects.csv of a LOSO run may have it.",
)
@click.option("--fps", type=float, help="Frame rate of all videos, Hz: for F1-ME and errors in s.")
@click.option(
    "--bootstrap",
    type=click.IntRange(0, 1_000_000),
    default=DRAWS,
    show_default=True,
    help="Draws of subjects behind the confidence intervals; 0 for none.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option(
    "--by",
    type=click.Choice(("subject", "video")),
    multiple=True,
    help="Also a line for each; JSON has both.",
)
@click.option("--skip-bad-rows", is_flag=True, help="Leave out and name rows that cannot be right.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@option_debug
def evaluate(
    *,
    truth: Path,
    predictions: Path,
    subjects: Path | None,
    matching: str,
    ignore_kind: bool,
    iou: float,
    above: bool,
    no_plus_one: bool,
    bar: float | None,
    bars: Path | None,
    fps: float | None,
    bootstrap: int,
    seed: int,
    by: Sequence[str],
    skip_bad_rows: bool,
    as_json: bool,
    debug: bool,
) -> None:
    """Compare predicted expressions with labels, one to one.

    Frames are inclusive, and of the same rate in both tables. Labels of kind "ignore" count neither
    way. Videos without labels count: whatever is predicted there is wrong.

    A row that cannot be right (onset after offset, a score that is no number, the same row twice)
    stops the command with code 2 unless --skip-bad-rows is given. Intervals are over subjects: a
    column "subject" or --subjects says who is in a video, and a video of which nobody says it
    stands for a subject of its own.
    """
    setup_log(debug)
    variant = Variant(Matching(matching), above, not no_plus_one)
    own = None if bars is None else read_bars(bars)
    rules = Rules(iou, ignore_kind, variant, bar, fps, draws=bootstrap, seed=seed, bars=own)
    labels = read_truth(truth, skip_bad=skip_bad_rows)
    guesses = read_prediction_table(predictions, skip_bad=skip_bad_rows)
    people = _people(labels, guesses, truth, predictions, subjects)
    unlabelled = _unlabelled(labels, guesses)
    _warn(labels, guesses, people, unlabelled, predictions)
    summary = summarise(
        labels.instances, guesses.instances, people, ignored=labels.ignored, rules=rules
    )
    if as_json:
        inputs = {
            "labels": len(labels.instances),
            "ignored_intervals": len(labels.ignored),
            "predictions": len(guesses.instances),
            "rejected_rows": [*labels.rejected, *guesses.rejected],
            "videos_only_predicted": unlabelled,
        }
        print_json({"inputs": inputs, **summary.to_dict()})
    else:
        click.echo(summary_text(summary, by, _notes(labels, guesses, unlabelled)))


def _people(
    labels: Labels, guesses: Predictions, truth: Path, predictions: Path, subjects: Path | None
) -> Subjects:
    listed = {} if subjects is None else read_subjects(subjects)
    videos = {i.video for i in (*labels.instances, *labels.ignored, *guesses.instances)}
    return assign_subjects(
        videos,
        (str(truth), labels.subjects),
        (str(predictions), guesses.subjects),
        (str(subjects), listed),
    )


def _unlabelled(labels: Labels, guesses: Predictions) -> list[str]:
    """Return the videos that only the predictions name."""
    known = {i.video for i in (*labels.instances, *labels.ignored)}
    return sorted({guess.video for guess in guesses.instances} - known)


def _notes(labels: Labels, guesses: Predictions, unlabelled: Sequence[str]) -> list[str]:
    """Return what the figures must not be quoted without."""
    notes = [f"{len(guesses.instances)} predictions"]
    if unlabelled:
        notes[0] += f", {len(unlabelled)} of their videos have no label"
    rejected = len(labels.rejected) + len(guesses.rejected)
    if rejected:
        notes.append(
            f"left out as bad: {len(labels.rejected)} label rows, "
            f"{len(guesses.rejected)} prediction rows"
        )
    return notes


def _warn(
    labels: Labels,
    guesses: Predictions,
    people: Subjects,
    unlabelled: Sequence[str],
    predictions: Path,
) -> None:
    """Log what a reader of the figures must know."""
    rejected = (*labels.rejected, *guesses.rejected)
    if rejected:
        log.warning("%d bad rows are left out: %s", len(rejected), _some(rejected))
    if unlabelled:
        log.warning(
            "%d predicted videos have no label; all that is predicted there is wrong: %s",
            len(unlabelled),
            _some(unlabelled),
        )
    if people.unknown:
        log.warning(
            "%d videos have no subject, and each stands for one: %s",
            len(people.unknown),
            _some(people.unknown),
        )
    if not guesses.scored:
        log.warning("%s has no column score: all predictions tie", predictions)
    elif len(guesses.instances) > 1 and len({guess.score for guess in guesses.instances}) == 1:
        log.warning("all predictions have one score: average precision says nothing of ranking")
    if not guesses.instances or not labels.instances:
        log.warning(
            "there are %d labels and %d predictions", len(labels.instances), len(guesses.instances)
        )
    strange = sum(
        i.apex is not None and i.sound_apex is None for i in (*labels.instances, *guesses.instances)
    )
    if strange:
        log.warning("%d apexes lie outside their interval and take no part in errors", strange)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - NAMED
    return "; ".join(names[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")

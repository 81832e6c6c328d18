"""A bar on the score that each fold chooses on its training subjects."""

import json
from pathlib import Path

import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.commands.evaluate import evaluate as evaluate_command
from offline.evaluation.instances import Instance
from offline.evaluation.metrics import evaluate
from offline.evaluation.tables import read_predictions
from offline.loso import prediction
from offline.loso.corpus import Corpus
from offline.loso.folder import LosoFolder
from offline.loso.plan import Bar, Decoding, Selection
from offline.loso.prediction import Spotted, f1_and_bar_on
from offline.loso.progress import FoldProgress
from offline.loso.run import run_loso
from offline.report.page import PageOptions, render
from offline.report.reading import open_runs
from offline.training.run_folder import RunFolder
from tests.offline.loso.loso_makers import files_of, plan, record, write_corpus

LEARNING = {
    "epochs": 2, "steps_per_epoch": 15, "segments": 4, "segment_ticks": 8, "schedule": "constant",
    "beta1": 0.9, "beta2": 0.99, "negative_fraction": 0.3,
}  # fmt: skip
ASKED = plan(bar=Bar.INNER, **LEARNING)


def json_of(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three subjects, the last epoch, and a bar."""
    folder = tmp_path_factory.mktemp("bar")
    corpus = write_corpus(folder / "features", "abc")
    run = run_loso(ASKED, corpus, folder / "out", progress=False)
    assert run.exit_code == 0
    return folder / "out"


def found(*scores: tuple[Interval, float]) -> Spotted:
    return Spotted({}, tuple(Interval(i.kind, i.onset, i.apex, i.offset, s) for i, s in scores))


def test_the_bar_is_the_highest_with_the_best_f1(monkeypatch) -> None:
    """Of four proposals by score: right, wrong, right, wrong. F1 is 2/3, 1/2, 4/5, 2/3."""
    video = record("v", "s", 1)
    micro, macro = video.intervals
    elsewhere = [Interval(Kind.MICRO, n, n + 2, n + 4) for n in (25, 65)]
    spotted = found((micro, 0.9), (elsewhere[0], 0.7), (macro, 0.5), (elsewhere[1], 0.3))
    monkeypatch.setattr(prediction, "spot", lambda *_: spotted)
    figures = f1_and_bar_on(None, [video], Decoding())
    assert figures["val_f1"] == pytest.approx(2 / 3)
    assert figures["val_bar"] == 0.5
    assert figures["val_f1_at_bar"] == pytest.approx(4 / 5)


def test_where_nothing_is_right_there_is_no_bar(monkeypatch) -> None:
    video = record("v", "s", 1)
    wrong = found((Interval(Kind.MICRO, 25, 27, 29), 0.9))
    for spotted in (wrong, found()):
        monkeypatch.setattr(prediction, "spot", lambda *_, spotted=spotted: spotted)
        assert f1_and_bar_on(None, [video], Decoding()) == {"val_f1": 0.0, "val_f1_at_bar": 0.0}


def test_each_fold_says_its_bar_and_who_chose_it(out: Path) -> None:
    result = json_of(out / "result.json")
    assert result["bar"]["rule"] == "inner"
    assert "split off from the training subjects" in result["bar"]["meaning"]
    for subject in "abc":
        fold = LosoFolder(out).fold(subject)
        choice = json_of(fold.selection)
        assert choice["bar"]["rule"] == "inner"
        assert choice["epoch"] == 2
        assert choice["inner_subjects"]
        assert subject not in choice["inner_subjects"]
        *before, last = RunFolder.existing(fold.inner).metrics()
        assert not any("val_bar" in epoch for epoch in before)
        assert choice["bar"]["score"] == last.get("val_bar")
        assert result["bar"]["scores"][subject] == choice["bar"]["score"]
    assert any(score is not None for score in result["bar"]["scores"].values())


def test_figures_are_those_of_the_proposals_above_each_folds_bar(out: Path) -> None:
    result = json_of(out / "result.json")
    bars = result["bar"]["scores"]
    proposals = read_predictions(out / "predictions.csv")

    def kept(one: Instance) -> bool:
        bar = bars[one.video.removeprefix("video-")]
        return bar is None or one.score >= bar

    above = [one for one in proposals if kept(one)]
    assert 0 < len(above) < len(proposals)
    corpus = Corpus.of_folder(out.parent / "features")
    truth = [Instance.of(clip.name, i) for clip in corpus.clips for i in clip.intervals]
    counts = evaluate(truth, above).overall.counts
    stored = result["evaluation"]["overall"]
    assert (stored["tp"], stored["fp"], stored["fn"]) == (counts.tp, counts.fp, counts.fn)
    assert result["evaluation"]["f1_me"]["bar_choice"] == "given"


def test_the_evaluate_command_repeats_the_figures_with_the_bars_of_the_table(
    out: Path, capsys
) -> None:
    tables = [
        x
        for name in ("truth", "predictions", "subjects")
        for x in (f"--{name}", f"{out}/{name}.csv")
    ]
    more = ["--bars", f"{out}/subjects.csv", "--fps", "30", "--seed", "3", "--json"]
    evaluate_command.main([*tables, *more], standalone_mode=False)
    printed = json.loads(capsys.readouterr().out)
    stored = json_of(out / "result.json")["evaluation"]
    assert {key: printed[key] for key in stored} == stored


def test_a_report_names_the_bar_and_repeats_the_figures(out: Path) -> None:
    (run,) = open_runs([out])
    assert run.gaps == ()
    assert run.evidence is not None
    stored = json_of(out / "result.json")["evaluation"]
    assert json.loads(json.dumps(run.evidence.summary.to_dict())) == stored
    page = render([run], PageOptions())
    assert "--bar inner" in page
    assert "scores from a bar of each video" in page
    assert "--bars OUT/subjects.csv" in page


def test_the_held_out_subject_has_no_part_in_its_bar(out: Path, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "features", "abc", quiet="b", changed="b")
    run_loso(ASKED, corpus, tmp_path / "out", progress=False, only=("b",))
    one, other = (json_of(LosoFolder(p).fold("b").selection) for p in (out, tmp_path / "out"))
    assert one["bar"] == other["bar"]
    assert one["bar"]["score"] is not None


def test_a_bar_leaves_the_networks_and_their_proposals_alone(out: Path, tmp_path: Path) -> None:
    corpus = Corpus.of_folder(out.parent / "features")
    bare = plan(**LEARNING)
    run_loso(bare, corpus, tmp_path / "out", progress=False, only=("a",))
    ours, theirs = files_of(out), files_of(tmp_path / "out")
    assert ours["folds/a/predictions.csv"] == theirs["folds/a/predictions.csv"]
    assert json.loads(theirs["result.json"])["bar"]["rule"] == "none"
    assert b"bar" not in theirs["subjects.csv"]


def test_epoch_and_bar_are_chosen_together(tmp_path: Path) -> None:
    asked = plan(bar=Bar.INNER, selection=Selection.INNER, **LEARNING)
    corpus = write_corpus(tmp_path / "features", "abc")
    run_loso(asked, corpus, tmp_path / "out", progress=False, only=("a",))
    fold = LosoFolder(tmp_path / "out").fold("a")
    choice, epochs = json_of(fold.selection), RunFolder.existing(fold.inner).metrics()
    best = max(epoch["val_f1_at_bar"] for epoch in epochs)
    chosen = next(epoch for epoch in epochs if epoch["val_f1_at_bar"] == best)
    assert choice["epoch"] == chosen["epoch"]
    assert choice["bar"]["score"] == chosen.get("val_bar")


def test_a_bar_beside_an_oracle_is_refused() -> None:
    with pytest.raises(UsageError, match="--bar inner"):
        plan(bar=Bar.INNER, selection=Selection.ORACLE)


def test_progress_counts_the_training_that_chooses_the_bar(out: Path) -> None:
    progress = FoldProgress([LosoFolder(out).fold(one) for one in "abc"], ASKED, show=False)
    assert progress.epochs() == 3 * 2 * 2

from pathlib import Path

import pytest

from offline.loso.folder import RESULT, read_json
from offline.loso.run import run_loso
from offline.report.reading import open_runs
from tests.offline.loso.loso_makers import plan, write_corpus
from tests.offline.report.report_makers import Outline, page_of


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LOSO run of three subjects, one of them without any expression."""
    folder = tmp_path_factory.mktemp("real")
    run_loso(plan(), write_corpus(folder / "features", "abc", quiet="c"), folder / "run",
             progress=False)  # fmt: skip
    return folder / "run"


def test_a_real_run_is_read_as_finished_and_agrees_with_its_result(real: Path) -> None:
    (run,) = open_runs([real])
    assert run.finished
    assert run.gaps == ()
    assert run.evidence is not None
    stored = read_json(real / RESULT)["evaluation"]
    assert isinstance(stored, dict)
    found = run.evidence.summary.to_dict()
    for name in ("overall", "kinds", "subjects", "f1_me", "iou_thresholds", "confidence"):
        assert found[name] == stored[name]


def test_a_real_run_has_a_page_with_its_curves_and_features(real: Path) -> None:
    page = page_of(real)
    outline = Outline(page)
    assert page.count('aria-label="Scores of video') == 3
    assert "Features of held-out frames" in "".join(outline.texts["h2"])
    assert outline.row("folds finished") == ["folds finished", "3 of 3"]


def test_a_real_run_with_a_fold_to_do_says_so(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "features", "ab")
    run_loso(plan(), corpus, tmp_path / "run", only=("a",), progress=False)
    page = page_of(tmp_path / "run")
    assert '<em class="flag">unfinished</em>' in page
    assert "1 of 2 folds are finished" in page
    assert page.count('aria-label="Scores of video') == 1

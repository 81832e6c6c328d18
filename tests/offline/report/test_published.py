import csv
from pathlib import Path

import pytest

from offline.datasets.catalog import NAMES
from offline.report.published import published_details, published_rows
from tests.offline.report.report_makers import Outline, page_of, write_loso

PAPERS = Path(__file__).parents[4] / "shared" / "papers"
PACKAGE = Path(__file__).parents[3] / "offline" / "report"
FILES = {"SpotFormer": "spotformer", "GIM": "gim", "MC-WES": "mc-wes", "PWES": "pwes"}
TEXTS = {"dataset", "group", "kind", "supervision", "method", "paper", "table", "selection"}


def printed(name: str) -> list[dict[str, str]]:
    with (PACKAGE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.media
@pytest.mark.parametrize(
    "row", printed("published.csv"), ids=lambda r: f"{r['paper']}-{r['method']}"
)
def test_all_figures_of_a_published_row_stand_in_one_line_of_its_paper(
    row: dict[str, str],
) -> None:
    path = PAPERS / f"{FILES[row['paper']]}.txt"
    if not path.is_file():
        pytest.skip("the papers are not here")
    figures = [value for key, value in row.items() if key not in TEXTS and value]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert figures
    assert any(all(figure in line.split() for figure in figures) for line in lines)


@pytest.mark.media
@pytest.mark.parametrize("column", ["tp", "fp", "fn", "precision", "recall", "f1"])
def test_published_counts_stand_in_one_line_of_their_table(column: str) -> None:
    path = PAPERS / "spotformer.txt"
    if not path.is_file():
        pytest.skip("the papers are not here")
    rows = printed("published_details.csv")
    expected = [row[column] for row in rows]
    lines = [line.split()[1:] for line in path.read_text(encoding="utf-8").splitlines()]
    assert expected in lines


def test_published_counts_agree_with_their_shares() -> None:
    for row in printed("published_details.csv"):
        tp, fp, fn = (int(row[key]) for key in ("tp", "fp", "fn"))
        assert float(row["precision"]) == pytest.approx(tp / (tp + fp), abs=6e-5)
        assert float(row["recall"]) == pytest.approx(tp / (tp + fn), abs=6e-5)
        assert float(row["f1"]) == pytest.approx(2 * tp / (2 * tp + fp + fn), abs=6e-5)


def test_published_rows_are_of_known_datasets_and_name_their_table() -> None:
    for row in (*printed("published.csv"), *printed("published_details.csv")):
        assert row["dataset"] in NAMES
        assert row["paper"] in FILES
        assert int(row["table"]) > 0
        assert row["selection"] in {"held-out", "unstated"}


def test_published_rows_stand_beside_ours_with_table_and_selection(tmp_path: Path) -> None:
    outline = Outline(page_of(write_loso(tmp_path / "run", dataset="samm-lv")))
    assert outline.row("SpotFormer", "frames") == [
        "SpotFormer", "frames", "0.4447", "0.4281", "0.4401",
        "held-out subject’s labels", "SpotFormer, table 1",
    ]  # fmt: skip
    assert outline.row("PWES", "points")[2:] == [
        "0.310", "0.077", "0.000", "0.286", "0.226", "0.252",
        "held-out subject’s labels", "PWES, table 10",
    ]  # fmt: skip
    assert outline.row("SpotFormer", "Micro")[2:6] == ["159", "61", "65", "98"]


def test_another_dataset_has_no_published_rows(tmp_path: Path) -> None:
    assert published_rows("mine", "kinds") == []
    assert published_details("mine") == []
    page = page_of(write_loso(tmp_path / "run", dataset="mine"))
    assert "SOFTNet" not in page
    assert 'class="published"' not in page


def test_rows_of_one_dataset_do_not_stand_beside_another(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run", dataset="casme2"))
    assert "0.4841" in page
    assert "0.4401" not in page


def test_a_run_over_other_labels_than_published_is_told_apart(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run", dataset="samm-lv"))
    assert "over 2 macro and 1 micro labels; the dataset is published with 343 and 159" in page

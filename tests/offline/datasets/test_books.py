import sys
from datetime import datetime
from pathlib import Path

import pytest
import xlwt
from openpyxl import load_workbook

from engines.errors import UsageError
from offline.datasets.books import read_book
from offline.datasets.headers import read_records
from offline.datasets.tables import Book
from tests.offline.datasets.dataset_makers import write_csv, write_xls, write_xlsx

ROWS = [("Subject", " On set ", "kind"), ("006", 566.4, "Macro"), (), (7, -1, None)]
WRITERS = [
    ("t.xls", lambda path: write_xls(path, {"one": ROWS})),
    ("t.xlsx", lambda path: write_xlsx(path, {"one": ROWS})),
]


def cells(book: Book) -> list[tuple[object, ...]]:
    return [row.cells for row in book.sheets[0].rows]


@pytest.mark.parametrize(("name", "write"), WRITERS)
def test_both_sorts_of_workbook_give_the_same_rows(tmp_path: Path, name: str, write) -> None:
    book = read_book(write(tmp_path / name))
    assert cells(book) == [("Subject", "On set", "kind"), ("006", 566.4, "Macro"), (7.0, -1.0)]
    assert [row.number for row in book.sheets[0].rows] == [1, 2, 4]
    assert book.sheets[0].where(book.sheets[0].rows[2]) == "one row 4"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_with_any_of_three_delimiters_and_a_byte_order_mark(
    tmp_path: Path, delimiter: str
) -> None:
    path = write_csv(tmp_path / "t.csv", [("a", 'say "x", y'), ("b", "2"), ()], delimiter)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    book = read_book(path)
    assert cells(book) == [("a", 'say "x", y'), ("b", "2")]
    assert book.sheets[0].where(book.sheets[0].rows[1]) == "t.csv line 2"


def test_a_workbook_under_the_wrong_suffix_is_read_by_its_first_bytes(tmp_path: Path) -> None:
    old = write_xls(tmp_path / "a.xls", {"one": [("x",)]}).rename(tmp_path / "a.xlsx")
    new = write_xlsx(tmp_path / "b.xlsx", {"one": [("x",)]}).rename(tmp_path / "b.xls")
    assert cells(read_book(old)) == cells(read_book(new)) == [("x",)]


def test_a_date_a_truth_or_a_formula_is_never_a_frame_number(tmp_path: Path) -> None:
    rows = [("x", datetime(2020, 1, 2), True, "=1/0", "y")]
    assert cells(read_book(write_xlsx(tmp_path / "t.xlsx", {"one": rows}))) == [
        ("x", "2020-01-02 00:00:00", "True", None, "y")
    ]
    old = xlwt.Workbook()
    sheet = old.add_sheet("one")
    sheet.write(0, 0, datetime(2020, 1, 2), xlwt.easyxf(num_format_str="YYYY-MM-DD"))
    sheet.write(0, 1, True)
    sheet.row(0).set_cell_error(2, "#DIV/0!")
    old.save(str(tmp_path / "t.xls"))
    assert cells(read_book(tmp_path / "t.xls")) == [("2020-01-02 00:00:00", "True", "#DIV/0!")]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("t.xlsx", b"PK\x03\x04 nothing", "is damaged, or locked"),
        ("t.xls", b"\xd0\xcf\x11\xe0 nothing", "is damaged, or locked"),
        ("t.csv", b"\xff\xfe\x00", "neither a workbook nor a CSV file in UTF-8"),
        ("t.csv", b"a,b\0\n", "neither a workbook nor a CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_line(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(UsageError, match=reason) as caught:
        read_book(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        read_book(tmp_path / "none.xlsx")
    with pytest.raises(UsageError, match="cannot be read"):
        read_book(tmp_path)


@pytest.mark.parametrize(("name", "write"), WRITERS)
def test_a_reader_that_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, write
) -> None:
    path = write(tmp_path / name)
    package = {"t.xls": "xlrd", "t.xlsx": "openpyxl"}[name]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=f"needs {package}: pip install"):
        read_book(path)


def test_a_truncated_workbook_is_refused(tmp_path: Path) -> None:
    for name, write in WRITERS:
        path = write(tmp_path / name)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(UsageError, match="damaged"):
            read_book(path)


def test_columns_are_found_by_name_below_a_preamble_in_any_order_and_case(tmp_path: Path) -> None:
    rows = [("About this file",), (), ("OFFSET", "notes", " On set"), (9, "x", 3), (8,)]
    records = read_records(read_book(write_xlsx(tmp_path / "t.xlsx", {"s": rows})),
                           ("Onset", "Offset"))  # fmt: skip
    assert [(r.where, r["Onset"], r["Offset"]) for r in records] == [
        ("s row 4", 3.0, 9.0),
        ("s row 5", None, 8.0),
    ]


def test_the_wanted_sheet_is_read_and_another_only_if_it_is_not_there(tmp_path: Path) -> None:
    sheets = {"other": [("Onset",), (1,)], "Eye  Blink": [("Onset",), (2,)]}
    book = read_book(write_xlsx(tmp_path / "t.xlsx", sheets))
    assert read_records(book, ("Onset",), "eye blink")[0]["Onset"] == 2.0
    lone = read_book(write_xlsx(tmp_path / "u.xlsx", {"notes": [("x",)], **sheets}))
    lone = Book(lone.path, lone.sheets[:2])
    assert read_records(lone, ("Onset",), "absent")[0]["Onset"] == 1.0


def test_no_sheet_is_chosen_where_two_have_the_columns(tmp_path: Path) -> None:
    sheets = {"old": [("Onset",), (1,)], "new": [("Onset",), (2,)]}
    book = read_book(write_xlsx(tmp_path / "t.xlsx", sheets))
    with pytest.raises(UsageError, match="the sheets 'old' and 'new' have the same columns"):
        read_records(book, ("Onset",), "absent")


@pytest.mark.parametrize("suffix", ["xls", "xlsx"])
def test_a_hidden_sheet_is_read_only_if_no_other_has_the_columns(
    tmp_path: Path, suffix: str
) -> None:
    hidden, seen = [("Onset",), (1,)], [("Onset",), (2,)]
    for name, sheets, onset in (
        ("both", {"old": hidden, "new": seen}, 2.0),
        ("one", {"old": hidden, "new": [("Peak",), (2,)]}, 1.0),
    ):
        path = write_hidden(tmp_path / f"{name}.{suffix}", sheets, "old")
        assert read_records(read_book(path), ("Onset",))[0]["Onset"] == onset


def write_hidden(path: Path, sheets: dict[str, list[tuple[object, ...]]], hidden: str) -> Path:
    if path.suffix == ".xls":
        old = xlwt.Workbook()
        for name, rows in sheets.items():
            sheet = old.add_sheet(name)
            sheet.visibility = int(name == hidden)
            for number, row in enumerate(rows):
                sheet.write(number, 0, row[0])
        old.save(str(path))
        return path
    book = load_workbook(write_xlsx(path, sheets))
    book[hidden].sheet_state = "hidden"
    book.save(path)
    return path


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [("Onset", "Apex", "onset"), (1, 2, 3)])
    with pytest.raises(UsageError, match="row 1 has two columns Onset: rename one"):
        read_records(read_book(path), ("Onset", "Apex"))


def test_a_changed_header_is_refused_with_the_name_of_the_missing_column(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "t.csv", [("preamble",), ("Onset", "Peak", "Offset"), (1, 2, 3)])
    with pytest.raises(UsageError, match="row 2 has no column Apex: rename it") as caught:
        read_records(read_book(path), ("Onset", "Apex", "Offset"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("rows", [[], [("1", "2")]])
def test_a_table_without_any_header_is_refused(tmp_path: Path, rows: list[tuple[str]]) -> None:
    path = write_csv(tmp_path / "t.csv", rows)
    with pytest.raises(UsageError, match="no header with the columns Onset, Apex"):
        read_records(read_book(path), ("Onset", "Apex"))

"""What other programs read of a session is what was spotted, by their own readers."""

import csv
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pympi
import pytest

from engines.console import run_command
from engines.errors import UsageError
from offline.cli import cli
from offline.sessions import extras
from offline.sessions.axis import Axis, Span, lanes
from offline.sessions.export import FORMATS, export_session
from offline.sessions.study import read_study
from realtime.events.messages import Phase
from realtime.recording.layout import EVENTS as EVENT_FILE
from tests.offline.sessions.study_makers import (
    EVENTS,
    LATER_S,
    ODD,
    START,
    expression,
    record_study,
)

NAMES = {"bids": "sub-01_task-talk_events.tsv", "elan": "s.eaf", "textgrid": "s.TextGrid"}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record_study(tmp_path_factory.mktemp("session") / "s")


def out_of(tmp_path: Path, to: str) -> Path:
    return tmp_path / NAMES.get(to, to)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_tsv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_csv_holds_expressions_with_stream_time_and_time_of_day(
    session: Path, tmp_path: Path
) -> None:
    export_session(session, "csv", tmp_path / "t")
    rows = read_csv(tmp_path / "t" / "expressions.csv")
    assert [row["id"] for row in rows] == ["1-4-0", "0-0-0", "0-0-2"]
    final, opened = rows[1], rows[2]
    assert (final["kind"], final["status"], final["source_name"]) == ("micro", "final", ODD)
    times = [float(final[name]) for name in ("onset_s", "apex_s", "offset_s", "duration_s")]
    assert times == [1.0, 1.25, 1.5, 0.5]
    assert final["onset_utc"] == "2024-02-29T12:00:01.125Z"
    assert final["offset_utc"] == ""
    assert opened["status"] == "open"


def test_csv_shows_the_name_of_a_source_and_never_runs_it(session: Path, tmp_path: Path) -> None:
    export_session(session, "csv", tmp_path / "t")
    names = {row["source_name"] for row in read_csv(tmp_path / "t" / "expressions.csv")}
    assert names == {ODD, "'=cmd|calc"}


def test_csv_holds_moments_and_scores(session: Path, tmp_path: Path) -> None:
    export_session(session, "csv", tmp_path / "t")
    moments = read_csv(tmp_path / "t" / "moments.csv")
    assert [(row["type"], row["source"], row["time_s"]) for row in moments] == [
        ("face_found", "0", "0.0"),
        ("mark_micro", "0", "1.2"),
        ("gap", "0", "3.0"),
        ("state", "1", "3.0"),
        ("face_lost", "0", "4.0"),
        ("end", "1", "5.5"),
    ]
    assert moments[3]["detail"] == "frozen: the same picture for 5 s"
    assert moments[0]["utc"] == "2024-02-29T12:00:00.125Z"
    scores = read_csv(tmp_path / "t" / "scores.csv")
    assert [row["time_s"] for row in scores] == ["0.5", "1.5"]
    assert [float(row["macro_apex"]) for row in scores] == [0.005, 0.015]


def test_bids_events_have_the_columns_that_bids_asks_for(session: Path, tmp_path: Path) -> None:
    path = out_of(tmp_path, "bids")
    written = export_session(session, "bids", path)
    assert written == [path, path.with_suffix(".json")]
    text = path.read_text(encoding="utf-8")
    header, *lines = text.splitlines()
    columns = header.split("\t")
    assert columns[:3] == ["onset", "duration", "trial_type"]
    assert all(len(line.split("\t")) == len(columns) for line in lines)
    assert "\r" not in text
    rows = read_tsv(path)
    onsets = [float(row["onset"]) for row in rows]
    assert onsets == sorted(onsets)
    assert all(float(row["duration"]) >= 0 for row in rows)
    assert all(value for row in rows for value in row.values())
    sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert set(sidecar) == set(columns)
    assert {row["trial_type"] for row in rows} <= set(sidecar["trial_type"]["Levels"])
    assert sidecar["source"]["Levels"]["0"] == ODD


def test_cameras_that_began_apart_are_on_one_axis(session: Path, tmp_path: Path) -> None:
    export_session(session, "bids", out_of(tmp_path, "bids"))
    rows = {row["trial_type"]: row for row in read_tsv(out_of(tmp_path, "bids"))}
    macro = rows["macro"]
    assert float(macro["onset"]) == pytest.approx(0.5 + LATER_S)
    assert float(macro["apex"]) == pytest.approx(1.0 + LATER_S)
    assert float(macro["duration"]) == pytest.approx(1.5)
    assert macro["source"] == "1"
    assert rows["mark_micro"]["score"] == "n/a"


def test_without_frames_cameras_are_laid_together_by_the_time_of_day(tmp_path: Path) -> None:
    study = read_study(record_study(tmp_path / "s"))
    unseen = [
        type(source)(**{**_fields(source), "zero_monotonic_s": None}) for source in study.sources
    ]
    assert Axis(unseen).at(1, 1.0) == pytest.approx(1.0 + LATER_S)
    files = [type(source)(**{**_fields(source), "zero_monotonic_s": None, "started_utc": None})
             for source in study.sources]  # fmt: skip
    assert Axis(files).at(1, 1.0) == 1.0


def _fields(source: object) -> dict[str, object]:
    return {name: getattr(source, name) for name in source.__dataclass_fields__}  # type: ignore[attr-defined]


def test_time_is_counted_from_the_first_frame_when_asked(session: Path, tmp_path: Path) -> None:
    export_session(session, "bids", out_of(tmp_path, "bids"), from_first_frame=True)
    onsets = [float(row["onset"]) for row in read_tsv(out_of(tmp_path, "bids"))]
    assert onsets[0] == pytest.approx(1.0 - 0.5)


def test_elan_reads_a_tier_for_each_source_face_and_kind(session: Path, tmp_path: Path) -> None:
    path = out_of(tmp_path, "elan")
    export_session(session, "elan", path)
    document = pympi.Elan.Eaf(str(path))
    assert set(document.get_tier_names()) == {
        "source0_face0_micro", "source1_face4_macro", "source0_gaps", "source1_gaps",
        "source0_marks",
    }  # fmt: skip
    micro = sorted(document.get_annotation_data_for_tier("source0_face0_micro"))
    assert [(start, end) for start, end, _ in micro] == [(1000, 1500), (4500, 5000)]
    assert micro[0][2] == "micro score=0.75 apex=1.250"
    assert micro[1][2].endswith(" open")
    (macro,) = document.get_annotation_data_for_tier("source1_face4_macro")
    assert macro[:2] == (3000, 4500)
    (mark,) = document.get_annotation_data_for_tier("source0_marks")
    assert mark == (1200, 1233, "micro")


def test_elan_files_have_the_structure_of_the_format(session: Path, tmp_path: Path) -> None:
    path = out_of(tmp_path, "elan")
    export_session(session, "elan", path)
    root = ET.parse(path).getroot()  # noqa: S314 - written here
    assert root.tag == "ANNOTATION_DOCUMENT"
    header = root.find("HEADER")
    assert header is not None
    # what the schema of the format says where the file does not
    assert header.get("TIME_UNITS", "milliseconds") == "milliseconds"
    slots = {s.get("TIME_SLOT_ID"): int(s.get("TIME_VALUE", "-1"))
             for s in root.findall("TIME_ORDER/TIME_SLOT")}  # fmt: skip
    assert list(slots.values()) == sorted(slots.values())
    assert all(value >= 0 for value in slots.values())
    types = {t.get("LINGUISTIC_TYPE_ID") for t in root.findall("LINGUISTIC_TYPE")}
    for tier in root.findall("TIER"):
        assert tier.get("LINGUISTIC_TYPE_REF") in types
        ends = [0]
        for one in tier.findall("ANNOTATION/ALIGNABLE_ANNOTATION"):
            start, end = slots[one.get("TIME_SLOT_REF1")], slots[one.get("TIME_SLOT_REF2")]
            assert ends[-1] <= start < end
            ends.append(end)
    tier_of_odd = root.find("TIER[@TIER_ID='source0_face0_micro']")
    assert tier_of_odd is not None
    assert tier_of_odd.get("PARTICIPANT") == ODD.replace("\t", " ")


def test_praat_reads_intervals_that_fill_each_tier_without_overlap(
    session: Path, tmp_path: Path
) -> None:
    path = out_of(tmp_path, "textgrid")
    export_session(session, "textgrid", path)
    grid = pympi.Praat.TextGrid(str(path))
    tiers = {tier.name: tier for tier in grid.get_tiers()}
    assert set(tiers) == {
        "source0_face0_micro", "source1_face4_macro", "source0_gaps", "source1_gaps",
        "source0_face0_micro_apex", "source1_face4_macro_apex", "source0_marks",
    }  # fmt: skip
    for tier in tiers.values():
        assert (tier.xmin, tier.xmax) == (0, 8.0)
        if tier.tier_type == "IntervalTier":
            found = list(tier.get_all_intervals())
            assert found[0][0] == 0
            assert found[-1][1] == 8.0
            assert all(one[1] == after[0] for one, after in pairwise(found))
            assert all(start < end for start, end, _ in found)
    micro = [one for one in tiers["source0_face0_micro"].get_all_intervals() if one[2]]
    assert [(start, end) for start, end, _ in micro] == [(1.0, 1.5), (4.5, 5.0)]
    apexes = list(tiers["source0_face0_micro_apex"].get_intervals())
    assert [time for time, *_ in apexes] == [1.25, 4.75]


def test_what_overlaps_goes_to_a_further_tier() -> None:
    spans = [Span(0, 2, "a"), Span(1, 3, "b"), Span(2, 4, "c"), Span(2.5, 2.6, "d")]
    found = {tier.name: [span.text for span in tier.spans] for tier in lanes("t", 0, spans)}
    assert found == {"t": ["a", "c"], "t_2": ["b"], "t_3": ["d"]}
    assert [tier.name for tier in lanes("t", 0, [])] == ["t"]


@pytest.mark.parametrize("to", ["elan", "textgrid"])
def test_expressions_of_a_kind_that_overlap_are_all_there(tmp_path: Path, to: str) -> None:
    events = tuple(
        expression(f"0-0-{n}", Phase.END, (1.0 + n / 10, 1.2 + n / 10, 1.4 + n / 10))
        for n in range(3)
    )
    folder = record_study(tmp_path / "s", events)
    export_session(folder, to, out_of(tmp_path, to))
    text = out_of(tmp_path, to).read_text(encoding="utf-8")
    assert all(f"source0_face0_micro{end}" in text for end in ("", "_2", "_3"))


def test_parquet_holds_typed_tables_of_everything(session: Path, tmp_path: Path) -> None:
    export_session(session, "parquet", tmp_path / "t")
    expressions = pq.read_table(tmp_path / "t" / "expressions.parquet").to_pylist()
    assert [row["id"] for row in expressions] == ["1-4-0", "0-0-0", "0-0-2"]
    assert expressions[1]["onset_utc"] == datetime(2024, 2, 29, 12, 0, 1, 125000, UTC)
    assert expressions[1]["source_name"] == ODD
    telemetry = pq.read_table(tmp_path / "t" / "telemetry.parquet").to_pylist()
    assert [row["time_s"] for row in telemetry] == [0.5, 1.5, 4.0]
    first = telemetry[0]
    assert (first["score_micro_apex"], first["rate_capture_hz"], first["latency_flow_ms"]) == (
        0.25, 30.0, 4.5,
    )  # fmt: skip
    assert first["patches"] == [[1.0, 2.0]]
    assert first["utc"] == START + timedelta(seconds=0.5)
    assert telemetry[2]["face"] is None
    assert telemetry[2]["score_micro_apex"] is None
    moments = pq.read_table(tmp_path / "t" / "moments.parquet").to_pylist()
    assert len(moments) == 6


def test_long_telemetry_is_written_in_pieces(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offline.sessions.parquet.ROWS", 2)
    export_session(session, "parquet", tmp_path / "t")
    file = pq.ParquetFile(tmp_path / "t" / "telemetry.parquet")
    assert (file.metadata.num_rows, file.metadata.num_row_groups) == (3, 2)


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("content", ["nothing", "hello"])
def test_an_empty_session_gives_empty_files(tmp_path: Path, to: str, content: str) -> None:
    folder = record_study(tmp_path / "s", ())
    if content == "nothing":
        (folder / EVENT_FILE).write_bytes(b"")
    for path in export_session(folder, to, out_of(tmp_path, to)):
        assert path.stat().st_size > 0
    if to == "textgrid":
        grid = pympi.Praat.TextGrid(str(out_of(tmp_path, to)))
        assert grid.xmax > grid.xmin
        assert len(list(grid.get_tiers())) == 2
    if to == "elan":
        assert pympi.Elan.Eaf(str(out_of(tmp_path, to))).get_full_time_interval() == (0, 0)
    if to == "parquet":
        assert pq.read_table(tmp_path / "parquet" / "expressions.parquet").num_rows == 0


@pytest.mark.parametrize("to", FORMATS)
def test_the_session_of_a_killed_process_is_exported_up_to_the_cut(tmp_path: Path, to: str) -> None:
    folder = record_study(tmp_path / "s")
    path = folder / EVENT_FILE
    path.write_bytes(path.read_bytes()[:-20])
    assert export_session(folder, to, out_of(tmp_path, to))


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize(
    "name", ["a\x00b".replace("\x00", "\x01"), "\udcff.mp4", 'q"uo"te', "\u202e\ufffe", "-1+1", ""]
)
def test_any_name_of_a_source_can_be_exported(tmp_path: Path, to: str, name: str) -> None:
    folder = record_study(tmp_path / "s", EVENTS, (name, name))
    written = export_session(folder, to, out_of(tmp_path, to))
    assert all(path.stat().st_size > 0 for path in written)
    if to == "elan":
        pympi.Elan.Eaf(str(out_of(tmp_path, to)))
    if to == "textgrid":
        pympi.Praat.TextGrid(str(out_of(tmp_path, to)))


def test_what_is_there_is_replaced_as_a_whole_or_not_at_all(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = out_of(tmp_path, "elan")
    export_session(session, "elan", path)
    before = path.read_bytes()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pympi.Elan.Eaf, "to_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_session(session, "elan", path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(
    ("to", "out"),
    [("bids", "events.tsv"), ("elan", "s.xml"), ("textgrid", "s.txt"), ("csv", "file")],
)
def test_a_name_that_the_format_cannot_have_is_refused(
    session: Path, tmp_path: Path, to: str, out: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--out"):
        export_session(session, to, tmp_path / out)


def test_a_place_that_cannot_be_written_is_one_line(session: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write"):
        export_session(session, "elan", tmp_path / "file" / "s.eaf")
    with pytest.raises(UsageError, match="cannot write"):
        export_session(session, "csv", tmp_path / "file" / "tables")


@pytest.mark.parametrize("to", ["elan", "textgrid", "parquet"])
def test_a_missing_package_is_named_with_what_installs_it(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(extras, "import_module", absent)
    with pytest.raises(UsageError, match=r"fes\[export\]") as caught:
        export_session(session, to, out_of(tmp_path, to))
    assert "\n" not in str(caught.value)


def test_an_event_of_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = record_study(tmp_path / "s")
    path = folder / EVENT_FILE
    path.write_bytes(path.read_bytes().replace(b'"source":1}', b'"source":7}'))
    with pytest.raises(UsageError, match="source 7"):
        read_study(folder)


@pytest.mark.parametrize("as_json", [True, False])
def test_the_command_prints_what_it_wrote(
    session: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], as_json: bool
) -> None:
    out = tmp_path / "s.eaf"
    more = ["--json"] if as_json else []
    assert run_command(cli, ["export", str(session), "--to", "elan", "--out", str(out), *more]) == 0
    printed = capfd.readouterr().out
    assert (json.loads(printed)["written"] if as_json else printed.splitlines()) == [str(out)]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--out", "x.onnx"), "is a recorded session"),
        (("--to", "elan", "--out", "x.eaf", "--name", "n"), "--name is for models"),
        (("--to", "elan", "--out", "x.eaf", "--eye-distance-px", "90"), "--eye-distance-px"),
        (("--to", "csv", "--out", "x", "--from-first-frame"), "--from-first-frame"),
        (("--to", "word", "--out", "x"), "word"),
    ],
)
def test_options_of_models_and_of_sessions_are_not_mixed(
    session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run_command(cli, ["export", str(session), *arguments]) == 2
    assert says in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "says"), [("config.json", "is a training run"), (None, "is no session")]
)
def test_what_is_no_session_is_named(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], file: str | None, says: str
) -> None:
    (tmp_path / "run").mkdir()
    if file is not None:
        (tmp_path / "run" / file).write_text("{}")
    code = run_command(
        cli, ["export", str(tmp_path / "run"), "--to", "csv", "--out", str(tmp_path / "t")]
    )
    assert code == 2
    assert says in capfd.readouterr().err


def test_help_of_a_session_loads_no_torch() -> None:
    code = "import sys, offline.sessions.command; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

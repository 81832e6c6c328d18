"""Writes datasets exactly as they are distributed, with a few plain frames."""

import csv
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import xlwt
from openpyxl import Workbook

Rows = Sequence[Sequence[object]]

RULE1 = [(15, "s15", 1), (16, "s16", 2), (40, "s40", 22)]
RULE2 = [
    (101, "disgust1"), (102, "disgust2"), (401, "happy1"), (402, "happy2"), (403, "happy3"),
    (404, "happy4"), (405, "happy5"), (502, "anger1"), (503, "anger2"),
]  # fmt: skip
SAMM_PREAMBLE = [
    ("SAMM Long Videos",), ("FACS coded movements",), (), ("Frame rate", 200), ("Version", 1),
    (), ("Onset, apex and offset are frames",), ("Notes in the last column",), (),
]  # fmt: skip
SAMM_HEADER = (
    "Subject", "Filename", "Inducement Code", "Onset", "Apex", "Offset", "Duration", "Type",
    "Action Units", "Notes",
)  # fmt: skip
CASME3_HEADER = (
    "Subject", "Filename", "Onset", "Apex", "Offset", "AU", "Expression type", "Objective class"
)  # fmt: skip


def casme2_row(
    subject: object = 1, video: object = "disgust1_1", onset: object = 3, apex: object = 5,
    offset: object = 8, kind: object = "macro-expression",
) -> tuple[object, ...]:  # fmt: skip
    return (subject, video, onset, apex, offset, "4+7", "negative", kind, "disgust")


def samm_row(
    video: object = "006_1_1", onset: object = 3, apex: object = 5, offset: object = 8,
    kind: object = "Macro", subject: object = "006",
) -> tuple[object, ...]:  # fmt: skip
    return (subject, video, 1, onset, apex, offset, "", kind, "AU4", "")


def casme3_row(
    subject: object = "spNO.1", video: object = "a", onset: object = 3, apex: object = 5,
    offset: object = 8, kind: object = "Macro-expression",
) -> tuple[object, ...]:  # fmt: skip
    return (subject, video, onset, apex, offset, "4", kind, "I")


def write_xlsx(path: Path, sheets: Mapping[str, Rows]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                sheet.cell(number, column, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def write_xls(path: Path, sheets: Mapping[str, Rows]) -> Path:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    sheet.write(number, column, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(str(path))
    return path


def write_csv(path: Path, rows: Rows, delimiter: str = ",") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def casme2_sheets(rows: Rows, rule1: Rows = RULE1, rule2: Rows = RULE2) -> dict[str, Rows]:
    return {"CASFEcode_final": rows, "naming rule1": rule1, "naming rule2": rule2}


def samm_sheets(rows: Rows, header: Sequence[object] = SAMM_HEADER) -> dict[str, Rows]:
    return {"FACS_Movement_Only": [*SAMM_PREAMBLE, header, *rows]}


def casme3_sheets(rows: Rows, header: Sequence[object] = CASME3_HEADER) -> dict[str, Rows]:
    blinks = [("Subject", "Filename", "Onset", "Offset"), ("spNO.1", "a", 1, 4)]
    return {"AU+Emotion": [header, *rows], "eye blink": blinks}


def write_casme2(root: Path, rows: Rows) -> Path:
    write_xlsx(root / "CAS(ME)^2code_final.xlsx", casme2_sheets(rows))
    return root


def write_samm(root: Path, rows: Rows) -> Path:
    write_xlsx(root / "SAMM_LongVideos_V1_Release.xlsx", samm_sheets(rows))
    return root


def write_casme3(root: Path, rows: Rows) -> Path:
    write_xls(root / "part_A" / "annotation" / "CAS(ME)3_part_A_v2.xls", casme3_sheets(rows))
    return root


def write_frames(folder: Path, count: int, prefix: str = "img", first: int = 1) -> Path:
    """Write images whose grey level is 10 times their place, so that order can be told."""
    folder.mkdir(parents=True, exist_ok=True)
    for place in range(count):
        image = np.full((8, 8, 3), min(255, 10 * place), np.uint8)
        cv2.imwrite(str(folder / f"{prefix}{first + place}.png"), image)
    return folder


def write_video(path: Path, times_s: Sequence[float], codec: str = "mpeg4") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        base = Fraction(1, 30 if path.suffix == ".avi" else 3000)
        stream.codec_context.time_base = base
        for place, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), place, np.uint8))
            frame.time_base = base
            frame.pts = round(time_s / base)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path

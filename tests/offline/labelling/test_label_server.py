import http.client
import json
import struct
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engines.errors import SourceError, UsageError
from engines.intervals import Kind
from offline.labelling.server import LabelServer
from offline.labelling.tapes import open_tapes
from offline.points.points import Point, read_points
from tests.offline.labelling.labelling_makers import (
    WAIT_S,
    Labelling,
    hear,
    hear_picture,
    labelling,
    number_in,
    say,
    wait_until_read,
    write_numbered,
)


def get(one: Labelling, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection(urlsplit(one.server.url).netloc, timeout=WAIT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_the_page_and_its_parts_are_served_and_locked_to_this_origin(tmp_path: Path) -> None:
    video = write_numbered(tmp_path / "a.mp4", 5)
    with labelling(tmp_path / "p.csv", video) as one:
        for path in ("/", "/js/app.js", "/css/label.css", "/css/base.css", "/js/theme.js"):
            response, body = get(one, path)
            assert (response.status, len(body) > 0) == (200, True), path
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        for path in ("/../cli.py", "/js/stream.js", "/points.csv", f"/{video}", "/label/x"):
            assert get(one, path)[0].status == 404, path
        assert get(one, "/label")[0].status == 426
    assert urlsplit(one.server.url).hostname == "127.0.0.1"


def test_a_page_of_another_origin_is_refused(tmp_path: Path) -> None:
    with labelling(tmp_path / "p.csv", write_numbered(tmp_path / "a.mp4", 5)) as one:
        for origin in ("https://example.org", "null", "http://127.0.0.1:1"):
            with pytest.raises(InvalidStatus) as refused:
                one.client(origin)
            assert refused.value.response.status_code == 403
        with one.client(one.server.url.rstrip("/")) as client:
            assert hear(client, "hello")["out"] == "p.csv"


def test_hello_names_the_videos_and_the_points_that_were_there(tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    out.write_text("video,frame,kind\nb,3,micro\nelsewhere,1,macro\n")
    videos = [write_numbered(tmp_path / name, 5) for name in ("a.mp4", "b.mp4")]
    with labelling(out, *videos) as one, one.client() as client:
        hello = hear(client, "hello")
    assert [(v["name"], v["width"], v["height"]) for v in hello["videos"]] == [  # type: ignore[attr-defined]
        ("a", 160, 48), ("b", 160, 48),
    ]  # fmt: skip
    assert (hello["points"], hello["others"], hello["steps"]) == ([[1, 3, "micro"]], 1, 0)


def test_a_frame_comes_with_its_number_and_its_pixels(tmp_path: Path) -> None:
    videos = [write_numbered(tmp_path / name, 200) for name in ("a.mp4", "b.mp4")]
    with labelling(tmp_path / "p.csv", *videos) as one, one.client() as client:
        assert wait_until_read(client, 1) == 200
        for frame in (0, 199, 57, 56, 150):
            say(client, type="frame", video=1, frame=frame)
            data = hear_picture(client)
            assert struct.unpack(">II", data[:8]) == (1, frame)
            image = cv2.imdecode(np.frombuffer(data[8:], np.uint8), cv2.IMREAD_COLOR)
            assert image is not None
            assert number_in(np.asarray(image, np.uint8)) == frame


def test_a_frame_that_the_video_does_not_have_is_absent_with_the_reason(tmp_path: Path) -> None:
    with (
        labelling(tmp_path / "p.csv", write_numbered(tmp_path / "a.mp4", 5)) as one,
        one.client() as client,
    ):
        wait_until_read(client)
        say(client, type="frame", video=0, frame=5)
        news = hear(client, "absent")
        assert (news["video"], news["frame"]) == (0, 5)
        assert "no frame 5" in str(news["why"])
        say(client, type="mark", video=0, frame=5, kind="micro")
        assert "no frame 5" in str(hear(client, "refused")["why"])
    assert read_points(tmp_path / "p.csv") == []


def test_every_page_is_told_of_every_change_after_it_is_on_disk(tmp_path: Path) -> None:
    out = tmp_path / "p.csv"
    with (
        labelling(out, write_numbered(tmp_path / "a.mp4", 30)) as one,
        one.client() as client,
        one.client() as other,
    ):
        wait_until_read(client)
        hear(other, "hello")
        say(client, type="mark", video=0, frame=7, kind="macro")
        for page in (client, other):
            news = hear(page, "points")
            assert read_points(out) == [Point("a", 7, Kind.MACRO)]
            assert (news["points"], news["said"]) == ([[0, 7, "macro"]], "frame 7 is macro")
            assert news["where"] == [0, 7]
        say(other, type="undo")
        assert hear(client, "points")["points"] == []
        assert read_points(out) == []


def test_a_message_that_cannot_be_understood_ends_that_page_alone(tmp_path: Path) -> None:
    with (
        labelling(tmp_path / "p.csv", write_numbered(tmp_path / "a.mp4", 5)) as one,
        one.client() as good,
        one.client() as bad,
    ):
        say(bad, type="mark", video=9, frame=0, kind="micro")
        with pytest.raises(ConnectionClosed) as closed:
            hear(bad, "points")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        assert "video is a whole number from 0 to 0" in closed.value.rcvd.reason
        assert wait_until_read(good) == 5
    assert read_points(tmp_path / "p.csv") == []


def test_a_file_that_cannot_be_written_is_said_and_the_page_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with (
        labelling(tmp_path / "p.csv", write_numbered(tmp_path / "a.mp4", 5)) as one,
        one.client() as client,
    ):
        wait_until_read(client)
        with monkeypatch.context() as patch:
            patch.setattr("offline.labelling.point_file.replace_file", full)
            say(client, type="mark", video=0, frame=2, kind="micro")
            assert "No space left" in str(hear(client, "refused")["why"])
        say(client, type="mark", video=0, frame=2, kind="micro")
        assert hear(client, "points")["points"] == [[0, 2, "micro"]]


def test_a_video_that_ends_early_says_so_and_its_frames_can_be_labelled(tmp_path: Path) -> None:
    path = write_numbered(tmp_path / "a.mkv", 200, codec="ffv1")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with labelling(tmp_path / "p.csv", path) as one, one.client() as client:
        count = wait_until_read(client)
        assert 0 < count < 200
        say(client, type="mark", video=0, frame=count - 1, kind="micro")
        assert hear(client, "points")["points"] == [[0, count - 1, "micro"]]


def test_without_scores_the_page_is_told_that_they_are_off(tmp_path: Path) -> None:
    with (
        labelling(tmp_path / "p.csv", write_numbered(tmp_path / "a.mp4", 5)) as one,
        one.client() as client,
    ):
        say(client, type="watch", video=0)
        assert hear(client, "scores")["stage"] == "off"


def test_a_flood_of_requests_is_bounded_and_what_falls_out_is_said(tmp_path: Path) -> None:
    with (
        labelling(tmp_path / "p.csv", write_numbered(tmp_path / "a.mp4", 30)) as one,
        one.client() as client,
    ):
        wait_until_read(client)
        for _ in range(40):
            for frame in range(30):
                say(client, type="frame", video=0, frame=frame)
        answers = 0
        while answers < 1200:
            data = client.recv(timeout=WAIT_S)
            answers += isinstance(data, bytes) or json.loads(data)["type"] == "absent"


def test_a_port_that_is_in_use_is_a_usage_error(tmp_path: Path) -> None:
    video = write_numbered(tmp_path / "a.mp4", 5)
    with labelling(tmp_path / "p.csv", video) as one:
        port = urlsplit(one.server.url).port
        assert port is not None
        tapes = open_tapes([video], scores=False)
        with pytest.raises(UsageError, match="in use; choose another with --port"):
            LabelServer(tapes, None, None, "p.csv", port).start()  # type: ignore[arg-type]


def test_videos_that_cannot_be_labelled_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        open_tapes([tmp_path / "absent.mp4"], scores=False)
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(SourceError, match=r"text\.mp4"):
        open_tapes([tmp_path / "text.mp4"], scores=False)
    (tmp_path / "sub").mkdir()
    videos = [write_numbered(folder / "a.mp4", 5) for folder in (tmp_path, tmp_path / "sub")]
    with pytest.raises(UsageError, match="two videos are called a"):
        open_tapes(videos, scores=False)

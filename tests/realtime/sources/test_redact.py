"""Credentials never survive redaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.sources.redact import is_url, redact

PASSWORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(PASSWORDS, PASSWORDS)
def test_user_and_password_are_gone_whatever_they_hold(user: str, password: str) -> None:
    assert redact(f"rtsp://{user}:{password}@cam.lan:554/live") == "rtsp://cam.lan:554/live"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://10.0.0.7/ch1", "rtsp://10.0.0.7/ch1"),
        ("rtsp://token@10.0.0.7/ch1", "rtsp://10.0.0.7/ch1"),
        ("http://h:8080/v.mjpg?user=a&pwd=b", "http://h:8080/v.mjpg"),
        ("https://h/live.m3u8#t=secret", "https://h/live.m3u8"),
        ("rtsp://a:b@[fe80::1]:554/x", "rtsp://[fe80::1]:554/x"),
        (
            "rtsp://h:554/user=admin&password=x7&channel=1",
            "rtsp://h:554/user=***&password=***&channel=1",
        ),
        ("http://h/api_key=K123/live", "http://h/api_key=***/live"),
        ("rtsp://", "rtsp://"),
    ],
)
def test_what_is_left_is_the_address(url: str, shown: str) -> None:
    assert redact(url) == shown


@pytest.mark.parametrize("path", ["clip.mp4", "", "/data/a@b?c.mp4", "C:\\v.mp4", "file:///a.mp4"])
def test_paths_are_no_urls_and_stay_as_they_are(path: str) -> None:
    assert not is_url(path)
    assert redact(path) == path

"""Features of recorded videos, and labels on the model's clock."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engines.errors import SourceError, UsageError
from engines.intervals import Interval, Kind
from offline.data.extraction import Extraction, ExtractionOptions, extract_path
from offline.evaluation.instances import Instance
from realtime.clock import Gap
from realtime.pipeline.features import Seen, Vanished, Windows
from realtime.synthesis.action_units import Side
from realtime.synthesis.expressions import Expression
from realtime.types import NODES, WINDOW, FlowWindow
from tests.realtime.flow.film_files import write_film
from tests.realtime.flow.flow_makers import film

SMILE = Expression(Kind.MACRO, (("AU12", 1.0),), Side.BOTH, 0.05, 0.35, 0.65, 6.0, 0.25, 0.25)


def window(tick: int) -> FlowWindow:
    return FlowWindow(tick, np.full((WINDOW, len(NODES), 2), tick, np.float32))


def extraction(frames: int = 50, rate_hz: float = 25.0, ticks: int = 60) -> Extraction:
    return Extraction(timestamps_s=[k / rate_hz for k in range(frames)], ticks=ticks)


def test_labels_in_frames_become_ticks_by_the_time_of_their_frames() -> None:
    """25 frames a second: frame 10 lies at 0.4 s, which is tick 12."""
    labels = [Instance("v", Kind.MICRO, onset=10, offset=20, apex=15)]
    ignored = [Instance("v", Kind.MACRO, onset=25, offset=45, apex=None)]
    record = extraction().record("v", "anna", labels, ignored)
    assert record.intervals == (Interval(Kind.MICRO, 12, 18, 24),)
    assert record.ignored == (Interval(Kind.MACRO, 30, 42, 54),)
    assert (record.name, record.subject) == ("v", "anna")


def test_labels_of_a_video_with_irregular_frames_follow_its_timestamps() -> None:
    irregular = Extraction(timestamps_s=[0.0, 0.04, 0.5, 0.51, 1.0], ticks=31)
    (interval,) = irregular.record("v", "v", [Instance("v", Kind.MACRO, 1, 4, 2)]).intervals
    assert interval == Interval(Kind.MACRO, 1, 15, 30)


@pytest.mark.parametrize("offset", [50, 1000])
def test_a_label_beyond_the_video_is_refused_in_one_line(offset: int) -> None:
    with pytest.raises(UsageError, match=f"frame {offset}.*50 frames") as refused:
        extraction().record("v", "v", [Instance("v", Kind.MACRO, 30, offset, 40)])
    assert "\n" not in str(refused.value)


def test_a_label_without_a_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="without a kind"):
        extraction().record("v", "v", [Instance("v", None, 3, 5, 4)])


def test_ticks_without_a_window_are_not_scored() -> None:
    out = Extraction()
    out.take([Seen(tick, (), False) for tick in range(6)])
    out.take([Windows(0, (window(2), window(3))), Vanished(0, 4), Gap(5, 6)])
    record = out.record("v", "v")
    assert record.scored.tolist() == [False, False, True, True, False, False]
    assert (record.features[3] == 3).all()
    assert (record.features[~record.scored] == 0).all()
    assert out.lost == [Vanished(0, 4), Gap(5, 6)]


def test_a_video_that_was_not_read_gives_an_empty_record() -> None:
    record = Extraction().record("v", "v")
    assert record.features.shape == (0, WINDOW, len(NODES), 2)
    assert record.scored.shape == (0,)


@pytest.mark.parametrize(("rate", "ticks"), [(30, 20), (25, 24)])
def test_a_rendered_video_has_a_window_for_every_tick(
    tmp_path: Path, rate: int, ticks: int
) -> None:
    images = [shot.image for shot in film([], 20)]
    path = write_film(tmp_path / "v.mkv", images, Fraction(rate))
    out = extract_path(path, ExtractionOptions())
    record = out.record("v", "v")
    assert len(out.timestamps_s) == 20
    assert out.timestamps_s[0] == 0
    assert len(record.scored) == ticks
    assert record.scored.all()


@pytest.mark.parametrize("window", [9, 25])
def test_windows_of_another_length_are_measured_from_the_video(tmp_path: Path, window: int) -> None:
    """Their first step is that of the published window which begins on the same frame."""
    path = write_film(tmp_path / "v.mkv", [shot.image for shot in film([SMILE], 20)])
    usual, other = (
        extract_path(path, ExtractionOptions(window=w)).record("v", "v") for w in (17, window)
    )
    assert (other.window, other.features.shape) == (window, (20, window, len(NODES), 2))
    assert other.scored.all()
    flow = slice(0, NODES.index("head_roll_scale") + 1)
    shift, steps = (window - 17) // 2, min(window, 17)
    ticks = [tick for tick in range(20) if 0 <= tick + shift < 20]
    for tick in ticks:
        np.testing.assert_array_equal(
            other.features[tick + shift, :steps, flow], usual.features[tick, :steps, flow]
        )
    assert np.abs(other.features[:, :, flow]).max() > 1


@pytest.mark.parametrize("window", [-1, 0, 3, 8, 16, 35])
def test_a_window_that_cannot_be_is_refused_in_one_line(window: int) -> None:
    with pytest.raises(UsageError, match=f"--window: .* odd, from 5 to 33, not {window}$"):
        ExtractionOptions(window=window)


def test_a_file_that_is_no_video_is_a_source_error(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(b"no video")
    with pytest.raises(SourceError, match=r"v\.mp4"):
        extract_path(path, ExtractionOptions())

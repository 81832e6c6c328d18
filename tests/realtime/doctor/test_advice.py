"""What is said of set-ups with one defect each."""

from dataclasses import replace

import pytest

from realtime.doctor.advice import Verdict, answer
from realtime.doctor.examination import Examination, FaceView, Pace
from realtime.doctor.flicker import Flicker
from realtime.doctor.noise import Noise

GOOD = Examination(
    size=(640, 480),
    pace=Pace(300, 10.0, 30.0, 33.3, 33.9, 34.2, 0.0, 0, 0.0),
    face=FaceView(1.0, 110.0, 130.0, 0.0, 0.0),
    flicker=Flicker(0.2, None),
    head_px=0.4,
    head_p95_px=1.2,
    noise=Noise(0.25, 0.35, 0.12, 270, 10, 4),
)


def test_a_good_set_up_is_said_to_be_good_and_nothing_need_change() -> None:
    told = answer(GOOD)
    assert told.micro is Verdict.YES
    assert told.change == ()
    assert "0.35 px" in told.why


@pytest.mark.parametrize(
    ("part", "changed", "advice"),
    [
        ("pace", {"rate_hz": 15.0}, "15.0 frames per second: more light"),
        ("pace", {"late": 0.1}, "10% of the frames come late"),
        ("pace", {"dropped": 40}, "40 frames were dropped"),
        ("face", {"present": 0.5}, "a face was seen in 50% of the time"),
        ("face", {"eyes_px": 48.0}, "come 2.0 times as near"),
        ("face", {"brightness": 40.0}, "the face is dark (40 of 255)"),
        ("face", {"dark": 0.3}, "the face is dark"),
        ("face", {"burnt": 0.2}, "20% of the face is burnt out"),
        ("flicker", {"percent": 4.0, "frequency_hz": 10.0}, "flickers by 4.0 % (seen at 10.0 Hz)"),
        ("flicker", {"percent": 4.0}, "the brightness wanders by 4.0 %"),
        ("noise", {"mouth_px": 1.4}, "noisy at the mouth (1.40 px)"),
        ("noise", {"brows_px": 1.4}, "noisy at the brows (1.40 px)"),
    ],
)
def test_a_defect_brings_its_advice_and_no_other(
    part: str, changed: dict[str, object], advice: str
) -> None:
    found = replace(GOOD, **{part: replace(getattr(GOOD, part), **changed)})
    (line,) = answer(found).change
    assert advice in line


def test_a_restless_head_is_named_in_place_of_the_noise_that_it_makes() -> None:
    found = replace(GOOD, head_p95_px=12.0, noise=Noise(1.5, 1.0, 0.4, 200, 0, 0))
    (line,) = answer(found).change
    assert "the head moves by 12.0 px" in line


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"noise": Noise(0.9, 0.3, 0.2, 200, 0, 0)}, Verdict.STRONG_ONLY),
        ({"noise": Noise(2.0, 0.3, 0.2, 200, 0, 0)}, Verdict.NO),
        ({"noise": None}, Verdict.UNKNOWN),
        ({"pace": replace(GOOD.pace, rate_hz=20.0)}, Verdict.NO),
        ({"pace": replace(GOOD.pace, missing=0.2)}, Verdict.NO),
    ],
)
def test_verdicts(changed: dict[str, object], verdict: Verdict) -> None:
    assert answer(replace(GOOD, **changed)).micro is verdict


def test_ticks_that_25_frames_per_second_leave_out_are_not_lost() -> None:
    pace = replace(GOOD.pace, rate_hz=25.0, missing=1 / 6)
    assert pace.lost == pytest.approx(0)
    assert answer(replace(GOOD, pace=pace)).micro is Verdict.YES

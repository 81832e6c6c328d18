"""Who is who among the faces of a picture, without any picture."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.faces.identity import MEMORY_S, Candidate, Identities
from realtime.faces.looks import Look, normal
from realtime.types import RATE_HZ

ANNA, BEN = (
    normal(np.random.default_rng(seed).normal(size=768).astype(np.float32)) for seed in (1, 2)
)


def candidate(x: float, look: Look = ANNA, y: float = 100.0, width: float = 100.0) -> Candidate:
    return Candidate((x, y), width, lambda: look)


def walked(
    identities: Identities, *people: Callable[[float], Candidate | None], seconds: float
) -> list[list[int | None]]:
    """The numbers that people have, tick by tick; those who are hidden have none."""
    out = []
    for tick in range(round(seconds * RATE_HZ)):
        now_s = tick / RATE_HZ
        shown = [one for person in people if (one := person(now_s)) is not None]
        out.append(identities.identify(shown, now_s))
    return out


def test_no_faces_have_no_numbers() -> None:
    assert Identities().identify([], 0.0) == []


def test_numbers_count_up_in_the_order_of_the_faces() -> None:
    assert Identities().identify([candidate(0), candidate(300), candidate(600)], 0.0) == [0, 1, 2]


@pytest.mark.parametrize("away_s", [0.1, 1.0, MEMORY_S])
def test_a_face_that_is_back_within_two_seconds_keeps_its_number(away_s: float) -> None:
    identities = Identities()
    identities.identify([candidate(100), candidate(500)], 0.0)
    identities.identify([candidate(100)], 0.03)
    assert identities.identify([candidate(505), candidate(100)], away_s) == [1, 0]


def test_a_face_that_is_back_later_is_a_new_one() -> None:
    identities = Identities()
    identities.identify([candidate(100), candidate(500)], 0.0)
    assert identities.identify([candidate(500)], MEMORY_S + 0.01) == [2]


def test_the_longer_a_face_is_away_the_farther_it_may_have_moved() -> None:
    for away_s, x, number in ((0.1, 400.0, 1), (1.5, 300.0, 0), (1.5, 400.0, 1)):
        identities = Identities()
        identities.identify([candidate(100)], 0.0)
        assert identities.identify([candidate(x)], away_s) == [number]


def test_a_face_of_another_size_at_the_same_place_is_another_one() -> None:
    identities = Identities()
    identities.identify([candidate(100)], 0.0)
    assert identities.identify([candidate(100, width=49)], 0.1) == [1]


def test_two_who_pass_each_other_keep_their_numbers() -> None:
    """Two widths a second each; at the middle they are in one place."""
    people = (
        lambda t: candidate(100 + 200 * t, ANNA, y=100),
        lambda t: candidate(500 - 200 * t, BEN, y=140),
    )
    assert walked(Identities(), *people, seconds=2) == [[0, 1]] * 60


def test_who_is_hidden_while_another_passes_is_known_again_behind_them() -> None:
    def hidden(t: float) -> Candidate | None:
        return None if 0.8 < t < 1.2 else candidate(100 + 200 * t, ANNA)

    seen = walked(Identities(), hidden, lambda t: candidate(500 - 200 * t, BEN), seconds=2)
    assert seen[0] == seen[-1] == [0, 1]
    assert [1] in seen
    assert all(numbers in ([0, 1], [1]) for numbers in seen)


def test_what_two_look_like_decides_where_they_stand_does_not() -> None:
    """Both are away for a second and are back in between, nearer to the place of the other."""
    identities = Identities()
    for tick in range(30):
        identities.identify([candidate(100, ANNA), candidate(300, BEN)], tick / RATE_HZ)
    assert identities.identify([candidate(140, BEN), candidate(260, ANNA)], 2.0) == [1, 0]


def test_a_second_mesh_on_one_face_is_none() -> None:
    identities = Identities()
    identities.identify([candidate(100)], 0.0)
    assert identities.identify([candidate(110), candidate(101)], 0.03) == [None, 0]


def test_a_second_mesh_that_slips_onto_another_face_is_dropped_and_its_own_face_waits() -> None:
    """As MediaPipe does when one person walks before another."""
    identities = Identities()
    for tick in range(10):
        identities.identify([candidate(100, ANNA), candidate(300, BEN)], tick / RATE_HZ)
    assert identities.identify([candidate(295, BEN), candidate(300, BEN)], 0.34) == [None, 1]
    assert identities.identify([candidate(100, ANNA), candidate(300, BEN)], 0.4) == [0, 1]


boxes = st.tuples(st.floats(-2000, 2000), st.floats(-2000, 2000), st.floats(1, 1000))


@given(st.lists(st.tuples(st.floats(0.001, 3), st.lists(boxes, max_size=4)), max_size=12))
def test_whatever_comes_no_two_faces_share_a_number_and_none_comes_back_from_the_dead(
    frames: list[tuple[float, list[tuple[float, float, float]]]],
) -> None:
    identities, now_s, seen_s, highest = Identities(), 0.0, dict[int, float](), -1
    for step_s, shown in frames:
        now_s += step_s
        faces = [Candidate((x, y), width, lambda: ANNA) for x, y, width in shown]
        found = identities.identify(faces, now_s)
        assert len(found) == len(faces)
        numbers = [number for number in found if number is not None]
        assert len(set(numbers)) == len(numbers)
        assert bool(numbers) == bool(faces)
        for number in sorted(numbers):
            if number in seen_s:
                assert now_s - seen_s[number] <= MEMORY_S
            else:
                assert number == highest + 1
                highest = number
            seen_s[number] = now_s

"""Films of known motion."""

import numpy as np
import pytest

from benchmarks.flow_films import BEGIN_S, GROUPS, MICRO, ROUNDS, WIDE, Film
from realtime.synthesis.expressions import visible_frames
from realtime.types import RATE_HZ

FILMS = [film for films in ROUNDS for film in films]
TIMES_S = np.arange(60) / RATE_HZ


@pytest.mark.parametrize("film", [film for film in FILMS if film.group == MICRO])
def test_a_micro_film_moves_less_than_two_px_for_less_than_half_a_second(film: Film) -> None:
    seen = visible_frames(film.expression(1.0), TIMES_S)
    assert seen is not None
    assert (seen[2] - seen[0] + 1) / RATE_HZ <= 0.5
    assert film.peak_px < 2


@pytest.mark.parametrize("film", [film for film in FILMS if film.group != MICRO])
def test_other_films_are_held_to_their_end(film: Film) -> None:
    expression = film.expression(0.7)
    assert film.peak_px >= 2
    assert expression.intensity(BEGIN_S) == 0
    assert expression.intensity(0.7) > 0.8


def test_every_group_has_a_film_of_the_bundled_portrait() -> None:
    assert {film.group for film in ROUNDS[0]} == set(GROUPS)


def test_wide_mouths_open_farther_than_the_reference_follows() -> None:
    assert min(film.peak_px for film in FILMS if film.group == WIDE) > 10

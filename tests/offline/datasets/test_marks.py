import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.datasets.cells import RowError, nearest_frame, parse_kind, plain, required_number
from offline.datasets.marks import Counting, Imputation, Marks, parse_marks

ONE = Counting(1, Imputation.MIRROR)
ZERO = Counting(0, None)
cells = st.one_of(
    st.none(),
    st.floats(),
    st.text(max_size=6),
    st.integers(-3, 60).map(float),
    st.integers(-3, 60).map(str),
)


def test_frames_that_count_from_one_become_frames_that_count_from_zero() -> None:
    assert parse_marks((3.0, 5.0, 8.0), ONE) == Marks(2, 4, 7)
    assert parse_marks(("3", " 5 ", "8"), ONE) == Marks(2, 4, 7)
    assert parse_marks((0.0, 0.0, 8.0), ZERO) == Marks(0, 0, 8)


@pytest.mark.parametrize("apex", [None, "", -1.0, 0.0, "-1"])
def test_an_apex_that_is_absent_is_unknown_and_the_row_stays(apex: str | float | None) -> None:
    assert parse_marks((3.0, apex, 8.0), ONE) == Marks(2, None, 7)


@pytest.mark.parametrize("apex", [2.0, 9.0])
def test_an_apex_outside_its_interval_is_dropped_with_a_remark(apex: float) -> None:
    marks = parse_marks((3.0, apex, 8.0), ONE)
    assert (marks.onset, marks.apex, marks.offset) == (2, None, 7)
    assert f"apex {apex:g}" in marks.remark


@pytest.mark.parametrize(("number", "frame"), [(566.4, 566), (566.5, 567), (566.6, 567), (0.5, 1)])
def test_a_fraction_of_a_frame_goes_to_the_nearest_and_halves_go_up(
    number: float, frame: int
) -> None:
    assert nearest_frame(number) == frame
    marks = parse_marks((number, None, 900.0), ZERO)
    assert (marks.onset, marks.rounded) == (frame, True)
    assert not parse_marks((3.0, 5.0, 8.0), ONE).rounded


# onset 10, apex 14, counted from one: the rules of the protocol in closed form
@pytest.mark.parametrize(
    ("rule", "offset"), [("2apex-onset", 18), ("apex", 14), ("apex+20", 34), ("onset+20", 30)]
)
def test_each_rule_gives_the_offset_of_the_protocol(rule: str, offset: int) -> None:
    marks = parse_marks((10.0, 14.0, 0.0), Counting(1, Imputation(rule)))
    assert marks == Marks(9, 13, offset - 1, Imputation(rule))


def test_an_imputed_offset_is_clipped_to_the_last_frame_of_the_video() -> None:
    assert parse_marks((10.0, 14.0, 0.0), ONE, frames=16).offset == 15
    assert parse_marks((10.0, 14.0, 0.0), ONE, frames=18).offset == 17
    assert parse_marks((10.0, 14.0, 0.0), ONE, frames=30).offset == 17


def test_without_a_convention_an_offset_of_zero_is_a_frame() -> None:
    assert parse_marks((0.0, 0.0, 0.0), ZERO) == Marks(0, 0, 0)


@pytest.mark.parametrize(
    ("row", "counting", "frames", "reason"),
    [
        ((9.0, 5.0, 8.0), ONE, None, "onset 9 is after offset 8"),
        ((None, 5.0, 8.0), ONE, None, "onset is empty"),
        ((3.0, 5.0, ""), ONE, None, "offset is empty"),
        ((math.nan, 5.0, 8.0), ONE, None, "onset nan is not a frame number"),
        ((3.0, math.nan, 8.0), ONE, None, "apex nan is not a frame number"),
        ((3.0, 5.0, math.inf), ONE, None, "offset inf is not a frame number"),
        ((3.0, 5.0, "#N/A"), ONE, None, "offset '#N/A' is not a number"),
        (("1_0", 5.0, 80.0), ONE, None, "onset '1_0' is not a number"),
        (("nan", 5.0, 80.0), ONE, None, "onset 'nan' is not a number"),
        ((3.0, "about 5", 8.0), ONE, None, "apex 'about 5' is not a number"),
        ((0.0, 5.0, 8.0), ONE, None, "onset 0 is before the first frame, which is 1"),
        ((-2.0, 5.0, 8.0), ZERO, None, "onset -2 is before the first frame, which is 0"),
        ((3.0, 5.0, 8.0), ONE, 7, "offset 8 is past the end of the video, whose last frame is 7"),
        ((9.0, 9.0, 9.0), ONE, 7, "onset 9 is past the end"),
        ((9.0, None, 0.0), ONE, None, "offset is missing, and 2apex-onset needs an apex"),
        ((9.0, 8.0, 0.0), ONE, None, "needs an apex after the onset"),
        ((3.0, 9.0, 0.0), ONE, 7, "apex 9 is past the end of the video, whose last frame is 7"),
        ((9.0, 9.0, 0.0), Counting(1, Imputation.REJECT), None, "offset is missing"),
        ((1e300, None, 1e300), ONE, None, "is not a frame number"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_reason(
    row: tuple[str | float | None, str | float | None, str | float | None],
    counting: Counting,
    frames: int | None,
    reason: str,
) -> None:
    with pytest.raises(RowError) as caught:
        parse_marks(row, counting, frames)
    assert reason in str(caught.value)


def test_onset_plus_20_needs_no_apex() -> None:
    assert parse_marks((9.0, None, 0.0), Counting(1, Imputation.ONSET_20)).offset == 28


@given(
    row=st.tuples(cells, cells, cells),
    first=st.sampled_from([0, 1]),
    impute=st.sampled_from([None, *Imputation]),
    frames=st.one_of(st.none(), st.integers(1, 50)),
)
def test_any_row_is_refused_or_lies_in_order_inside_the_video(
    row: tuple[str | float | None, str | float | None, str | float | None],
    first: int,
    impute: Imputation | None,
    frames: int | None,
) -> None:
    try:
        marks = parse_marks(row, Counting(first, impute), frames)
    except RowError as error:
        reason = str(error)
    else:
        reason = ""
    if reason:
        assert reason.splitlines() == [reason]
        return
    assert 0 <= marks.onset <= marks.offset
    assert marks.apex is None or marks.onset <= marks.apex <= marks.offset
    assert frames is None or marks.offset < frames


@given(
    st.integers(1, 10**6).flatmap(
        lambda onset: st.tuples(st.just(onset), st.integers(onset, 2 * 10**6))
    )
)
def test_a_plain_row_is_read_back_as_written(span: tuple[int, int]) -> None:
    onset, offset = span
    marks = parse_marks((str(onset), None, float(offset)), ONE)
    assert (marks.onset + 1, marks.offset + 1) == span
    assert not marks.rounded
    assert marks.imputed is None


@given(st.floats(0, 1e8))
def test_rounding_never_moves_a_mark_by_more_than_half_a_frame(number: float) -> None:
    assert abs(nearest_frame(required_number(number, "onset")) - number) <= 0.5


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("macro-expression", Kind.MACRO),
        ("Micro-expression", Kind.MICRO),
        (" Macro ", Kind.MACRO),
        ("Micro - 1/2", Kind.MICRO),
        ("Micro - 1", Kind.MICRO),
        ("MICRO", Kind.MICRO),
        ("ignore", None),
        ("Ignore", None),
    ],
)
def test_kinds_are_known_as_every_dataset_writes_them(text: str, kind: Kind | None) -> None:
    assert parse_kind(text) is kind


@pytest.mark.parametrize(
    "text", ["", None, "smile", "macros", "macro or micro", "micro/macro", 1.0]
)
def test_a_kind_that_is_neither_or_both_is_refused(text: str | float | None) -> None:
    with pytest.raises(RowError, match="kind"):
        parse_kind(text)


def test_names_are_compared_by_letters_and_digits() -> None:
    assert plain("CAS(ME)²code_final") == plain("cas(me)2 CODE final") == "casme2codefinal"

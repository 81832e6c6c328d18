import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import ModelError
from engines.precision import PRECISIONS
from engines.tensorrt.distribution import DISTRIBUTIONS
from engines.tensorrt.key import BatchRange, PlanKey
from tests.engines.tensorrt.plan_makers import make_key

ranges = st.lists(st.integers(1, 1024), min_size=3, max_size=3).map(
    lambda sizes: BatchRange(*sorted(sizes))
)
names = st.text(st.characters(categories=["Lu", "Nd"]), min_size=1, max_size=8)
keys = st.builds(
    PlanKey,
    st.text("0123456789abcdef", min_size=64, max_size=64),
    st.sampled_from(sorted(DISTRIBUTIONS)),
    names,
    st.lists(names, min_size=1, max_size=5, unique=True).map(tuple),
    st.sampled_from(PRECISIONS),
    ranges,
)


@given(keys)
def test_a_key_comes_back_from_its_json_as_it_was(key: PlanKey) -> None:
    assert PlanKey.from_json(json.loads(json.dumps(key.to_dict())), "key") == key


@given(keys, keys)
def test_digests_are_equal_exactly_when_keys_are(one: PlanKey, other: PlanKey) -> None:
    assert (one.digest == other.digest) == (one == other)


@given(keys)
def test_a_key_does_not_differ_from_itself(key: PlanKey) -> None:
    assert key.differences(key) == ()


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"model_sha256": "cd" * 32}, "model_sha256"),
        ({"distribution": "tensorrt"}, "distribution tensorrt instead of tensorrt-rtx"),
        ({"version": "1.8"}, "version 1.8 instead of 1.7.1.116"),
        ({"precision": "fp32"}, "precision fp32 instead of fp16"),
        ({"batch": BatchRange(most=64)}, "batch 1 to 64"),
        ({"targets": ("SM80",)}, "built for SM80, not for SM86"),
    ],
)
def test_every_difference_but_further_targets_is_named(
    changes: dict[str, object], word: str
) -> None:
    (difference,) = make_key(**changes).differences(make_key())
    assert word in difference


def test_further_targets_are_no_difference() -> None:
    assert make_key(targets=("SM75", "SM80", "SM86")).differences(make_key()) == ()


@pytest.mark.parametrize("sizes", [(0, 1, 2), (2, 1, 3), (1, 4, 3), (-1, -1, -1)])
def test_a_batch_range_out_of_order_is_refused(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="1 <= least <= usual <= most"):
        BatchRange(*sizes)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("model_sha256", "ab"),
        ("model_sha256", "AB" * 32),
        ("distribution", "cuda"),
        ("precision", "int8"),
        ("version", ""),
        ("targets", ()),
    ],
)
def test_a_field_of_another_form_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        make_key(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("precision", "int8"),
        ("precision", 16),
        ("targets", "SM80"),
        ("targets", ["SM80", "SM80"]),
        ("batch", {"least": 1, "usual": 1}),
        ("batch", {"least": 1, "usual": 9, "most": 8}),
        ("batch", {"least": True, "usual": 1, "most": 8}),
        ("model_sha256", None),
    ],
)
def test_json_with_a_field_of_another_form_is_refused_as_a_model_error(
    field: str, value: object
) -> None:
    with pytest.raises(ModelError, match=r"^somewhere"):
        PlanKey.from_json(make_key().to_dict() | {field: value}, "somewhere")


@pytest.mark.parametrize("data", [[], None, {}, make_key().to_dict() | {"gpu": "any"}])
def test_json_with_other_keys_is_refused(data: object) -> None:
    with pytest.raises(ModelError, match=r"somewhere (is not|lacks|has unknown)"):
        PlanKey.from_json(data, "somewhere")

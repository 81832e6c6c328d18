import pytest

from offline.labelling.curves import shown_outputs


@pytest.mark.parametrize(
    ("outputs", "shown"),
    [
        (
            ("micro_onset", "micro_apex", "micro_expression", "macro_apex", "macro_expression"),
            {"macro": "macro_apex", "micro": "micro_apex"},
        ),
        (
            ("intensity", "micro_action", "macro_action"),
            {"macro": "macro_action", "micro": "micro_action", "intensity": "intensity"},
        ),
        (("macro",), {"macro": "macro"}),
        (("other",), {}),
    ],
)
def test_one_curve_is_drawn_for_each_kind_and_the_intensity(
    outputs: tuple[str, ...], shown: dict[str, str]
) -> None:
    assert shown_outputs(outputs) == shown

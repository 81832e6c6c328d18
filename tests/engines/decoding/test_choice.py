import pytest

from engines.decoding import (
    DecoderRules,
    IntensityRules,
    StreamDecoder,
    decode,
    make_decoder,
    read_rules,
    rules_of,
)
from engines.decoding.batch import decode as decode_marks
from engines.decoding.intensity import IntensityDecoder, decode_intensity
from engines.errors import ModelError
from tests.engines.conftest import tiny_manifest
from tests.engines.decoding.intensity.intensity_makers import NAMES, scores_of
from tests.engines.decoding.score_makers import NAMES as MARKS
from tests.engines.decoding.score_makers import bump, quiet


def test_a_model_of_gim_is_decoded_by_its_intensity_and_others_by_their_apexes() -> None:
    gim = tiny_manifest(method="gim", outputs=NAMES, decoder={"soft_sigma": 0.5})
    assert read_rules(gim) == IntensityRules(soft_sigma=0.5)
    other = tiny_manifest(method="spotformer", outputs=tuple(MARKS), decoder={"nms_iou": 0.25})
    assert read_rules(other) == DecoderRules(nms_iou=0.25)
    assert rules_of("gim", {}) == IntensityRules()
    assert rules_of("spotformer", {}) == DecoderRules()


def test_rules_of_another_method_are_refused() -> None:
    foreign = DecoderRules().to_dict()
    with pytest.raises(ModelError, match=r"model tiny: its decoder rules .* has no rule score"):
        read_rules(tiny_manifest(method="gim", outputs=NAMES, decoder=foreign))
    with pytest.raises(ModelError, match="has no rule longest_run, soft_sigma, thresholds"):
        read_rules(tiny_manifest(decoder=IntensityRules().to_dict()))


def test_a_model_without_an_output_that_its_decoder_reads_is_refused_naming_it() -> None:
    lacking = tiny_manifest(method="gim", outputs=NAMES[:2], decoder={})
    with pytest.raises(ModelError, match="model tiny: its decoder reads macro_action, which"):
        read_rules(lacking)
    context = {"micro": {"context": 3}}
    marks = tuple(n for n in MARKS if n != "micro_expression")
    with pytest.raises(ModelError, match="reads micro_expression, which"):
        read_rules(tiny_manifest(outputs=marks, decoder=context))
    assert read_rules(tiny_manifest(outputs=marks, decoder={})) == DecoderRules()


def test_the_decoder_follows_from_the_rules() -> None:
    assert isinstance(make_decoder(IntensityRules()), IntensityDecoder)
    assert isinstance(make_decoder(DecoderRules()), StreamDecoder)
    curve = scores_of([0.0] * 10 + [0.9] * 10 + [0.0] * 10)
    assert decode(curve, IntensityRules(), 7) == decode_intensity(curve, IntensityRules(), 7) != ()
    marks = quiet(60)
    bump(marks, "micro", onset=20, apex=24, offset=28)
    assert decode(marks, DecoderRules(), 7) == decode_marks(marks, DecoderRules(), 7) != ()

"""A model with the outputs of GIM, made from the default SpotFormer's graph."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engines.decoding import IntensityKindRules, IntensityRules
from engines.model_file import ModelFile, read_model, write_model
from engines.registry import default_model_path

OUTPUTS = ("intensity", "micro_action", "macro_action")
RULES = IntensityRules(
    micro=IntensityKindRules(score_floor=0.2), macro=IntensityKindRules(score_floor=0.2)
)


def write_intensity_model(path: Path) -> ModelFile:
    """The stronger expression probability is the intensity; their difference gives the kind."""
    base = read_model(default_model_path())
    model = onnx.load_model_from_string(base.content)
    graph = model.graph
    del model.metadata_props[:]
    del graph.output[:]
    graph.initializer.append(numpy_helper.from_array(np.array(8, np.float32), "gain"))
    graph.node.extend(
        [
            helper.make_node("Max", ["micro_expression", "macro_expression"], ["intensity"]),
            helper.make_node("Sub", ["micro_expression", "macro_expression"], ["apart"]),
            helper.make_node("Mul", ["apart", "gain"], ["for_micro"]),
            helper.make_node("Neg", ["for_micro"], ["for_macro"]),
            helper.make_node("Sigmoid", ["for_micro"], ["micro_action"]),
            helper.make_node("Sigmoid", ["for_macro"], ["macro_action"]),
        ]
    )
    graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]) for name in OUTPUTS
    )
    manifest = replace(
        base.manifest, name="by-intensity", method="gim", outputs=OUTPUTS, decoder=RULES.to_dict()
    )
    return write_model(path, model, manifest)

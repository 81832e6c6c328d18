import pytest

from engines.errors import ModelError, UsageError
from engines.registry import default_model_path, list_models, models_folder, open_backend
from tests.engines.conftest import MakeModel


@pytest.mark.parametrize("backend", ["auto", "onnxruntime"])
def test_a_known_backend_opens(make_model: MakeModel, backend: str) -> None:
    with open_backend(make_model(), backend) as opened:
        assert opened.name == "onnxruntime"


def test_an_unknown_backend_is_refused_naming_the_choices(make_model: MakeModel) -> None:
    with pytest.raises(UsageError, match="'gpu' is unknown; choose one of auto, onnxruntime"):
        open_backend(make_model(), "gpu")


def test_the_default_model_lies_in_the_package() -> None:
    if models_folder().joinpath("spotformer.onnx").is_file():
        assert default_model_path() in list_models()
    else:
        with pytest.raises(ModelError, match="no model is installed"):
            default_model_path()

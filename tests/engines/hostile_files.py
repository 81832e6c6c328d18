"""Files that are no model, or not a whole one, and why each is refused."""

from tests.engines import hostile_models as make
from tests.engines.hostile_models import MakeFile, resigned, signed

GOOD = signed().SerializeToString()

FILES: dict[str, tuple[MakeFile, str]] = {
    "absent": (lambda folder: folder / "given.onnx", "no such file"),
    "a folder": (make.a_folder, "is a folder"),
    "a pipe": (make.a_pipe, "a device or a pipe"),
    "an endless device": (make.a_link_to("/dev/zero"), "a device or a pipe"),
    "a link to nothing": (make.a_link_to("nothing"), "no such file"),
    "a link to itself": (make.a_link_to("given.onnx"), "cannot be read"),
    "a file that cannot be read": (make.a_link_to("/proc/self/mem"), "cannot be read"),
    "huge": (make.a_huge_file, "above the limit of 268435456"),
    "empty": (make.of_bytes(b""), "not an ONNX file"),
    "a pickle": (make.a_pickle, "not an ONNX file"),
    "a zip archive": (make.a_zip, "not an ONNX file"),
    "a web page": (make.of_bytes(b"<!DOCTYPE html><title>Not found</title>"), "not an ONNX file"),
    "zeros": (make.of_bytes(bytes(4096)), "not an ONNX file"),
    "half of a model": (make.of_bytes(GOOD[: len(GOOD) // 2]), "damaged"),
    "a model and something": (make.of_bytes(GOOD + b"more"), "damaged|not valid|not know"),
    "very many parts": (make.of_bytes(b"\x0a\x00" * 400_000), "more than 300000 parts"),
    "what ONNX Runtime takes for its own format": (
        resigned(lambda model: setattr(model, "producer_name", "ORTM")),
        "ONNX Runtime's own format",
    ),
    "fields of the future": (make.of_bytes(GOOD + b"\xfa\x3f\x03abc"), "does not know"),
    "text that is not text": (
        make.of_bytes(GOOD.replace(b"raw_micro", b"raw_\xfficro")),
        "not UTF-8",
    ),
}

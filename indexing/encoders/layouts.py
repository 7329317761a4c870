"""Which of a folder's files are the encoder, and which of a graph's outputs is the vector.

Known layouts: a joint `model.onnx` (CLIP, SigLIP as Optimum exports them), or `vision_model.onnx` with `text_model.onnx` beside
it (transformers.js), each at the top or in `onnx/`; any other single ONNX file.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from indexing.encoders.onnx_file import OnnxFile, Tensor
from indexing.encoders.preprocessing import Preprocessing
from indexing.errors import WeightsError

VISION: Final = ("onnx/vision_model.onnx", "vision_model.onnx")
TEXT: Final = ("onnx/text_model.onnx", "text_model.onnx")
JOINT: Final = ("onnx/model.onnx", "model.onnx")
CONFIG, PREPROCESSOR, PROCESSOR = "config.json", "preprocessor_config.json", "processor_config.json"
OPEN_CLIP: Final = "open_clip_config.json"
TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
SETTINGS: Final = (CONFIG, PREPROCESSOR, PROCESSOR, OPEN_CLIP, TOKENIZER_CONFIG, TOKENIZER)

# The image's vector, by the names that exporters give it, the best first; and the words' vector of the same space.
VECTORS: Final[Mapping[str, str]] = {
    "image_embeds": "text_embeds",
    "l2norm_image_embeddings": "l2norm_text_embeddings",
    "image_embeddings": "text_embeddings",
    "image_features": "text_features",
    "pooler_output": "pooler_output",
}
TOKENS: Final = "last_hidden_state"
# Encoders whose first token stands for the whole picture.
FIRST_TOKEN: Final = ("dinov2", "dinov2_with_registers", "dinov3_vit", "vit", "deit", "beit", "clip_vision_model")
TEXT_INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids", "position_ids")


class Models(NamedTuple):
    """Names of ONNX files, relative to the encoder's folder. text: "" without one; the same as vision for a joint file."""

    vision: str
    text: str


class Vector(NamedTuple):
    """input: the pixels' name and kind; output: the vector's; first_token: whether it is the first row of that output."""

    input: Tensor
    output: Tensor
    first_token: bool


def find_models(names: Collection[str], where: str) -> Models:
    """Which of these files are the towers. Raises WeightsError when there is none, or no telling."""
    vision = next((name for name in VISION if name in names), "")
    if vision:
        return Models(vision, next((name for name in TEXT if name in names), ""))
    joint = next((name for name in JOINT if name in names), "")
    if joint:
        return Models(joint, joint)
    others = sorted(name for name in names if name.endswith(".onnx") and name.count("/") <= 1)
    if len(others) == 1:
        return Models(others[0], others[0])
    if others:
        raise WeightsError(
            f"{where} holds {len(others)} ONNX files and no model.onnx or vision_model.onnx: "
            f"keep the one to use, of {', '.join(others[:5])}."
        )
    raise WeightsError(
        f"{where} holds no ONNX file: take a repository that has one (onnx-community and Xenova convert many), "
        "or export it with Optimum: optimum-cli export onnx."
    )


def find_vector(file: OnnxFile, preprocessing: Preprocessing, model_type: str, asked: str) -> Vector:
    """The image side of a graph. asked: an output's name, "" for the known one. Raises WeightsError."""
    picture = _pixels(file, preprocessing)
    if asked:
        output = file.output(asked)
        if output is None:
            raise WeightsError(f"{file.path} has no output {asked!r}: it has {_listed(file)}.")
        if output.rank not in (2, 3):
            raise WeightsError(f"{file.path}: {output} is neither a vector nor tokens: it has {_listed(file)}.")
        return Vector(picture, output, output.rank == 3)
    known = [output for name in VECTORS if (output := file.output(name)) is not None and output.rank == 2]
    if known:
        return Vector(picture, known[0], first_token=False)
    tokens = file.output(TOKENS)
    if tokens is not None and tokens.rank == 3 and model_type in FIRST_TOKEN:
        return Vector(picture, tokens, first_token=True)
    others = [output for output in file.outputs if output.rank == 2 and "logits" not in output.name]
    if len(file.outputs) == 1 and others:
        return Vector(picture, others[0], first_token=False)
    raise WeightsError(
        f"{file.path}: it is unclear which output is the picture's vector: {_listed(file)}. Name it behind a #, such as "
        f"--network onnx:…#{(others or file.outputs)[0].name} (of tokens, the first one is taken)."
    )


def _pixels(file: OnnxFile, preprocessing: Preprocessing) -> Tensor:
    """The input that reads pixels, checked against what the preprocessing makes."""
    pictures = [tensor for tensor in file.inputs if tensor.name not in TEXT_INPUTS]
    if len(pictures) != 1:
        named = ", ".join(str(tensor) for tensor in file.inputs) or "nothing"
        more = " (of SigLIP 2, take one of fixed resolution, not NaFlex)" if len(pictures) > 1 else ""
        raise WeightsError(f"{file.path} reads {named}: an image encoder reads pixel_values alone{more}.")
    picture = pictures[0]
    if picture.rank != 4 or picture.kind not in ("float32", "float16"):
        raise WeightsError(f"{file.path} reads {picture}, not pictures of floats (n × 3 × height × width).")
    made = preprocessing.shape
    for size, needed in zip((picture.shape or ())[1:], made, strict=True):
        if size is not None and size != needed:
            raise WeightsError(
                f"{file.path} reads {picture}, but its preprocessing makes {' × '.join(map(str, made))}: "
                "the files do not belong together."
            )
    return picture


def _listed(file: OnnxFile) -> str:
    return ", ".join(str(output) for output in file.outputs[:12])


def model_type_of(config: Mapping[str, Any], open_clip: Mapping[str, Any]) -> str:
    """The kind of encoder by its own name: `clip`, `siglip`, `dinov2` …; "" where nothing says."""
    named = str(config.get("model_type") or "")
    if named:
        return named
    model = open_clip.get("model_cfg")
    if not isinstance(model, dict):
        return ""
    vision = model.get("vision_cfg")
    timm = str(vision.get("timm_model_name") or "") if isinstance(vision, dict) else ""
    return "siglip" if "siglip" in timm else "clip"

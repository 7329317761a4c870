"""Encoders of a few kilobytes in the layouts that people publish: what they see is colour, what they read are three colours.

A picture's vector is the mean of its prepared channels, times MIX; a word's is what a picture of that colour has. So a red
picture lies next to the word "red", and every number can be worked out by hand.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel

SIDE = 8
DIM = 6
MIX = np.array([[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1]], np.float32)  # (3, DIM)
COLOURS = {"red": (1, -1, -1), "green": (-1, 1, -1), "blue": (-1, -1, 1)}
CLIP_MEAN, CLIP_STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
CLIP_SPECIAL = ("<|startoftext|>", "<|endoftext|>")
SIGLIP_SPECIAL = ("<pad>", "</s>", "<unk>")


def clip_preprocessor(side: int = SIDE) -> dict[str, Any]:
    """As openai/clip-vit-base-patch32 has it, smaller."""
    return {
        "crop_size": {"height": side, "width": side},
        "do_center_crop": True,
        "do_convert_rgb": True,
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": CLIP_MEAN,
        "image_processor_type": "CLIPImageProcessor",
        "image_std": CLIP_STD,
        "resample": 3,
        "rescale_factor": 0.00392156862745098,
        "size": {"shortest_edge": side},
    }


def siglip_preprocessor(side: int = SIDE, resample: int = 3) -> dict[str, Any]:
    """As google/siglip-base-patch16-224 has it, smaller."""
    return {
        "do_normalize": True,
        "do_rescale": True,
        "do_resize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_processor_type": "SiglipImageProcessor",
        "image_std": [0.5, 0.5, 0.5],
        "processor_class": "SiglipProcessor",
        "resample": resample,
        "rescale_factor": 0.00392156862745098,
        "size": {"height": side, "width": side},
    }


def clip(folder: Path, *, joint: bool = False) -> Path:
    """CLIP's layout: `onnx/vision_model.onnx` and `onnx/text_model.onnx` (Xenova's), or one `onnx/model.onnx` (Optimum's)."""
    vocabulary = [*CLIP_SPECIAL, *COLOURS, "dress", "shirt"]
    vision, text = _vision("image_embeds"), _text(_table(vocabulary), "text_embeds", mask=True)
    if joint:
        vision, text = _vision("image_embeds"), _text(_table(vocabulary), "text_embeds", mask=True)
        pair = [helper.make_node("Transpose", ["image_embeds"], ["turned"], perm=[1, 0])]
        pair += [helper.make_node("MatMul", ["text_embeds", "turned"], ["logits_per_text"])]
        logits = helper.make_tensor_value_info("logits_per_text", TensorProto.FLOAT, ["texts", "pictures"])
        _save(folder / "onnx" / "model.onnx", vision, text, ([], pair, [logits], []))
    else:
        _save(folder / "onnx" / "vision_model.onnx", vision)
        _save(folder / "onnx" / "text_model.onnx", text)
    _json(folder / "config.json", {"model_type": "clip", "text_config": {}, "projection_dim": DIM})
    _json(folder / "preprocessor_config.json", clip_preprocessor())
    _json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "pad_token": CLIP_SPECIAL[1]},
    )
    _tokenizer(folder / "tokenizer.json", vocabulary, "<|startoftext|> $A <|endoftext|>", CLIP_SPECIAL, unknown=CLIP_SPECIAL[1])
    return folder


def siglip(folder: Path, *, tokenizer_class: str = "SiglipTokenizer") -> Path:
    """SigLIP's layout: tokens and `pooler_output` from each tower, words always of 64 ids."""
    vocabulary = [*SIGLIP_SPECIAL, *COLOURS, "dress", "shirt"]
    _save(folder / "onnx" / "vision_model.onnx", _vision("pooler_output", tokens=True))
    _save(folder / "onnx" / "text_model.onnx", _text(_table(vocabulary), "pooler_output", mask=False))
    _json(folder / "config.json", {"model_type": "siglip", "text_config": {"max_position_embeddings": 64}})
    _json(folder / "preprocessor_config.json", siglip_preprocessor())
    _json(folder / "tokenizer_config.json", {"tokenizer_class": tokenizer_class, "model_max_length": 64, "pad_token": "<pad>"})
    _tokenizer(folder / "tokenizer.json", vocabulary, "$A </s>", SIGLIP_SPECIAL, unknown="<unk>")
    return folder


def fashion_siglip(folder: Path) -> Path:
    """OpenCLIP's layout, as marqo-fashionSigLIP has it: its preprocessing in `open_clip_config.json`."""
    siglip(folder)
    _save(folder / "onnx" / "vision_model.onnx", _vision("image_embeds"))
    _save(
        folder / "onnx" / "text_model.onnx",
        _text(_table([*SIGLIP_SPECIAL, *COLOURS, "dress", "shirt"]), "text_embeds", mask=False),
    )
    (folder / "preprocessor_config.json").unlink()
    (folder / "config.json").unlink()
    preprocessing = {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "squash"}
    vision = {"image_size": SIDE, "timm_model_name": "vit_base_patch16_siglip_224"}
    text = {"context_length": 64, "tokenizer_kwargs": {"clean": "canonicalize"}}
    model = {"embed_dim": DIM, "vision_cfg": vision, "text_cfg": text}
    _json(folder / "open_clip_config.json", {"model_cfg": model, "preprocess_cfg": preprocessing})
    return folder


def dinov2(folder: Path) -> Path:
    """DINOv2's layout: `onnx/model.onnx`, tokens only, pictures only."""
    _save(folder / "onnx" / "model.onnx", _vision("", tokens=True))
    _json(folder / "config.json", {"model_type": "dinov2"})
    settings = clip_preprocessor() | {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 10}}
    _json(
        folder / "preprocessor_config.json",
        settings | {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]},
    )
    return folder


def colour_vector(word: str) -> NDArray[np.float32]:
    """What a tower gives for a colour's word, of length 1."""
    vector = np.array(COLOURS[word], np.float32) @ MIX
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


Part = tuple[list[Any], list[Any], list[Any], list[Any]]  # inputs, nodes, outputs, initializers


def _vision(vector: str, *, tokens: bool = False) -> Part:
    """pixel_values (n, 3, SIDE, SIDE) → `vector` (n, DIM); with `last_hidden_state` (n, 2, DIM): it, and twice it."""
    inputs = [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["n", 3, SIDE, SIDE])]
    name = vector or "hidden"
    nodes = [
        helper.make_node("ReduceMean", ["pixel_values"], ["means"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["means", "mix"], [name]),
    ]
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", DIM])] if vector else []
    initializers = [numpy_helper.from_array(MIX, "mix")]
    if tokens:
        nodes += [
            helper.make_node("Unsqueeze", [name, "one"], ["first"]),
            helper.make_node("Add", ["first", "first"], ["second"]),
            helper.make_node("Concat", ["first", "second"], ["last_hidden_state"], axis=1),
        ]
        outputs.append(helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["n", 2, DIM]))
        initializers.append(numpy_helper.from_array(np.array([1], np.int64), "one"))
    return inputs, nodes, outputs, initializers


def _text(table: NDArray[np.float32], vector: str, *, mask: bool) -> Part:
    """input_ids (n, ids) → `vector` (n, DIM): the sum of the ids' rows; masked ones do not count."""
    names = ["input_ids", "attention_mask"] if mask else ["input_ids"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "ids"]) for name in names]
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["rows"])]
    counted = "rows"
    if mask:
        nodes += [
            helper.make_node("Cast", ["attention_mask"], ["shares"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["shares", "last"], ["column"]),
            helper.make_node("Mul", ["rows", "column"], ["counted"]),
        ]
        counted = "counted"
    nodes.append(helper.make_node("ReduceSum", [counted, "middle"], [vector], keepdims=0))
    outputs = [helper.make_tensor_value_info(vector, TensorProto.FLOAT, ["texts", DIM])]
    constants = [numpy_helper.from_array(np.array([1], np.int64), "middle")]
    if mask:
        constants.append(numpy_helper.from_array(np.array([2], np.int64), "last"))
    return inputs, nodes, outputs, [numpy_helper.from_array(table, "table"), *constants]


def _table(vocabulary: Sequence[str]) -> NDArray[np.float32]:
    """A row for each token: what a colour looks like; nothing for the others; padding pulls a little, and so can be seen."""
    rows = np.zeros((len(vocabulary), DIM), np.float32)
    for number, token in enumerate(vocabulary):
        rows[number] = np.array(COLOURS.get(token, (0, 0, 0)), np.float32) @ MIX
        if token == "<pad>":
            rows[number, 0] = 0.01
    return rows


def _save(path: Path, *parts: Part) -> None:
    inputs, nodes, outputs, initializers = ([each for part in parts for each in part[which]] for which in range(4))
    graph = helper.make_graph(nodes, "encoder", inputs, outputs, initializers)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


def _tokenizer(path: Path, vocabulary: Sequence[str], template: str, special: Sequence[str], unknown: str) -> None:
    tokenizer = Tokenizer(WordLevel({token: number for number, token in enumerate(vocabulary)}, unk_token=unknown))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(list(special))
    pairs = [(token, vocabulary.index(token)) for token in special if token in template]
    tokenizer.post_processor = processors.TemplateProcessing(single=template, special_tokens=pairs)
    tokenizer.save(str(path))


def _json(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def move_numbers_out(path: Path, location: str) -> None:
    """Keep a file's numbers in another one beside it, as exporters do with large encoders."""
    model = onnx.load(path)
    onnx.save(model, path, save_as_external_data=True, location=location, size_threshold=0)

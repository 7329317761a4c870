"""Pictures a second of image encoders in ONNX files, of the sizes that people publish, with random weights.

No published file could be downloaded where this was written. A vision transformer's speed depends on its shape alone, so a
graph of that shape is made here: patches, twelve blocks of attention, a class token, a projection. Its vectors mean nothing.
"""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, seconds
from indexing.encoders.encoder import Encoder, open_encoder
from indexing.encoders.runtimes import OnnxRuntimeModel
from indexing.engines import make_engine
from indexing.parallel import cores

BATCH: Final = 8
ROUNDS: Final = 3
PICTURES: Final = 32
SEED: Final = 3


class Shape(NamedTuple):
    """A vision transformer. side, patch: pixels; width: numbers a token; dim: numbers in the vector."""

    side: int
    patch: int
    width: int
    heads: int
    blocks: int
    dim: int


SHAPES: Final = {
    "ViT-S/14 (DINOv2 S)": Shape(224, 14, 384, 6, 12, 384),
    "ViT-B/32 (CLIP B/32)": Shape(224, 32, 768, 12, 12, 512),
    "ViT-B/16 (SigLIP, FashionSigLIP)": Shape(224, 16, 768, 12, 12, 768),
}


def measure(quick: bool) -> Result:
    rounds, pictures = (1, BATCH) if quick else (ROUNDS, PICTURES)
    shapes = dict(list(SHAPES.items())[:1]) if quick else SHAPES
    result = Result("encoders", "Pictures a second", f"float32, batches of {BATCH}, {rounds} turns, {cores()} threads")
    rates: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        runs: dict[str, Any] = {}
        for name, shape in shapes.items():
            folder = Path(scratch) / name.partition(" ")[0].replace("/", "-")
            write_vit(folder, shape)
            opened = open_encoder(f"onnx:{folder}", Path(scratch))
            engine = make_engine("auto", opened.encoder, opened.weights, None, Path(scratch), BATCH)
            result.notes.append(f"{name}: {engine.explanation}.")
            runs[f"{name}, OpenVINO"] = engine.run
            runs[f"{name}, ONNX Runtime"] = _onnx_runtime(opened.encoder, folder)
        batch = np.random.default_rng(0).normal(size=(pictures, 3, 224, 224)).astype(np.float32)
        for run in runs.values():
            run(batch[:BATCH])
        for _ in range(rounds):
            for name, run in runs.items():
                rates.setdefault(name, []).append(pictures / seconds(partial(run, batch)))
    result.measured = {name: Measured(tuple(found), "pictures/s") for name, found in rates.items()}
    for name in shapes:
        ratio = result.measured[f"{name}, OpenVINO"].median / result.measured[f"{name}, ONNX Runtime"].median
        result.ratios[f"{name}: OpenVINO / ONNX Runtime"] = Ratio(ratio, None)
    return result


def _onnx_runtime(encoder: Encoder, folder: Path) -> Any:
    model = OnnxRuntimeModel(folder / "model.onnx", encoder.output, cores())
    return lambda batch: [model.run({encoder.pixels.name: batch[at : at + BATCH]}) for at in range(0, len(batch), BATCH)]


def write_vit(folder: Path, shape: Shape) -> None:
    """`model.onnx` of this shape with random weights, and a preprocessor_config.json beside it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(SEED)
    nodes: list[Any] = []
    weights: list[Any] = []

    def constant(name: str, value: Any) -> str:
        weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weight(name: str, *sizes: int) -> str:
        return constant(name, (random.normal(size=sizes) * 0.02).astype(np.float32))

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def norm(source: str, name: str) -> str:
        scale, shift = constant(f"{name}/scale", np.ones(width, np.float32)), weight(f"{name}/shift", width)
        return node("LayerNormalization", [source, scale, shift], name, axis=-1)

    def dense(source: str, name: str, wide: int, out: int) -> str:
        product = node("MatMul", [source, weight(f"{name}/kernel", wide, out)], f"{name}/product")
        return node("Add", [product, weight(f"{name}/bias", out)], name)

    side, patch, width, heads, blocks, dim = shape
    tokens = (side // patch) ** 2
    apart, together = constant("apart", [0, 0, heads, width // heads]), constant("together", [0, 0, width])
    node("Conv", ["pixel_values", weight("patches/kernel", width, 3, patch, patch)], "grid", strides=[patch, patch])
    node("Reshape", ["grid", constant("flat", [0, width, tokens])], "columns")
    node("Transpose", ["columns"], "patches", perm=[0, 2, 1])
    node("Shape", ["patches"], "sizes")
    node("Gather", ["sizes", constant("first", [0])], "n")
    node("Concat", ["n", constant("one_token", [1, width])], "class_shape", axis=0)
    node("Expand", [weight("class", 1, 1, width), "class_shape"], "class_token")
    node("Concat", ["class_token", "patches"], "tokens", axis=1)
    stream = norm(node("Add", ["tokens", weight("positions", 1, tokens + 1, width)], "placed"), "before")
    for number in range(blocks):
        at = f"block{number}"
        source = norm(stream, f"{at}/norm1")
        parts = {}
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            split = node("Reshape", [dense(source, f"{at}/{part}", width, width), apart], f"{at}/{part}/heads")
            parts[part] = node("Transpose", [split], f"{at}/{part}/turned", perm=order)
        scores = node("MatMul", [parts["query"], parts["key"]], f"{at}/scores")
        scaled = node("Mul", [scores, constant(f"{at}/scale", np.float32((width // heads) ** -0.5))], f"{at}/scaled")
        mixed = node("MatMul", [node("Softmax", [scaled], f"{at}/shares", axis=-1), parts["value"]], f"{at}/mixed")
        joined = node("Reshape", [node("Transpose", [mixed], f"{at}/back", perm=[0, 2, 1, 3]), together], f"{at}/joined")
        stream = node("Add", [stream, dense(joined, f"{at}/out", width, width)], f"{at}/attended")
        hidden = dense(norm(stream, f"{at}/norm2"), f"{at}/wide", width, 4 * width)
        gate = node("Sigmoid", [node("Mul", [hidden, constant(f"{at}/slope", np.float32(1.702))], f"{at}/steep")], f"{at}/gate")
        active = node("Mul", [hidden, gate], f"{at}/active")
        stream = node("Add", [stream, dense(active, f"{at}/narrow", 4 * width, width)], at)
    node("Gather", [norm(stream, "after"), constant("zero", 0)], "class_out", axis=1)
    node("MatMul", ["class_out", weight("projection", width, dim)], "image_embeds")
    graph = helper.make_graph(
        nodes,
        "vit",
        [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["n", 3, side, side])],
        [helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, ["n", dim])],
        weights,
    )
    folder.mkdir(parents=True)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / "model.onnx")
    (folder / "preprocessor_config.json").write_text('{"image_processor_type": "CLIPImageProcessor"}')


if __name__ == "__main__":
    main(measure, __doc__ or "")

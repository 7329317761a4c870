"""EfficientNet-Lite0 with ImageNet's weights, and heads of ours that name the garment's kind and find the print.

One pass over the whole picture gives its look, the kind of garment and marks where prints are. A second pass gives the look of
the surest print, or of the whole picture where there is none. The compact network, which was taught prints, reads the picture
and its middle, as it does by itself. How it was made and measured: training/heads/CARD.md.
"""

from dataclasses import replace
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing.networks.base import Block, Network, NetworkSpec, Parts, Stage
from indexing.networks.boxes import CELLS, Box, best_print, find_boxes
from indexing.networks.colour_descriptor import LENGTH, colour_descriptor
from indexing.networks.compact import COMPACT, MIDDLE, UNITS, joined
from indexing.networks.efficientnet_lite import NO_PADS, SIDE, efficientnet_lite, pixels
from indexing.networks.graph import Add, Concat, Conv, Dense, Flatten, GlobalPowerPool, Graph, Node, Upsample
from indexing.weights.bundled import bundled_path

CANVAS: Final = 320  # pixels: the longer side of the picture from which a print is cut
LOOK: Final = 256
KINDS: Final = 10
MARKS: Final = CELLS * CELLS * 2
LOCATOR: Final = (32, 24)  # its widths
PRINT_SIDE: Final = 160  # of a print, as the second pass reads it: half the work of 224
SMALL_SIDE: Final = COMPACT.graph.side
TEMPERATURE: Final = 4.0  # of the kinds: a T-shirt with long sleeves is a little of both
# Look and crop weigh the same, so that a query for either is as long as one for the other: see `print_queries`.
WEIGHTS: Final = {"look": 0.5, "kind": 0.65, "crop": 0.5, "print": 1.0, "colour": 0.7}  # measured: training/heads/CARD.md
LENGTHS: Final = {"look": LOOK, "kind": KINDS, "crop": LOOK, "print": UNITS, "colour": LENGTH}
QUERY_PRINT: Final = 0.3  # how much the compact network's answer counts beside the look, where a print is searched for
NEARER: Final = (0.8, 1.0, 1.25)  # a print is looked at so near, one after another


def lite0_graph() -> Graph:
    """The backbone, its last map pooled by the cube root of the mean cube, and the heads; the output: look, kinds, marks."""
    backbone = efficientnet_lite(SIDE)
    wide, narrow = LOCATOR
    heads: tuple[Node, ...] = (
        GlobalPowerPool("pooled", backbone.top),
        Dense("look", "pooled", LOOK, "linear"),
        Dense("kinds", "pooled", KINDS, "linear"),
        Conv("locate32", backbone.maps[32], wide, 1, 1, NO_PADS, "linear"),
        Upsample("locate32_up", "locate32"),
        Conv("locate16", backbone.maps[16], wide, 1, 1, NO_PADS, "linear"),
        Add("locate16_sum", ("locate32_up", "locate16"), "linear"),
        Upsample("locate16_up", "locate16_sum"),
        Conv("locate8", backbone.maps[8], wide, 1, 1, NO_PADS, "linear"),
        Add("locate8_sum", ("locate16_up", "locate8"), "relu6"),
        Conv("locate_near", "locate8_sum", narrow),
        Conv("locate_marks", "locate_near", 2, 1, 1, NO_PADS, "linear"),
        Flatten("marks", "locate_marks"),
        Concat("outputs", ("look", "kinds", "marks")),
    )
    return Graph(SIDE, (*backbone.nodes, *heads), output="outputs", features=backbone.top)


def print_graph() -> Graph:
    """The backbone for a print cut out: its look alone."""
    backbone = efficientnet_lite(PRINT_SIDE)
    heads = (GlobalPowerPool("pooled", backbone.top), Dense("look", "pooled", LOOK, "linear"))
    return Graph(PRINT_SIDE, (*backbone.nodes, *heads), output="look", features=backbone.top)


def prepare(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 BGR (h, w, 3) → float32 (320, 544, 3): what the stages read, side by side.

    Left, above: the picture stretched to 224 × 224, RGB, as `pixels` makes it. Right: the picture in its own form, its longer
    side at most 320, BGR in [-1, 1] as the compact network reads it. Left, in row 224: that picture's height and width.
    """
    height, width = bgr.shape[:2]
    scale = min(1.0, CANVAS / max(height, width))
    tall, wide = max(1, round(height * scale)), max(1, round(width * scale))
    small = bgr if scale == 1 else cv2.resize(bgr, (wide, tall), interpolation=cv2.INTER_AREA)
    prepared = np.zeros((CANVAS, SIDE + CANVAS, 3), dtype=np.float32)
    prepared[:SIDE, :SIDE] = pixels(bgr)
    own_form = prepared[:tall, SIDE : SIDE + wide]
    np.divide(small, np.float32(127.5), out=own_form, dtype=np.float32)  # in place: this runs for every picture of a shop
    own_form -= 1
    prepared[SIDE, 0] = (tall, wide, 0)
    return prepared


def whole(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the first stage reads of a batch: (n, 224, 224, 3)."""
    return batch[:, :SIDE, :SIDE]


def _own_form(prepared: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture in its own form; of an empty place in a batch, one pixel."""
    tall, wide = (min(max(1, int(length)), CANVAS) for length in prepared[SIDE, 0, :2])
    return prepared[:tall, SIDE : SIDE + wide]


def marks_of(outputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """The first stage's outputs (…, units) → logits (…, 28, 28, 2)."""
    return outputs[..., LOOK + KINDS : LOOK + KINDS + MARKS].reshape(*outputs.shape[:-1], CELLS, CELLS, 2)


def cut_prints(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The surest print of each picture, RGB as Lite0 reads it: float32 (n, 160, 160, 3)."""
    cuts = np.empty((len(batch), PRINT_SIDE, PRINT_SIDE, 3), dtype=np.float32)
    for cut, marks, prepared in zip(cuts, marks_of(outputs), batch, strict=True):
        picture = _own_form(prepared)
        part = _resized(best_print(marks, *picture.shape[:2]).cut(picture), PRINT_SIDE)
        cut[:] = ((part[..., ::-1] + 1) * np.float32(127.5) - 127) / 128
    return cuts


def cut_crops(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each picture as the compact network reads it, the whole above its middle: float32 (n, 256, 128, 3)."""
    pictures = [_own_form(prepared) for prepared in batch]
    crops = [[_resized(part, SMALL_SIDE) for part in (picture, _middle(picture))] for picture in pictures]
    return np.stack([np.concatenate(pair) for pair in crops])


def _middle(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    tall, wide = (max(1, round(MIDDLE * length)) for length in (height, width))
    top, left = (height - tall) // 2, (width - wide) // 2
    return picture[top : top + tall, left : left + wide]


def _resized(part: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    smaller = min(part.shape[:2]) >= side
    square = cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.asarray(square, dtype=np.float32)


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows at length 1; a row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.float32(1e-12)), dtype=np.float32)


def kind_block(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits of the kinds → square roots of their probabilities: of length 1, their cosine is the Bhattacharyya coefficient."""
    raised = logits.astype(np.float64) / TEMPERATURE
    return unit(np.exp((raised - raised.max(axis=1, keepdims=True)) / 2).astype(np.float32))


def finish(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The stages' outputs, (n, LOOK + KINDS + MARKS + LOOK + UNITS) → vectors of length 1: blocks by WEIGHTS."""
    second = LOOK + KINDS + MARKS
    parts = {
        "look": unit(outputs[:, :LOOK]),
        "kind": kind_block(outputs[:, LOOK : LOOK + KINDS]),
        "crop": unit(outputs[:, second : second + LOOK]),
        "print": unit(outputs[:, second + LOOK :]),
        "colour": colour_descriptor([_own_form(prepared) for prepared in batch]),
    }
    return unit(np.concatenate([np.float32(WEIGHTS[name]) * parts[name] for name in WEIGHTS], axis=1))


def blocks() -> tuple[Block, ...]:
    """Where each block lies in a vector, and its length there."""
    total = float(np.sqrt(sum(weight**2 for weight in WEIGHTS.values())))
    found, start = [], 0
    for name, weight in WEIGHTS.items():
        found.append(Block(name, start, start + LENGTHS[name], weight / total))
        start += LENGTHS[name]
    return tuple(found)


BLOCKS: Final = blocks()


def boxes_of(outputs: NDArray[np.float32], height: int, width: int) -> list[Box]:
    """The first stage's outputs for one picture of that size → its prints, its garments, the whole: the surest first."""
    return find_boxes(marks_of(outputs), height, width)


def views_of(picture: NDArray[np.uint8], box: Box) -> list[NDArray[np.uint8]]:
    """What is looked at to search for a box of a picture: a print from three distances, all else as it is."""
    boxes = [box.scaled(factor, *picture.shape[:2]) for factor in NEARER] if box.kind == "print" else [box]
    return [np.ascontiguousarray(each.cut(picture)) for each in boxes]


def read_part(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels of a part (h, w, 3) → what the compact network reads of it, float32 (256, 128, 3): a print is its own middle."""
    return np.concatenate([_resized(bgr.astype(np.float32) / np.float32(127.5) - 1, SMALL_SIDE)] * 2)


def print_queries(outputs: NDArray[np.float32], units: NDArray[np.float32]) -> NDArray[np.float32]:
    """The first stage's outputs for a print's views (m, …), the compact network's for the widest (UNITS,) → queries (2, d).

    Of length 1. One compares the print's look with the items' whole look, the other with the look of their own prints; both
    compare what the compact network says. Each less its mean over prints cut out of scenes, so that cloth and folds, which all
    of them share, do not count.
    """
    means = query_means()
    look = unit(unit(unit(outputs[:, :LOOK]).mean(0)) - means["look"])
    read = unit(unit(units) - means["print"])
    queries = np.zeros((2, sum(LENGTHS.values())), dtype=np.float32)
    places = {block.name: block for block in BLOCKS}
    for query, name in zip(queries, ("look", "crop"), strict=True):
        for block, part, weight in ((places[name], look, 1.0), (places["print"], read, QUERY_PRINT)):
            query[block.start : block.stop] = np.float32(weight / block.weight) * part
    return unit(queries)


@cache
def query_means() -> dict[str, NDArray[np.float32]]:
    """The mean look and the mean print of prints cut out of scenes."""
    with np.load(bundled_path("lite0"), allow_pickle=False) as heads:
        return {name: np.asarray(heads[f"query/{name}"], dtype=np.float32) for name in ("look", "print")}


def _print_stage() -> Network:
    spec = NetworkSpec("lite0-print", PRINT_SIDE, LOOK, "look", "part of lite0")
    return Network(spec, print_graph(), _print_pixels, default_weights="bundled")


def _compact_stage() -> Network:
    """The compact network without its colour: the mean of what it says of the whole and of the middle."""
    return replace(COMPACT, finish=_mean_of_crops)


def _mean_of_crops(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return joined(outputs)


def _print_pixels(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    return pixels(bgr, PRINT_SIDE)


LITE0: Final = Network(
    spec=NetworkSpec(
        name="lite0",
        side=SIDE,
        dim=sum(LENGTHS.values()),
        layer="look + kind + crop + print + colour",
        preprocessing="lite0-224-print-160-compact-128-v1",
        blocks=BLOCKS,
    ),
    graph=lite0_graph(),
    prepare=prepare,
    finish=finish,
    default_weights="bundled",
    form=(CANVAS, SIDE + CANVAS, 3),
    rows=whole,
    stages=(Stage(_print_stage(), cut_prints), Stage(_compact_stage(), cut_crops)),
    parts=Parts(boxes_of, views_of, read_part, print_queries),
)

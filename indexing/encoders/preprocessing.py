"""How an encoder wants its pixels, as its own files say, and exactly so.

`preprocessor_config.json` is Hugging Face's: the names and defaults of transformers' image processors. `open_clip_config.json`
is OpenCLIP's. Both resize by Pillow, on whole numbers, so Pillow does it here; what a "Fast" processor does to tensors differs
from that by about one level in 255. Source: transformers/image_transforms.py, open_clip/transform.py.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from indexing.errors import WeightsError

Size = tuple[int, int]  # height, width
Triple = tuple[float, float, float]
RESAMPLING: Final = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")  # Pillow's numbers
MOST_SIDE: Final = 2048
# A strip of 1 × 50,000,000 pixels made 224 pixels wide would be 11 billion long; nothing so thin is a product's picture.
MOST_ASPECT: Final = 32
_OPENAI_MEAN: Final = (0.48145466, 0.4578275, 0.40821073)
_OPENAI_STD: Final = (0.26862954, 0.26130258, 0.27577711)
_HALF: Final = (0.5, 0.5, 0.5)
_KNOWN_STEPS: Final = {
    "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb", "do_flip_channel_order"
}  # fmt: skip
# What the image processors of these names do where their file is silent; `square`: a lone number is both sides.
_DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "CLIP": {
        "size": {"shortest_edge": 224}, "crop_size": 224, "do_center_crop": True, "resample": 3, "square": False,
        "image_mean": _OPENAI_MEAN, "image_std": _OPENAI_STD,
    },
    "Bit": {
        "size": {"shortest_edge": 224}, "crop_size": 224, "do_center_crop": True, "resample": 3, "square": False,
        "image_mean": _OPENAI_MEAN, "image_std": _OPENAI_STD,
    },
    "Siglip": {
        "size": {"height": 224, "width": 224}, "do_center_crop": False, "resample": 3, "square": True,
        "image_mean": _HALF, "image_std": _HALF,
    },
    "ViT": {
        "size": {"height": 224, "width": 224}, "do_center_crop": False, "resample": 2, "square": True,
        "image_mean": _HALF, "image_std": _HALF,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """The steps, in their order. Picklable, so that workers prepare pictures as well.

    resize: (height, width) whatever the aspect; or the length that the shorter side becomes; None: not at all.
    resample: Pillow's number. crop: the middle, (height, width), filled up with zeros where the picture is smaller.
    centre: how the crop's corner is rounded, `down` (transformers) or `even` (torchvision). scale: what values 0 … 255 are
    multiplied by. mean, std: taken away and divided by after that, red first. order: of the channels.
    """

    resize: Size | int | None
    resample: int
    crop: Size | None
    centre: Literal["down", "even"]
    scale: float
    mean: Triple
    std: Triple
    order: Literal["rgb", "bgr"] = "rgb"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width of what the encoder reads."""
        size = self.crop or self.resize
        assert isinstance(size, tuple)
        return (3, *size)

    @property
    def name(self) -> str:
        """All of it in words, a part of a vector's identity: two encoders that see other pixels never have one name."""
        size = self.resize if isinstance(self.resize, tuple) else None
        parts = [
            self.order,
            "" if self.resize is None else f"{size[0]}x{size[1]}" if size else f"shortest {self.resize}",
            "" if self.resize is None else RESAMPLING[self.resample],
            f"middle {self.crop[0]}x{self.crop[1]} {self.centre}" if self.crop else "",
            f"times {self.scale!r}",
            f"less {','.join(map(repr, self.mean))} by {','.join(map(repr, self.std))}",
        ]
        return "onnx: " + ", ".join(part for part in parts if part)

    def prepare(self, bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Upright pixels, uint8 BGR (h, w, 3) → float32 (3, height, width), as the encoder reads them."""
        pixels = self._resized(bgr[:, :, ::-1])
        if self.crop is not None:
            pixels = _middle(pixels, self.crop, self.centre)
        tables = self._tables()
        planes = [tables[channel][pixels[:, :, channel]] for channel in range(3)]
        return np.stack(planes if self.order == "rgb" else planes[::-1])

    def _resized(self, rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
        from PIL import Image

        if self.resize is None:
            return rgb
        rgb = _not_too_thin(rgb)
        height, width = rgb.shape[:2]
        if isinstance(self.resize, tuple):
            tall, wide = self.resize
        elif width <= height:
            wide, tall = self.resize, int(self.resize * height / width)
        else:
            wide, tall = int(self.resize * width / height), self.resize
        picture = Image.fromarray(np.ascontiguousarray(rgb))
        return np.asarray(picture.resize((wide, tall), resample=Image.Resampling(self.resample)))

    def _tables(self) -> NDArray[np.float32]:
        """What each of the 256 values becomes, by channel, red first: float32 (3, 256)."""
        values = (np.arange(256, dtype=np.float64) * self.scale).astype(np.float32)
        means, deviations = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        return np.asarray((values - means[:, None]) / deviations[:, None], dtype=np.float32)


def read_preprocessing(config: Mapping[str, Any], where: str) -> Preprocessing:
    """From a `preprocessor_config.json`. `where`: the file, for messages. Raises WeightsError for what is not known exactly."""
    kind = str(config.get("image_processor_type") or config.get("feature_extractor_type") or "")
    family = kind.removesuffix("Fast").removesuffix("Pil").removesuffix("ImageProcessor").removesuffix("FeatureExtractor")
    defaults = _DEFAULTS.get(family, {})

    def value(name: str) -> Any:
        found = config.get(name)
        return defaults.get(name) if found is None else found

    def wanted(step: str) -> bool:
        return value(step) is not False if step != "do_center_crop" else bool(value(step))

    for name, given in config.items():
        if name.startswith("do_") and given and name not in _KNOWN_STEPS:
            raise WeightsError(f"{where} asks for {name}, which is not known here: take an encoder that does without.")
    if config.get("crop_pct") is not None:
        raise WeightsError(f"{where} asks for crop_pct, which is not known here: take an encoder that does without.")
    resize = _size(value("size"), where, "size", square=bool(defaults.get("square"))) if wanted("do_resize") else None
    crop = _size(value("crop_size"), where, "crop_size", square=True) if wanted("do_center_crop") else None
    assert crop is None or isinstance(crop, tuple)
    resample = value("resample")
    if resize is not None and (type(resample) is not int or not 0 <= resample < len(RESAMPLING)):
        raise WeightsError(f"{where}: resample is {resample!r}, not one of Pillow's numbers 0 to {len(RESAMPLING) - 1}.")
    if not isinstance(crop or resize, tuple):
        raise WeightsError(f"{where} makes pictures of no fixed size: give do_center_crop and crop_size, or height and width.")
    scale = value("rescale_factor")
    scale = (1 / 255 if scale is None else _number(scale, where, "rescale_factor")) if wanted("do_rescale") else 1.0
    normalised = wanted("do_normalize")
    return Preprocessing(
        resize=resize,
        resample=resample if resize is not None else 0,
        crop=crop,
        centre="down",
        scale=scale,
        mean=_triple(value("image_mean"), where, "image_mean") if normalised else (0.0, 0.0, 0.0),
        std=_triple(value("image_std"), where, "image_std", divisor=True) if normalised else (1.0, 1.0, 1.0),
        order="bgr" if config.get("do_flip_channel_order") else "rgb",
    )


def read_open_clip(config: Mapping[str, Any], where: str) -> Preprocessing:
    """From an `open_clip_config.json`. Raises WeightsError."""
    model, steps = _mapping(config.get("model_cfg")), _mapping(config.get("preprocess_cfg"))
    size = steps.get("size") or _mapping(model.get("vision_cfg")).get("image_size")
    if isinstance(size, list) and len(size) == 2:
        size = {"height": size[0], "width": size[1]}
    square = _size(size, where, "image_size", square=True)
    assert isinstance(square, tuple)
    mode, interpolation = steps.get("resize_mode") or "shortest", steps.get("interpolation") or "bicubic"
    if mode not in ("shortest", "squash") or (mode == "shortest" and square[0] != square[1]):
        raise WeightsError(f"{where}: resize_mode {str(mode)[:20]!r} to {square} is not known here: take another encoder.")
    if interpolation not in ("bicubic", "bilinear", "random"):
        raise WeightsError(f"{where}: interpolation {str(interpolation)[:20]!r} is not known here: take another encoder.")
    return Preprocessing(
        resize=square if mode == "squash" else square[0],
        resample=2 if interpolation == "bilinear" else 3,
        crop=None if mode == "squash" else square,
        centre="even",
        scale=1 / 255,
        mean=_triple(steps.get("mean") or _OPENAI_MEAN, where, "mean"),
        std=_triple(steps.get("std") or _OPENAI_STD, where, "std", divisor=True),
    )


def _middle(pixels: NDArray[np.uint8], size: Size, centre: str) -> NDArray[np.uint8]:
    """The middle of (h, w, 3), zeros around it where the picture is smaller than `size`."""
    spare = [wanted - had for wanted, had in zip(size, pixels.shape[:2], strict=True)]
    if max(spare) > 0:
        # transformers rounds the first margin up, torchvision the first one down.
        before = [math.ceil(max(0, lack) / 2) if centre == "down" else max(0, lack) // 2 for lack in spare]
        margins = [(first, max(0, lack) - first) for first, lack in zip(before, spare, strict=True)]
        pixels = np.pad(pixels, [*margins, (0, 0)])
    over = [had - wanted for wanted, had in zip(size, pixels.shape[:2], strict=True)]
    top, left = (length // 2 if centre == "down" else round(length / 2) for length in over)
    return pixels[top : top + size[0], left : left + size[1]]


def _not_too_thin(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    limit = MOST_ASPECT * min(height, width)
    return _middle(rgb, (min(height, limit), min(width, limit)), "down") if max(height, width) > limit else rgb


def _size(value: Any, where: str, name: str, *, square: bool) -> Size | int:
    if type(value) is int:
        value = {"height": value, "width": value} if square else {"shortest_edge": value}
    lengths = dict(_mapping(value))
    if lengths.keys() not in ({"height", "width"}, {"shortest_edge"}) or not all(
        type(length) is int and 0 < length <= MOST_SIDE for length in lengths.values()
    ):
        raise WeightsError(
            f"{where}: {name} is {str(value)[:60]}: use a number, height and width, or shortest_edge, 1 to {MOST_SIDE} each."
        )
    shortest = lengths.get("shortest_edge")
    if shortest is not None:
        return (shortest, shortest) if name == "crop_size" else int(shortest)
    return int(lengths["height"]), int(lengths["width"])


def _triple(value: Any, where: str, name: str, *, divisor: bool = False) -> Triple:
    if not isinstance(value, list | tuple) or len(value) != 3:
        raise WeightsError(f"{where}: {name} is {str(value)[:60]}: three numbers are needed, red first.")
    first, second, third = (_number(number, where, name) for number in value)
    if divisor and 0 in (first, second, third):
        raise WeightsError(f"{where}: {name} holds 0, and pixels are divided by it.")
    return first, second, third


def _number(value: Any, where: str, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WeightsError(f"{where}: {name} holds {str(value)[:40]!r}, which is no number.")
    return float(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

"""Crops of the photos with the teacher's answers, kept on disk: `python -m training.teacher SHARED CACHE`.

SHARED holds photos/, photos_more/ (with labels.csv) and models/. Needs TensorFlow, not PyTorch.
Photos whose ids end in 0 are left out: they are the validation set.
"""

import argparse
import csv
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

MODEL: Final = "models/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
FOLDERS: Final = ("photos", "photos_more")
SIDE: Final = 160  # of the kept crops
ROUNDS: Final = 7  # each photo: whole, then four random crops, then MIDDLES of its middle
MIDDLES: Final = 2
TEACHER_SIDE: Final = 224
ANSWERS: Final = 1024
SEED: Final = 20261123


class Teacher:
    """MobileNetV1's embedding, ImageNet: BGR uint8 picture → uint8 (1024,), in units of `scale`."""

    def __init__(self, model: Path, threads: int = 2) -> None:
        import tensorflow as tf

        self.interpreter: Any = tf.lite.Interpreter(str(model), num_threads=threads)
        self.interpreter.allocate_tensors()
        (self.source,), (self.target,) = self.interpreter.get_input_details(), self.interpreter.get_output_details()
        self.scale, zero = self.target["quantization"]
        assert zero == 0, "the answers' zero point"

    def __call__(self, bgr: NDArray[np.uint8]) -> NDArray[np.uint8]:
        small = cv2.resize(bgr, (TEACHER_SIDE, TEACHER_SIDE), interpolation=cv2.INTER_AREA)[..., ::-1]
        self.interpreter.set_tensor(self.source["index"], np.ascontiguousarray(small)[None])
        self.interpreter.invoke()
        return np.asarray(self.interpreter.get_tensor(self.target["index"]), dtype=np.uint8).reshape(-1)


def random_crop(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """35 to 100 % of the picture's area, its aspect changed by up to e^±0.6; half of them mirrored."""
    height, width = picture.shape[:2]
    area, aspect = rng.uniform(0.35, 1.0), np.exp(rng.uniform(-0.3, 0.3))
    tall, wide = min(height, int(height * np.sqrt(area) * aspect)), min(width, int(width * np.sqrt(area) / aspect))
    top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
    part = picture[top : top + tall, left : left + wide]
    return part[:, ::-1].copy() if rng.random() < 0.5 else part.copy()


def middle_crop(picture: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The network's second crop, roughly: 42 to 68 % of each side, about the middle; half of them mirrored."""
    height, width = picture.shape[:2]
    share = rng.uniform(0.42, 0.68)
    tall, wide = (
        round(length * share * stretch) for length, stretch in zip((height, width), rng.uniform(0.93, 1.07, 2), strict=True)
    )
    top, left = (round((length - part) * rng.uniform(0.35, 0.65)) for length, part in ((height, tall), (width, wide)))
    part = picture[top : top + tall, left : left + wide]
    return part[:, ::-1].copy() if rng.random() < 0.5 else part.copy()


def training_photos(shared: Path) -> list[tuple[str, str, str]]:
    """(folder, id, label) of every photo that may be learned from; the label is empty where there is none."""
    found = []
    for folder in FOLDERS:
        with (shared / folder / "labels.csv").open(newline="") as lines:
            labels = {row["id"]: row["label"] for row in csv.DictReader(lines)}
        names = sorted(path.stem for path in (shared / folder).glob("*.jpg"))
        found += [(folder, name, labels.get(name, "")) for name in names if int(name) % 10]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("cache", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    photos, teacher, rng = training_photos(options.shared), Teacher(options.shared / MODEL), np.random.default_rng(SEED)
    folders, ids, labels = (np.array(column) for column in zip(*photos, strict=True))
    np.savez(options.cache / "meta.npz", dirs=folders, ids=ids, labels=labels)
    count = ROUNDS * len(photos)
    pixels = np.lib.format.open_memmap(options.cache / "crops.npy", mode="w+", dtype=np.uint8, shape=(count, SIDE, SIDE, 3))
    answers = np.lib.format.open_memmap(options.cache / "teach.npy", mode="w+", dtype=np.uint8, shape=(count, ANSWERS))
    for row in range(count):
        folder, name, _ = photos[row % len(photos)]
        picture = np.asarray(cv2.imread(str(options.shared / folder / f"{name}.jpg"), cv2.IMREAD_COLOR), dtype=np.uint8)
        if row < len(photos):
            view = picture
        else:
            view = (middle_crop if row >= count - MIDDLES * len(photos) else random_crop)(picture, rng)
        pixels[row] = cv2.resize(view, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        answers[row] = teacher(view)
        if row % 1000 == 0:
            print(f"{row} of {count}", flush=True)


if __name__ == "__main__":
    main()

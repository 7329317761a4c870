"""An encoder, opened: from `--network onnx:…` to what makes vectors of pictures, and of words where it has a text tower."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexing.encoders import layouts
from indexing.encoders.hub import digests_of, fetched
from indexing.encoders.layouts import VECTORS, Models, Vector, find_models, find_vector, model_type_of
from indexing.encoders.onnx_file import OnnxFile, Tensor, data_files, read_onnx
from indexing.encoders.preprocessing import Preprocessing, read_open_clip, read_preprocessing
from indexing.encoders.runtimes import OpenVinoModel
from indexing.encoders.source import EncoderSource, parse_source
from indexing.encoders.words import TextTower, open_tokenizer, read_settings
from indexing.errors import WeightsError
from indexing.networks.base import NetworkSpec
from indexing.weights.record import Layer, Table, Weights
from indexing.weights.sources import file_digest

NAME: Final = "onnx"
MOST_SETTINGS_BYTES: Final = 2**24
LISTED: Final = 10_000  # entries of a folder


@dataclass(frozen=True, slots=True)
class OnnxFiles:
    """Where an encoder's image side is: the `reader` of its weights. names: the ONNX file, then those that hold its numbers,
    relative to `folder`; digests: sha256 of each. Small and picklable: engines read the files themselves.
    """

    folder: Path
    names: tuple[str, ...]
    digests: tuple[str, ...]

    @property
    def model(self) -> Path:
        """The ONNX file."""
        return self.folder / self.names[0]

    def check(self, table: Table) -> None:
        """Nothing to check: the file is a network by itself."""

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """None: the numbers are not ours to name."""
        return iter(())


@dataclass(frozen=True, slots=True)
class Encoder:
    """The image side, as `Network` is for networks of our own; its weights, `OnnxFiles`, say where it is. Picklable.

    pixels: the input; output: the vector's name; first_token: whether the vector is the first row of that output;
    text: the words' side, if there is one; without_words: why there is none.
    """

    spec: NetworkSpec
    preprocessing: Preprocessing
    pixels: Tensor
    output: str
    first_token: bool
    text: TextTower | None = None
    without_words: str = ""

    @property
    def prepared_shape(self) -> tuple[int, int, int]:
        """What `prepare` gives."""
        return self.preprocessing.shape

    def prepare(self, bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Upright pixels, uint8 BGR (h, w, 3) → float32 (3, height, width)."""
        return self.preprocessing.prepare(bgr)

    def finish(self, outputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """The graph's outputs, (n, d) or (n, tokens, d) → vectors of length 1, float32 (n, d)."""
        return unit(outputs[:, 0] if self.first_token else outputs)


class OpenedEncoder(NamedTuple):
    """An encoder, its weights, and lines for people."""

    encoder: Encoder
    weights: Weights
    explanation: tuple[str, ...]


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row divided by its length; one of zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0), dtype=np.float32)


def open_encoder(text: str, cache_dir: Path, *, offline: bool = False) -> OpenedEncoder:
    """The encoder that `onnx:…` names. offline: fetch nothing. Raises EngineError for the name, WeightsError for its files."""
    source = parse_source(text)
    if source.folder is None:
        folder, commit = fetched(source, cache_dir, offline=offline)
        source = replace(source, revision=commit)
    else:
        folder = source.folder
    return _Opening(source, folder).run()


class _Opening:
    """Opening one encoder."""

    def __init__(self, source: EncoderSource, folder: Path) -> None:
        self.source, self.folder = source, folder
        self.config = self._json(layouts.CONFIG)
        self.open_clip = self._json(layouts.OPEN_CLIP)
        self.model_type = model_type_of(self.config, self.open_clip)
        self.known_digests = digests_of(folder)

    def run(self) -> OpenedEncoder:
        models = find_models(_names(self.folder), str(self.folder))
        preprocessing = self._preprocessing()
        file = read_onnx(self.folder / models.vision)
        vector = find_vector(file, preprocessing, self.model_type, self.source.output)
        files = self._files(file)
        source = str(replace(self.source, output=vector.output.name))
        # The revision is a part of the identity, although equal files give equal vectors: it is what was asked for.
        digest = _sha256(*files.digests, self.source.revision)
        weights = Weights("onnx", digest, trained=True, source=source, reader=files)
        dim = _dim(file, vector, preprocessing)
        layer = f"{vector.output.name}{', first token' if vector.first_token else ''}"
        spec = NetworkSpec(NAME, preprocessing.shape[1], dim, layer, preprocessing.name)
        tower, why_not = self._text(models, file, vector, dim)
        encoder = Encoder(spec, preprocessing, vector.input, vector.output.name, vector.first_token, tower, why_not)
        words = "a text tower: search by words" if tower else f"no search by words ({why_not})"
        lines = (f"Encoder {source}: {dim} numbers a picture from {layer}, {words}.",)
        return OpenedEncoder(encoder, weights, lines)

    def _preprocessing(self) -> Preprocessing:
        config = self._json(layouts.PREPROCESSOR)
        if not config:
            within = self._json(layouts.PROCESSOR).get("image_processor")
            config = within if isinstance(within, dict) else {}
        if config:
            return read_preprocessing(config, str(self.folder / layouts.PREPROCESSOR))
        if self.open_clip:
            return read_open_clip(self.open_clip, str(self.folder / layouts.OPEN_CLIP))
        raise WeightsError(
            f"{self.folder} has no {layouts.PREPROCESSOR} and no {layouts.OPEN_CLIP}, so how it wants its pixels is not known: "
            "put the one of the original encoder there."
        )

    def _files(self, file: OnnxFile) -> OnnxFiles:
        paths = [file.path, *data_files(file)]
        names = tuple(path.relative_to(self.folder).as_posix() for path in paths)
        return OnnxFiles(self.folder, names, tuple(self._digest(name) for name in names))

    def _digest(self, name: str) -> str:
        digest = file_digest(self.folder / name)
        if self.known_digests.get(name, digest) != digest:
            raise WeightsError(f"{self.folder / name} is damaged: delete {self.folder}, and run it again to fetch it.")
        return digest

    def _text(self, models: Models, vision: OnnxFile, vector: Vector, dim: int) -> tuple[TextTower | None, str]:
        """The text tower, or why there is none."""
        if not models.text:
            return None, "it has no text_model.onnx"
        file = vision if models.text == models.vision else read_onnx(self.folder / models.text)
        if file.input("input_ids") is None:
            return None, "it reads pictures only"
        wanted = VECTORS.get(vector.output.name, "")
        output = file.output(wanted) if wanted else None
        if output is None or (wanted == "pooler_output" and not self.model_type.startswith("siglip")):
            return None, f"no vector of words belongs to {vector.output.name}"
        inputs = tuple((tensor.name, tensor.kind) for tensor in file.inputs if tensor.name in layouts.TEXT_INPUTS)
        others = {tensor.name for tensor in file.inputs} - {name for name, _ in inputs} - {vector.input.name}
        if others:
            return None, f"its text tower also reads {', '.join(sorted(others))}"
        if output.rank != 2 or (output.shape or ())[-1] not in (None, dim):
            return None, f"its words are {output}, its pictures {dim} numbers"
        tokenizer = self.folder / layouts.TOKENIZER
        if not tokenizer.is_file():
            return None, f"{layouts.TOKENIZER} is missing"
        settings = read_settings(
            self.model_type, self.config, self.open_clip, self._json(layouts.TOKENIZER_CONFIG), file, tokenizer
        )
        open_tokenizer(tokenizer, settings.length)  # one that cannot be read is named now
        digests = [*self._files(file).digests, self._digest(layouts.TOKENIZER), repr(settings), output.name]
        return TextTower(
            model=file.path,
            inputs=inputs,
            output=output.name,
            tokenizer=tokenizer,
            length=settings.length,
            padded=settings.padded,
            pad=settings.pad,
            left=settings.left,
            masked=settings.masked,
            cleaning=settings.cleaning,
            digest=_sha256(*digests),
        ), ""

    def _json(self, name: str) -> Mapping[str, Any]:
        """A JSON object of the folder's; {} where there is none. Raises WeightsError for what cannot be read."""
        path = self.folder / name
        if not path.is_file():
            return {}
        try:
            if path.stat().st_size > MOST_SETTINGS_BYTES:
                raise WeightsError(f"{path} is larger than {MOST_SETTINGS_BYTES // 2**20} MiB: it is not used.")
            value = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError) as error:
            raise WeightsError(f"{path} is not JSON that can be read: fetch it again.") from error
        if not isinstance(value, dict):
            raise WeightsError(f"{path} holds no JSON object: fetch it again.")
        return value


def _names(folder: Path) -> list[str]:
    """The files of a folder and of the folders in it."""
    names: list[str] = []
    for path in (*folder.glob("*"), *folder.glob("*/*.onnx")):
        if len(names) == LISTED:
            raise WeightsError(f"{folder} holds more than {LISTED} files: give the folder of the encoder alone.")
        names.append(path.relative_to(folder).as_posix())
    return names


def _dim(file: OnnxFile, vector: Vector, preprocessing: Preprocessing) -> int:
    """Numbers in a vector: what the file says, else what comes out for a black picture."""
    stated = (vector.output.shape or ())[-1]
    if stated is not None:
        return stated
    model = OpenVinoModel(file.path, vector.output.name, (vector.input.name,), threads=1)
    black = np.zeros((1, *preprocessing.shape), np.float16 if vector.input.kind == "float16" else np.float32)
    return int(model.run({vector.input.name: black}).shape[-1])


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()

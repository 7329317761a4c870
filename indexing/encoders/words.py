"""Words → what a text tower reads: the tokenizer's ids, cut and filled up as the encoder was trained with.

CLIP: 77 ids, and padding has no effect on the vector. SigLIP: always 64 ids, padded, and no mask. Both wants are taken from the
encoder's own files where they say something. Source: transformers' CLIPTokenizer and SiglipTokenizer; open_clip/tokenizer.py.
"""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from indexing.encoders.onnx_file import OnnxFile
from indexing.errors import WeightsError

CLIP_LENGTH: Final = 77
SIGLIP_LENGTH: Final = 64
MOST_LENGTH: Final = 4096
Cleaning = Literal["none", "lower", "canonical"]
_PUNCTUATION: Final = str.maketrans("", "", string.punctuation)


@dataclass(frozen=True, slots=True)
class TextTower:
    """The words' side of an encoder. model: its ONNX file; inputs: the names it reads, each with its kind; output: the vector's
    name; tokenizer: `tokenizer.json`; length: the most ids; padded: whether it is always that many; pad: the id to fill up
    with, left: before the others; masked: whether padding is masked; cleaning: what is done to the words before; digest:
    sha256 over all of that.
    """

    model: Path
    inputs: tuple[tuple[str, str], ...]
    output: str
    tokenizer: Path
    length: int
    padded: bool
    pad: int
    left: bool
    masked: bool
    cleaning: Cleaning
    digest: str

    def encode(self, words: str) -> dict[str, NDArray[np.integer]]:
        """One text → what the graph reads, each (1, ids). Raises WeightsError when the tokenizer cannot be read."""
        tokenizer = open_tokenizer(self.tokenizer, self.length)
        ids = tokenizer.encode(clean(words, self.cleaning)).ids[: self.length]
        padding = self.length - len(ids) if self.padded else 0
        pads, unseen = [self.pad] * padding, [0 if self.masked else 1] * padding
        values = {
            "input_ids": [*pads, *ids] if self.left else [*ids, *pads],
            "attention_mask": [*unseen, *[1] * len(ids)] if self.left else [*[1] * len(ids), *unseen],
            "token_type_ids": [0] * (len(ids) + padding),
            "position_ids": list(range(len(ids) + padding)),
        }
        return {name: np.array([values[name]], np.int32 if kind == "int32" else np.int64) for name, kind in self.inputs}


def clean(words: str, cleaning: Cleaning) -> str:
    """Words as the encoder's training saw them: lower case (SigLIP 2), and no punctuation either (SigLIP)."""
    if cleaning == "none":
        return words
    text = words.lower()
    return re.sub(r"\s+", " ", text.translate(_PUNCTUATION)).strip() if cleaning == "canonical" else text


def open_tokenizer(path: Path, length: int) -> Any:
    """The tokenizer of a `tokenizer.json`, cutting at `length` ids, never padding. Raises WeightsError."""
    try:
        return _tokenizer(path, length, path.stat().st_mtime_ns)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error


@lru_cache(maxsize=2)  # a large vocabulary takes a second to read
def _tokenizer(path: Path, length: int, _changed_ns: int) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(length)
    except Exception as error:
        if type(error) not in (Exception, OSError, ValueError, OverflowError):  # the library raises bare Exceptions
            raise
        raise WeightsError(f"{path} is no tokenizer that can be read ({str(error)[:100]}): fetch it again.") from error
    return tokenizer


@dataclass(frozen=True, slots=True)
class TokenizerSettings:
    """What the encoder's files say of its words; see `TextTower`."""

    length: int
    padded: bool
    pad: int
    left: bool
    masked: bool
    cleaning: Cleaning


def read_settings(
    model_type: str,
    config: Mapping[str, Any],
    open_clip: Mapping[str, Any],
    tokenizer: Mapping[str, Any],
    file: OnnxFile,
    path: Path,
) -> TokenizerSettings:
    """From the encoder's JSON files and its graph. path: tokenizer.json. Raises WeightsError."""
    named = str(tokenizer.get("tokenizer_class") or "")
    siglip = model_type.startswith("siglip") or "Siglip" in named
    text = _mapping(_mapping(open_clip.get("model_cfg")).get("text_cfg"))
    ids = file.input("input_ids")
    fixed = ids.shape[1] if ids is not None and ids.shape is not None and len(ids.shape) == 2 else None
    lengths = [
        length
        for length in (
            text.get("context_length"),
            _mapping(config.get("text_config")).get("max_position_embeddings"),
            tokenizer.get("model_max_length"),
        )
        if type(length) is int and 0 < length <= MOST_LENGTH
    ]
    length = fixed or min([*lengths, SIGLIP_LENGTH] if siglip else lengths or [CLIP_LENGTH])
    if length > MOST_LENGTH:
        raise WeightsError(f"{file.path} reads {length} tokens at once, more than {MOST_LENGTH}: it is not used.")
    return TokenizerSettings(
        length=length,
        padded=siglip or fixed is not None,
        pad=_pad(tokenizer, path, length),
        left=tokenizer.get("padding_side") == "left",
        masked=not siglip,
        cleaning=_cleaning(siglip, named, _mapping(text.get("tokenizer_kwargs"))),
    )


def _cleaning(siglip: bool, tokenizer_class: str, kwargs: Mapping[str, Any]) -> Cleaning:
    asked = kwargs.get("clean")
    if asked == "canonicalize":
        return "canonical"
    if asked == "lower":
        return "lower"
    if not siglip:
        return "none"  # CLIP's tokenizer.json does it itself
    return "lower" if "Gemma" in tokenizer_class else "canonical"


def _pad(settings: Mapping[str, Any], path: Path, length: int) -> int:
    token = settings.get("pad_token")
    token = token.get("content") if isinstance(token, dict) else token
    number = open_tokenizer(path, length).token_to_id(token) if isinstance(token, str) else None
    return int(number) if number is not None else 0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}

"""`onnx:REPO_OR_FOLDER[@REVISION][#OUTPUT]`: what `--network` takes besides the names of our own networks."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from indexing.errors import EngineError

PREFIX: Final = "onnx:"
DEFAULT_REVISION: Final = "main"
FORM: Final = "onnx:FOLDER, onnx:OWNER/NAME or onnx:OWNER/NAME@REVISION, with #OUTPUT behind it if it has several outputs"
_REPOSITORY: Final = re.compile(r"(?P<repository>[\w.-]{1,96}/[\w.-]{1,96})(?:@(?P<revision>[\w./-]{1,200}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class EncoderSource:
    """Where an encoder is. folder: a local one, else None; repository: `owner/name` on the hub, else ""; revision: a commit, a
    branch or a tag; output: the name of the graph's output that is the vector, "" to choose the one that is known.
    """

    folder: Path | None
    repository: str = ""
    revision: str = ""
    output: str = ""

    def __str__(self) -> str:
        where = str(self.folder) if self.folder is not None else self.repository
        revision = f"@{self.revision}" if self.revision else ""
        return f"{PREFIX}{where}{revision}{f'#{self.output}' if self.output else ''}"


def is_encoder(network: str) -> bool:
    """Whether `--network` names an encoder and not one of our own networks."""
    return network.startswith(PREFIX)


def parse_source(text: str) -> EncoderSource:
    """What `onnx:…` names; a folder that is there goes before a repository of that name. Raises EngineError."""
    where, _, output = text.removeprefix(PREFIX).partition("#")
    folder = Path(where).expanduser()
    if where and folder.is_dir():
        return EncoderSource(folder.resolve(), output=output)
    if where.startswith(("/", ".", "~")):
        raise EngineError(f"{where}: there is no such folder. Use --network {FORM}.")
    match = _REPOSITORY.fullmatch(where)
    if match is None or ".." in where:
        raise EngineError(f"{text[:100]!r} names neither a folder nor a repository: use --network {FORM}.")
    return EncoderSource(None, match["repository"], match["revision"] or DEFAULT_REVISION, output)

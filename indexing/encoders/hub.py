"""An encoder's files from a Hugging Face repository: one commit of it, every file compared with its checksum, then kept.

A folder of CACHE_DIR holds one commit and a list of its files' digests, which is written last: without it a fetch goes on.
What is there is used without asking anybody. A branch or tag stays the commit that it was at the first time.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from filelock import FileLock

from indexing.encoders.layouts import SETTINGS, find_models
from indexing.encoders.onnx_file import MOST_BYTES, MOST_DATA_BYTES, MOST_DATA_FILES, read_onnx
from indexing.encoders.source import EncoderSource
from indexing.errors import WeightsError
from indexing.weights.sources import BLOCK, file_digest
from recommender.files import atomic_write

COMMIT: Final = re.compile(r"[0-9a-f]{40}")
CONTENTS: Final = "contents.json"
REVISIONS: Final = "revisions.json"
TRIES: Final = 2
SECONDS: Final = 10.0
MOST_SETTINGS_BYTES: Final = 2**26
PUBLIC_HUB: Final = "https://huggingface.co"


def fetched(source: EncoderSource, cache_dir: Path, *, offline: bool = False) -> tuple[Path, str]:
    """The folder with the encoder's files and the commit they are of; fetched first when they are not in the cache.

    offline: only look into the cache. Raises WeightsError with the way out.
    """
    home = cache_dir / "encoders" / source.repository.replace("/", "--")
    commit = source.revision if COMMIT.fullmatch(source.revision) else _read_json(home / REVISIONS).get(source.revision, "")
    if commit and _is_whole(home / commit):
        return home / commit, commit
    if offline:
        raise WeightsError(f"{source} is no longer in {home}: run build_index again to fetch it.")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with FileLock(home / ".lock"):
            commit = _fetch(source, home)
    except OSError as error:
        if type(error).__module__.startswith(("huggingface_hub", "httpx2")):
            raise
        raise WeightsError(
            f"{source} cannot be kept in {home}: {error.strerror or error}. Make room, or set CACHE_DIR."
        ) from error
    return home / commit, commit


def _fetch(source: EncoderSource, home: Path) -> str:
    """Fetch what is missing of one commit; its name. What an earlier try fetched whole is not fetched again."""
    # Plain HTTP, whose interrupted downloads go on where they stopped; no telemetry. Read when the library is imported.
    for name in ("HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_TELEMETRY", "HF_HUB_DISABLE_UPDATE_CHECK"):
        os.environ.setdefault(name, "1")
    import httpx2
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    endpoint = os.environ.get("HF_ENDPOINT", PUBLIC_HUB).rstrip("/")
    page = f"{endpoint}/{source.repository}"
    try:
        info = HfApi(endpoint=endpoint).model_info(
            source.repository, revision=source.revision, files_metadata=True, timeout=SECONDS
        )
        commit = str(info.sha)
        if not COMMIT.fullmatch(commit):
            raise WeightsError(f"{page} names no commit: is that a hub? Set HF_ENDPOINT.")
        _Download(source, endpoint, home / commit, commit, {each.rfilename: each for each in info.siblings or ()}).run()
    except GatedRepoError as error:
        raise WeightsError(
            f"{source}: accept its terms at {page}, put a token of yours into HF_TOKEN, and run it again."
        ) from error
    except RepositoryNotFoundError as error:
        raise WeightsError(f"{source}: {page} is not there, or not for everybody: check the name, or set HF_TOKEN.") from error
    except RevisionNotFoundError as error:
        raise WeightsError(f"{source}: {page} has no revision {source.revision!r}: use a branch, a tag or a commit.") from error
    except (httpx2.HTTPError, HfHubHTTPError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk's, told by the caller
            raise
        raise WeightsError(
            f"{source} cannot be fetched ({type(error).__name__}: {str(error).splitlines()[0][:160] if str(error) else ''}). "
            f"Run it again to go on, or fetch {page} elsewhere and give its folder: --network onnx:FOLDER."
        ) from error
    revisions = {**_read_json(home / REVISIONS), source.revision: commit}
    with atomic_write(home / REVISIONS) as file:
        file.write(json.dumps(revisions, indent=1).encode())
    return commit


class _Download:
    """Fetching one commit's files into a folder."""

    def __init__(self, source: EncoderSource, endpoint: str, folder: Path, commit: str, known: Mapping[str, Any]) -> None:
        """known: what the hub says of each file (size, blob_id, lfs), by its name."""
        self.source, self.endpoint, self.folder, self.commit, self.known = source, endpoint, folder, commit, known
        self.digests: dict[str, str] = {}

    def run(self) -> None:
        models = find_models(self.known, f"{self.endpoint}/{self.source.repository}")
        for name in SETTINGS:
            if name in self.known:
                self._file(name, MOST_SETTINGS_BYTES)
        for name in dict.fromkeys(filter(None, models)):
            path = self._file(name, MOST_BYTES)
            data = read_onnx(path).data
            if len(data) > MOST_DATA_FILES:
                raise WeightsError(f"{self.source}: {name} keeps its numbers in {len(data)} files: take another encoder.")
            for location in data:
                self._file((PurePosixPath(name).parent / location).as_posix(), MOST_DATA_BYTES)
        with atomic_write(self.folder / CONTENTS) as file:
            file.write(json.dumps(self.digests, indent=1).encode())

    def _file(self, name: str, most: int) -> Path:
        """A file whose checksum is the hub's; a damaged one is fetched once more."""
        from huggingface_hub import hf_hub_download

        told = self.known.get(name)
        if told is None:
            raise WeightsError(f"{self.source}: a file it needs, {name}, is not in the repository.")
        if not 0 < (told.size or 0) <= most:
            raise WeightsError(f"{self.source}: {name} has {told.size} bytes; 1 to {most} are expected. Take another encoder.")
        path = self.folder / name
        for attempt in range(TRIES):
            hf_hub_download(
                self.source.repository,
                name,
                revision=self.commit,
                local_dir=self.folder,
                endpoint=self.endpoint,
                force_download=attempt > 0,
                etag_timeout=SECONDS,
            )
            if not path.resolve().is_relative_to(self.folder.resolve()):
                raise WeightsError(f"{self.source}: {name} leads out of {self.folder}: it is not used.")
            if _matches(path, told):
                self.digests[name] = file_digest(path)
                return path
        path.unlink(missing_ok=True)
        raise WeightsError(
            f"{self.source}: {name} arrived damaged {TRIES} times (its checksum is not the hub's): run it again."
        )


def _matches(path: Path, told: Any) -> bool:
    """Whether the file has the checksum the hub gives: sha256 of a large one, Git's own of a small one."""
    if told.lfs is not None:
        return file_digest(path) == str(told.lfs["sha256"])
    if not told.blob_id:
        return False
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest() == str(told.blob_id)


def _is_whole(folder: Path) -> bool:
    """Whether all of a commit's files were fetched and are still there. Their digests are compared where they are read."""
    contents = _read_json(folder / CONTENTS)
    return bool(contents) and all((folder / name).is_file() for name in contents)


def digests_of(folder: Path) -> dict[str, str]:
    """sha256 by name of the files that were fetched into `folder`; nothing for a folder of the user's own."""
    return _read_json(folder / CONTENTS)


def _read_json(path: Path) -> dict[str, str]:
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(text) for name, text in value.items()} if isinstance(value, dict) else {}

"""VGG-16's ImageNet weights: Keras's own file, in Keras's own cache, fetched by Keras itself and compared with its checksum."""

import hashlib
import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import Final

from indexing.errors import WeightsError

NAME: Final = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
URL: Final = f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{NAME}"
MD5: Final = "64373286793e3c8b2b4e3219cbf3544b"  # the one keras.applications checks
MEGABYTES: Final = 553
PROBE_SECONDS: Final = (3.05, 5.0)  # to connect, to answer
PROBE_LIMIT: Final = 8.0
STALL_SECONDS: Final = 60.0


def cache_folder() -> Path:
    """Keras's cache of weights: `$KERAS_HOME/models`, by default `~/.keras/models`."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"


def cached_file(md5: str = MD5) -> Path | None:
    """The file in the cache, if it is there and complete; a partial download is not."""
    path = cache_folder() / NAME
    return path if path.is_file() and _md5(path) == md5 else None


def unreachable(url: str = URL) -> str | None:
    """Why the file cannot be fetched now, found out within seconds, or None when it can."""
    import requests

    host = url.split("/")[2]
    answers: list[str | None] = [f"no answer from {host}"]

    def probe() -> None:
        try:
            response = requests.head(url, timeout=PROBE_SECONDS, allow_redirects=True)
        except requests.RequestException as error:
            answers.append(f"{type(error).__name__} at {host}")
        else:
            answers.append(None if response.ok else f"{host} answered {response.status_code}")

    # In a thread: a name server that does not answer is not covered by any timeout of `requests`.
    thread = threading.Thread(target=probe, daemon=True)
    thread.start()
    thread.join(PROBE_LIMIT)
    return answers[-1]


def imagenet_file(url: str = URL, md5: str = MD5) -> Path:
    """The cached file, fetched first when it is not there (553 MB, progress shown). Raises WeightsError with the ways out."""
    path = cached_file(md5)
    if path is not None:
        return path
    problem = unreachable(url)
    if problem is not None:
        raise _failure(problem)
    import keras  # imports TensorFlow, only to fetch the file as Keras does

    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(STALL_SECONDS)  # Keras sets none: a connection that goes silent would hang for ever
    try:
        with tempfile.TemporaryDirectory(dir=_made(cache_folder())) as folder:
            fetched = keras.utils.get_file(NAME, url, cache_dir=folder, cache_subdir="", file_hash=md5)
            Path(fetched).replace(cache_folder() / NAME)
    except (OSError, ValueError) as error:
        raise _failure(str(error)) from error
    except Exception as error:
        # Keras reports a failed fetch as a bare Exception, its text beginning so.
        if type(error) is not Exception and "ContentTooShort" not in type(error).__name__:
            raise
        raise _failure(str(error)) from error
    finally:
        socket.setdefaulttimeout(before)
    return cache_folder() / NAME


def _failure(problem: str) -> WeightsError:
    return WeightsError(
        f"VGG-16's ImageNet weights ({MEGABYTES} MB) cannot be downloaded ({problem}). Fetch {URL} elsewhere and put it into "
        f"{cache_folder()}, or give a file with --weights FILE, or use --network compact, which needs no download."
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _md5(path: Path) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()

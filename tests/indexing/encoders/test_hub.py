"""Encoders from a hub: pinned, compared with their checksums, kept, used without it afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexing.encoders.encoder import open_encoder
from indexing.encoders.hub import CONTENTS
from indexing.errors import WeightsError
from tests.indexing.encoders import tiny_encoders
from tests.indexing.encoders.fake_hub import COMMIT, REPOSITORY, Hub, serve_hub

MODEL = "onnx/vision_model.onnx"
SOURCE = f"onnx:{REPOSITORY}"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    tiny_encoders.clip(tmp_path / "hub")
    (tmp_path / "hub" / "README.md").write_text("not needed")
    with serve_hub(tmp_path / "hub") as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        # The library waits a second before it goes on with a broken download.
        monkeypatch.setattr("huggingface_hub.file_download.time.sleep", lambda _seconds: None)
        yield hub


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def folder(cache: Path) -> Path:
    return cache / "encoders" / "shop--encoder" / COMMIT


def test_what_is_needed_is_fetched_and_the_commit_is_named(hub: Hub, cache: Path) -> None:
    opened = open_encoder(SOURCE, cache)
    assert opened.weights.source == f"onnx:{REPOSITORY}@{COMMIT}#image_embeds"
    kept = {path.relative_to(folder(cache)).as_posix() for path in folder(cache).rglob("*.*") if ".cache" not in path.parts}
    assert kept >= {MODEL, "onnx/text_model.onnx", "tokenizer.json", "config.json", "preprocessor_config.json", CONTENTS}
    assert "README.md" not in kept


def test_afterwards_nobody_is_asked(hub: Hub, cache: Path) -> None:
    first = open_encoder(SOURCE, cache)
    hub.asked.clear()
    hub.status = 500
    for again in (SOURCE, f"{SOURCE}@{COMMIT}"):
        assert open_encoder(again, cache, offline=True).weights.digest == first.weights.digest
    assert not hub.asked


def test_a_branch_stays_the_commit_it_was_until_another_is_asked_for(hub: Hub, cache: Path) -> None:
    first = open_encoder(SOURCE, cache)
    hub.commit = "f" * 40
    assert open_encoder(SOURCE, cache).weights.source == first.weights.source
    newer = open_encoder(f"{SOURCE}@{hub.commit}", cache)
    assert newer.weights.source == f"{SOURCE}@{hub.commit}#image_embeds"
    assert newer.weights.digest != first.weights.digest, "the revision is a part of the identity"


def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 64)
    hub.cut[MODEL] = 200
    open_encoder(SOURCE, cache)
    assert hub.ranges == ["bytes=192-"]
    assert (folder(cache) / MODEL).read_bytes() == hub.files()[MODEL]


def test_a_fetch_that_was_killed_goes_on_with_the_files_that_lack(hub: Hub, cache: Path) -> None:
    open_encoder(SOURCE, cache)
    (folder(cache) / CONTENTS).unlink()  # written last: as if killed before
    (folder(cache) / MODEL).unlink()
    hub.asked.clear()
    open_encoder(SOURCE, cache)
    assert [path.rpartition(COMMIT)[2] for path in hub.asked if "/resolve/" in path] == [f"/{MODEL}"]


@pytest.mark.parametrize("name", [MODEL, "config.json"])
def test_a_file_that_arrives_damaged_is_fetched_again(hub: Hub, cache: Path, name: str) -> None:
    hub.damaged[name] = 1
    open_encoder(SOURCE, cache)
    assert (folder(cache) / name).read_bytes() == hub.files()[name]


@pytest.mark.parametrize("name", [MODEL, "config.json"])
def test_a_file_that_is_damaged_again_and_again_is_not_used(hub: Hub, cache: Path, name: str) -> None:
    hub.damaged[name] = 9
    with pytest.raises(WeightsError, match=rf"{name} arrived damaged 2 times .*run it again"):
        open_encoder(SOURCE, cache)
    assert not (folder(cache) / CONTENTS).exists()
    assert not (folder(cache) / name).exists()


def test_a_kept_file_that_was_changed_is_named(hub: Hub, cache: Path) -> None:
    open_encoder(SOURCE, cache)
    with (folder(cache) / MODEL).open("ab") as file:
        file.write(b"\x0a\x00")
    with pytest.raises(WeightsError, match=r"vision_model.onnx is damaged: delete"):
        open_encoder(SOURCE, cache)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("onnx:nobody/nothing", r"nobody/nothing is not there, or not for everybody"),
        (f"{SOURCE}@elsewhere", r"has no revision 'elsewhere': use a branch, a tag or a commit"),
    ],
)
def test_what_the_hub_has_not_is_named(hub: Hub, cache: Path, source: str, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        open_encoder(source, cache)


def test_terms_that_must_be_accepted_are_named(hub: Hub, cache: Path) -> None:
    hub.status, hub.error_code = 403, "GatedRepo"
    with pytest.raises(WeightsError, match=r"accept its terms at http://127.*HF_TOKEN"):
        open_encoder(SOURCE, cache)


def test_without_a_network_the_way_out_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(WeightsError, match=r"cannot be fetched \(ConnectError.*--network onnx:FOLDER") as caught:
        open_encoder(SOURCE, cache)
    assert "\n" not in str(caught.value)


def test_a_page_fetches_nothing(cache: Path) -> None:
    with pytest.raises(WeightsError, match=r"no longer in .*run build_index again to fetch it"):
        open_encoder(SOURCE, cache, offline=True)


def test_a_repository_without_onnx_is_named(hub: Hub, cache: Path) -> None:
    for name in ("vision_model", "text_model"):
        (hub.folder / "onnx" / f"{name}.onnx").unlink()
    with pytest.raises(WeightsError, match=r"shop/encoder holds no ONNX file: take a repository that has one"):
        open_encoder(SOURCE, cache)


def test_a_file_larger_than_such_files_are_is_not_fetched(hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexing.encoders.hub.MOST_BYTES", 100)
    with pytest.raises(WeightsError, match=r"vision_model.onnx has \d+ bytes; 1 to 100 are expected"):
        open_encoder(SOURCE, cache)
    assert not any(path.endswith(MODEL) for path in hub.asked)


def test_numbers_beside_the_model_are_fetched_too(hub: Hub, cache: Path) -> None:
    tiny_encoders.move_numbers_out(hub.folder / MODEL, "vision_model.onnx_data")
    open_encoder(SOURCE, cache)
    contents = json.loads((folder(cache) / CONTENTS).read_text())
    assert "onnx/vision_model.onnx_data" in contents

"""Weights files that ask for far more time or memory than their network needs are refused in one line."""

import io
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from indexing.errors import WeightsError
from indexing.weights import hdf5, pytorch
from indexing.weights.bundled import NpzReader
from indexing.weights.hdf5 import KERAS_ARCHIVE_MEMBER, Hdf5Reader
from indexing.weights.pytorch import read_state
from tests.indexing.small_networks import VGG_GRAPH, arrays
from tests.indexing.weights.torch_files import file, tensor
from tests.indexing.weights.weight_files import write_legacy

TABLE = {"a": ((2, 3), (3,))}
SIX = np.arange(6, dtype="<f4")


def header(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": dtype, "fortran_order": False, "shape": shape})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (header((2**40, 3)), "should have the shape"),
        (header((2, 3)), "damaged"),
        (header((2, 3), "|O"), "holds no numbers"),
        (header((2, 3), "<U99999"), "holds no numbers"),
        (b"\x93NUMPY\x02\x00" + b"\xff" * 4, "NumPy's first format"),
        (b"", "damaged"),
    ],
)
def test_an_npz_array_is_compared_before_it_is_read(kernel: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/kernel.npy", kernel)
        archive.writestr("a/bias.npy", header((3,)) + bytes(12))
    with pytest.raises(WeightsError, match=reason):
        NpzReader(path).check(TABLE)


def test_of_an_npz_bomb_only_the_layer_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/kernel.npy", header((2, 3)) + SIX.tobytes() + bytes(50_000_000))
        archive.writestr("a/bias.npy", header((3,)) + bytes(12))
    tracemalloc.start()
    try:
        [(_name, layer)] = NpzReader(path).layers(TABLE)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert layer.kernel.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_an_npz_array_kept_column_by_column_is_read_as_it_is(tmp_path: Path) -> None:
    path, kernel = tmp_path / "w.npz", SIX.reshape(2, 3)
    held: dict[str, Any] = {"a/kernel": np.asfortranarray(kernel), "a/bias": np.zeros(3, np.float32)}
    np.savez(path, **held)
    [(_name, layer)] = NpzReader(path).layers(TABLE)
    np.testing.assert_array_equal(layer.kernel, kernel)


def test_a_keras_archive_that_unpacks_to_far_more_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "ROOM", 1_000_000)
    path = tmp_path / "w.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(KERAS_ARCHIVE_MEMBER, bytes(20_000_000))
    with pytest.raises(WeightsError, match=r"unpacks to 20,000,000 bytes, more than such a network needs"):
        Hdf5Reader(path).check(TABLE)


def test_of_a_keras_archive_only_the_weights_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, layers, unpacked = tmp_path / "w.keras", arrays(VGG_GRAPH), list[str]()
    write_legacy(tmp_path / "w.h5", layers)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", bytes(20_000_000))
        archive.write(tmp_path / "w.h5", KERAS_ARCHIVE_MEMBER)
    really = zipfile.ZipFile._extract_member  # type: ignore[attr-defined]

    def noted(archive: zipfile.ZipFile, member: Any, *others: Any) -> Any:
        unpacked.append(getattr(member, "filename", member))
        return really(archive, member, *others)

    monkeypatch.setattr(zipfile.ZipFile, "_extract_member", noted)
    Hdf5Reader(path).check(VGG_GRAPH.parameters)
    assert unpacked == [KERAS_ARCHIVE_MEMBER]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for reader in (NpzReader(tmp_path / "none.npz"), Hdf5Reader(tmp_path / "none.h5")):
        with pytest.raises(WeightsError, match=r"none\.(npz|h5): there is no such weights file"):
            reader.check(TABLE)


def test_a_bias_is_looked_at_like_a_kernel(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "w.h5", arrays(VGG_GRAPH))
    with h5py.File(path, "a") as written:
        shape = written["fc2"]["fc2_b_1:0"].shape
        del written["fc2"]["fc2_b_1:0"]
        written["fc2"].create_dataset("fc2_b_1:0", shape, "S4")
    with pytest.raises(WeightsError, match="not numbers kept in this file"):
        Hdf5Reader(path).check(VGG_GRAPH.parameters)


def test_a_claim_of_endless_layers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    with h5py.File(path, "w") as written:
        written.attrs["nb_layers"] = 2**62
    with pytest.raises(WeightsError, match="claims 4611686018427387904 layers"):
        Hdf5Reader(path).check(TABLE)


def test_numbers_outside_the_file_or_in_pieces_beyond_it_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5, "ROOM", 1_000)
    layers = arrays(VGG_GRAPH)
    elsewhere = "not numbers kept in this file"
    for kind, reason in (
        ("external", elsewhere),
        ("virtual", elsewhere),
        ("text", elsewhere),
        ("chunks", "pieces larger than itself"),
    ):
        path = write_legacy(tmp_path / f"{kind}.h5", layers)
        with h5py.File(path, "a") as written:
            group = written["fc2"]
            shape = layers["fc2"].kernel.shape
            del group["fc2_W_1:0"]
            if kind == "external":
                outside = [(str(tmp_path / "secret"), 0, h5py.h5f.UNLIMITED)]
                group.create_dataset("fc2_W_1:0", shape, "f4", external=outside)
            elif kind == "virtual":
                group.create_virtual_dataset("fc2_W_1:0", h5py.VirtualLayout(shape, "f4"))
            elif kind == "text":
                group.create_dataset("fc2_W_1:0", shape, "S4")
            else:
                group.create_dataset("fc2_W_1:0", shape, "f4", chunks=(4096, 4096), maxshape=(None, None))
        with pytest.raises(WeightsError, match=reason):
            Hdf5Reader(path).check(VGG_GRAPH.parameters)


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (b"\x80\x02ccollections\nOrderedDict\n)R)" + b"\x85" * 300_000 + b"Ns.", ""),  # a tuple nested deep as a key
        (b"\x80\x02ccollections\nOrderedDict\n(K\x01tR.", "a call that has no place"),  # with an argument
        (b"\x80\x02ctorch\nFloatStorage\n}b.", "an object whose state has no place"),
    ],
)
def test_a_hostile_state_dict_is_refused(state: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    whole = file({}, {})
    empty = b"\x80\x02ccollections\nOrderedDict\n)R(u."
    assert empty in whole
    path.write_bytes(whole.replace(empty, state))
    with pytest.raises(WeightsError, match=rf"w\.pth is not a readable PyTorch weights file.*{reason}"):
        read_state(path)


def test_tensors_that_share_one_storage_beyond_the_bound_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch, "MOST_BYTES", 10_000)
    path = tmp_path / "w.pth"
    path.write_bytes(file({f"t{n}": tensor("k", "FloatStorage", 0, (600,), (0,)) for n in range(5)}, {"k": SIX}))
    with pytest.raises(WeightsError, match="larger than those of any network"):
        read_state(path)

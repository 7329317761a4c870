"""Reading PyTorch's old files: tensors as they lie there, and nothing but tensors."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from indexing.errors import WeightsError
from indexing.weights import pytorch
from indexing.weights.pytorch import MAGIC, PROTOCOL, read_state
from tests.indexing.weights.torch_files import file, state, tensor, text

SIX = np.arange(6, dtype="<f4")


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "weights.pth"
    path.write_bytes(data)
    return path


def test_tensors_are_read_by_name_and_kind(tmp_path: Path) -> None:
    tensors = {"a": tensor("k1", "FloatStorage", 0, (2, 3), (3, 1)), "n": tensor("k2", "LongStorage", 0, (), ())}
    found = read_state(written(tmp_path, file(tensors, {"k1": SIX, "k2": np.array([7], "<i8")})))
    assert found["a"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [found[name].dtype.str for name in "an"] == ["<f4", "<i8"]
    assert found["n"].tolist() == 7


def test_a_turned_tensor_is_read_by_its_strides(tmp_path: Path) -> None:
    found = read_state(written(tmp_path, file({"a": tensor("k", "FloatStorage", 0, (3, 2), (1, 3))}, {"k": SIX})))
    assert found["a"].tolist() == [[0, 3], [1, 4], [2, 5]]


def test_two_tensors_may_share_a_storage(tmp_path: Path) -> None:
    tensors = {"a": tensor("k", "FloatStorage", 0, (2,), (1,)), "b": tensor("k", "FloatStorage", 4, (2,), (1,))}
    found = read_state(written(tmp_path, file(tensors, {"k": SIX})))
    assert (found["a"].tolist(), found["b"].tolist()) == ([0, 1], [4, 5])


@pytest.mark.parametrize("name", ["os\nsystem", "builtins\neval", "torch\nload", "torch._utils\n_rebuild_tensor"])
def test_any_other_name_is_refused(tmp_path: Path, name: str) -> None:
    call = f"c{name}\n(".encode() + b"X\x04\x00\x00\x00true" + b"tR"
    with pytest.raises(WeightsError, match=re.escape(name.replace("\n", ".")) + " has no place in a state dict"):
        read_state(written(tmp_path, file({"a": call}, {"k": SIX})))


def test_an_unknown_kind_of_storage_is_refused(tmp_path: Path) -> None:
    data = file({"a": tensor("k", "FloatStorage", 0, (6,), (1,))}, {"k": SIX}).replace(text("storage"), text("other"))
    with pytest.raises(WeightsError, match="an unknown kind of storage"):
        read_state(written(tmp_path, data))


def test_a_file_beyond_the_bound_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytorch, "MOST_BYTES", 10)
    with pytest.raises(WeightsError, match=r"weights\.pth has \d+ bytes: more than any network"):
        read_state(written(tmp_path, file({}, {})))


@pytest.mark.parametrize(
    ("offset", "shape", "strides"), [(1, (2, 3), (3, 1)), (0, (7,), (1,)), (0, (2,), (6,)), (0, (1000, 1000), (0, 0))]
)
def test_a_tensor_outside_its_storage_is_refused(
    tmp_path: Path, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    data = file({"a": tensor("k", "FloatStorage", offset, shape, strides)}, {"k": SIX})
    with pytest.raises(WeightsError, match="outside its storage"):
        read_state(written(tmp_path, data))


@pytest.mark.parametrize(("offset", "shape", "strides"), [(-1, (2,), (1,)), (0, (2, 3), (1,))])
def test_negative_places_and_axes_without_strides_are_refused(
    tmp_path: Path, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    with pytest.raises(WeightsError, match="impossible shape"):
        read_state(written(tmp_path, file({"a": tensor("k", "FloatStorage", offset, shape, strides)}, {"k": SIX})))


def test_every_shortened_file_is_an_error_of_ours(tmp_path: Path) -> None:
    data = file({"a": tensor("k", "FloatStorage", 0, (2, 3), (3, 1))}, {"k": SIX})
    for length in range(len(data)):
        with pytest.raises(WeightsError, match=r"weights\.pth"):
            read_state(written(tmp_path, data[:length]))


@pytest.mark.parametrize("missing", [1, 4, 24, 30])
def test_numbers_that_end_too_early_are_said_so(tmp_path: Path, missing: int) -> None:
    """The storage is 8 bytes of its count and 24 of numbers."""
    data = file({"a": tensor("k", "FloatStorage", 0, (2, 3), (3, 1))}, {"k": SIX})
    with pytest.raises(WeightsError, match="it ends too early"):
        read_state(written(tmp_path, data[:-missing]))


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (pickle.dumps(MAGIC, 2), pickle.dumps(1, 2)),
        (pickle.dumps(PROTOCOL, 2), pickle.dumps(1000, 2)),
        (state({}), pickle.dumps([], 2)),
        (pickle.dumps([], 2), pickle.dumps({}, 2)),
    ],
    ids=["magic number", "protocol", "no state dict", "no list of keys"],
)
def test_other_first_words_are_another_format(tmp_path: Path, part: bytes, other: bytes) -> None:
    whole = file({}, {})
    assert whole.count(part) == 1
    with pytest.raises(WeightsError, match="not those of the old format"):
        read_state(written(tmp_path, whole.replace(part, other)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.pth cannot be read"):
        read_state(tmp_path / "none.pth")

"""Files of PyTorch's old format, written opcode by opcode, so that no test needs PyTorch."""

import pickle
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001


def text(value: str) -> bytes:
    return b"X" + len(value.encode()).to_bytes(4, "little") + value.encode()


def numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(b"J" + value.to_bytes(4, "little", signed=True) for value in values) + b"t"


def number(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def tensor(key: str, kind: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> bytes:
    """`torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, False, OrderedDict())`."""
    storage = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(1) + b"NtQ"
    hooks = b"\x89ccollections\nOrderedDict\n)R"
    place = number(offset) + numbers(shape) + numbers(strides)
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + place + hooks + b"tR"


def state(tensors: Mapping[str, bytes]) -> bytes:
    """The state dict's own pickle."""
    body = b"".join(text(name) + value for name, value in tensors.items())
    return b"\x80\x02ccollections\nOrderedDict\n)R(" + body + b"u."


def file(tensors: Mapping[str, bytes], storages: Mapping[str, NDArray[np.generic]], magic: int = MAGIC) -> bytes:
    """A whole file: five pickles, then the storages."""
    head = b"".join(pickle.dumps(value, 2) for value in (magic, PROTOCOL, {"little_endian": True}))
    raw = b"".join(len(values).to_bytes(8, "little") + values.tobytes() for values in storages.values())
    return head + state(tensors) + pickle.dumps(list(storages), 2) + raw

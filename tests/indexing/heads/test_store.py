"""Where heads are kept: the current one, the one an index names, and one line where a file is not there."""

from pathlib import Path

import numpy as np
import pytest

from indexing.errors import WeightsError
from indexing.heads.head import DIM, Head
from indexing.heads.store import current_head, forget_head, head_path, keep_head, load_head


def head(bias: float) -> Head:
    return Head(("a", "b"), np.zeros((DIM, 2), np.float32), np.array([bias, 0], np.float32), "abc")


def test_nothing_learned_is_no_head(tmp_path: Path) -> None:
    assert current_head(tmp_path) is None
    assert current_head(tmp_path / "not there") is None
    assert forget_head(tmp_path) is False


def test_builds_use_the_last_one(tmp_path: Path) -> None:
    keep_head(tmp_path / "heads", head(1))
    keep_head(tmp_path / "heads", head(2))
    current = current_head(tmp_path / "heads")
    assert current is not None
    assert current.bias[0] == 2


def test_the_one_that_the_index_has_stays_and_older_ones_go(tmp_path: Path) -> None:
    for bias in (1, 2, 3):
        keep_head(tmp_path, head(bias), in_use=head(2).digest)
    assert {path.name for path in tmp_path.glob("*.npz")} == {f"{head(bias).digest}.npz" for bias in (2, 3)}
    assert load_head(tmp_path, head(2).digest).bias[0] == 2


def test_a_forgotten_head_can_still_be_read_by_the_index_that_has_it(tmp_path: Path) -> None:
    keep_head(tmp_path, head(1))
    assert forget_head(tmp_path) is True
    assert current_head(tmp_path) is None
    assert load_head(tmp_path, head(1).digest).bias[0] == 1


def test_a_missing_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    keep_head(tmp_path, head(1)).unlink()
    with pytest.raises(WeightsError, match=r"learned head .*\.npz cannot be read .*learn_head --forget; then build_index\.$"):
        current_head(tmp_path)


def test_a_file_of_other_bytes_is_refused(tmp_path: Path) -> None:
    keep_head(tmp_path, head(1))
    head_path(tmp_path, head(1).digest).write_bytes(head(2).to_bytes())
    with pytest.raises(WeightsError, match="its bytes are not those of its name"):
        current_head(tmp_path)

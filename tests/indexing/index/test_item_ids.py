"""What may name an item: one rule, written twice since `indexing` does not import `catalog`."""

import pytest

from catalog import models
from indexing.index.item_ids import is_item_id


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("810000", True),
        ("a.b_C-9", True),
        (".a", True),
        ("x" * 64, True),
        ("", False),
        ("x" * 65, False),
        (".", False),
        ("..", False),
        ("a/b", False),
        ("a b", False),
        ("é", False),
        ("a\n", False),
        ("٣", False),
    ],
)
def test_both_rooms_agree_on_what_is_an_id(text: str, expected: bool) -> None:
    assert is_item_id(text) is models.is_item_id(text) is expected

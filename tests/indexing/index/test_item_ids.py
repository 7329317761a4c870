"""What may name an item: one rule for files, rows and addresses."""

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Item
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
def test_files_and_rows_agree_on_what_is_an_id(text: str, expected: bool) -> None:
    try:
        Item._meta.get_field("item_id").clean(text, None)
        valid = True
    except ValidationError:
        valid = False
    assert is_item_id(text) is valid is expected

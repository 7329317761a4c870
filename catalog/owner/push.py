"""Taking items that a program sends: checked at once; written at once, or kept for the next build when a picture comes."""

import base64
import binascii
from decimal import Decimal
from typing import Any, Final, Literal

from django.db import transaction
from django.utils import timezone

from catalog.errors import BadParameterError, UnknownItemError
from catalog.models import Item, PushedItem, is_item_id

MAX_PICTURE_BYTES: Final = 10_000_000
MAX_WAITING: Final = 10_000

State = Literal["applied", "queued"]


def take_item(item_id: str, fields: dict[str, Any], picture: str | None, picture_url: str) -> State:
    """Write an item's fields, or keep it with its picture until a build takes it up. Fields not given stay as they are.

    picture: base64 of an encoded picture. Raises BadParameterError.
    """
    if not is_item_id(item_id):
        raise BadParameterError("id: 1 to 64 of A-Z a-z 0-9 . _ -")
    if picture and picture_url:
        raise BadParameterError("picture: send the picture or its address, not both")
    data = _picture_bytes(picture) if picture else None
    item = Item.objects.filter(pk=item_id).first()
    if data is None and not picture_url:
        if item is None:
            raise BadParameterError("picture: a new item needs a picture, or picture_url with the address of one")
        with transaction.atomic():
            item.write(fields)
        return "applied"
    if PushedItem.objects.exclude(pk=item_id).count() >= MAX_WAITING:
        raise BadParameterError(f"more than {MAX_WAITING:,} items wait: run manage.py build_index, then send this again")
    PushedItem.objects.update_or_create(
        pk=item_id,
        defaults={"fields": _json(fields), "picture": data, "picture_url": picture_url, "tries": 0, "problem": ""},
    )
    return "queued"


def delete_item(item_id: str) -> None:
    """Take an item off sale, and what waits for it out of the queue. Raises UnknownItemError."""
    waiting, _by_model = PushedItem.objects.filter(pk=item_id).delete()
    gone = Item.objects.filter(pk=item_id, delisted_at=None).update(delisted_at=timezone.now())
    if not waiting and not gone and not Item.objects.filter(pk=item_id).exists():
        raise UnknownItemError(item_id)


def _picture_bytes(text: str) -> bytes:
    """Decoded from base64 and looked at by its header. Raises BadParameterError."""
    from imaging.decoding import refusal  # OpenCV

    if len(text) > MAX_PICTURE_BYTES * 4 // 3 + 4:
        raise BadParameterError(f"picture: more than {MAX_PICTURE_BYTES // 1_000_000} MB")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadParameterError("picture: not base64") from None
    if reason := refusal(data):
        raise BadParameterError(f"picture: {reason}")
    return data


def _json(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in fields.items()}

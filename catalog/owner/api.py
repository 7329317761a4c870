"""The API's writing side: items sent by a program with a token."""

from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict, StringConstraints, field_validator

from catalog.errors import SiteError
from catalog.owner.push import State, delete_item, take_item
from catalog.owner.tokens import TokenAuth
from catalog.schemas import ErrorOut
from catalog.similar.api import router

batch_router = Router(tags=["writing"], auth=TokenAuth())

MAX_BATCH = 100
SEEN = {
    "applied": "now",
    "queued": "when the next build_index ends; `build_index --watch` starts one within seconds",
}
ERRORS = {401: ErrorOut, 404: ErrorOut, 422: ErrorOut}

Address = Annotated[str, StringConstraints(max_length=2000, pattern=r"^(https?://[^\s\x00]+)?$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00]*$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\x00]*$")]


class ItemIn(Schema):
    """An item as the shop knows it. What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: Title = ""
    price: Annotated[Decimal | None, Field(ge=0, max_digits=12, decimal_places=2)] = None
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    url: Address = ""
    category: Text = ""
    brand: Text = ""
    in_stock: bool | None = None
    group_id: Annotated[Text, Field(description="what the variants of one product share")] = ""
    more_pictures: Annotated[list[Address], Field(max_length=20, default_factory=list)]
    picture: Annotated[str | None, Field(description="the picture itself, base64, to 10 MB")] = None
    picture_url: Annotated[Address, Field(description="or where it can be fetched")] = ""

    @field_validator("more_pictures")
    @classmethod
    def no_empty_address(cls, value: list[str]) -> list[str]:
        return [address for address in value if address]

    def given(self) -> dict[str, Any]:
        """The fields that were sent, less the picture."""
        return self.model_dump(exclude_unset=True, exclude={"picture", "picture_url", "id"})


class BatchItemIn(ItemIn):
    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class BatchIn(Schema):
    items: Annotated[list[BatchItemIn], Field(min_length=1, max_length=MAX_BATCH)]


class TakenOut(Schema):
    """What became of an item. seen: when visitors see it."""

    id: str
    state: Annotated[str, Field(description="applied, queued, deleted or refused")]
    seen: str = ""
    detail: Annotated[str, Field(description="why it was refused")] = ""


class BatchOut(Schema):
    items: list[TakenOut]


# One address, one router: the item's own, which reads.
@router.put(
    "/{item_id}", auth=TokenAuth(), tags=["writing"], response={202: TakenOut, **ERRORS}, summary="Add an item, or change it"
)
def put_item(request: HttpRequest, item_id: str, item: ItemIn) -> Status[TakenOut]:
    return Status(202, _taken(item_id, take_item(item_id, item.given(), item.picture, item.picture_url)))


@router.delete(
    "/{item_id}", auth=TokenAuth(), tags=["writing"], response={200: TakenOut, **ERRORS}, summary="Take an item off sale"
)
def remove_item(request: HttpRequest, item_id: str) -> TakenOut:
    delete_item(item_id)
    return TakenOut(id=item_id[:64], state="deleted", seen="now")


@batch_router.post(
    "/items:batch", response={202: BatchOut, **ERRORS}, summary="Up to 100 items, each taken or refused by itself"
)
def put_items(request: HttpRequest, batch: BatchIn) -> Status[BatchOut]:
    answers = []
    for item in batch.items:
        try:
            answers.append(_taken(item.id, take_item(item.id, item.given(), item.picture, item.picture_url)))
        except SiteError as error:
            answers.append(TakenOut(id=item.id, state="refused", detail=str(error)))
    return Status(202, BatchOut(items=answers))


def _taken(item_id: str, state: State) -> TakenOut:
    return TakenOut(id=item_id, state=state, seen=SEEN[state])

"""What the API says, described for OpenAPI."""

from decimal import Decimal
from typing import Annotated, Any, Final

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Schema

from catalog.cards import preview_url
from catalog.products import InStock, Product
from indexing.index.record import Index

CLOSE: Final = (
    "whether the nearest is like what was asked for: no farther than the nearest neighbour of 19 in 20 of the catalogue's items"
)


class ItemOut(Schema):
    """A product."""

    id: Annotated[str, Field(examples=["100123"])]
    title: str
    price: Annotated[str | None, Field(description="a decimal number as text, or null", examples=["19.90"])]
    currency: Annotated[str, Field(description="ISO 4217, or empty", examples=["EUR"])]
    url: Annotated[str, Field(description="the product's page in the shop; empty when not known")]
    preview: Annotated[str, Field(description="its picture")]
    page: Annotated[str, Field(description="its page here")]
    category: str
    colour: Annotated[str, Field(description="its dominant colour, by name; empty when not known")]
    delisted: Annotated[bool, Field(description="whether the shop no longer shows it")]
    width: Annotated[int | None, Field(description="of its picture, in pixels; null when not known")]
    height: Annotated[int | None, Field(description="of its picture, in pixels; null when not known")]
    in_stock: Annotated[bool | None, Field(description="whether it can be bought now; null when not known")]
    brand: Annotated[str, Field(description="empty when not known")]
    group_id: Annotated[str, Field(description="what the variants of one product share; empty when not known")]
    more_pictures: Annotated[list[str], Field(description="addresses of its further pictures in the shop")]


class NeighbourOut(ItemOut):
    """A product and how far it is."""

    distance: Annotated[float, Field(description="under the metric asked for; smaller is closer")]
    closer_than: Annotated[float | None, Field(description="per cent of the catalogue's pairs that are farther apart")]


class SimilarOut(Schema):
    """An item and its nearest, nearest first."""

    item: ItemOut
    metric: str
    close: Annotated[bool, Field(description=CLOSE)] = True
    neighbours: list[NeighbourOut]
    variants: Annotated[
        list[ItemOut], Field(description="the same design in other colours or sizes; never among the neighbours")
    ]


class ItemPageOut(Schema):
    """A page of items; `next` is the address of the one after it."""

    items: list[ItemOut]
    next: str | None
    meant: Annotated[str, Field(description="what was searched for where nothing was found for `q`; else empty")] = ""


class ErrorOut(Schema):
    """What went wrong, in one line."""

    detail: str


Stocked = Annotated[InStock, Field(description="any: recommend what is known to be out of stock, too")]


def price_out(price: Decimal | None) -> str | None:
    """With two decimals, as shops write it."""
    return None if price is None else f"{price:.2f}"


def item_out(request: HttpRequest, product: Product, index: Index | None) -> ItemOut:
    """A product with absolute addresses."""
    return ItemOut(**_fields(request, product, index))


def neighbour_out(request: HttpRequest, product: Product, index: Index, distance: float, closer: float | None) -> NeighbourOut:
    """A product at a distance."""
    return NeighbourOut(**_fields(request, product, index), distance=distance, closer_than=closer)


def _fields(request: HttpRequest, product: Product, index: Index | None) -> dict[str, Any]:
    return {
        "id": product.item_id,
        "title": product.title,
        "price": price_out(product.price),
        "currency": product.currency,
        "url": product.url,
        "preview": request.build_absolute_uri(preview_url(product.item_id, index)),
        "page": request.build_absolute_uri(reverse("catalog:item", args=[product.item_id])),
        "category": product.category,
        "colour": product.dominant_colour,
        "delisted": product.delisted,
        "width": product.width,
        "height": product.height,
        "in_stock": product.in_stock,
        "brand": product.brand,
        "group_id": product.group_id,
        "more_pictures": list(product.more_pictures),
    }

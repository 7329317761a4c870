"""Two items side by side."""

from typing import Annotated

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema

from catalog.compare.features import has_network
from catalog.compare.measures import Colour, measure, palettes
from catalog.index_store import get_index
from catalog.item_lookup import require_vector
from catalog.previews import preview_path
from catalog.products import fetch
from catalog.schemas import ErrorOut, ItemOut, item_out

router = Router(tags=["items"])


class DistanceOut(Schema):
    """Under one metric."""

    metric: str
    distance: Annotated[float, Field(description="smaller is closer")]
    closer_than: Annotated[float | None, Field(description="per cent of the catalogue's pairs that are farther apart")]


class ColourOut(Schema):
    """One of a product's colours."""

    hex: Annotated[str, Field(examples=["#20285a"])]
    percent: Annotated[float, Field(description="its share of the product")]
    shared: Annotated[bool, Field(description="whether the other product has it, too")]


class SideOut(ItemOut):
    """One of the two."""

    heat: Annotated[
        str | None, Field(description="PNG: where the other picture has a counterpart; null when it cannot be made")
    ]
    colours: list[ColourOut]


class CompareOut(Schema):
    """What two items have in common."""

    a: SideOut
    b: SideOut
    distances: list[DistanceOut]
    shared_colours: Annotated[int | None, Field(description="per cent of their colours that both have")]


@router.get(
    "/{first}/{second}", response={200: CompareOut, 404: ErrorOut, 503: ErrorOut}, summary="What two items have in common"
)
def compare(request: HttpRequest, first: str, second: str) -> CompareOut:
    index = get_index()
    for item_id in (first, second):
        require_vector(index, item_id)
    products, shared = fetch([first, second]), palettes(index, first, second)
    comparable = has_network(index.manifest) and all(preview_path(item_id) is not None for item_id in (first, second))

    def side(letter: str, item_id: str, colours: list[Colour]) -> SideOut:
        heat = request.build_absolute_uri(reverse("catalog:heat", args=[first, second, letter])) if comparable else None
        colours_out = [ColourOut(hex=one.hex, percent=one.percent, shared=one.shared) for one in colours]
        return SideOut(**item_out(request, products[item_id], index).dict(), heat=heat, colours=colours_out)

    return CompareOut(
        a=side("a", first, shared.a if shared else []),
        b=side("b", second, shared.b if shared else []),
        distances=[
            DistanceOut(metric=one.metric, distance=one.distance, closer_than=one.closer_than)
            for one in measure(index, first, second)
        ],
        shared_colours=shared.common if shared else None,
    )

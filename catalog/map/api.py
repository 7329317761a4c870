"""The map's places."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from catalog.index_store import get_index
from catalog.map.data import read_map
from catalog.schemas import ErrorOut

router = Router(tags=["map"])

PAGE = 5_000


class PlaceOut(Schema):
    """An item's place."""

    id: str
    x: Annotated[int, Field(description="column, from 0 at the left")]
    y: Annotated[int, Field(description="row, from 0 at the top")]


class RegionOut(Schema):
    """A part of the map that has a name."""

    name: str
    x: float
    y: float
    items: Annotated[int, Field(description="how many items it holds")]
    level: Annotated[int, Field(description="0: coarse; 1: fine")]


class MapOut(Schema):
    """Places on a grid: no two items share one, and similar items lie close."""

    columns: int
    rows: int
    total: Annotated[int, Field(description="items on the map; ask with `offset` for those after the first `limit`")]
    items: list[PlaceOut]
    regions: list[RegionOut]


@router.get("", response={200: MapOut, 422: ErrorOut, 503: ErrorOut}, summary="Every item's place on a plane of likeness")
def map_places(
    request: HttpRequest,
    offset: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE,
) -> MapOut:
    found = read_map(get_index())
    part = slice(offset, offset + limit)
    places = zip(found.item_ids[part], found.cells[part].tolist(), strict=True)
    return MapOut(
        columns=found.size[0],
        rows=found.size[1],
        total=len(found.item_ids),
        items=[PlaceOut(id=item_id, x=x, y=y) for item_id, (x, y) in places],
        regions=[RegionOut(name=one.name, x=one.x, y=one.y, items=one.count, level=one.level) for one in found.regions],
    )

"""The map's cells and regions."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from catalog.index_store import get_index
from catalog.map.data import read_map
from catalog.schemas import ErrorOut

router = Router(tags=["map"])

PAGE = 5_000


class CellOut(Schema):
    """An item's cell."""

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
    """Cells of a grid: no two items share one, and similar items lie close."""

    columns: int
    rows: int
    total: Annotated[int, Field(description="items on the map; ask with `offset` for those after the first `limit`")]
    items: list[CellOut]
    regions: list[RegionOut]


@router.get("", response={200: MapOut, 422: ErrorOut, 503: ErrorOut}, summary="Every item's cell on the map")
def map_cells(
    request: HttpRequest,
    offset: Annotated[int, Field(ge=0)] = 0,
    limit: Annotated[int, Field(ge=1, le=PAGE)] = PAGE,
) -> MapOut:
    chart = read_map(get_index())
    part = slice(offset, offset + limit)
    cells = zip(chart.item_ids[part], chart.cells[part].tolist(), strict=True)
    return MapOut(
        columns=chart.size[0],
        rows=chart.size[1],
        total=len(chart.item_ids),
        items=[CellOut(id=item_id, x=x, y=y) for item_id, (x, y) in cells],
        regions=[RegionOut(name=one.name, x=one.x, y=one.y, items=one.count, level=one.level) for one in chart.regions],
    )

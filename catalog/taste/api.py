"""Recommendations for a whole taste."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Router, Schema

from catalog.index_store import get_loaded
from catalog.schemas import ErrorOut, ItemOut, item_out
from catalog.similar.api import Narrowed
from catalog.taste.likes import parse
from catalog.taste.recommend import MOST, PAGE, recommendation
from indexing.taste.formulas import DEFAULT_FORMULA, Formula

router = Router(tags=["taste"])


class TasteOut(Schema):
    """What goes with a taste, best first. Nothing judged is among it."""

    liked: list[str]
    disliked: list[str]
    items: list[ItemOut]
    incomparable: Annotated[int, Field(description="judged ids that have no vector, so they are ignored")]


@router.get("", response={200: TasteOut, 422: ErrorOut, 503: ErrorOut}, summary="What goes with likes and dislikes")
def taste(
    request: HttpRequest,
    narrowed: Narrowed,
    like: Annotated[str, Field(description="ids, separated by commas")] = "",
    dislike: Annotated[str, Field(description="ids, separated by commas")] = "",
    k: Annotated[int, Field(ge=1, le=MOST)] = PAGE,
    formula: Annotated[
        Formula, Field(description="how likes and dislikes are weighed: docs/explanation/taste.md")
    ] = DEFAULT_FORMULA,
) -> TasteOut:
    loaded, wanted = get_loaded(), parse(like, dislike)
    result = recommendation(loaded, wanted, k, formula=formula, narrowing=narrowed.narrowing())
    return TasteOut(
        liked=list(wanted.liked),
        disliked=list(wanted.disliked),
        items=[item_out(request, group[0], loaded.index) for group in result.groups],
        incomparable=result.incomparable,
    )

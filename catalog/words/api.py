"""Search by words, alone or with an item."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from catalog.errors import BadParameterError
from catalog.index_store import get_loaded
from catalog.schemas import ErrorOut, NeighbourOut, neighbour_out
from catalog.similar.api import K, NarrowingIn
from catalog.words.search import Wish
from catalog.words.vectors import NoWordsError, read_words, reads_words
from catalog.words.views import near_wish

router = Router(tags=["search"])

ITEM = "an ItemID: more like this one"
WITHOUT = "an ItemID: less like this one"


class WordsOut(Schema):
    """The products nearest to what was asked for, best first. Distances compare with each other only."""

    neighbours: list[NeighbourOut]


@router.get(
    "",
    response={200: WordsOut, 404: ErrorOut, 422: ErrorOut, 503: ErrorOut},
    summary="The items that words describe, with an item or without one",
    description="404: the index was made by a network that reads no words, or there is no such item. "
    "503 with Retry-After: the queue is full; ask again after that many seconds.",
)
def search_words(
    request: HttpRequest,
    narrowed: Annotated[NarrowingIn, Query()],
    q: Annotated[str, Field(description="what to look for, in words", examples=["red floral summer dress"])] = "",
    item: Annotated[str, Field(description=ITEM)] = "",
    without: Annotated[str, Field(description=WITHOUT)] = "",
    k: K = 5,
) -> WordsOut:
    loaded, wish = get_loaded(), Wish(read_words(q), item, without)
    if not reads_words(loaded.index):
        raise NoWordsError
    if not wish.words and not wish.item:
        raise BadParameterError("q: say what to look for, or name an item.")
    found, _more = near_wish(loaded, wish, narrowed.narrowing(), k)
    return WordsOut(neighbours=[neighbour_out(request, product, loaded.index, far, None) for product, far in found])

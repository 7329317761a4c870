"""The API's one object: its routers, its documentation, its errors."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import ValidationError

from catalog.browse.api import router as items
from catalog.compare.api import router as compare
from catalog.errors import RENDERED, BadParameterError
from catalog.map.api import router as map_router
from catalog.owner.api import batch_router as writing_batch
from catalog.owner.bulk_api import router as bulk
from catalog.photo.api import router as search
from catalog.rendering.error_pages import error_json
from catalog.similar.api import router as similar
from catalog.taste.api import router as taste
from catalog.words.api import router as words

api = NinjaAPI(
    title="More like this",
    version="1",
    urls_namespace="api",
    description="Products, and the products that look like them. Distances: smaller is closer.",
    docs=Swagger(settings={"supportedSubmitMethods": ["get", "post"], "validatorUrl": None}),
)
api.add_router("/items", items)  # before the next one: "random" is an item's id to that
api.add_router("/items", similar)
api.add_router("", writing_batch)
api.add_router("", bulk)
api.add_router("/compare", compare)
api.add_router("/map", map_router)
api.add_router("/search", search)
api.add_router("/search/words", words)
api.add_router("/taste", taste)


@api.exception_handler(ValidationError)
def unreadable(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first parameter that cannot be read, by name."""
    first = error.errors[0]
    return error_json(BadParameterError(f"{first['loc'][-1]}: {first['msg'][:1].lower()}{first['msg'][1:]}."))


def _render(_request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    return error_json(error)


for _kind in RENDERED:
    api.add_exception_handler(_kind, _render)

"""The API's one object: its routers, its documentation, its errors."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import HttpError, ValidationError

from catalog.browse.api import router as items
from catalog.compare.api import router as compare
from catalog.map.api import router as map_router
from catalog.photo.api import router as search
from catalog.photo.inference_pool import RETRY_AFTER_S, BusyError
from catalog.similar.api import router as similar
from catalog.taste.api import router as taste
from indexing.errors import IndexFileError, UnknownItemError

api = NinjaAPI(
    title="More like this",
    version="1",
    urls_namespace="api",
    description="Products, and the products that look like them. Distances: smaller is closer.",
    docs=Swagger(settings={"supportedSubmitMethods": ["get", "post"], "validatorUrl": None}),
)
api.add_router("/items", items)  # before the next one: "random" is an item's id to that
api.add_router("/items", similar)
api.add_router("/compare", compare)
api.add_router("/map", map_router)
api.add_router("/search", search)
api.add_router("/taste", taste)


def answer(request: HttpRequest, status: int, detail: str) -> HttpResponse:
    """An error as the API says it."""
    return api.create_response(request, {"detail": detail}, status=status)


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422: the first parameter that cannot be read, by name."""
    first = error.errors[0]
    return answer(request, 422, f"{first['loc'][-1]}: {first['msg'][:1].lower()}{first['msg'][1:]}.")


@api.exception_handler(UnknownItemError)
def unknown(request: HttpRequest, error: UnknownItemError) -> HttpResponse:
    """404."""
    return answer(request, 404, str(error))


@api.exception_handler(IndexFileError)
def no_index(request: HttpRequest, error: IndexFileError) -> HttpResponse:
    """503: no index, or none that can be used."""
    response = answer(request, 503, str(error))
    response["Retry-After"] = "60"
    return response


@api.exception_handler(BusyError)
def busy(request: HttpRequest, _error: BusyError) -> HttpResponse:
    """503: too many pictures at once."""
    response = answer(request, 503, f"Other pictures are being looked at: come again in {RETRY_AFTER_S} seconds.")
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Whatever a view refuses by name."""
    return answer(request, error.status_code, str(error))

"""What belongs to no feature: the previews, and whether the site is alive and ready."""

from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.errors import BadParameterError
from catalog.index_store import get_index, get_store
from catalog.models import Item
from catalog.previews import WIDTHS, best_type, preview_path, read_variant
from catalog.vector_stores.selection import store_problem
from indexing.errors import IndexFileError

_YEAR = 365 * 24 * 3600


@require_safe
def preview(request: HttpRequest, item_id: str) -> HttpResponse:
    """An item's preview; 404 when there is none, 400 for a width or a type that is not offered.

    `type=jpeg` is a JPEG whatever the browser takes: what reads a shared link for its picture may not know others.

    A browser may keep it for ever when the address names the picture's digest; else it asks again by ETag.
    """
    path = preview_path(item_id)
    if path is None:
        raise Http404(f"No preview of {item_id[:64]!r}.")
    asked = request.GET.get("w", "")
    if asked and asked not in map(str, WIDTHS):
        raise BadParameterError(f"w is {asked[:10]!r}: use {', '.join(map(str, WIDTHS))}.")
    wanted = request.GET.get("type", "")
    if wanted not in {"", "jpeg"}:
        raise BadParameterError(f"type is {wanted[:10]!r}: use jpeg, or leave it out.")
    content_type = "image/jpeg" if wanted else best_type(request.headers.get("Accept", ""))
    try:
        variant = read_variant(path, int(asked) if asked else None, content_type)
    except OSError as error:
        raise Http404(f"The preview of {item_id!r} cannot be read.") from error
    response = HttpResponse(variant.data, content_type=variant.content_type, headers={"ETag": f'"{variant.etag}"'})
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if request.GET.get("v") else "public, no-cache"
    patch_vary_headers(response, ["Accept"])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Alive: the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Ready: the database answers and an index is loaded; else 503 with what is missing.

    `warning`: why the index that is served is not the one in the file, or the vector database is not asked.
    """
    try:
        Item.objects.exists()
        index = get_index()
        warning = " ".join(filter(None, [get_store().problem, store_problem(index)]))
    except (DatabaseError, InterfaceError) as error:
        return JsonResponse({"status": "unavailable", "detail": f"The database does not answer: {error}"}, status=503)
    except IndexFileError as error:
        return JsonResponse({"status": "unavailable", "detail": str(error)}, status=503)
    return JsonResponse({"status": "ready", "items": len(index)} | ({"warning": warning} if warning else {}))

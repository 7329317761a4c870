"""The previews, cacheable: for ever when the address names the picture's digest, else to be checked by ETag."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.previews import WIDTHS, best_type, preview_path, read_variant

_YEAR = 365 * 24 * 3600


@require_safe
def preview(request: HttpRequest, item_id: str) -> HttpResponse:
    """An item's preview; 404 when there is none, 400 for a width that is not offered."""
    path = preview_path(item_id)
    if path is None:
        raise Http404(f"No preview of {item_id[:64]!r}.")
    asked = request.GET.get("w", "")
    if asked and asked not in map(str, WIDTHS):
        return HttpResponse(f"w is {asked[:10]!r}: use {', '.join(map(str, WIDTHS))}.\n", status=400, content_type="text/plain")
    try:
        variant = read_variant(path, int(asked) if asked else None, best_type(request.headers.get("Accept", "")))
    except OSError as error:
        raise Http404(f"The preview of {item_id!r} cannot be read.") from error
    response = HttpResponse(variant.data, content_type=variant.content_type, headers={"ETag": f'"{variant.etag}"'})
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if request.GET.get("v") else "public, no-cache"
    patch_vary_headers(response, ["Accept"])
    return get_conditional_response(request, etag=response["ETag"], response=response) or response

"""For load balancers and uptime checks."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.index_store import get_index
from indexing.errors import IndexFileError


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """Alive: the process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """Ready: the database answers and an index is loaded; else 503 with what is missing."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM catalog_item LIMIT 1")
        items = len(get_index())
    except DatabaseError as error:
        return JsonResponse({"status": "unavailable", "detail": f"The database does not answer: {error}"}, status=503)
    except IndexFileError as error:
        return JsonResponse({"status": "unavailable", "detail": str(error)}, status=503)
    return JsonResponse({"status": "ready", "items": items})

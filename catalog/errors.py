"""What a person sees when there is nothing to show. Programs under /api/ get one line of JSON."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from indexing.errors import IndexFileError, IndexMissingError


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            {"detail": f"There is nothing at {request.path[:200]}; the API is described at /api/v1/docs."}, status=404
        )
    return render(request, "404.html", status=404)


def no_index(request: HttpRequest, error: IndexFileError) -> HttpResponse:
    """No index, or none that can be used: which, and the command that mends it. 503."""
    context = {"error": error, "missing": isinstance(error, IndexMissingError)}
    response = render(request, "no_index.html", context, status=503)
    response["Retry-After"] = "60"
    response["Cache-Control"] = "no-store"
    return response

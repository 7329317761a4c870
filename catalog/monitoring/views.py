"""`/metrics`, for Prometheus."""

from hmac import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.monitoring import metrics


@require_safe
@never_cache
def metrics_page(request: HttpRequest) -> HttpResponse:
    """The counters, for who sends `Authorization: Bearer <METRICS_TOKEN>`; 404 where no token is set."""
    if not metrics.are_on():
        raise Http404("There are no metrics: METRICS_TOKEN is not set.")
    sent = request.headers.get("Authorization", "")
    if not compare_digest(sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        line = "Send Authorization: Bearer and the token that METRICS_TOKEN names.\n"
        return HttpResponse(line, status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE)

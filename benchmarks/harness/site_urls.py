"""The site's URLs and a page of constant bytes, which passes through the site's own middleware as its pages do."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from recommender.urls import handler404
from recommender.urls import urlpatterns as site_urls

__all__ = ["handler404", "urlpatterns"]


def constant(request: HttpRequest, size: int) -> HttpResponse:
    """`size` bytes: neither database nor index is asked, nothing is translated, no session read, no CSRF token made."""
    return HttpResponse(b"x" * size)


urlpatterns: list[URLPattern | URLResolver] = [*site_urls, path("constant/<int:size>/", constant)]

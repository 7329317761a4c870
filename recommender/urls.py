"""Root URLs: everything a browser or a program asks for lives in `catalog`."""

from django.urls import include, path

urlpatterns = [path("", include("catalog.urls"))]

"""Root URLs: everything a browser or a program asks for lives in `catalog`."""

from django.contrib import admin
from django.urls import include, path

from catalog.api import api

urlpatterns = [
    path("", include("catalog.urls")),
    path("api/v1/", api.urls),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
handler404 = "catalog.rendering.error_pages.not_found"

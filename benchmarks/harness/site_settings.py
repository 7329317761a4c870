"""The site's own settings, with a page of constant bytes beside its pages, and no need of `collectstatic`."""

from recommender.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.harness.site_urls"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGGING = {"version": 1, "disable_existing_loggers": False}

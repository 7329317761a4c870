"""Settings, read from the environment and from a `.env` file beside `manage.py`.

Every variable read here is a row of docs/reference/settings.md; `tests/recommender/test_settings.py` fails when one is missing.
"""

import re
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def path_setting(name: str, default: Path) -> Path:
    """Read a path; a relative one is taken from the project's folder, so that commands agree wherever they are started."""
    return BASE_DIR / Path(env.str(name, default=str(default))).expanduser()


# All that is written lies below it, unless a setting names another place.
DATA_DIR = path_setting("DATA_DIR", BASE_DIR / "data")


def positive(name: str, default: float) -> float:
    """Read a number greater than zero; raise ImproperlyConfigured naming the variable otherwise."""
    raw = env.str(name, default=str(default))
    try:
        value = float(raw)
    except ValueError:
        value = -1.0
    if not value > 0:
        raise ImproperlyConfigured(f"{name} is {raw!r}: set it to a number greater than 0.")
    return value


def boolean(name: str, default: bool) -> bool:
    """Read a yes/no; raise ImproperlyConfigured naming the variable for anything else."""
    raw = env.str(name, default=str(default)).strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off", ""}:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}: set it to true or false.")


def whole_number(name: str, default: int) -> int:
    """Read a whole number, 0 or more; raise ImproperlyConfigured naming the variable otherwise."""
    raw = env.str(name, default=str(default)).strip()
    if not (raw.isascii() and raw.isdecimal() and len(raw) < 10):
        raise ImproperlyConfigured(f"{name} is {raw!r}: set it to a whole number, 0 or more.")
    return int(raw)


def vector_store(name: str) -> str:
    """Read where vectors are searched: "" for the index file, or `qdrant+http://host:6333/collection`."""
    raw: str = env.str(name, default="").strip()
    if raw and re.fullmatch(r"qdrant\+https?://[^/\s]+/[A-Za-z0-9_-]{1,200}", raw) is None:
        raise ImproperlyConfigured(f"{name} is {raw!r}: set it to qdrant+http://host:6333/collection, or leave it out.")
    return raw


DEBUG = boolean("DJANGO_DEBUG", False)
SECRET_KEY = env.str("DJANGO_SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "DJANGO_SECRET_KEY is not set: put DJANGO_SECRET_KEY=<50 random characters> into .env (`make install` does), "
            "or set DJANGO_DEBUG=true while developing."
        )
    SECRET_KEY = "only-for-debug-never-for-the-public"  # nosec B105  # noqa: S105  (refused outside debug, above)
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])

# Behind a proxy that ends TLS: secure cookies, redirect, HSTS. Off by default, since http://127.0.0.1:8000 has no TLS.
HTTPS = boolean("DJANGO_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # Browsers then know it before the first visit, and for ever: a switch of its own, whose check (W021) would nag for it.
    SECURE_HSTS_PRELOAD = boolean("DJANGO_HSTS_PRELOAD", False)
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "catalog.owner",  # before the admin, whose page it frames
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.humanize",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "ninja",
    "recommender",
    "catalog",
    "scraping",
    "indexing",
    "demo",
]
MIDDLEWARE = [
    "catalog.monitoring.request_log.RequestLog",
    "catalog.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "catalog.owner.beacon.AnswerBeacons",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "catalog.middleware.CompressText",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "catalog.photo.search_rate.SearchRate",
    "catalog.photo.uploads.UploadLimit",
    "catalog.middleware.RefuseNoText",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "catalog.middleware.ErrorPages",
]
ROOT_URLCONF = "recommender.urls"
WSGI_APPLICATION = "recommender.wsgi.application"
TEMPLATES = [
    {
        # Every page of ours. (The admin's pages, which come with Django, need Django's own engine beside it.)
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "environment": "catalog.rendering.template_environment.environment",
            "context_processors": [
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "catalog.rendering.context.site",
                "catalog.rendering.context.visitor",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'catalog.sqlite3'}")}
# A connection outlives its request: opening one, SQLite's too, costs more than an item's page.
DATABASES["default"]["CONN_MAX_AGE"] = 60
# One that the server has closed meanwhile is opened again instead of failing a request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets pages be read while a scrape writes; a writer waits its turn instead of failing.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # A host that does not answer at all would keep a page, and its thread, for minutes.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 5, **DATABASES["default"].get("OPTIONS", {})}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

# Below a path of a larger site: said by the operator alone, never by a request. "" and not None, which would ask the request.
FORCE_SCRIPT_NAME = "/" + script_name if (script_name := env.str("SCRIPT_NAME", default="").strip("/")) else ""
STATIC_URL = f"{FORCE_SCRIPT_NAME}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = path_setting("STATIC_ROOT", DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "recommender.static_files.GzipManifestStorage"
    },
}

# Liked and disliked items live in a signed cookie: no table to clean, nothing kept of who looked at what.
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "catalog.rendering.error_pages.form_refused"

CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = CORS_ALLOWED_ORIGINS == ["*"]
if CORS_ALLOW_ALL_ORIGINS:
    CORS_ALLOWED_ORIGINS = []
CORS_URLS_REGEX = r"^/(api|items/[^/]+/preview)"
CORS_ALLOW_METHODS = ("GET", "HEAD", "OPTIONS")

# A program may send pictures in JSON (catalog/owner/api.py); photos have their own limit (catalog/photo/uploads.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
# A visitor's photo is never written anywhere: see catalog/photo/uploads.py.
FILE_UPLOAD_HANDLERS = ["catalog.photo.uploads.MemoryOnly"]

# The product's own.
IMAGES_DIR = path_setting("IMAGES_DIR", DATA_DIR / "images")
INDEX_PATH = path_setting("INDEX_PATH", DATA_DIR / "index" / "items.pkl")
VECTOR_STORE = vector_store("VECTOR_STORE")
VECTOR_STORE_KEY = env.str("VECTOR_STORE_KEY", default="")
CACHE_DIR = path_setting("CACHE_DIR", DATA_DIR / "cache")
STYLE_WORDS = path_setting("STYLE_WORDS", BASE_DIR) if env.str("STYLE_WORDS", default="") else None
HEADS_DIR = path_setting("HEADS_DIR", DATA_DIR / "heads")
DEMO_DIR = BASE_DIR / "data" / "demo"
USAGE_COUNTS = boolean("USAGE_COUNTS", True)
WARM_UP = boolean("WARM_UP", True)
TRUSTED_PROXY = env.str("TRUSTED_PROXY", default="").strip()
SEARCH_RATE_PER_ADDRESS = whole_number("SEARCH_RATE_PER_ADDRESS", 60)
SEARCH_RATE = whole_number("SEARCH_RATE", 600)
SCRAPER_CONTACT = env.str("SCRAPER_CONTACT", default="")
SCRAPER_DELAY = positive("SCRAPER_DELAY", 0.5)

# Empty: there is no /metrics.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()
ACCESS_LOG = boolean("ACCESS_LOG", False)
LOG_FORMAT = env.str("LOG_FORMAT", default="line").strip().lower()
if LOG_FORMAT not in {"line", "json"}:
    raise ImproperlyConfigured(f"LOG_FORMAT is {LOG_FORMAT!r}: set it to line or json.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "catalog.monitoring.request_log.AddRequestId"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name}{request}: {message}", "style": "{"},
        "json": {"()": "catalog.monitoring.json_log.JsonFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["request_id"]}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO").upper()},
    "loggers": {"site.access": {"level": "INFO" if ACCESS_LOG else "CRITICAL"}},
}

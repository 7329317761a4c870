"""Every address of the site by its URL name: the pages that a person can look at, and what is none.

`tests/catalog/test_every_url_is_known.py` fails when a URL has a name that is in neither list.
"""

from typing import Final

# URL name: its page in each of its states.
PUBLIC: Final[dict[str, tuple[str, ...]]] = {
    "catalog:random": ("/",),
    "catalog:grid": (
        "/items/",
        "/items/?q=nothing-like-it",
        "/items/?q=dgo",
        "/items/?q=catt",
        "/items/?q=%D0%BA%D0%BE%D1%82",
        "/items/?category=Cats&colour=navy&price_min=1&price_max=25&in_stock=1&new=1",
        "/items/?price_max=abc",
    ),
    "catalog:item": (
        "/items/100255/",
        "/items/100255/?category=none&price_max=25",
        "/items/999181/",  # came after the index was built
        "/items/zzz/",
        "/nowhere",
    ),
    "catalog:photo": ("/search/photo/",),
    "catalog:compare": ("/compare/100255/121899/",),
    "catalog:map": ("/map/?item=121899",),
    "catalog:taste": ("/taste/", "/taste/?like=100255,121899&dislike=110182"),
    "catalog:widget_demo": ("/widget/demo/?item=100255",),
    "api:openapi-view": ("/api/v1/docs",),
}
# What only tests.browser.fake_faults serves.
FAULTS: Final = tuple(
    f"/faults/{name}/" for name in ("broken", "no-index", "damaged", "no-map", "busy", "too-many", "lost-form", "empty")
)
DESK: Final[dict[str, tuple[str, ...]]] = {
    "admin:login": ("/admin/login/",),
    "admin:index": ("/admin/",),
    "admin:app_list": ("/admin/owner/", "/admin/catalog/"),
    "admin:catalog_item_changelist": ("/admin/catalog/item/?q=100255", "/admin/catalog/item/?q=zzz"),
    "admin:catalog_item_change": ("/admin/catalog/item/100255/change/",),
    "admin:catalog_item_history": ("/admin/catalog/item/100255/history/",),
    "admin:owner_rule_changelist": ("/admin/owner/rule/",),
    "admin:owner_rule_add": ("/admin/owner/rule/add/",),
    "admin:owner_rule_change": ("/admin/owner/rule/1/change/",),
    "admin:owner_rule_delete": ("/admin/owner/rule/1/delete/",),
    "admin:owner_rule_history": ("/admin/owner/rule/1/history/",),
    "admin:owner_rule_preview": (
        "/admin/owner/rule/preview/?item=cat",
        "/admin/owner/rule/preview/?item=100255",
        "/admin/owner/rule/preview/?item=zzz",
    ),
    "admin:owner_run_changelist": ("/admin/owner/run/",),
    "admin:owner_run_change": ("/admin/owner/run/1/change/",),
    "admin:owner_usagecount_changelist": ("/admin/owner/usagecount/?changed=100255",),
    "admin:owner_apitoken_changelist": ("/admin/owner/apitoken/",),
    "admin:owner_apitoken_add": ("/admin/owner/apitoken/add/",),
    "admin:owner_apitoken_delete": ("/admin/owner/apitoken/1/delete/",),
    "admin:password_change": ("/admin/password_change/",),
}
NO_PAGE: Final[dict[str, str]] = {
    "catalog:preview": "a picture",
    "catalog:recent": "a piece of the item's page",
    "catalog:heat": "a picture",
    "catalog:map_data": "JSON",
    "catalog:map_sheet": "a picture",
    "catalog:map_card": "a piece of the map's page",
    "catalog:favourites_csv": "a file",
    "catalog:judge": "takes forms",
    "catalog:taste_state": "JSON",
    "catalog:words": "leads to the grid where the index reads no words; else looked at by test_words.py",
    "catalog:usage": "takes beacons",
    "catalog:healthz": "JSON",
    "catalog:readyz": "JSON",
    "catalog:metrics": "text",
    "set_language": "takes forms",
    "admin:logout": "takes forms",
    "admin:password_change_done": "Django's own, one sentence",
    "admin:autocomplete": "JSON",
    "admin:jsi18n": "a script",
    "admin:view_on_site": "leads elsewhere",
    "admin:owner_usagecount_csv": "a file",
    "admin:owner_usagecount_hide": "takes forms",
}
# Names that Django's admin gives to every model, of models that the desk does not let add, change or delete.
REFUSED: Final = frozenset(
    [
        *(f"admin:catalog_item_{what}" for what in ("add", "delete")),
        *(f"admin:owner_run_{what}" for what in ("add", "delete", "history")),
        *(f"admin:owner_usagecount_{what}" for what in ("add", "change", "delete", "history")),
        *(f"admin:owner_apitoken_{what}" for what in ("change", "history")),
    ]
)
# Django's own pages for accounts, and the API, which answers in JSON.
NOT_OURS: Final = ("admin:auth_", "api:")


def paths(pages: dict[str, tuple[str, ...]]) -> list[str]:
    """All addresses of a list."""
    return [path for several in pages.values() for path in several]

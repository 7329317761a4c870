"""The page that shows the widget on a shop's page."""

from django.conf import settings
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.template import engines
from django.test import Client, override_settings


class HashedStorage(StaticFilesStorage):
    """Gives each file an address that changes with it, as the site does outside debug."""

    def url(self, name: str | None, *_args: object) -> str:
        stem, _, ending = str(name).rpartition(".")
        return f"/static/{stem}.0123.{ending}"


def test_shows_the_line_to_copy(client: Client, catalogue: None) -> None:
    html = client.get("/widget/demo/?item=c").content.decode()
    assert '&lt;script async src="http://testserver/static/widget.js"' in html.replace("&#34;", '"')
    assert 'data-item="c"' in html.replace("&#34;", '"')


def test_the_line_names_an_address_that_outlives_the_next_release(client: Client, catalogue: None) -> None:
    hashed = {"staticfiles": {"BACKEND": "tests.catalog.widget.test_widget.HashedStorage"}}
    static = engines["jinja2"].env.globals["static"]  # type: ignore[attr-defined]  # the stubs know Django's own engine only
    static.cache_clear()  # addresses are kept for the life of a process, whose storage never changes
    with override_settings(STORAGES={**settings.STORAGES, **hashed}):
        html = client.get("/widget/demo/?item=c").content.decode().replace("&#34;", '"')
    static.cache_clear()
    assert "/static/widget.0123.js" in html  # the page's own
    assert 'src="http://testserver/static/widget.js"' in html  # the shop's


def test_carries_the_widget(client: Client, catalogue: None) -> None:
    assert '<script async src="/static/widget.js" data-item="c"' in client.get("/widget/demo/?item=c").content.decode()


def test_shows_a_random_item_when_none_is_named(client: Client, catalogue: None) -> None:
    assert client.get("/widget/demo/").status_code == 200


def test_an_unknown_item_is_404(client: Client, catalogue: None) -> None:
    assert client.get("/widget/demo/?item=zzz").status_code == 404


def test_without_an_index_it_is_503(client: Client, db: None) -> None:
    assert client.get("/widget/demo/").status_code == 503


def test_post_is_405(client: Client, catalogue: None) -> None:
    assert client.post("/widget/demo/").status_code == 405

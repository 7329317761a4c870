"""The demo shop as a real HTTP server: category pages, product pages, pictures, robots.txt.

It reads data/demo and draws nothing. Pages are pure answers to paths (`Shop.answer`); the server only carries them.
"""

import hashlib
import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from django.template import Context, Engine
from django.utils.safestring import mark_safe

from demo.catalogue import FOLDER, Product, load, slug

logger = logging.getLogger(__name__)

NAME = "Folded & Co."
HOST = "127.0.0.1"
PORT = 8001  # where `demo_shop` listens unless told otherwise, so the address that scraped links point at
CANONICAL = f"http://{HOST}:{PORT}"
PAGE_SIZE = 36
ROBOTS = "User-agent: *\nDisallow: /basket/\nAllow: /\n"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer before it is sent."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(dirs=[str(Path(__file__).parent / "pages")])


class Shop:
    """The shop's pages by path. `base` stands before product addresses; without one they are relative to the server."""

    def __init__(self, products: dict[str, Product], folder: Path = FOLDER, base: str = "") -> None:
        self.products = products
        self.folder = folder
        self.base = base.rstrip("/")
        self.categories: dict[str, str] = {slug(product.category): product.category for product in products.values()}
        self.categories = dict(sorted(self.categories.items()))

    def answer(self, target: str) -> Answer:
        """The page at a request's target (path and query)."""
        parts = urlsplit(target)
        routes: tuple[tuple[str, Callable[..., Answer]], ...] = (
            (r"/", self._home),
            (r"/robots\.txt", self._robots),
            (r"/basket/", self._basket),
            (r"/img/([0-9]+)\.jpg", self._picture),
            (r"/product/([0-9]+)(?:-([a-z0-9-]*))?/?", self._product),
            (r"/category/([a-z0-9-]+)(/?)", lambda name, slash: self._category(name, slash, parts.query)),
        )
        for pattern, page in routes:
            if found := re.fullmatch(pattern, parts.path):
                return page(*found.groups())
        return self._missing()

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Answer:
        categories = [{"slug": name, "name": title, "first": self._of(name)[:6]} for name, title in self.categories.items()]
        context = Context({"shop": NAME, "base": self.base, "categories": categories, **values}, use_l10n=False)
        return Answer(status, _engine().get_template(template).render(context).encode())

    def _of(self, name: str) -> list[Product]:
        """The products of a category's slug, or of `all`."""
        if name == "all":
            return list(self.products.values())
        return [product for product in self.products.values() if product.category == self.categories[name]]

    def _home(self) -> Answer:
        return self._page("home.html", total=len(self.products))

    def _robots(self) -> Answer:
        return Answer(HTTPStatus.OK, ROBOTS.encode(), "text/plain; charset=utf-8")

    def _basket(self) -> Answer:
        return self._page("message.html", heading="Your basket is empty", text="It will stay so: nothing here is for sale.")

    def _missing(self) -> Answer:
        text = "There is no page at this address. The shirt may have been folded away."
        return self._page("message.html", HTTPStatus.NOT_FOUND, heading="Not found", text=text)

    def _category(self, name: str, slash: str, query: str) -> Answer:
        if name != "all" and name not in self.categories:
            return self._missing()
        if not slash:
            return Answer(HTTPStatus.MOVED_PERMANENTLY, headers={"Location": f"/category/{name}/"})
        products = self._of(name)
        last = max(1, -(-len(products) // PAGE_SIZE))
        asked = parse_qs(query).get("page", ["1"])[-1]
        if not re.fullmatch(r"[0-9]{1,6}", asked) or not 1 <= int(asked) <= last:
            return self._missing()
        page = int(asked)

        def address(number: int) -> str:
            return f"/category/{name}/" + (f"?page={number}" if number > 1 else "")

        return self._page(
            "category.html",
            current=name,
            name=self.categories.get(name, "All shirts"),
            products=products[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
            count=len(products),
            page=page,
            last=last,
            here=address(page),
            previous_page=address(page - 1) if page > 1 else "",
            next_page=address(page + 1) if page < last else "",
        )

    def _product(self, item_id: str, given: str | None) -> Answer:
        product = self.products.get(item_id)
        if product is None:
            return self._missing()
        if given != product.slug:
            return Answer(HTTPStatus.MOVED_PERMANENTLY, headers={"Location": f"/product/{product.id}-{product.slug}"})
        category = self._of(slug(product.category))
        at = category.index(product)
        more = (category[at + 1 :] + category[:at])[:6]
        return self._page(
            "product.html", product=product, current=slug(product.category), more=more, linked_data=self._linked(product)
        )

    def _linked(self, product: Product) -> str:
        """schema.org's Product as JSON, safe inside a script element."""
        offer = {"@type": "Offer", "price": product.price, "priceCurrency": product.currency}
        offer["availability"] = "https://schema.org/InStock"
        value = {
            "@context": "https://schema.org",
            "@type": "Product",
            "name": product.title,
            "sku": product.id,
            "category": product.category,
            "color": product.colour,
            "image": f"{self.base}/img/{product.id}.jpg",
            "url": f"{self.base}/product/{product.id}-{product.slug}",
            "offers": offer,
        }
        text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
        return mark_safe(text)  # nosec B308, B703  # noqa: S308  (escaped above)

    def _picture(self, item_id: str) -> Answer:
        if item_id not in self.products:
            return self._missing()
        try:
            body = (self.folder / f"{item_id}.jpg").read_bytes()
        except FileNotFoundError:
            return self._missing()
        headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "public, max-age=3600"}
        return Answer(HTTPStatus.OK, body, "image/jpeg", headers)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "FoldedShop"
    sys_version = ""
    timeout = 30  # seconds a silent client may hold a thread
    shop: Shop

    def do_GET(self) -> None:
        answer = self.shop.answer(self.path)
        tag = answer.headers.get("ETag")
        if tag and tag in [given.strip().removeprefix("W/") for given in self.headers.get("If-None-Match", "").split(",")]:
            answer = Answer(HTTPStatus.NOT_MODIFIED, headers=answer.headers)
        self.send_response(answer.status)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        logger.debug("%s %s", self.address_string(), format % args)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""
        logger.debug("request from %s broke off", client_address, exc_info=True)


def make_server(host: str = HOST, port: int = PORT, canonical: str = "", folder: Path = FOLDER) -> ThreadingHTTPServer:
    """A server that is bound and not yet running. Raises OSError when the port is taken, CatalogueMissingError without data."""
    shop = Shop(load(folder), folder, canonical)
    handler = type("Handler", (_Handler,), {"shop": shop})
    return _Server((host, port), handler)


@contextmanager
def demo_storefront(port: int = 0, canonical: str = CANONICAL, folder: Path = FOLDER) -> Iterator[str]:
    """Serve the shop on 127.0.0.1 in a thread; yields its base URL (port 0: a free port).

    Category pages, pagination and pictures are relative to that server; product links begin with `canonical`, by default the
    address of `manage.py demo_shop`, so that what is scraped here points at a shop that can be started again.
    """
    server = make_server(HOST, port, canonical, folder)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-shop", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)

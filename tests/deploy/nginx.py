"""Debian's nginx with the configuration that the product brings, in a temporary folder and on a free port."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy" / "nginx" / "recommender.conf"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
START_SECONDS = 20
AS_SHIPPED: Mapping[str, str] = MappingProxyType({})
# What Debian's /etc/nginx/nginx.conf has around it, with every path in the folder.
AROUND = """
{user}daemon off;
worker_processes 2;
pid nginx.pid;
error_log error.log warn;
events {{ worker_connections 2048; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    sendfile on;
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include recommender.conf;
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def configuration(port: int, upstream: int, static: Path, cache: Path, changed: Mapping[str, str] = AS_SHIPPED) -> str:
    """The file that the product brings, at other places. Fails when one of them is not in it any more.

    changed: lines to try with other values, a deadline of a second instead of ten.
    """
    text = SHIPPED.read_text()
    for old, new in {
        **changed,
        "    listen 80;": f"    listen 127.0.0.1:{port};",
        "    listen [::]:80;\n": "",
        "server 127.0.0.1:8000;": f"server 127.0.0.1:{upstream};",
        "/var/lib/recommender/static/": f"{static}/",
        "/var/cache/nginx-recommender": str(cache),
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


@contextmanager
def nginx(folder: Path, upstream: int, static: Path, changed: Mapping[str, str] = AS_SHIPPED) -> Iterator[int]:
    """Run it before the site at port `upstream` of 127.0.0.1; gives its own port."""
    assert NGINX is not None
    port = free_port()
    folder.mkdir(parents=True)
    (folder / "recommender.conf").write_text(configuration(port, upstream, static, folder / "cache", changed))
    (folder / "nginx.conf").write_text(AROUND.format(user="user root;\n" if os.geteuid() == 0 else ""))
    server = subprocess.Popen([NGINX, "-p", str(folder), "-c", "nginx.conf"], stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not listens(port):
            assert server.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline, "nginx did not start in time"
        yield port
    finally:
        server.terminate()
        server.wait(START_SECONDS)


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False

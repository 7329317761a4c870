"""How the site holds under load: `python -m benchmarks.load`, with nginx in front and without, 1 to 64 clients, over loopback.

The demo's catalogue, `run_site --no-demo` with two processes, wrk. p50, p95 and p99 in ms; refused: 429 and 503, which say when
to come back; errors: any other answer beyond 399, lost connections, no answer within 30 s. `--soak MINUTES` keeps on with a mix
of pages and photos and looks at memory, open files and connections meanwhile. `--slow` measures the item's page beside slow
clients. Beside a PostgreSQL: `python -m tests.postgresql python -m benchmarks.load`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from benchmarks import slow_clients
from benchmarks.harness.deployed_site import DeployedSite, Usage, deployed_site, usage
from benchmarks.harness.machine import describe
from tests.deploy.nginx import NGINX

SCRIPT: Final = Path(__file__).parent / "harness" / "load.lua"
CLIENTS: Final = (1, 2, 4, 8, 16, 32, 64)
UPLOADERS: Final = 2
SOAK_CLIENTS: Final = 16
SOAK_STEP: Final = 10  # seconds
TIMEOUT: Final = 30
ACCEPT: Final = "image/webp,*/*"  # as load.lua sends it
UPLOAD: Final = "/api/v1/search"


def addresses(folder: Path) -> dict[str, list[str]]:
    """What is asked for, by scenario. Half of the mix are previews; items, the grid and the API follow."""
    names = sorted(path.stem for path in (folder / "images").glob("*.jpg"))
    items = [f"/items/{name}/" for name in names]
    grid = ["/items/", "/items/?q=cat", "/items/?sort=price", "/items/?colour=blue", "/items/?price_max=20", "/"]
    similar = [f"/api/v1/items/{name}/similar" for name in names]
    previews = [f"/items/{name}/preview.jpg?v=1&w=320" for name in names]
    mix = [one for turn in range(len(items)) for one in (items[turn], grid[turn % len(grid)])] * 2
    mix += similar + [previews[turn % len(previews)] for turn in range(5 * len(items))]
    return {"item page": items, "grid": grid, "similar API": similar, "preview": previews, "mix": mix}


def warm(url: str, paths: Iterable[str]) -> None:
    """Ask for each address once."""

    def ask(path: str) -> None:
        with urllib.request.urlopen(urllib.request.Request(url + path, headers={"Accept": ACCEPT}), timeout=TIMEOUT) as found:
            found.read()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, paths))


def photo(folder: Path, scratch: Path) -> Path:
    """The body of a form that sends one of the previews as a photo."""
    picture = min((folder / "images").glob("*.jpg")).read_bytes()
    head = b'--photo\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    path = scratch / "photo.body"
    path.write_bytes(head + picture + b"\r\n--photo--\r\n")
    return path


def start_wrk(url: str, paths: list[str], clients: int, seconds: float, scratch: Path, body: Path | None = None) -> Any:
    """wrk with so many clients, under way; `answer` waits for it."""
    file = scratch / f"{len(paths)}-{'photo' if body else 'pages'}.txt"
    file.write_text("\n".join(paths) + "\n")
    words = [
        "wrk",
        f"-t{min(2, clients)}",
        f"-c{clients}",
        f"-d{seconds:.0f}s",
        f"--timeout={TIMEOUT}s",
        "-s",
        str(SCRIPT),
        url,
    ]
    command = [*words, "--", str(file), *([str(body)] if body else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What wrk's script said at its end."""
    text, _ = process.communicate(timeout=600)
    found: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    found["rate"] = found["requests"] / found["seconds"]
    return found


def row(name: str, front: str, clients: int, found: Mapping[str, Any]) -> str:
    errors = f"{found['failed'] + found['lost']}" + (f" ({found['example']})" if found["example"] else "")
    times = "  ".join(f"{found[key]:8.1f}" for key in ("p50", "p95", "p99"))
    return f"{name:<24}{front:<8}{clients:>4}{found['rate']:>9.0f}  {times}  {found['refused']:>7}  {errors:>8}"


def sweep(site: DeployedSite, scratch: Path, options: Namespace) -> list[dict[str, Any]]:
    """Every scenario at every number of clients, at the site itself and at nginx; photos by two clients of their own."""
    print(f"{'':<24}{'front':<8}{'n':>4}{'a second':>9}  {'p50':>8}  {'p95':>8}  {'p99':>8}  {'refused':>7}  {'errors':>8}")
    body, rows = photo(site.folder, scratch), []
    fronts = [("none", site.url)] + ([("nginx", site.front)] if site.front else [])
    for front, url in fronts:
        for name, paths in addresses(site.folder).items():
            warm(url, set(paths))  # what it takes to make each picture once is not what is measured
            for clients in options.clients:
                pages = start_wrk(url, paths, clients, options.seconds, scratch)
                photos = start_wrk(url, [UPLOAD], UPLOADERS, options.seconds, scratch, body) if name == "mix" else None
                rows.append({"scenario": name, "front": front, "clients": clients, **answer(pages)})
                print(row(name, front, clients, rows[-1]), flush=True)
                if photos is not None:
                    rows.append({"scenario": "photos beside it", "front": front, "clients": UPLOADERS, **answer(photos)})
                    print(row("  photos beside it", front, UPLOADERS, rows[-1]), flush=True)
    return rows


def beside_slow_clients(site: DeployedSite, seconds: float) -> list[dict[str, Any]]:
    """The item's page while 200 heads stay unfinished and 16 uploads trickle: benchmarks/slow_clients.py, at both fronts."""
    rows = []
    page = addresses(site.folder)["item page"][0]
    for front, url in [("none", site.url)] + ([("nginx", site.front)] if site.front else []):
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        slow_clients.measure(address, page, 2)
        alone = slow_clients.measure(address, page, seconds)
        with slow_clients.SlowClients(address):
            beside = slow_clients.measure(address, page, seconds)
        for name, (times, failed) in {"nobody is slow": alone, "slow clients": beside}.items():
            p50, p95, p99 = (quantiles(times, n=100)[percent - 1] for percent in (50, 95, 99))
            rows.append({"scenario": name, "front": front, "p50": p50, "p95": p95, "p99": p99, "failed": failed, "lost": 0})
            print(f"{name:<20}{front:<8}p50 {p50:7.1f}  p95 {p95:7.1f}  p99 {p99:7.1f}; {len(times)} pages, {failed} failed")
    return rows


def soak(site: DeployedSite, scratch: Path, minutes: float) -> list[dict[str, Any]]:
    """The mix and photos for so long, through nginx where it is; a look at the site every ten seconds."""
    url, body, mix = site.front or site.url, photo(site.folder, scratch), addresses(site.folder)["mix"]
    warm(url, set(mix))
    rows: list[dict[str, Any]] = []
    began = time.monotonic()
    heads = ("MiB", "largest", "files", "open", "a second", "p95", "p99", "refused", "errors")
    print(f"{'minute':>6}" + "".join(f"{head:>9}" for head in heads))
    while time.monotonic() - began < minutes * 60:
        pages = start_wrk(url, mix, SOAK_CLIENTS, SOAK_STEP, scratch)
        photos = start_wrk(url, [UPLOAD], UPLOADERS, SOAK_STEP, scratch, body)
        time.sleep(SOAK_STEP / 2)
        held: Usage = usage(site)
        found, searched = answer(pages), answer(photos)
        errors = sum(one[key] for one in (found, searched) for key in ("failed", "lost"))
        refused = found["refused"] + searched["refused"]
        minute = (time.monotonic() - began) / 60
        rows.append({"minute": round(minute, 2), **asdict(held), "pages": found, "photos": searched, "errors": errors})
        if len(rows) % 6 == 1:
            numbers = (held.memory, held.largest, held.files, held.connections, found["rate"], found["p95"], found["p99"])
            print(f"{minute:>6.1f}" + "".join(f"{number:>9.0f}" for number in (*numbers, refused, errors)), flush=True)
    _verdict(rows)
    return rows


def _verdict(rows: list[dict[str, Any]]) -> None:
    """Growth of the second half: what a process that has seen every page still adds."""
    half = rows[len(rows) // 2 :]
    hours = max(half[-1]["minute"] - half[0]["minute"], 1e-9) / 60
    asked = sum(one[kind]["requests"] for one in rows for kind in ("pages", "photos"))
    errors, most = sum(one["errors"] for one in rows), max(one["connections"] for one in rows)
    memory, files = ((half[-1][name] - half[0][name]) for name in ("memory", "files"))
    print(f"{asked:,} requests, {errors} errors; at most {most} connections at once.")
    print(f"In the second half memory changed by {memory / hours:+.0f} MiB an hour, open files by {files:+}.")


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    numbers = {"type": lambda text: tuple(int(part) for part in text.split(",")), "default": CLIENTS}
    parser.add_argument("--clients", **numbers, metavar="N,N", help="how many at once (default: 1 to 64)")  # type: ignore[arg-type]
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement (default: %(default)s)")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="instead: keep on for so long, and watch")
    parser.add_argument("--slow", action="store_true", help="instead: the item's page beside slow clients")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="where the catalogue is made, or was; default: a temporary one"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes of the site (default: %(default)s)")
    parser.add_argument("--max-requests", type=int, default=0, help="as run_site has it (default: never)")
    parser.add_argument("--no-nginx", action="store_true", help="the site alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep every figure")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not installed: apt-get install wrk")
    with_nginx = NGINX is not None and not options.no_nginx
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        data = options.data or scratch / "data"
        data.mkdir(parents=True, exist_ok=True)
        with deployed_site(data, options.workers, options.max_requests, with_nginx=with_nginx) as site:
            before = usage(site)
            if options.soak:
                rows = soak(site, scratch, options.soak)
            elif options.slow:
                rows = beside_slow_clients(site, 4 * options.seconds)
            else:
                rows = sweep(site, scratch, options)
            after = usage(site)
    print(f"Memory of {after.processes} processes: {before.memory:.0f} MiB at the start, {after.memory:.0f} at the end; "
          f"the largest alone {after.largest:.0f}.")  # fmt: skip
    if options.json:
        kept: dict[str, Any] = {
            "measured": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": describe(),
            "arguments": sys.argv[1:],
        }
        kept |= {"before": asdict(before), "after": asdict(after), "rows": rows}
        options.json.write_text(json.dumps(kept, indent=1) + "\n")
    errors = sum(one["errors"] if options.soak else one["failed"] + one["lost"] for one in rows)
    return int(errors > 0)


if __name__ == "__main__":
    sys.exit(main())

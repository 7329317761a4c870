"""Lighthouse's scores of every page that a shopper sees: `python -m benchmarks.lighthouse [http://127.0.0.1:8000] [--quick]`.

The site must run with the demo (`make run`). Needs Node 20 and Chromium; as root, CHROME_FLAGS=--no-sandbox. `--quick` leaves
performance out, which wants a quiet machine. Fails when a score is below 95. Writes results/lighthouse.json unless quick.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.machine import describe

LIGHTHOUSE: Final = "lighthouse@12.8.2"
RESULTS: Final = Path(__file__).parent / "results" / "lighthouse.json"
LEAST: Final = 95
SECONDS: Final = 240
TRIES: Final = 3  # Chromium now and then loses the trace of a load (NO_NAVSTART); Lighthouse then says to run it again
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
CAT, DOTS, STRIPES = "281356", "298346", "362353"
PAGES: Final = {
    "a random item": "/",
    "an item": f"/items/{CAT}/",
    "the catalogue": "/items/",
    "a search": "/items/?q=cat",
    "favourites": f"/taste/?like={CAT},{DOTS}&dislike={STRIPES}",
    "no favourites yet": "/taste/",
    "a photo": "/search/photo/",
    "a photo's results": f"/search/photo/?item={CAT}",
    "the map": "/map/",
    "why similar": f"/compare/{CAT}/{DOTS}/",
}
# They ask search engines to stay away: that is no fault of theirs.
UNLISTED: Final = ("/taste/", "/compare/")


def scores(address: str, form: str, categories: tuple[str, ...]) -> dict[str, int]:
    """Scores of 100 by category. form: "mobile" or "desktop". Raises RuntimeError when Lighthouse gives none."""
    flags = ["--quiet", "--output=json", f"--only-categories={','.join(categories)}"]
    flags += [f"--chrome-flags=--headless=new {os.environ.get('CHROME_FLAGS', '')}".strip()]
    flags += ["--preset=desktop"] if form == "desktop" else []
    flags += ["--skip-audits=is-crawlable"] if any(part in address for part in UNLISTED) else []
    chrome = os.environ.get("CHROME_PATH") or shutil.which("chromium") or ""
    command = ["npx", "--yes", LIGHTHOUSE, address, *flags]
    for _try in range(TRIES):
        done = subprocess.run(
            command, env={**os.environ, "CHROME_PATH": chrome}, capture_output=True, text=True, timeout=SECONDS
        )
        try:
            report: dict[str, Any] = json.loads(done.stdout)
            return {name: round(100 * report["categories"][name]["score"]) for name in categories}
        except (ValueError, KeyError, TypeError):
            continue
    raise RuntimeError(f"Lighthouse gave no scores of {address}: {done.stderr.strip()[-400:]}")


def run() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lighthouse", description=__doc__)
    parser.add_argument("base", nargs="?", default="http://127.0.0.1:8000", help="where the site answers")
    parser.add_argument("--quick", action="store_true", help="without performance; phones only; nothing written")
    parser.add_argument("--only", default="", help="pages whose name or address has this")
    options = parser.parse_args()
    categories, forms = (CATEGORIES[1:], ("mobile",)) if options.quick else (CATEGORIES, ("mobile", "desktop"))
    found: dict[str, dict[str, dict[str, int]]] = {}
    print(f"| page | form | {' | '.join(categories)} |\n|---|---|{'---:|' * len(categories)}", flush=True)
    for name, path in PAGES.items():
        if options.only not in f"{name} {path}":
            continue
        for form in forms:
            row = found.setdefault(name, {})[form] = scores(options.base.rstrip("/") + path, form, categories)
            print(f"| {name} | {form} | {' | '.join(map(str, row.values()))} |", flush=True)
    if not options.quick and not options.only:
        RESULTS.write_text(json.dumps({"machine": describe(), "lighthouse": LIGHTHOUSE, "scores": found}, indent=1) + "\n")
    low = [name for name, rows in found.items() if any(score < LEAST for row in rows.values() for score in row.values())]
    if low:
        print(f"Below {LEAST}: {', '.join(low)}.", file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(run())

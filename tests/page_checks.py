"""Measure report pages in Chromium: `python tests/page_checks.py [--axe axe.min.js] PAGE.html...`.

For each page it prints size, requests to anywhere else, first paint, blocking time (of tasks over 50 ms, the part above
that), elements and height; the time of each filter, from the event until the next frame, the median of five; and, with
axe-core, what it finds in each view, at 1280 and 390 pixels, light and dark. Ends with 1 where a limit is exceeded.

The page is served on loopback with a script added that measures and sends its findings back. The browser opens a line
of text first, so that its own start is not measured.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlsplit

FIRST_PAINT, FILTER = 1000, 100
"""Limits in ms, on a machine that does nothing else."""
START = "<p>.</p><script>setTimeout(() => location.replace('/page' + location.hash), 300)</script>"
VIEWS = ("", "_check-in", "_one-on-one", "_adoption")
WIDTHS = (1280, 390)

MEASURE = """
(async () => {
  const frames = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  let blocking = 0;
  new PerformanceObserver(list => list.getEntries().forEach(task => blocking += task.duration - 50))
    .observe({type: 'longtask', buffered: true});
  await frames(); await new Promise(done => setTimeout(done, 300));
  const found = {
    first_paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null, blocking,
    requests: performance.getEntriesByType('resource').map(one => one.name),
    elements: document.querySelectorAll('*').length, height: document.documentElement.scrollHeight,
    key_results: document.querySelectorAll('details.k').length, filters: {},
  };
  const field = id => document.getElementById('_' + id);
  const timed = async (name, act) => {
    const begin = performance.now(); act(); document.body.offsetHeight;
    await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    (found.filters[name] ??= []).push(performance.now() - begin); await frames();
  };
  const choose = (id, value) => { field(id).value = value; field(id).dispatchEvent(new Event('input')); };
  const last = id => field(id).options[field(id).options.length - 1].value;
  for (let round = 0; round < 5; round++) {
    for (const id of ['status', 'ws', 'owner', 'team', 'theme']) if (field(id)) {
      await timed(id, () => choose(id, last(id))); await timed(id + ', lifted', () => choose(id, ''));
    }
    await timed('search', () => choose('q', 'teams')); await timed('search, lifted', () => choose('q', ''));
    if (field('sort')) {
      await timed('sort, furthest behind', () => choose('sort', 'gap')); await timed('sort', () => choose('sort', ''));
    }
  }
  for (const name in found.filters) found.filters[name] = found.filters[name].sort((a, b) => a - b)[2];
  await fetch('/found', {method: 'POST', body: JSON.stringify(found)});
})();
"""
AXE = """
(async () => {
  const run = await axe.run(document, {resultTypes: ['violations']});
  const found = run.violations.map(one => [one.id, one.nodes.length, one.nodes[0].html.slice(0, 120)]);
  await fetch('/found', {method: 'POST', body: JSON.stringify(found)});
})();
"""


@contextmanager
def served(page: str) -> Iterator[tuple[str, "Queue[Any]"]]:
    """Serve a page on loopback; yield its address and the queue of what it sends back."""
    found: Queue[Any] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({"/": START, "/page": page}.get(self.path, "").encode("utf-8"))

        def do_POST(self) -> None:
            found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # the browser has left
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ask(page: str, script: str, place: str = "", width: int = 1280, *, dark: bool = False) -> Any:
    """Open a page with a script added, and return what the script sends back."""
    chromium = shutil.which("chromium") or sys.exit("chromium is not installed")
    added = page.replace("</body>", f"<script>{script}</script></body>")
    with (
        served(added) as (address, found),
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
    ):
        browser = subprocess.Popen(
            [
                chromium,
                *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
                *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
                f"--user-data-dir={profile}",
                f"--window-size={width},900",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                "--remote-debugging-port=0",
                address + (f"#{place}" if place else ""),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return found.get(timeout=180)
        finally:
            browser.terminate()
            browser.wait()


def measured(path: Path) -> bool:
    """Print the measures of a page; return whether it stays within the limits."""
    page = path.read_text("utf-8")
    found: Mapping[str, Any] = ask(page, MEASURE)
    outside = [name for name in found["requests"] if urlsplit(name).hostname != "127.0.0.1"]
    slowest = max(found["filters"].values())
    sys.stdout.write(
        f"{path.name}: {path.stat().st_size:,} bytes, {len(outside)} outside requests, first paint "
        f"{found['first_paint'] or 0:.0f} ms, blocking {found['blocking']:.0f} ms, {found['key_results']} key results, "
        f"{found['elements']:,} elements, {found['height']:,} px high\n"
        f"  load of the machine {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n"
        f"  filters: {', '.join(f'{name} {time:.0f} ms' for name, time in found['filters'].items())}\n"
    )
    return not outside and (found["first_paint"] or 0) < FIRST_PAINT and slowest < FILTER


def accessible(path: Path, axe: str) -> bool:
    """Print what axe-core finds in each view of a page; return whether that is nothing."""
    clean = True
    for place in VIEWS:
        for width in WIDTHS:
            for dark in (False, True):
                found = ask(path.read_text("utf-8"), axe + AXE, place, width, dark=dark)
                name = f"{place.lstrip('_') or 'overview'}, {width} px, {'dark' if dark else 'light'}"
                sys.stdout.write(f"  axe-core, {name}: {len(found)} violations\n")
                for rule, count, example in found:
                    sys.stdout.write(f"    {rule} ({count}): {example}\n")
                clean = clean and not found
    return clean


def main() -> None:
    """Measure each page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--axe", type=Path, help="axe.min.js of the npm package axe-core")
    parser.add_argument("pages", nargs="+", type=Path)
    options = parser.parse_args()
    good = True
    for path in options.pages:
        good = measured(path) and good
        if options.axe:
            good = accessible(path, options.axe.read_text("utf-8")) and good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()

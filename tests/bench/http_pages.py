"""Read 100 pages of a JSON API at 50 ms a request: side by side where they are counted, else one after another.

    python tests/bench/http_pages.py [--pages 100] [--rows 100] [--latency 50] [--runs 5]

The API is a process of its own on loopback; each figure is the median of whole reads, with opening and closing.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from config.models import HttpConnection
from connectors import registry
from connectors.protocol import Read, Reading
from connectors.registry import Context
from connectors.sandbox.server import Request, Response, Sandbox
from source_contract import JsonService, Rows

WAYS = {
    "page": {"url": "/page?page={page}", "rows": "items"},
    "page, with a total": {"url": "/page?page={page}", "rows": "items", "total": "total"},
    "offset": {"url": "/offset?offset={offset}", "rows": "items"},
    "offset, with a total": {"url": "/offset?offset={offset}", "rows": "items", "total": "total"},
    "cursor": {"url": "/cursor?after={cursor}", "rows": "items", "next": "next"},
}


def serve(pages: int, rows: int, latency: float, told: Connection) -> None:
    """Serve until the process is ended; tell the address."""

    def answer(request: Request) -> Response:
        start = {"/page": (int(request.first("page", "1")) - 1) * rows, "/offset": int(request.first("offset", "0"))}
        begin = start.get(request.path, int(request.first("after", "0")))
        items: list[dict[str, Any]] = [
            {"id": n, "state": "paid", "total": n * 1.5, "at": "2026-10-02T08:00:00Z"}
            for n in range(begin, min(begin + rows, pages * rows))
        ]
        more = begin + rows if begin + rows < pages * rows else None
        body = {
            "items": items,
            "total": pages * rows,
            "next": str(more) if more and request.path == "/cursor" else None,
        }
        return Response(200, body)

    with Sandbox([JsonService("api", answer)], latency_seconds=latency) as sandbox:
        told.send(f"{sandbox.url}/api")
        told.recv()


def read(url: str, query: dict[str, str]) -> tuple[float, int]:
    """Seconds and rows of one read."""
    began = time.perf_counter()
    connection = HttpConnection.model_validate({"type": "http", "url": url})
    source = registry.open_source("api", connection, Context(Path()))
    [answer] = source.read([Read("r", "json", query)], Rows())
    source.close()
    assert isinstance(answer, Reading), answer
    return time.perf_counter() - began, answer.count


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--latency", type=float, default=50.0)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(
        target=serve, args=(given.pages, given.rows, given.latency / 1000, there), daemon=True
    )
    server.start()
    url = here.recv()
    print(f"| {given.pages} pages of {given.rows} rows at {given.latency:g} ms | median s | slowest s | rows |")  # noqa: T201
    print("|---|---|---|---|")  # noqa: T201
    for name, query in WAYS.items():
        read(url, query)
        figures = [read(url, query) for _ in range(given.runs)]
        seconds = [figure[0] for figure in figures]
        assert {figure[1] for figure in figures} == {given.pages * given.rows}
        print(f"| {name} | {statistics.median(seconds):.2f} | {max(seconds):.2f} | {figures[0][1]:,} |")  # noqa: T201
    here.send(None)
    server.join()


if __name__ == "__main__":
    main()

"""A small HTTP server for what watches a worker: its metrics and its health."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from config.errors import OkrsyncError
from config.message import Message

Page = Callable[[], tuple[int, str]]
"""Returns the status and the text of a page."""
_PLAIN = "text/plain; version=0.0.4; charset=utf-8"


@contextmanager
def listening(address: str, pages: Mapping[str, Page]) -> Iterator[tuple[str, int]]:
    """Answer GET requests at an address such as 127.0.0.1:9464, in threads, until the block ends.

    Yields the host and the port that it listens at. Raises OkrsyncError for an address that cannot be used.
    """
    host, _, port = address.rpartition(":")
    try:
        server = ThreadingHTTPServer((host.strip("[]") or ".", int(port)), _handler(pages))
    except (OSError, ValueError, OverflowError) as exc:
        raise OkrsyncError(
            Message("listening at {address}", address=address),
            f"{type(exc).__name__}: {exc}",
            effect="Nothing was read or written.",
            advice="Write a host and a free port, such as --listen 127.0.0.1:9464.",
        ) from exc
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="okrsync-listen", daemon=True)
    thread.start()
    try:
        yield str(server.server_address[0]), int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(pages: Mapping[str, Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(urlsplit(self.path).path)
            status, text = page() if page else (404, "\n".join(pages) + "\n")
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", _PLAIN)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Suppress logging to stderr."""

    return Handler

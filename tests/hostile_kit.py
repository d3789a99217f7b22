"""Servers on loopback that harm: answers without end, too slow, too large; and a small post office."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, repeat

PAUSE = 0.02
"""Seconds between two pieces of a slow answer: each is in time, the answer never is."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b" " * 65_536 + b"\r\n"
MEBIBYTE = b" " * 1024 * 1024


@cache
def _bomb(piece: bytes, count: int, layers: int) -> bytes:
    """An answer whose body is `count` pieces, packed; it is never whole in memory here."""
    packer = zlib.compressobj(wbits=31)
    body = b"".join([*(packer.compress(piece) for _ in range(count)), packer.flush()])
    for _ in range(layers - 1):
        body = gzip.compress(body)
    head = f"Content-Encoding: {', '.join(['gzip'] * layers)}\r\nContent-Length: {len(body)}\r\n\r\n"
    return OK + head.encode() + body


Pieces = Callable[[], Iterator[bytes]]

SLOW: dict[str, Pieces] = {
    "nothing": lambda: iter(()),
    "status line": lambda: chain([b"HTTP/1.1 200 "], repeat(b"x")),
    "headers": lambda: chain([OK, b"X-A: "], repeat(b"x")),
    "header lines": lambda: chain([OK], repeat(b"X-A: x\r\n")),
    "100 Continue": lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers of 100 Continue": lambda: chain([b"HTTP/1.1 100 Continue\r\nX-A: "], repeat(b"x")),
    "chunk extension": lambda: chain([CHUNKED, b"2;"], repeat(b"x")),
    "chunks": lambda: chain([CHUNKED], repeat(b"1\r\n \r\n")),
    "trailers": lambda: chain([CHUNKED, b"2\r\n[]\r\n0\r\n"], repeat(b"X-A: x\r\n")),
    "body": lambda: chain([OK, b"Content-Length: 1000000\r\n\r\n"], repeat(b" ")),
    "body without length": lambda: chain([OK, b"Connection: close\r\n\r\n"], repeat(b" ")),
}
"""Sent in pieces with pauses, without end."""
FLOODS: dict[str, Pieces] = {
    "100 Continue": lambda: repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 4096),
    "headers": lambda: chain([OK], repeat(b"X-A: " + b"x" * 60_000 + b"\r\n")),
    "one header": lambda: chain([OK, b"X-A: "], repeat(MEBIBYTE)),
    "chunk extension": lambda: chain([CHUNKED, b"2;"], repeat(MEBIBYTE)),
    "trailers": lambda: chain([CHUNKED, b"2\r\n[]\r\n0\r\nX-A: "], repeat(MEBIBYTE)),
    "body": lambda: chain([OK, b"Connection: close\r\n\r\n"], repeat(MEBIBYTE)),
    "chunks": lambda: chain([CHUNKED], repeat(CHUNK)),
    "length": lambda: chain([OK, b"Content-Length: 999999999999\r\n\r\n"], repeat(MEBIBYTE)),
    "bomb": lambda: iter([_bomb(MEBIBYTE, 100, 1)]),
    "bomb in a bomb": lambda: iter([_bomb(MEBIBYTE, 100, 2)]),
    "values": lambda: iter([_bomb(b"[[]" + b",[]" * 1000, 3000, 1)]),
}
"""Sent as fast as they go."""


@dataclass
class Hostile:
    """A server that answers each request with the same pieces."""

    pieces: Pieces
    pause: float = 0.0
    requests: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def serve(self, server: socket.socket) -> None:
        while not self.over.is_set():
            with suppress(OSError):
                connection, _ = server.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(5)
            while connection.recv(65_536):  # what is left of a request's body is taken for another request
                self.requests += 1
                for piece in self.pieces():
                    connection.sendall(piece)
                    if self.over.wait(self.pause):
                        return
                self.over.wait(5 if self.pause else 0)


@contextmanager
def hostile(pieces: Pieces, *, slow: bool) -> Iterator[str]:
    """Start a server; the value is its address."""
    made = Hostile(pieces, PAUSE if slow else 0.0)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        thread = threading.Thread(target=made.serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            made.over.set()
            thread.join()


@dataclass
class PostOffice:
    """An SMTP server. `reply` replaces its replies."""

    port: int = 0
    recipients: list[str] = field(default_factory=list)
    mail: bytes = b""

    def serve(self, server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as lines:
            connection.sendall(b"220 here\r\n")
            for line in lines:
                verb = line[:4].upper()
                if verb == b"RCPT":
                    self.recipients.append(line.split(b"<")[1].split(b">")[0].decode())
                if verb == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    self.mail = b"".join(iter(lines.readline, b".\r\n"))
                connection.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 fine\r\n")


@contextmanager
def post_office() -> Iterator[PostOffice]:
    """Start the server for one conversation."""
    office = PostOffice()
    with socket.create_server(("127.0.0.1", 0)) as server:
        office.port = server.getsockname()[1]
        thread = threading.Thread(target=office.serve, args=(server,), daemon=True)
        thread.start()
        yield office
        thread.join(5)

"""Limits of `connectors/bounds.py` for httpx, with which okrsync sends its own requests.

httpx unpacks whatever one read brings at once; here it is unpacked in small pieces, and only gzip is asked for. Import
this module only where a connection is opened, since it imports httpx.
"""

import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from config.message import Message
from connectors.bounds import CONNECT_SECONDS, PIECE, Bounds, Exchange, under_way
from connectors.environment import certificates, proxy_of
from connectors.inner_tls import InnerTls
from connectors.name_lookup import addresses, check_behind_proxy

_LAYERS = 5
"""Maximum number of encodings of one body."""
_TOO_LARGE = 431
"""What h11 would answer, as a server, to headers or to the line of a chunk that are larger than it takes."""


class _Stream(httpcore.NetworkStream):
    """A connection that is read and written within the limits of the exchange under way."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the exchange's counts
        exchange = under_way.get()
        try:
            data = self._stream.read(max_bytes, exchange.left())
        except httpcore.ReadTimeout:
            exchange.end_slow()
        exchange.receive(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the exchange's counts
        exchange = under_way.get()
        for start in range(0, len(buffer), PIECE):
            try:
                self._stream.write(buffer[start : start + PIECE], exchange.left())
            except httpcore.WriteTimeout:
                exchange.end_slow()

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        if self._stream.get_extra_info("ssl_object") is not None:
            return InnerTls(self, ssl_context, server_hostname)
        seconds = min(timeout or CONNECT_SECONDS, under_way.get().left())
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, seconds))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Network(httpcore.SyncBackend):
    """Connections within the limits of the exchange under way."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        exchange = under_way.get()
        fault: Exception | None = None
        try:
            for address in addresses(host, port, exchange):
                seconds = min(timeout or CONNECT_SECONDS, exchange.left())
                try:
                    return _Stream(super().connect_tcp(address, port, seconds, local_address, socket_options))
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                    fault = exc
        except socket.gaierror as exc:
            raise httpcore.ConnectError(str(exc)) from exc
        raise fault or httpcore.ConnectError(Message("{host} has no address", host=host))


class BoundedTransport(httpx.HTTPTransport):
    """Transport of an httpx client that ends each request at its deadline and beyond its maximum size.

    `url` is an address of the one origin that the client asks, perhaps through a proxy that the environment names.
    `seconds` gives the time of a request; `lanes` is the maximum number of requests at once; `trusted` has the
    certificates of authorities, instead of the environment's. Answers are read whole. Raises OSError: certificates that
    cannot be read; ValueError, ImportError: a proxy that cannot be used.
    """

    def __init__(
        self,
        url: str,
        seconds: Callable[[], float],
        bounds: Bounds,
        *,
        lanes: int = 1,
        clock: Callable[[], float] = time.monotonic,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._seconds = seconds
        self._bounds = bounds
        self._clock = clock
        trusted = trusted or certificates()
        proxy = _proxy(url, trusted)
        self._has_proxy = proxy is not None
        super().__init__(verify=trusted, proxy=proxy, limits=httpx.Limits(max_connections=lanes))
        self._pool._network_backend = _Network()  # noqa: SLF001 - no option leads to it, so pyproject.toml bounds both versions

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read its answer. Raises httpx.HTTPError, EndedError."""
        exchange = Exchange(self._seconds(), self._bounds, self._clock)
        token = under_way.set(exchange)
        request.headers["Accept-Encoding"] = "gzip"
        request.extensions["timeout"] = {"pool": exchange.left(), "connect": CONNECT_SECONDS}
        answer: httpx.Response | None = None
        try:
            if self._has_proxy and self._bounds.reach:
                check_behind_proxy(request.url.host, request.url.port or 443, exchange)
            answer = super().handle_request(request)
            body = b"".join(exchange.unpack(_unpacked(answer)))
        except httpx.TimeoutException:
            exchange.left()
            raise
        except (httpx.RemoteProtocolError, httpx.ReadError) as exc:
            if getattr(_root(exc), "error_status_hint", None) == _TOO_LARGE:
                exchange.end_large(Message("the answer's headers, or the line of a chunk, are larger than 100 KiB"))
            if answer is not None:
                raise exchange.broken() from exc
            raise
        finally:
            under_way.reset(token)
            if answer is not None:
                answer.close()
        kept = [(name, text) for name, text in answer.headers.raw if _is_kept(name, text)]
        return httpx.Response(answer.status_code, headers=kept, content=body)


def fault_name(exc: BaseException) -> str:
    """Return the name of a fault and of what caused it, such as ConnectError (gaierror)."""
    name, cause = type(exc).__name__, type(_root(exc)).__name__
    return name if name == cause else f"{name} ({cause})"


def _root(exc: BaseException) -> BaseException:
    seen = {id(exc)}  # an exception that is raised again may be among its own causes
    while (cause := exc.__cause__ or exc.__context__) is not None and id(cause) not in seen:
        exc = cause
        seen.add(id(exc))
    return exc


def _proxy(url: str, trusted: ssl.SSLContext) -> httpx.Proxy | None:
    address = proxy_of(url)
    if address is None:
        return None
    return httpx.Proxy(address, ssl_context=trusted if address.lower().startswith("https:") else None)


def _is_kept(name: bytes, text: bytes) -> bool:
    """Return whether a header applies to an unpacked body, and is no broken Location, for which httpx would raise."""
    if name.lower() != b"location":
        return name.lower() not in (b"content-encoding", b"content-length", b"transfer-encoding")
    try:
        httpx.URL(text.decode("latin-1"))
    except httpx.InvalidURL:
        return False
    return True


def _unpacked(answer: httpx.Response) -> Iterator[bytes]:
    """Yield the body of an answer in pieces. Raises httpx.DecodingError."""
    pieces = answer.iter_raw()
    layers = [one.strip().lower() for one in answer.headers.get("content-encoding", "").split(",")]
    layers = [one for one in layers if one not in ("", "identity")]
    if set(layers) - {"gzip", "x-gzip"} or len(layers) > _LAYERS:
        raise httpx.DecodingError("gzip was asked for")
    for _ in layers:
        pieces = _gunzipped(pieces)
    return pieces


def _gunzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the content of the members of a gzip file in small pieces. Raises httpx.DecodingError."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    came = False
    for piece in pieces:
        packed = piece
        while packed:
            came = True
            if unpacker.eof:
                unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                yield unpacker.decompress(packed, PIECE)
            except zlib.error as exc:
                raise httpx.DecodingError(str(exc)) from None
            packed = unpacker.unconsumed_tail or unpacker.unused_data
    yield unpacker.flush()
    if came and not unpacker.eof:
        raise httpx.DecodingError("it is cut off")

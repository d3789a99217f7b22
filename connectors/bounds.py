"""Deadline and maximum size of a request over HTTP, from its first byte to the last of its answer.

Time-outs of HTTP libraries count from one byte to the next, so that a slow answer never ends. Here every byte that
arrives is counted and timed, whatever it belongs to: status line, headers, `100 Continue`, chunk extensions, body,
trailers, the answer of a proxy. Import this module only where a connection is opened, since it imports requests.
"""

import io
import socket
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from http.client import HTTPResponse
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection

from config.errors import SourceError
from config.message import Message
from connectors.retry import EFFECT, UnreachableError

_CONNECT_SECONDS = 10.0
"""Maximum time to connect to one address of a host, its TLS handshake included."""
_PIECE = 16_384
"""Bytes that are sent between two looks at the clock: one TLS record."""
_MEBIBYTE = 1024 * 1024
_HEAD_MEBIBYTES = 1
"""Maximum size of all that comes before a body: each of countless `100 Continue` costs time."""


@dataclass(frozen=True, slots=True)
class Size:
    """Maximum size of one answer.

    Attributes:
        mebibytes: as it arrives, and once more as it is decompressed.
        values: of its JSON, by its commas and brackets; small values take 20 times their text in memory.
    """

    mebibytes: float = 64
    values: int = 5_000_000


PAGES = Size(16, 1_000_000)
"""For services that answer page by page, several pages at once."""
NOTICES = Size(1, 10_000)
"""For answers of which only the status or one value is used."""


class SlowAnswerError(requests.ReadTimeout):
    """A request that was not over at its deadline."""


class LargeAnswerError(requests.RequestException):
    """An answer larger than its maximum size. Sending the request again brings it again."""


class BrokenAnswerError(requests.ConnectionError):
    """An answer of which only a part arrived."""


class Exchange:
    """One request under way: the time left for it, and how much has arrived."""

    def __init__(self, seconds: float, size: Size, clock: Callable[[], float] = time.monotonic) -> None:
        self.fault: requests.RequestException | None = None
        self._seconds = seconds
        self._size = size
        self._clock = clock
        self._ends = clock() + seconds
        self._received = self._unpacked = self._values = 0
        self._most = min(size.mebibytes, _HEAD_MEBIBYTES)

    def limit(self, sock: socket.socket) -> None:
        """Let the next operation of a socket end at the deadline. Raises SlowAnswerError when it is over."""
        left = self._ends - self._clock()
        if left <= 0:
            self.end_slow()
        sock.settimeout(left)

    def receive(self, count: int) -> None:
        """Count bytes that arrived. Raises LargeAnswerError."""
        self._received += count
        if self._received > self._most * _MEBIBYTE:
            self._end_large(Message("the answer is larger than {mebibytes:g} MiB", mebibytes=self._most))

    def unpack(self, pieces: Callable[..., Iterator[bytes]], *given: Any, **more: Any) -> Iterator[bytes]:
        """Yield the decompressed pieces of a body and count them. Raises LargeAnswerError."""
        self._most = self._size.mebibytes
        for piece in pieces(*given, **more):
            self._unpacked += len(piece)
            self._values += sum(map(piece.count, (b",", b"[", b"{")))
            if self._unpacked > self._size.mebibytes * _MEBIBYTE:
                mebibytes = self._size.mebibytes
                self._end_large(Message("the answer unpacks to more than {mebibytes:g} MiB", mebibytes=mebibytes))
            if self._values > self._size.values:
                self._end_large(Message("the answer holds more than {values:,} values", values=self._size.values))
            yield piece

    def end_slow(self) -> None:
        """End the exchange, since its time is over. Raises SlowAnswerError."""
        seconds = round(self._seconds, 2)
        saw = Message("no complete answer within {seconds:g} s", seconds=seconds)
        came = (
            Message("{received:,} bytes came", received=self._received) if self._received else Message("nothing came")
        )
        self.fault = SlowAnswerError(Message("{saw} ({came})", saw=saw, came=came))
        raise self.fault

    def broken(self) -> BrokenAnswerError:
        """Create the error for an answer that broke off."""
        return BrokenAnswerError(Message("the answer broke off ({received:,} bytes came)", received=self._received))

    def _end_large(self, saw: str) -> None:
        self.fault = LargeAnswerError(Message("{saw} ({received:,} bytes came)", saw=saw, received=self._received))
        raise self.fault


_under_way: ContextVar[Exchange] = ContextVar("exchange")
"""The exchange of this thread: urllib3 makes its connections itself, so nothing else leads from a request to them."""


def incoming(sock: socket.socket, exchange: Exchange) -> io.BufferedReader:
    """Open a socket for reading within the limits of an exchange."""
    return io.BufferedReader(_Incoming(sock.makefile("rb", buffering=0), sock, exchange))


class _Incoming(io.RawIOBase):
    """The bytes that arrive at a socket, counted and timed."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, exchange: Exchange) -> None:
        self._raw = raw
        self._sock = sock
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._exchange.limit(self._sock)
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            self._exchange.end_slow()
            raise
        self._exchange.receive(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """An answer of a server or of a proxy, read within the limits of its exchange."""

    def __init__(self, sock: socket.socket, *given: Any, **more: Any) -> None:
        super().__init__(sock, *given, **more)
        self.fp.close()
        self.fp = incoming(sock, _under_way.get())


class _Sending:
    """Part of a connection: sends within the limits of its exchange."""

    def send(self, data: Any) -> None:
        """Send bytes in pieces, each before the deadline; the first call also connects."""
        sock, send = cast("Any", self).sock, cast("Any", super()).send
        if sock is None or not isinstance(data, bytes):
            send(data)
            return
        exchange = _under_way.get()
        for start in range(0, len(data), _PIECE):
            exchange.limit(sock)
            try:
                send(data[start : start + _PIECE])
            except TimeoutError:
                exchange.end_slow()


class _Http(_Sending, HTTPConnection):
    response_class = _Response


class _Https(_Sending, HTTPSConnection):
    response_class = _Response


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class BoundedAdapter(HTTPAdapter):
    """Transport of a requests session that ends each request at its deadline and beyond its maximum size.

    `seconds` gives the time of a request, which a library may shorten by its time-out. `lanes` is the maximum number of
    requests at once. Answers are UTF-8 and read whole.
    """

    def __init__(
        self,
        seconds: Callable[[], float],
        size: Size,
        *,
        lanes: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._size = size
        self._clock = clock
        super().__init__(pool_connections=1, pool_maxsize=lanes, pool_block=True, max_retries=0)

    def init_poolmanager(self, *given: Any, **more: Any) -> None:
        """Let the pools of direct connections open ours."""
        super().init_poolmanager(*given, **more)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        """Let the pools of connections through a proxy open ours."""
        manager: PoolManager = super().proxy_manager_for(proxy, **more)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(
        self, request: requests.PreparedRequest, *_: Any, timeout: object = None, **more: Any
    ) -> requests.Response:
        """Send a request and read its answer. Raises requests.RequestException."""
        seconds = min([self._seconds(), *([timeout] if isinstance(timeout, int | float) else [])])
        exchange = Exchange(seconds, self._size, self._clock)
        token = _under_way.set(exchange)
        response: requests.Response | None = None
        more |= {"stream": True, "timeout": Timeout(connect=min(_CONNECT_SECONDS, seconds), read=seconds)}
        try:
            response = super().send(request, **more)
            vars(response.raw)["stream"] = partial(exchange.unpack, response.raw.stream)  # as requests reads bodies
            response.encoding = "utf-8"
            response.content  # noqa: B018 - read here
        except (requests.RequestException, OSError) as exc:
            if response is not None:
                response.close()
            if exchange.fault is not None:
                raise exchange.fault from exc
            if isinstance(exc, requests.exceptions.ChunkedEncodingError):
                raise exchange.broken() from exc
            raise
        finally:
            _under_way.reset(token)
        return response


class BoundedSession(requests.Session):
    """Session of one origin: no redirects, no credentials of `.netrc`."""

    def __init__(self, adapter: BoundedAdapter) -> None:
        super().__init__()
        self.auth = lambda request: request
        for scheme in ("https://", "http://"):
            self.mount(scheme, adapter)

    def get_redirect_target(self, _resp: requests.Response) -> None:
        """Return no target, since a target that is no address would raise."""


def bound_error(exc: BaseException, doing: str, name: str) -> SourceError | None:
    """Create the error for an answer that was ended by its limits or broke off; None for any other exception."""
    if isinstance(exc, BrokenAnswerError):
        advice = Message("Check the network and the service.")
        return UnreachableError(doing, exc.args[0], effect=EFFECT, advice=advice)
    if isinstance(exc, SlowAnswerError):
        advice = Message("Check the network and the service, or raise connections.{name}.timeout.", name=name)
        return UnreachableError(doing, exc.args[0], effect=EFFECT, advice=advice)
    if isinstance(exc, LargeAnswerError):
        advice = Message("Ask for less: a narrower query, or fewer columns.")
        return SourceError(doing, exc.args[0], effect=EFFECT, advice=advice)
    return None


def fault_name(exc: requests.RequestException) -> str:
    """Return the name of a fault and of its cause, such as ConnectionError (NameResolutionError)."""
    wrapped = exc.args[0] if exc.args else None
    cause = getattr(wrapped, "reason", None) or exc.__cause__ or exc.__context__
    return f"{type(exc).__name__} ({type(cause).__name__})" if cause else type(exc).__name__

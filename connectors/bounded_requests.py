"""Limits of `connectors/bounds.py` for requests, with which the vendors' libraries send.

Import this module only where a connection is opened, since it imports requests.
"""

import socket
import time
from collections.abc import Callable
from http.client import HTTPResponse
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, LocationParseError, NameResolutionError, NewConnectionError

from connectors.bounds import CONNECT_SECONDS, PIECE, Bounds, Exchange, incoming, under_way
from connectors.name_lookup import addresses, check_behind_proxy


class EndedRequestError(requests.RequestException):
    """A request without a whole answer, for libraries that catch the errors of requests; its cause is the reason."""


class _Response(HTTPResponse):
    """An answer of a server or of a proxy, read within the limits of its exchange."""

    def __init__(self, sock: socket.socket, *given: Any, **more: Any) -> None:
        super().__init__(sock, *given, **more)
        self.fp.close()
        self.fp = incoming(sock, under_way.get())


class _Paced:
    """The TLS of a proxy: each part that arrives for the TLS inside it does so within the limits of the exchange."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def recv(self, size: int) -> bytes:
        """Receive what has arrived, before the deadline."""
        exchange = under_way.get()
        self._sock.settimeout(exchange.left())
        try:
            return self._sock.recv(size)
        except TimeoutError:
            exchange.end_slow()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _Bounded:
    """Part of a connection: connects and sends within the limits of its exchange."""

    def _new_conn(self) -> socket.socket:
        """Connect to the first address that answers."""
        connection, exchange = cast("Any", self), under_way.get()
        name, fault = connection._dns_host, None  # noqa: SLF001 - no option leads to it, so pyproject.toml bounds the version
        try:
            for address in addresses(name, connection.port, exchange):
                connection._dns_host = address  # noqa: SLF001 - see above
                connection.timeout = min(connection.timeout, exchange.left())
                try:
                    return cast("socket.socket", cast("Any", super())._new_conn())  # noqa: SLF001 - ours
                except (ConnectTimeoutError, NewConnectionError) as exc:
                    fault = exc
        except socket.gaierror as exc:
            raise NameResolutionError(connection.host, connection, exc) from exc
        except UnicodeError as exc:
            raise LocationParseError(name) from exc
        finally:
            connection._dns_host = name  # noqa: SLF001 - see above
        raise fault or NewConnectionError(connection, name)

    def send(self, data: Any) -> None:
        """Send bytes in pieces, each before the deadline; the first call also connects."""
        sock, send = cast("Any", self).sock, cast("Any", super()).send
        if sock is None or not isinstance(data, bytes):
            send(data)
            return
        exchange = under_way.get()
        for start in range(0, len(data), PIECE):
            sock.settimeout(exchange.left())
            try:
                send(data[start : start + PIECE])
            except TimeoutError:
                exchange.end_slow()


class _Http(_Bounded, HTTPConnection):
    response_class = _Response


class _Https(_Bounded, HTTPSConnection):
    response_class = _Response

    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> Any:
        return _Paced(super()._connect_tls_proxy(hostname, sock))


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
        bounds: Bounds,
        *,
        lanes: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds = seconds
        self._bounds = bounds
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
        exchange = Exchange(seconds, self._bounds, self._clock)
        token = under_way.set(exchange)
        response: requests.Response | None = None
        more |= {"stream": True, "timeout": Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)}
        try:
            if self._bounds.reach and select_proxy(request.url or "", more.get("proxies")):
                parts = urlsplit(request.url or "")
                check_behind_proxy(parts.hostname or "", parts.port or 443, exchange)
            response = super().send(request, **more)
            stream = response.raw.stream
            vars(response.raw)["stream"] = lambda *given, **more: exchange.unpack(stream(*given, **more))
            response.encoding = "utf-8"
            response.content  # noqa: B018 - read here
        except (requests.RequestException, OSError) as exc:
            if response is not None:
                response.close()
            broken = isinstance(exc, requests.exceptions.ChunkedEncodingError)
            fault = exchange.fault or (exchange.broken() if broken else None)
            if fault is None:
                raise
            raise EndedRequestError(fault.args[0]) from fault
        finally:
            under_way.reset(token)
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


def proxies_and_certificates(url: str, ca_file: str | None) -> dict[str, Any]:
    """Return `proxies` and `verify` for requests to an address, from the environment as requests reads it.

    For a session that does not read it itself, which takes a tenth of the time of a request.
    """
    with requests.Session() as session:
        found = session.merge_environment_settings(url, {}, None, ca_file or True, None)
    return {"proxies": found["proxies"], "verify": found["verify"]}


def fault_name(exc: requests.RequestException) -> str:
    """Return the name of a fault and of its cause, such as ConnectionError (NameResolutionError)."""
    wrapped = exc.args[0] if exc.args else None
    cause = getattr(wrapped, "reason", None) or exc.__cause__ or exc.__context__
    return f"{type(exc).__name__} ({type(cause).__name__})" if cause else type(exc).__name__

"""Look up the addresses of a host within a deadline, since the system's own lookup has none.

A lookup that takes longer goes on in a daemon thread: one per host and port, for which whoever asks again waits too.
"""

import socket
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock, Thread

from connectors.bounds import EndedError, Exchange

_Addresses = Sequence[str]
_under_way: dict[tuple[str, int], "Future[_Addresses]"] = {}
_lock = Lock()


def addresses(host: str, port: int, exchange: Exchange) -> _Addresses:
    """Return the IP addresses of a host that may be connected to.

    Whoever connects takes these, and does not look the name up again: a second answer could lead elsewhere. Raises
    OSError, UnicodeError: there are none; SlowAnswerError; ForeignAddressError.
    """
    found = _found(host, port, exchange)
    return found if exchange.proxied else exchange.reachable(host, found)


def check_behind_proxy(host: str, port: int, exchange: Exchange) -> None:
    """Check the addresses of a host that a proxy will look up, where this machine knows them.

    Raises ForeignAddressError, SlowAnswerError.
    """
    exchange.proxied = True
    try:
        found = _found(host, port, exchange)
    except EndedError:
        raise
    except (OSError, UnicodeError):
        return  # only the proxy knows it
    exchange.reachable(host, found)


def _found(host: str, port: int, exchange: Exchange) -> _Addresses:
    key = host.strip("[]"), port
    with _lock:
        found = _under_way.get(key)
        if found is None:
            found = _under_way[key] = Future()
            Thread(target=_look_up, args=(key, found), name="okrsync-lookup", daemon=True).start()
    try:
        return found.result(exchange.left())
    except TimeoutError:
        exchange.end_unfound(host)


def _look_up(key: tuple[str, int], found: "Future[_Addresses]") -> None:
    try:
        answers = socket.getaddrinfo(*key, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as exc:
        given: _Addresses | Exception = exc
    else:
        given = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    with _lock:
        del _under_way[key]
    if isinstance(given, Exception):
        found.set_exception(given)
    else:
        found.set_result(given)

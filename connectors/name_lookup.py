"""Look up the addresses of a host within a deadline, since the system's own lookup has none.

A lookup that takes longer goes on in a daemon thread: one per host and port, for which whoever asks again waits too.
"""

import socket
from collections.abc import Sequence
from concurrent.futures import Future
from threading import Lock, Thread

from connectors.bounds import Exchange

_Addresses = Sequence[str]
_under_way: dict[tuple[str, int], "Future[_Addresses]"] = {}
_lock = Lock()


def addresses(host: str, port: int, exchange: Exchange) -> _Addresses:
    """Return the IP addresses of a host. Raises OSError, UnicodeError: there are none; SlowAnswerError."""
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

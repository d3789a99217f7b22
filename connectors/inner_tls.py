"""TLS inside the TLS of a proxy, for httpx, within the limits of the outer connection.

httpcore's own has a time-out per part of a record, so that a proxy that passes on a byte at a time never ends.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import httpcore

from connectors.bounds import PIECE

_T = TypeVar("_T")


class InnerTls(httpcore.NetworkStream):
    """TLS over another stream, which bounds each part that is read or written. Raises httpcore.ConnectError."""

    def __init__(self, outer: httpcore.NetworkStream, context: ssl.SSLContext, hostname: str | None) -> None:
        self._outer = outer
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=hostname)
        try:
            self._passed_on(self._tls.do_handshake)
        except ssl.SSLError as exc:
            outer.close()
            raise httpcore.ConnectError(str(exc)) from exc

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the outer stream's counts
        """Read what has arrived, at most `max_bytes`. Raises httpcore.ReadError."""
        try:
            return self._passed_on(partial(self._tls.read, max_bytes))
        except ssl.SSLZeroReturnError:
            return b""
        except ssl.SSLError as exc:
            raise httpcore.ReadError(str(exc)) from exc

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the outer stream's counts
        """Write all bytes. Raises httpcore.WriteError."""
        try:
            while buffer:
                buffer = buffer[self._passed_on(partial(self._tls.write, buffer)) :]
        except ssl.SSLError as exc:
            raise httpcore.WriteError(str(exc)) from exc

    def close(self) -> None:
        """Close the outer stream."""
        self._outer.close()

    def get_extra_info(self, info: str) -> Any:
        """Return what the outer stream knows; `ssl_object` is the inner one."""
        return self._tls if info == "ssl_object" else self._outer.get_extra_info(info)

    def _passed_on(self, act: Callable[[], _T]) -> _T:
        """Do something with the inner TLS, and pass on what it wants to send and to receive."""
        while True:
            done: list[_T] = []
            with suppress(ssl.SSLWantReadError):
                done.append(act())
            if data := self._outgoing.read():
                self._outer.write(data)
            if done:
                return done[0]
            if came := self._outer.read(PIECE):
                self._incoming.write(came)
            else:
                self._incoming.write_eof()

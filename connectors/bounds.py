"""Deadline and maximum size of a request over HTTP, from its first byte to the last of its answer.

Time-outs of HTTP libraries count from one byte to the next, so that a slow answer never ends. Here every byte that
arrives is counted and timed, whatever it belongs to: status line, headers, `100 Continue`, chunk extensions, body,
trailers, the answer of a proxy; and so is the lookup of a name. The limits are those of an `Exchange`; `bounded_httpx`
holds our own requests to them, `bounded_requests` those of the vendors' libraries.
"""

import io
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, NoReturn

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from config.reach import Reach
from connectors.retry import EFFECT, UnreachableError

CONNECT_SECONDS = 10.0
"""Maximum time to connect to one address of a host, its TLS handshake included."""
PIECE = 16_384
"""Bytes that are sent or unpacked between two looks at the clock: one TLS record."""
_MEBIBYTE = 1024 * 1024
_HEAD_MEBIBYTES = 1
"""Maximum size of all that comes before a body: each of countless `100 Continue` costs time."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Maximum size of one answer, and the addresses that may be asked for it.

    Attributes:
        mebibytes: as it arrives, and once more as it is decompressed.
        values: of its JSON, by its commas and brackets; small values take 20 times their text in memory.
        reach: which addresses; None for any.
    """

    mebibytes: float = 64
    values: int = 5_000_000
    reach: Reach | None = None

    def within(self, reach: Reach | None) -> "Bounds":
        """Return the same bounds for other addresses."""
        return replace(self, reach=reach)


PAGES = Bounds(16, 1_000_000)
"""For services that answer page by page, several pages at once."""
NOTICES = Bounds(1, 10_000)
"""For answers of which only the status or one value is used."""


class EndedError(OSError):
    """An answer that never was whole; an OSError, after which libraries close the connection."""


class SlowAnswerError(EndedError):
    """A request that was not over at its deadline."""


class LargeAnswerError(EndedError):
    """An answer larger than its maximum size. Sending the request again brings it again."""


class BrokenAnswerError(EndedError):
    """An answer of which only a part arrived."""


class ForeignAddressError(EndedError):
    """A host whose addresses are not within reach; nothing is sent."""


class Exchange:
    """One request under way: the time left for it, and how much has arrived. `proxied`: a proxy is connected to."""

    proxied = False

    def __init__(self, seconds: float, bounds: Bounds, clock: Callable[[], float] = time.monotonic) -> None:
        self.fault: EndedError | None = None
        self._seconds = seconds
        self._bounds = bounds
        self._clock = clock
        self._ends = clock() + seconds
        self._received = self._unpacked = self._values = 0
        self._most = min(bounds.mebibytes, _HEAD_MEBIBYTES)

    def left(self) -> float:
        """Return the seconds until the deadline. Raises SlowAnswerError when it is over."""
        left = self._ends - self._clock()
        if left <= 0:
            self.end_slow()
        return left

    def receive(self, count: int) -> None:
        """Count bytes that arrived. Raises LargeAnswerError."""
        self._received += count
        if self._received > self._most * _MEBIBYTE:
            self.end_large(Message("the answer is larger than {mebibytes:g} MiB", mebibytes=self._most))

    def unpack(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the decompressed pieces of a body and count them. Raises LargeAnswerError, SlowAnswerError."""
        self._most = self._bounds.mebibytes
        for piece in pieces:
            self.left()
            self._unpacked += len(piece)
            self._values += sum(map(piece.count, (b",", b"[", b"{")))
            if self._unpacked > self._bounds.mebibytes * _MEBIBYTE:
                mebibytes = self._bounds.mebibytes
                self.end_large(Message("the answer unpacks to more than {mebibytes:g} MiB", mebibytes=mebibytes))
            if self._values > self._bounds.values:
                self.end_large(Message("the answer holds more than {values:,} values", values=self._bounds.values))
            yield piece

    def end_slow(self) -> NoReturn:
        """End the exchange, since its time is over. Raises SlowAnswerError."""
        seconds = round(self._seconds, 2)
        saw = Message("no complete answer within {seconds:g} s", seconds=seconds)
        came = (
            Message("{received:,} bytes received", received=self._received)
            if self._received
            else Message("nothing was received")
        )
        self.fault = SlowAnswerError(Message("{saw} ({came})", saw=saw, came=came))
        raise self.fault

    def end_unfound(self, host: str) -> NoReturn:
        """End the exchange, since the address of its host was not found in time. Raises SlowAnswerError."""
        seconds = round(self._seconds, 2)
        self.fault = SlowAnswerError(
            Message("the address of {host} was not found within {seconds:g} s", host=host, seconds=seconds)
        )
        raise self.fault

    def reachable(self, host: str, found: Sequence[str]) -> Sequence[str]:
        """Return those of a host's addresses that are within reach. Raises ForeignAddressError where none is."""
        reach = self._bounds.reach
        allowed = [one for one in found if reach is None or reach.allows(host, one)]
        if found and not allowed:
            self.fault = ForeignAddressError(
                Message("{host} has the address {address}, which is not public", host=host, address=found[0])
                if host.strip("[]") != found[0]
                else Message("{host} is not a public address", host=host)
            )
            raise self.fault
        return allowed

    def broken(self) -> BrokenAnswerError:
        """Create the error for an answer that broke off."""
        return BrokenAnswerError(Message("the answer broke off ({received:,} bytes received)", received=self._received))

    def end_large(self, saw: str) -> NoReturn:
        """End the exchange, since its answer is too large. Raises LargeAnswerError."""
        self.fault = LargeAnswerError(Message("{saw} ({received:,} bytes received)", saw=saw, received=self._received))
        raise self.fault


under_way: ContextVar[Exchange] = ContextVar("exchange")
"""The exchange of this thread: libraries make their connections themselves, so nothing else leads to them."""


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
        self._sock.settimeout(self._exchange.left())
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            self._exchange.end_slow()
        self._exchange.receive(count or 0)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


def bound_error(exc: BaseException, doing: str, name: str) -> SourceError | None:
    """Create the error for an answer that was ended by its limits or broke off; None for any other exception."""
    exc = exc if isinstance(exc, EndedError) else exc.__cause__ or exc
    if isinstance(exc, BrokenAnswerError):
        advice = Message("Check the network and the service.")
        return UnreachableError(doing, exc.args[0], effect=EFFECT, advice=advice)
    if isinstance(exc, SlowAnswerError):
        advice = Message("Check the network and the service, or raise connections.{name}.timeout.", name=name)
        return UnreachableError(doing, exc.args[0], effect=EFFECT, advice=advice)
    if isinstance(exc, ForeignAddressError):
        advice = Message(
            "Nothing was sent. Ask whoever keeps the fleet's manifest to list it under `allow_addresses`, or "
            "declare the "
            "connection there."
        )
        return SourceError(doing, exc.args[0], effect=EFFECT, advice=advice)
    if isinstance(exc, LargeAnswerError):
        advice = Message("Ask for less: a narrower query, or fewer columns.")
        return SourceError(doing, exc.args[0], effect=EFFECT, advice=advice)
    return None

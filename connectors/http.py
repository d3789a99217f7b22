"""HTTP helpers of all connectors: request metering, Retry-After, error classes by status, certificates, proxies.

Retries, waits and deadlines are in `connectors/retry.py`; the retries of client libraries are off.
"""

import email.utils
import math
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from datetime import datetime
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from config.plain_text import plain
from connectors.policy import Policy
from connectors.retry import RetryPolicy, UnreachableError, UntrustedError

__all__ = [
    "Call",
    "Meter",
    "Policy",
    "RetryPolicy",
    "UnreachableError",
    "UntrustedError",
    "ask_loopback_directly",
    "error_for_status",
    "metered",
    "redirect_target",
    "retry_after_seconds",
    "shorten",
    "trusted_certificates",
]  # fmt: skip

_LOOPBACK = ("127.0.0.1", "localhost", "::1")

LONGEST_BODY = 200
"""Maximum number of characters of an answer's body that a message quotes."""

_MOST_READ = 100 * LONGEST_BODY


@dataclass(frozen=True, slots=True)
class Call:
    """One sent request. `kind` is its purpose in the connector's terms, such as `id walk`, `token` or `write`."""

    connection: str
    kind: str
    bytes_received: int
    seconds: float


@dataclass(slots=True)
class Meter:
    """Counter of a run's requests and, by connection, of its reads, its answered reads and its waits. Thread-safe."""

    calls: list[Call] = field(default_factory=list)
    reads: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    waits: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, call: Call) -> None:
        """Add one request."""
        with self._lock:
            self.calls.append(call)

    def add_reads(self, connection: str, asked: int = 0, answered: int = 0) -> None:
        """Add to the numbers of requested and answered reads of a connection."""
        with self._lock:
            self.reads[connection] += asked
            self.answered[connection] += answered

    def add_wait(self, connection: str, seconds: float) -> None:
        """Add to the seconds that requests of a connection waited before they were sent."""
        with self._lock:
            self.waits[connection] += seconds

    def count(self, connection: str = "", kind: str = "") -> int:
        """Return the number of requests of a connection and a kind; empty means any."""
        return sum(connection in ("", call.connection) and kind in ("", call.kind) for call in self.calls)


@contextmanager
def metered(meter: Meter, connection: str, kind: str) -> Iterator[Callable[[int], None]]:
    """Time one request and add it to the meter, also when it fails; the yielded function takes the bytes received."""
    began = time.perf_counter()
    received = [0]
    try:
        yield lambda count: received.__setitem__(0, count)
    finally:
        meter.add(Call(connection, kind, received[0], time.perf_counter() - began))


def ask_loopback_directly() -> None:
    """Exempt loopback addresses from the proxies in the environment, since plain http is allowed for them only."""
    if any(name.lower().endswith("_proxy") for name in os.environ):
        kept = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        hosts = dict.fromkeys(filter(None, (*kept.split(","), *_LOOPBACK)))
        os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(hosts)


def redirect_target(headers: Mapping[str, str]) -> SplitResult:
    """Parse the address that a redirect leads to; of a text that is no address, all parts are empty."""
    try:
        return urlsplit(headers.get("Location", ""))
    except ValueError:
        return urlsplit("")


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Parse `Retry-After`, seconds or an HTTP date (RFC 9110, 10.2.3), as seconds; None when absent or invalid."""
    text = next((value.strip() for key, value in headers.items() if key.lower() == "retry-after"), "")
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def shorten(text: str) -> str:
    """Shorten a text to one line of at most LONGEST_BODY characters; secrets are masked before it is cut."""
    line = " ".join(plain(text[:_MOST_READ]).split())
    if line == text and len(line) <= LONGEST_BODY:
        return text  # a Message stays one, which can be translated
    return line if len(line) <= LONGEST_BODY else line[: LONGEST_BODY - 1] + "…"


def trusted_certificates(doing: str, ca_bundle: str | None, base_dir: Path) -> str | None:
    """Return the path of `ca_bundle`, relative to the config; None for the default certificates.

    Raises SourceError where there is no such file.
    """
    if ca_bundle is None:
        return None
    path = base_dir / ca_bundle
    if not path.is_file():
        advice = "`ca_bundle` is a file of PEM certificates; a relative path starts at the config."
        effect = "Its key results were left as they were."
        raise SourceError(doing, Message("there is no file {path}", path=path), effect=effect, advice=advice)
    return str(path)


def error_for_status(
    doing: str, status: int, detail: str, *, advice: str, headers: Mapping[str, str], now: datetime
) -> SourceError:
    """Create the error for an HTTP status: AuthError for 401 and 403, TransientSourceError for 408, 429 and 5xx.

    Any other status is a SourceError, which is not retried. `now` is the time from which `Retry-After` dates count.
    """
    saw = f"HTTP {status}" + (f" ({shorten(detail)})" if detail else "")
    effect = "Its key results were left as they were."
    error: SourceError
    if status in (401, 403):
        error = AuthError(doing, saw, effect=effect, advice=advice)
    elif status in (408, 429) or status >= 500:  # noqa: PLR2004 - the first server error of RFC 9110
        wait = retry_after_seconds(headers, now)
        error = TransientSourceError(doing, saw, effect=effect, advice=advice, retry_after_seconds=wait)
    else:
        error = SourceError(doing, saw, effect=effect, advice=advice)
    error.status = status
    return error

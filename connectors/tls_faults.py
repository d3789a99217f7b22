"""Whether a TLS connection failed because the other side could not be trusted, or only broke."""

import ssl
from collections.abc import Iterator

_HANDSHAKE = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "NO_PROTOCOLS_AVAILABLE",
)
"""What OpenSSL says before the first byte of a request goes out (`ssl.SSLError.reason`)."""


def is_untrusted(exc: BaseException) -> bool:
    """Whether the handshake failed for good: a wrong certificate, or no TLS at all. Nothing was sent then.

    Any other TLS error may come after a request was sent, and may pass.
    """
    return any(
        isinstance(one, ssl.SSLCertVerificationError)
        or (isinstance(one, ssl.SSLError) and getattr(one, "reason", None) in _HANDSHAKE)
        for one in _chain(exc)
    )


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """The error and those it wraps, however its library keeps them."""
    todo: list[object] = [exc]
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]

"""Distinguish untrusted TLS connections from broken ones."""

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
"""OpenSSL error reasons (`ssl.SSLError.reason`) of failed handshakes, before any byte of a request is sent."""


def is_untrusted(exc: BaseException) -> bool:
    """Return whether the handshake failed permanently, for an invalid certificate or no TLS; no request was sent then.

    Any other TLS error may occur after a request was sent, and may be transient.
    """
    return any(
        isinstance(one, ssl.SSLCertVerificationError)
        or (isinstance(one, ssl.SSLError) and getattr(one, "reason", None) in _HANDSHAKE)
        for one in _chain(exc)
    )


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """Yield the exception and the ones it wraps: arguments, cause, context and `reason`."""
    todo: list[object] = [exc]
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [*one.args, one.__cause__, one.__context__, getattr(one, "reason", None)]

"""Client of httpx for one origin: proxies, certificates, limits. Import httpx only where a connection is opened."""

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.connection_types import Connection
from config.errors import SourceError
from config.message import Message
from connectors.bounds import Bounds, EndedError, bound_error
from connectors.http import UnreachableError, UntrustedError
from connectors.registry import Context
from connectors.tls_faults import is_untrusted

if TYPE_CHECKING:
    import httpx

EFFECT = Message("Its key results were left as they were.")


def open_httpx(
    url: str, connection: Connection, context: Context, doing: str, seconds: Callable[[], float], bounds: Bounds
) -> "httpx.Client":
    """Open a client for the origin of `url` with the connection's certificates; no request is sent.

    Raises SourceError: certificates or a proxy that cannot be used.
    """
    import httpx

    from connectors.bounded_httpx import BoundedTransport

    trusted = _certificates(connection, context, doing)
    try:
        transport = BoundedTransport(
            url, seconds, bounds.within(connection.reach), lanes=connection.lanes, trusted=trusted
        )
    except (ImportError, ValueError) as exc:
        saw = Message("the proxy of the environment cannot be used ({kind})", kind=type(exc).__name__)
        advice = "HTTPS_PROXY is the address of an HTTP proxy, and NO_PROXY names the hosts that need none."
        raise SourceError(doing, saw, effect=EFFECT, advice=advice) from None
    except OSError as exc:
        saw = Message("the certificates of the environment cannot be read ({kind})", kind=type(exc).__name__)
        advice = (
            "REQUESTS_CA_BUNDLE or SSL_CERT_FILE is a file of PEM certificates; so is the connection's `ca_bundle`."
        )
        raise SourceError(doing, saw, effect=EFFECT, advice=advice) from None
    return httpx.Client(headers={"Accept": "application/json", "User-Agent": "okrsync"}, transport=transport)


def fault_of(exc: Exception, doing: str, name: str, advice: str) -> SourceError:
    """Create the error for a request of a connection that had no answer. `advice` is for one that was not reached."""
    import httpx

    from connectors.bounded_httpx import fault_name

    if isinstance(exc, (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return SourceError(doing, Message("it cannot be sent ({kind})", kind=type(exc).__name__), effect=EFFECT)
    if ended := bound_error(exc, doing, name):
        return ended
    if is_untrusted(exc):
        trusted = "Set the connection's `ca_bundle` to the file of your organisation's certificates."
        return UntrustedError(doing, fault_name(exc), effect=EFFECT, advice=trusted)
    return UnreachableError(doing, fault_name(exc), effect=EFFECT, advice=advice)


def faults() -> tuple[type[Exception], ...]:
    """Return the exceptions of a request that `fault_of` explains."""
    import httpx

    return (httpx.HTTPError, httpx.InvalidURL, EndedError)


def _certificates(connection: Connection, context: Context, doing: str) -> ssl.SSLContext | None:
    if connection.ca_bundle is None:
        return None
    path = context.base_dir / connection.ca_bundle
    try:
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as exc:
        saw = Message("the certificates in {path} cannot be read ({kind})", path=path, kind=type(exc).__name__)
        raise SourceError(doing, saw, effect=EFFECT, advice="`ca_bundle` is a file of PEM certificates.") from exc

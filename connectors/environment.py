"""Proxies and certificates named by the environment, read as requests does, for requests over httpx."""

import os
import ssl
from contextlib import suppress
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_of(url: str) -> str | None:
    """Return the address of the proxy for a URL; None where it is asked directly."""
    parts = urlsplit(url)
    proxies = getproxies()
    if proxy_bypass(parts.netloc.rpartition("@")[2]) or _is_inside(parts.hostname or "", proxies.get("no", "")):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def certificates() -> ssl.SSLContext:
    """Load the certificates of REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or else those that httpx trusts.

    Raises OSError where they cannot be read.
    """
    import httpx

    path = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if not path:
        return httpx.create_ssl_context()
    return ssl.create_default_context(capath=path) if Path(path).is_dir() else ssl.create_default_context(cafile=path)


def _is_inside(host: str, networks: str) -> bool:
    """Return whether a host is an IP address in one of the networks of NO_PROXY, such as 10.0.0.0/8."""
    with suppress(ValueError):
        address = ip_address(host)
        for one in networks.split(","):
            with suppress(ValueError):
                if address in ip_network(one.strip(), strict=False):
                    return True
    return False

"""Addresses below the one of a connection: nothing else gets its credentials."""

from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

_PORTS = {"http": 80, "https": 443}
_MOST_LAYERS = 8


def is_below(path: str) -> bool:
    """Return whether a path that a config states leads below a connection's address, however it is read."""
    route = path.partition("?")[0].partition("#")[0]
    first = unquote(unquote(route)).partition("/")[0]
    return not (
        path.startswith("//") or ":" in first or "@" in first or _has_controls(path) or _climbs(route, also_within=True)
    )


def joined(base: str, path: str) -> str:
    """Return the full address of a path below a connection's address."""
    path = path.partition("#")[0]
    route = path.partition("?")[0]
    return f"{base}/{path.lstrip('/')}" if route.strip("/") else f"{base}{path[len(route) :]}"


def followed(base: str, current: str, link: str) -> str | None:
    """Return the full address of a link in the answer of `current`; None where it leads away from `base`.

    It has the same origin and, with every `..` resolved, begins with the same path, also if dots, slashes or
    backslashes are percent-encoded once or several times.
    """
    if _has_controls(link) or "\\" in link:
        return None
    try:
        address = urljoin(current, link).partition("#")[0]
        there, here = urlsplit(address), urlsplit(base)
        same = (there.scheme, there.hostname, there.port or _PORTS.get(there.scheme)) == (
            here.scheme,
            here.hostname,
            here.port or _PORTS.get(here.scheme),
        )
    except ValueError:
        return None
    begins = f"{there.path}/".startswith(f"{here.path.rstrip('/')}/")
    if not same or "@" in there.netloc or not begins or _climbs(there.path):
        return None
    prefix = [part for part in here.path.split("/") if part]
    readings = list(_readings(there.path))
    if len(readings) > _MOST_LAYERS:
        return None
    return address if all(_parts(route)[: len(prefix)] == prefix for route in readings) else None


def _climbs(route: str, *, also_within: bool = False) -> bool:
    """Return whether a route leads above its beginning; `also_within`: or holds `..` or a backslash at all."""
    for reading in _readings(route):
        if also_within and ("\\" in reading or ".." in reading.split("/")):
            return True
        depth = 0
        for part in reading.replace("\\", "/").split("/"):
            depth += (part not in ("", ".", "..")) - (part == "..")
            if depth < 0:
                return True
    return False


def _parts(route: str) -> list[str]:
    """Return the parts of a route with `.` and `..` resolved."""
    parts: list[str] = []
    for part in route.replace("\\", "/").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return parts


def _readings(route: str) -> Iterator[str]:
    """Yield a route as it is, and with each layer of percent-encoding removed."""
    for _ in range(_MOST_LAYERS + 1):
        yield route
        plain = unquote(route)
        if plain == route:
            return
        route = plain


def _has_controls(text: str) -> bool:
    return any(letter < " " or letter == "\x7f" for letter in unquote(text))

"""Errors in GraphQL answers, which come with any status. An answer with errors is a part, so it is never used."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from connectors.http import shorten
from connectors.httpx_client import EFFECT

_LIMITED = re.compile(
    r"rate.?limit|throttl|complexity.?(?:budget|exception)|too.?many.?requests|concurrency", re.IGNORECASE
)
_MOST_SECONDS = 1e6
_REFUSED = re.compile(r"unauthenticated|not.?authenticated|unauthorized|authentication|forbidden|scope", re.IGNORECASE)


def fault_finder(doing: str, name: str) -> Callable[[object], SourceError | None]:
    """Return a function that finds the errors of a GraphQL document. `name` is the connection's."""

    def fault(document: object) -> SourceError | None:
        errors = document.get("errors") if isinstance(document, Mapping) else None
        if not isinstance(errors, list) or not errors:
            return None
        saw = Message("the service answers with an error: {reason}", reason=shorten(_reason(errors[0])))
        codes = " ".join(_code(error) for error in errors)
        if _LIMITED.search(codes):
            return TransientSourceError(
                doing, saw, effect=EFFECT, advice=Message("Ask for less, or later."), retry_after_seconds=_wait(errors)
            )
        if _REFUSED.search(codes):
            advice = Message(
                "Check what the account or token of the connection {name!r} may read, and its scopes.", name=name
            )
            return AuthError(doing, saw, effect=EFFECT, advice=advice)
        return SourceError(doing, saw, effect=EFFECT, advice=Message("Correct `graphql` or `variables`."))

    return fault


def _reason(error: object) -> str:
    if not isinstance(error, Mapping):
        return str(error)
    more = _extensions(error).get("userPresentableMessage")
    return ": ".join(str(part) for part in (error.get("message"), more) if part) or str(dict(error))


def _code(error: object) -> str:
    """Return what tells the kind of an error: its code, or its type."""
    if not isinstance(error, Mapping):
        return ""
    extensions = _extensions(error)
    return " ".join(
        str(found) for found in (extensions.get("code"), extensions.get("type"), error.get("type")) if found
    )


def _wait(errors: list[Any]) -> float | None:
    """Return how many seconds the service asks to wait, as monday writes it; None where it does not say."""
    for error in errors:
        seconds = _extensions(error).get("retry_in_seconds") if isinstance(error, Mapping) else None
        if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 <= seconds < _MOST_SECONDS:
            return float(seconds)
    return None


def _extensions(error: Mapping[str, Any]) -> Mapping[str, Any]:
    found = error.get("extensions")
    return found if isinstance(found, Mapping) else {}

"""Kinds of errors of GitHub that reads react to, and GraphQL errors by kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message

EFFECT = Message("Its key results were left as they were.")
_HEAVY_TYPES = ("RESOURCE_LIMITS_EXCEEDED", "TIMEOUT")
_HEAVY_TEXTS = ("Something went wrong while executing your query", "Resource limits for this query exceeded")
_UNKNOWN_FIELD_CODES = ("undefinedField", "argumentNotAccepted", "undefinedType")


class HeavyError(TransientSourceError):
    """A request too heavy for GitHub: HTTP 502 or 504, or a resource limit. A smaller request may succeed."""


class RateLimitError(TransientSourceError):
    """A primary or secondary rate limit. All requests of the connection have to wait."""


class MissingError(SourceError):
    """Something that does not exist, or that the token may not see: GitHub answers both in the same way."""


class ScopeError(AuthError):
    """A token without a scope that the query needs."""


class NullError(SourceError):
    """A question answered with null and without an error."""


class RefusedError(SourceError):
    """A question that GitHub refused, such as a search of repositories that it does not find."""


class UnknownFieldError(SourceError):
    """A GraphQL field that this server does not have, such as an older Enterprise Server. `path` leads to it."""

    def __init__(self, doing: str, saw: str, path: Sequence[str]) -> None:
        advice = Message("Leave the column out, or update GitHub Enterprise Server.")
        super().__init__(doing, saw, effect=EFFECT, advice=advice)
        self.path = path


def is_heavy(error: Mapping[str, Any]) -> bool:
    """Return whether a GraphQL error is a timeout or a resource limit, so that a smaller query may succeed."""
    return error.get("type") in _HEAVY_TYPES or str(error.get("message", "")).startswith(_HEAVY_TEXTS)


def is_unknown_field(error: Mapping[str, Any]) -> bool:
    """Return whether a GraphQL error is about a field, an argument or a type that the server does not have."""
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code in _UNKNOWN_FIELD_CODES and isinstance(error.get("path"), list)

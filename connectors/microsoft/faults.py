"""Errors of Microsoft Graph: their code and text, and what to do (https://learn.microsoft.com/graph/errors)."""

from collections.abc import Mapping
from http import HTTPStatus

from config.message import Message
from connectors import json_rows

_SERVER_ERRORS = 500


def reason_of(body: bytes) -> str:
    """Return the code and the message of an error; empty for another body."""
    try:
        document = json_rows.parse(body)
    except ValueError:
        return ""
    error = document.get("error") if isinstance(document, Mapping) else None
    if not isinstance(error, Mapping):
        return ""
    return ": ".join(part for key in ("code", "message") if isinstance(part := error.get(key), str) and part)


def advice_for(status: int, name: str) -> str:
    """Return what to do about a status; `name` is the connection's."""
    if status < HTTPStatus.BAD_REQUEST:
        return Message("Check the connection's url: it is that of Microsoft Graph, such as .../v1.0.")
    if status == HTTPStatus.UNAUTHORIZED:
        return Message("Check `tenant`, `client_id` and `client_secret` of the connection {name!r}.", name=name)
    if status == HTTPStatus.FORBIDDEN:
        return Message(
            "Let an administrator grant the app of the connection {name!r} access to this site (Sites.Selected; "
            "docs/excel-online.md says how).",
            name=name,
        )
    if status == HTTPStatus.NOT_FOUND:
        return Message("Check the link: the file may have been moved or deleted, or the app may not see its site.")
    if status == HTTPStatus.LOCKED:
        return Message("Close it wherever it is open, and run the command again.")
    if status < _SERVER_ERRORS and status != HTTPStatus.TOO_MANY_REQUESTS:
        return Message("Copy the link again: in Excel or SharePoint, Share > Copy link.")
    return Message("Try again later.")

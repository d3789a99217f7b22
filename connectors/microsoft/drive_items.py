"""Answers of Microsoft Graph about files: driveItem resources and lists of document libraries."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from config.dataclass import dataclass
from config.errors import SourceError
from config.message import Message
from connectors import json_rows
from connectors.http import shorten
from connectors.httpx_client import EFFECT

if TYPE_CHECKING:
    import httpx

FIELDS = ("id", "name", "size", "eTag", "webUrl", "file", "lastModifiedBy", "parentReference")
"""Properties of a driveItem that are asked for."""

_APP = "SharePoint App"


@dataclass(frozen=True, slots=True)
class DriveItem:
    """A file as Microsoft Graph describes it.

    Attributes:
        drive, id: by which its content is addressed.
        name: the file's name.
        size: its bytes.
        e_tag: changes whenever the file or its properties do.
        link: the file's web address for people.
        changed_by: who changed it last; empty where Graph does not say it, or where an app did.
    """

    drive: str
    id: str
    name: str
    size: int
    e_tag: str
    link: str
    changed_by: str = ""


def item_of(response: "httpx.Response", doing: str) -> DriveItem:
    """Return the file that an answer describes. Raises SourceError."""
    found = _document(response, doing)
    if "file" not in found and "id" in found:
        saw = Message("the link leads to a folder, not to a file")
        raise SourceError(doing, saw, effect=EFFECT, advice=Message("Copy the link of the file itself."))
    try:
        parent, size = cast("Mapping[str, object]", found["parentReference"]), found["size"]
        number, name, e_tag, link = (_text(found[key]) for key in ("id", "name", "eTag", "webUrl"))
        by = _person(found.get("lastModifiedBy"))
        return DriveItem(_text(parent["driveId"]), number, name, int(cast("int", size)), e_tag, link, by)
    except (KeyError, TypeError, ValueError) as exc:
        raise _strange(doing) from exc


def drives_of(response: "httpx.Response", doing: str) -> Sequence[Mapping[str, object]]:
    """Return the document libraries that an answer lists. Raises SourceError."""
    found = _document(response, doing).get("value")
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise _strange(doing)
    return found


def is_page(response: "httpx.Response") -> bool:
    """Return whether an answer is a page where JSON is due."""
    return is_html(response) or response.content.lstrip()[:1] == b"<"


def is_html(response: "httpx.Response") -> bool:
    """Return whether an answer is a page where a file is due."""
    begins = response.content.lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))
    return begins or "html" in response.headers.get("content-type", "").lower()


def page(doing: str) -> SourceError:
    """Create the error for a page in place of an answer."""
    advice = Message("It may be a sign-in page or a proxy: check the connection's url and the network.")
    return SourceError(doing, Message("an HTML page instead of the answer"), effect=EFFECT, advice=advice)


def _document(response: "httpx.Response", doing: str) -> Mapping[str, object]:
    if is_page(response):
        raise page(doing)
    try:
        found = json_rows.parse(response.content)
    except ValueError:
        found = None
    if not isinstance(found, Mapping):
        raise _strange(doing)
    return found


def _text(value: object) -> str:
    """Return a text. Raises TypeError for an empty one, or another value."""
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value


def _person(identities: object) -> str:
    """Return the name of the user in an identitySet; empty where it is an app, which SharePoint calls by one name."""
    found = identities.get("user") if isinstance(identities, Mapping) else None
    name = found.get("displayName") if isinstance(found, Mapping) else None
    return shorten(name) if isinstance(name, str) and name.strip() and name != _APP else ""


def _strange(doing: str) -> SourceError:
    advice = Message("Check the connection's url: it is that of Microsoft Graph, such as .../v1.0.")
    return SourceError(doing, Message("the answer is not as documented"), effect=EFFECT, advice=advice)

"""Client for files in OneDrive and SharePoint: find one by its link, download it, replace its content.

The access token is sent to Microsoft Graph only. Graph redirects a download to an address that needs no sign-in; that
address is a secret, which is masked, and gets no token.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import quote, urlencode, urlsplit

from config.errors import AuthError, SourceError
from config.masking import keep_secret
from config.message import Message
from config.microsoft_connection import MicrosoftConnection
from connectors.accounts import REQUESTS
from connectors.bounds import PAGES, Bounds
from connectors.files.open_file import LARGEST_MEBIBYTES
from connectors.http import RetryPolicy, error_for_status, metered
from connectors.httpx_client import EFFECT, fault_of, faults, open_httpx
from connectors.microsoft.drive_items import FIELDS, DriveItem, drives_of, is_html, is_page, item_of, page
from connectors.microsoft.faults import advice_for, reason_of
from connectors.microsoft.links import address_of, secrets_of, sharing_token
from connectors.microsoft.sign_in import EntraTokens
from connectors.quota import Quota
from connectors.registry import Context

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Drives = Sequence[Mapping[str, object]]

FILE, DOWNLOAD, UPLOAD = "file", "download", "upload"
"""Kinds of requests: for a file's description, and for its content."""

_CONTENT = Bounds(LARGEST_MEBIBYTES, LARGEST_MEBIBYTES << 20)
_REDIRECTS = (301, 302, 303, 307, 308)
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class NotSignedInError(AuthError):
    """HTTP 401, after which another access token may help."""


class GraphClient:
    """Client of one connection. Thread-safe."""

    def __init__(self, name: str, connection: MicrosoftConnection, context: Context) -> None:
        """Open the client without sending a request. Raises SourceError: an unset secret, unreadable certificates."""
        self.name = name
        self.lanes = connection.lanes
        self._connection = connection
        self._context = context
        self._libraries = cast("dict[str, Drives]", context.shared.setdefault(f"microsoft libraries {name}", {}))
        self._tokens = _tokens(name, connection, context)
        quota = cast("Quota", context.shared.setdefault(f"microsoft quota {name}", Quota()))
        pace = context.pace(name, connection)
        self.patience = RetryPolicy(context.policy, quota, connection.timeout, pace)
        doing = Message("{type} {name!r}: opening {url}", type=connection.type, name=name, url=connection.url)
        self._clients = {
            kind: open_httpx(connection.url, connection, context, doing, self._seconds, bounds)
            for kind, bounds in {FILE: PAGES, UPLOAD: PAGES, DOWNLOAD: _CONTENT}.items()
        }

    def find(self, link: str, doing: str) -> DriveItem:
        """Return the file that a link leads to. Raises SourceError."""
        wanted = urlencode({"$select": ",".join(FIELDS)}, safe="$,")
        path = f"{self.place(link, doing)}?{wanted}"
        item = self._retried(doing, lambda: item_of(self.send("GET", path, FILE, doing), doing))
        if item.size > LARGEST_MEBIBYTES << 20:
            saw = Message("it has {size:,} MiB, more than {most}", size=-(-item.size >> 20), most=LARGEST_MEBIBYTES)
            advice = Message("Keep only what the key results need in it.")
            raise SourceError(doing, saw, effect=EFFECT, advice=advice)
        return item

    def place(self, link: str, doing: str) -> str:
        """Return the path at Microsoft Graph of a file. Raises SourceError."""
        address = address_of(link)
        if address is None:
            return f"shares/{sharing_token(link)}/driveItem"
        site = address.libraries
        if site not in self._libraries:
            self._libraries[site] = self._retried(doing, lambda: drives_of(self.send("GET", site, FILE, doing), doing))
        place = address.within(self._libraries[site])
        if place is None:
            saw = Message("no document library of the site holds this address")
            advice = Message("Copy the link again: in Excel or SharePoint, Share > Copy link.")
            raise SourceError(doing, saw, effect=EFFECT, advice=advice)
        return f"drives/{quote(place[0], safe='!')}/root:/{quote(place[1])}"

    def download(self, item: DriveItem, doing: str) -> bytes:
        """Return the content of a file. Raises SourceError."""
        return self._retried(doing, lambda: self._downloaded(item, doing))

    @property
    def confirm_write(self) -> Callable[[], None]:
        """Called right before a write is sent."""
        return self._context.confirm_write

    def restart(self) -> None:
        """Give what comes now a time of its own, whatever the run has used."""
        self.patience = self.patience.restarted()

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()

    def send(
        self, method: str, path: str, kind: str, doing: str, content: bytes | None = None, if_match: str = ""
    ) -> "httpx.Response":
        """Send one request to Microsoft Graph; return its answer, if it is one of success. Raises SourceError."""
        headers = {"Authorization": f"Bearer {self._tokens.current(doing)}"}
        if kind == DOWNLOAD:
            headers["Accept"] = "*/*"
        if content is not None:
            headers |= {"Content-Type": "application/octet-stream", **({"If-Match": if_match} if if_match else {})}
        try:
            with metered(self._context.meter, self.name, kind) as received:
                response = self._clients[kind].request(
                    method, f"{self._connection.url}/{path}", content=content, headers=headers
                )
                received(len(response.content))
        except faults() as exc:
            raise fault_of(exc, doing, self.name, Message("Check the connection's url and the network.")) from exc
        if response.status_code not in (200, 201, *(_REDIRECTS if kind == DOWNLOAD else ())):
            raise self._refusal(response, doing)
        return response

    def signed_in(self, send: Callable[[], T]) -> T:
        """Call `send`, once more with another access token if the first was refused. Raises SourceError."""
        while True:
            try:
                return send()
            except NotSignedInError as exc:
                if not self._tokens.refuse():
                    raise AuthError(exc.doing, exc.saw, effect=exc.effect, advice=exc.advice) from None

    def _seconds(self) -> float:
        return self.patience.request_seconds()

    def _retried(self, doing: str, send: Callable[[], T]) -> T:
        return self.signed_in(lambda: self.patience.call(send, doing, REQUESTS))

    def _downloaded(self, item: DriveItem, doing: str) -> bytes:
        response = self.send("GET", content_path(item), DOWNLOAD, doing)
        if response.status_code not in _REDIRECTS:
            return bytes(response.content)
        address = response.headers.get("location", "")
        keep_secret(*secrets_of(address, item.link))
        self._require_safe(address, doing)
        opened = open_httpx(address, self._connection, self._context, doing, self._seconds, _CONTENT)
        try:
            with closing(opened) as client, metered(self._context.meter, self.name, DOWNLOAD) as received:
                found = client.get(address, headers={"Accept": "*/*"})
                received(len(found.content))
        except faults() as exc:
            raise fault_of(exc, doing, self.name, Message("Check the network.")) from exc
        if found.status_code != HTTPStatus.OK:
            raise self._undelivered(found, doing)
        if is_html(found):
            raise page(doing)
        return bytes(found.content)

    def _require_safe(self, address: str, doing: str) -> None:
        """Check where a download leads: to https, or to loopback where Graph itself is there. Raises SourceError."""
        parts, own = urlsplit(address), urlsplit(self._connection.url)
        local = parts.scheme == "http" and {own.hostname, parts.hostname} <= _LOOPBACK
        if not parts.hostname or parts.username or not (parts.scheme == "https" or local):
            saw = Message("the download leads to an address that is not https")
            raise SourceError(
                doing, saw, effect=EFFECT, advice=Message("Check connections.{name}.url.", name=self.name)
            )

    def _undelivered(self, response: "httpx.Response", doing: str) -> SourceError:
        """Create the error for a download that was refused; what it says is not shown, since it names the address."""
        host = response.url.host
        advice = Message("Run the command again; if it lasts, check what the app may read on {host}.", host=host)
        now = datetime.now(UTC)
        return error_for_status(doing, response.status_code, "", advice=advice, headers=response.headers, now=now)

    def _refusal(self, response: "httpx.Response", doing: str) -> SourceError:
        status = response.status_code
        saw = Message("an HTML page") if is_page(response) else reason_of(response.content)
        advice = advice_for(status, self.name)
        error = error_for_status(doing, status, saw, advice=advice, headers=response.headers, now=datetime.now(UTC))
        if status == HTTPStatus.UNAUTHORIZED:
            refused = NotSignedInError(error.doing, error.saw, effect=error.effect, advice=error.advice)
            refused.status = status
            return refused
        return error


def content_path(item: DriveItem) -> str:
    """Return the path of a file's content."""
    return f"drives/{quote(item.drive, safe='!')}/items/{quote(item.id, safe='!')}/content"


def _tokens(name: str, connection: MicrosoftConnection, context: Context) -> EntraTokens:
    """Return the tokens that all clients of a connection share in a run."""
    key = f"microsoft tokens {name}"
    made = context.shared.get(key) or context.shared.setdefault(key, EntraTokens(name, connection, context))
    return cast("EntraTokens", made)

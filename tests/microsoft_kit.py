"""A Microsoft 365 on loopback: sign-in of an app, links, downloads by redirect, uploads with If-Match, their errors.

It is as strict as Microsoft's documentation: what that does not name is refused. The properties are those of
`driveItem` and its parts in https://github.com/microsoftgraph/msgraph-metadata (schemas/v1.0-Prod.csdl); paths and
headers are those of https://learn.microsoft.com/graph/api/shares-get, driveitem-get-content and driveitem-put-content.
"""

import base64
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from connectors.sandbox.server import Request, Response, Service

TENANT, CLIENT, SECRET = "contoso.onmicrosoft.com", "6731de76-14a6-49ae-97bc-6eba6914391e", "Zq8~of-the-sandbox-app"
SITE = "https://contoso.sharepoint.com/sites/sales/Shared%20Documents"
SHARED = "https://contoso.sharepoint.com/:x:/s/sales/EaBcD?e=4xYz"
LIBRARY = "b!aWUSdnQ0Y0eV8CwyVnN2qmkFlkJq"
PROPERTIES = {
    "id", "name", "size", "eTag", "cTag", "webUrl", "file", "folder", "lastModifiedBy", "lastModifiedDateTime",
    "parentReference",
}  # fmt: skip
"""Properties of graph.driveItem and its base types, of which `$select` may name any."""
_PATH = "/sites/sales/Shared%20Documents/_layouts/15/download.aspx"
MOST_BYTES = 250_000_000
_TRACE = "Trace ID: 0a5a 5100 Correlation ID: 6f1a Timestamp: 2026-11-16 01:30:00Z"


@dataclass
class OnlineFile:
    """A file or folder. `locked`: whether somebody has it open."""

    name: str
    data: bytes = b""
    version: int = 1
    changed_by: str = "Ann Chen"
    folder: bool = False
    locked: bool = False
    size: int | None = None
    id: str = field(default_factory=lambda: f"01{secrets.token_hex(16).upper()}")
    drive: str = LIBRARY
    guid: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def e_tag(self) -> str:
        """Its eTag as SharePoint writes them."""
        return f'"{{{self.guid.upper()}}},{self.version}"'

    def save(self, data: bytes, by: str = "Ann Chen") -> None:
        """Save it, as somebody in Excel does."""
        self.data, self.version, self.changed_by = data, self.version + 1, by

    def item(self, stated: Sequence[str]) -> dict[str, Any]:
        """The driveItem with the stated properties."""
        found = {
            "id": self.id, "name": self.name, "size": len(self.data) if self.size is None else self.size,
            "eTag": self.e_tag, "webUrl": f"{SITE}/{self.name}",
            "lastModifiedBy": {"user": {"displayName": self.changed_by, "id": "48d3"}},
            "parentReference": {"driveId": self.drive, "driveType": "documentLibrary", "id": "01ROOT"},
            **({"folder": {"childCount": 2}} if self.folder else {"file": {"mimeType": "application/vnd.ms-excel"}}),
        }  # fmt: skip
        return {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#driveItem"} | {
            name: value for name, value in found.items() if name in stated
        }


@dataclass
class _Part:
    """One of the services by its name."""

    name: str
    answer: Callable[[Request], Response]

    def handle(self, request: Request) -> Response:
        """Answer a client's request."""
        return self.answer(request)

    def admin(self, _request: Request) -> Response:
        """It has no state to show."""
        return Response(404)

    def dump(self) -> dict[str, Any]:
        """It has no state to keep."""
        return {}

    def load(self, _state: Mapping[str, Any]) -> None:
        """It has no state to take over."""


@dataclass
class Microsoft:
    """The state of three services: `login`, `graph` and `download`. `files` has them by link.

    Attributes:
        stored: what SharePoint makes of uploaded bytes; it writes properties of a library into workbooks.
        tokens: that were given out and are valid.
        stays: for how many seconds a token is valid.
        whole: whether content comes at once, without a redirect.
        granted: whether the site is granted to the app.
        scopes: that were asked for.
    """

    files: dict[str, OnlineFile]
    secret: str = SECRET
    stored: Callable[[bytes], bytes] = lambda data: data
    stays: int = 3599
    whole: bool = False
    granted: bool = True
    scopes: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    _downloads: dict[str, OnlineFile] = field(default_factory=dict)

    @property
    def services(self) -> list[Service]:
        """The services for a sandbox."""
        return [_Part("login", self._login), _Part("graph", self._graph), _Part("download", self._download)]

    def _login(self, request: Request) -> Response:
        tenant, _, path = request.path.lstrip("/").partition("/")
        if tenant != TENANT:
            said = f"AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."
            return Response(400, {"error": "invalid_tenant", "error_description": f"{said} {_TRACE}"})
        base = f"{request.base_url.replace('http://', 'https://')}/{tenant}"
        if path == "v2.0/.well-known/openid-configuration" and request.method == "GET":
            ends = {name: f"{base}/oauth2/v2.0/{name.split('_')[0]}" for name in ("token_endpoint",)}
            return Response(
                200, {**ends, "authorization_endpoint": f"{base}/oauth2/v2.0/authorize", "issuer": f"{base}/v2.0"}
            )
        assert (path, request.method) == ("oauth2/v2.0/token", "POST"), path
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        client, secret = form["client_id"], form["client_secret"]
        assert form["grant_type"] == "client_credentials"
        self.scopes.append(form["scope"])
        if client != CLIENT:
            said = f"AADSTS700016: Application with identifier '{client}' was not found in the directory '{tenant}'."
            return Response(400, {"error": "unauthorized_client", "error_description": f"{said} {_TRACE}"})
        if secret != self.secret:
            said = (
                "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the "
                f"client secret value, not the client secret ID, for a secret added to app '{client}'."
            )
            answer = {"error": "invalid_client", "error_description": f"{said} {_TRACE}", "error_codes": [7000215]}
            return Response(401, answer)
        self.tokens.append(f"eyJ0.{secrets.token_urlsafe(30)}.app")
        return Response(200, {"token_type": "Bearer", "expires_in": self.stays, "access_token": self.tokens[-1]})

    def _graph(self, request: Request) -> Response:
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return refusal(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        path = request.path.removeprefix("/v1.0/")
        if path == "sites/contoso.sharepoint.com:/sites/sales:/drives":
            return self._libraries(request)
        parts = path.split("/")
        match request.method, parts:
            case "GET", ["shares", token, "driveItem"]:
                return self._shared(token, request)
            case "GET", ["drives", drive, "root:", *names] if drive == LIBRARY:
                return self._described(f"{SITE}/{quote('/'.join(names))}", request)
            case "PUT", ["drives", drive, "root:", *names, "content"] if drive == LIBRARY:
                return self._created(f"{SITE}/{quote('/'.join(names).removesuffix(':'))}", request)
            case "GET" | "PUT", ["drives", drive, "items", number, "content"]:
                found = next((one for one in self.files.values() if (one.drive, one.id) == (drive, number)), None)
                if found is None:
                    return refusal(404, "itemNotFound", "The resource could not be found.")
                return self._content(found, request) if request.method == "GET" else self._replaced(found, request)
        return refusal(400, "invalidRequest", f"Resource not found for the segment '{parts[0]}'.")

    def _libraries(self, request: Request) -> Response:
        assert request.first("$select") == "id,webUrl"
        if not self.granted:
            return refusal(403, "accessDenied", "Access denied")
        pages = {"id": "b!pages", "webUrl": SITE.replace("Shared%20Documents", "SitePages")}
        return Response(200, {"value": [pages, {"id": LIBRARY, "webUrl": SITE}]})

    def _shared(self, token: str, request: Request) -> Response:
        if not token.startswith("u!") or "=" in token:
            return refusal(400, "invalidRequest", "The sharing link no longer exists, or is malformed.")
        link = base64.urlsafe_b64decode(token[2:] + "=" * (-len(token[2:]) % 4)).decode()
        return self._described(link, request)

    def _described(self, link: str, request: Request) -> Response:
        stated = request.first("$select").split(",")
        assert PROPERTIES.issuperset(stated), stated
        found = self.files.get(link)
        if found is None:
            return refusal(404, "itemNotFound", "The site or item could not be found.")
        return Response(200, found.item(stated)) if self.granted else refusal(403, "accessDenied", "Access denied")

    def _content(self, found: OnlineFile, request: Request) -> Response:
        if self.whole:
            return Response(200, found.data, {"Content-Type": "application/octet-stream"})
        key = secrets.token_urlsafe(40)
        self._downloads[key] = found
        host = request.base_url.removesuffix("/graph")
        return Response(
            302, b"", {"Location": f"{host}/download{_PATH}?UniqueId={found.guid}&Translate=false&tempauth={key}"}
        )

    def _replaced(self, found: OnlineFile, request: Request) -> Response:
        assert request.headers["content-type"] not in ("", "application/x-www-form-urlencoded")
        if len(request.body) > MOST_BYTES:
            return refusal(413, "requestEntityTooLarge", "The request is too large.")
        if found.locked:
            said = "The resource you are attempting to access is locked"
            return Response(
                423, {"error": {"code": "notAllowed", "message": said, "innerError": {"code": "resourceLocked"}}}
            )
        if request.headers["if-match"] not in (found.e_tag, "*"):
            return refusal(412, "resourceModified", "ETag does not match current item's value")
        found.save(self.stored(request.body), "SharePoint App")
        return Response(200, found.item(sorted(PROPERTIES)))

    def _created(self, link: str, request: Request) -> Response:
        assert request.first("@microsoft.graph.conflictBehavior") == "fail"
        if not self.granted:
            return refusal(403, "accessDenied", "Access denied")
        if link in self.files:
            return refusal(409, "nameAlreadyExists", "Name already exists")
        self.files[link] = OnlineFile(unquote(link.rpartition("/")[2]), self.stored(request.body))
        return Response(201, self.files[link].item(sorted(PROPERTIES)))

    def _download(self, request: Request) -> Response:
        if "authorization" in request.headers:
            return Response(401, b"<html>a token at a pre-authenticated address</html>", {"Content-Type": "text/html"})
        found = self._downloads.get(request.first("tempauth"))
        if found is None:
            return Response(401, b"<html>sign in</html>", {"Content-Type": "text/html"})
        return Response(200, found.data, {"Content-Type": "application/octet-stream"})


def refusal(status: int, code: str, message: str) -> Response:
    """An error as Microsoft Graph writes it."""
    inner = {"date": "2026-11-16T01:30:00", "request-id": "8b7202d1", "client-request-id": "8b7202d1"}
    return Response(status, {"error": {"code": code, "message": message, "innerError": inner}})

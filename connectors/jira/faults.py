"""Convert error answers of Jira and network faults to SourceError, without headers in the messages."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from config.models import JiraConnection
from connectors.bounds import bound_error
from connectors.http import UnreachableError, UntrustedError, error_for_status, redirect_target
from connectors.tls_faults import is_untrusted

if TYPE_CHECKING:
    import requests

EFFECT = Message("Its key results were left as they were.")
ODD_ANSWER = Message("Run again; if this repeats, something between here and Jira may be changing its answers.")
"""Advice for an answer that is not as Atlassian documents it."""

_REDIRECTS = range(300, 400)
_PAGE = Message("an HTML page")
_DENIED = "X-Authentication-Denied-Reason"


class SignInError(AuthError):
    """Failed authentication. The run sends no further request, since more failures may lock the account."""


class JiraFaults:
    """Error factory of one connection."""

    def __init__(self, name: str, connection: JiraConnection) -> None:
        self._name = name
        self._connection = connection

    def url_advice(self) -> str:
        """Return the advice for an answer that is not from Jira."""
        return Message("Check connections.{name}.url; a login page or a proxy may be in the way.", name=self._name)

    def refused(self, response: "requests.Response", doing: str) -> SourceError:
        """Create the error for a non-2xx answer; SignInError for 401 or a denied authentication."""
        status = response.status_code
        if status in _REDIRECTS:
            to = redirect_target(response.headers)
            saw = Message(
                "HTTP {status}: redirected to {hostname}", status=status, hostname=to.hostname or "another page"
            )
            return SourceError(doing, saw, effect=EFFECT, advice=self.url_advice())
        advice, detail, headers = self._advice(status), _detail(response), response.headers
        found = error_for_status(doing, status, detail, advice=advice, headers=headers, now=datetime.now(UTC))
        if status == 401 or _DENIED in headers:  # noqa: PLR2004 - RFC 9110
            return SignInError(doing, found.saw, effect=EFFECT, advice=advice)
        return found

    def unreached(self, exc: "requests.RequestException", doing: str) -> SourceError:
        """Create the error for a request without a complete answer."""
        import requests

        from connectors.bounded_requests import fault_name

        if ended := bound_error(exc, doing, self._name):
            return ended
        saw = fault_name(exc)
        if is_untrusted(exc):
            advice = Message(
                "Set connections.{name}.ca_bundle to the file of your organisation's certificates.", name=self._name
            )
            return UntrustedError(doing, saw, effect=EFFECT, advice=advice)
        if isinstance(exc, requests.ConnectionError | requests.exceptions.ContentDecodingError):
            advice = Message("Check the network and connections.{name}.url.", name=self._name)
            return UnreachableError(doing, saw, effect=EFFECT, advice=advice)
        return SourceError(doing, saw, effect=EFFECT, advice=self.url_advice())

    def parsed(self, response: "requests.Response", doing: str) -> object:
        """Parse the JSON of a 2xx answer.

        Raises SignInError for an answer to an anonymous user, TransientSourceError for broken JSON, SourceError for
        HTML.
        """
        if _is_anonymous(response):
            saw = Message("Jira did not accept the credentials and answered as to an anonymous user")
            raise SignInError(doing, saw, effect=EFFECT, advice=self._advice(401))
        if _is_page(response):
            raise SourceError(
                doing, Message("{page} instead of JSON", page=_PAGE), effect=EFFECT, advice=self.url_advice()
            )
        try:
            return json.loads(response.content, parse_constant=_no_number)
        except (ValueError, RecursionError):
            saw = Message("the answer is cut off or no JSON") if response.content else Message("an empty answer")
            raise TransientSourceError(doing, saw, effect=EFFECT, advice="Try again later.") from None

    def _advice(self, status: int) -> str:
        name = self._name
        if status == 400:  # noqa: PLR2004 - RFC 9110
            return Message("Correct the measure's jql; Jira's search page shows the same message.")
        if status in (401, 403):
            check = Message(
                "Check the token {token} (connections.{name}.token) and the account's "
                "permissions; it may have expired.",
                token=self._connection.token,
                name=name,
            )
            if self._connection.cloud_id:
                return check + Message(" Its scopes have to include read:jira-work.")
            if self._connection.email:
                return check + Message(" A scoped token, or a service account, needs `cloud_id: auto`.")
            return check + Message(" Jira Cloud needs the account's `email` too.")
        if status in (404, 410):
            other = "data_center" if self._connection.is_cloud else "cloud"
            return Message(
                "Check connections.{name}.url, and write `deployment: {other}` if that is what the site is.",
                name=name,
                other=other,
            )
        if status == 429:  # noqa: PLR2004 - RFC 6585
            return Message(
                "Jira limits how often it may be asked; run again later, or lower connections.{name}.lanes.", name=name
            )
        return Message("Try again later.") if status >= 500 else self.url_advice()  # noqa: PLR2004 - RFC 9110


def _no_number(name: str) -> NoReturn:
    raise ValueError(Message("{name} is not JSON", name=name))


def _is_page(response: "requests.Response") -> bool:
    return "html" in response.headers.get("Content-Type", "").lower() or response.content.lstrip()[:1] == b"<"


def _is_anonymous(response: "requests.Response") -> bool:
    """Return whether Jira answered as to an anonymous user: 200 for an invalid token, with fewer issues or none."""
    reason = response.headers.get("X-Seraph-LoginReason", "")
    return "FAILED" in reason or "DENIED" in reason or response.headers.get("X-AUSERNAME") == "anonymous"


def _detail(response: "requests.Response") -> str:
    """Extract Jira's error text from `errorMessages`, `errors` or `message`; for HTML, only that it is a page."""
    if denied := response.headers.get(_DENIED):
        return Message("sign-in denied: {denied}", denied=denied)
    if _is_page(response):
        return _PAGE
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, Mapping):
        return ""
    messages = body.get("errorMessages")
    errors = body.get("errors")
    texts = [
        *(messages if isinstance(messages, list) else [messages]),
        *(errors.values() if isinstance(errors, Mapping) else []),
        body.get("message"),
        body.get("errorMessage"),
    ]
    return " ".join(text for text in texts if isinstance(text, str))

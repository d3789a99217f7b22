"""Convert error answers of Google and network faults to SourceError.

`LostAnswerError` means that a request may have been carried out, which writes have to know.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import requests
import urllib3

from config.dataclass import dataclass
from config.errors import AuthError, SourceError, TransientSourceError
from config.message import Message
from config.plain_text import plain
from connectors.bounded_requests import fault_name
from connectors.bounds import bound_error
from connectors.http import UnreachableError, UntrustedError, error_for_status, retry_after_seconds, shorten
from connectors.tls_faults import is_untrusted

_REFILL_SECONDS = 10.0
"""How long to wait where Google refuses for too many requests and states no time; it allows so many a minute.

Source: https://developers.google.com/workspace/sheets/api/limits
"""

EFFECT = Message("Its key results were left as they were.")


class LostAnswerError(TransientSourceError):
    """A request that may have been carried out, without a readable answer."""


class LostConnectionError(LostAnswerError, UnreachableError):
    """A request that was sent and not answered."""


class OversizedError(SourceError):
    """An answer larger than its maximum size, to a request that was carried out."""


class BadRequestError(SourceError):
    """HTTP 400: the request names something that does not exist, such as a tab. Other parts of a batch may be valid."""


@dataclass(frozen=True, slots=True)
class Account:
    """Account, for advice: e-mail to share with (empty if unknown), reference to its key, whether it may write."""

    email: str
    key: str
    writes: bool

    @property
    def share(self) -> str:
        """Advice to share the spreadsheet with this account."""
        role = Message("an editor") if self.writes else Message("a viewer")
        return Message(
            "Share the spreadsheet with {email} as {role}.", email=self.email or "the account that reads it", role=role
        )


def refused(doing: str, response: requests.Response, account: Account) -> SourceError:
    """Create the error for an answer that is not 2xx (error body: google.rpc.Status).

    A status that may be transient, except 429, is a LostAnswerError; 400 is a BadRequestError.
    """
    status, now = response.status_code, datetime.now(UTC)
    error = _error_body(response)
    detail = str(error.get("message") or "") or _without_markup(response)
    if error.get("status") == "RESOURCE_EXHAUSTED":
        status = requests.codes.too_many_requests
    advice = _advice(status, detail, error, account)
    found = error_for_status(doing, status, detail, advice=advice, headers=response.headers, now=now)
    if isinstance(found, TransientSourceError) and status == requests.codes.too_many_requests:
        if found.retry_after_seconds is None:
            found.retry_after_seconds = _REFILL_SECONDS
    elif isinstance(found, TransientSourceError):
        return LostAnswerError(
            doing, found.saw, effect=found.effect, advice=advice, retry_after_seconds=found.retry_after_seconds
        )
    if status == requests.codes.bad_request:
        return BadRequestError(doing, found.saw, effect=found.effect, advice=advice)
    return found


def network_error(doing: str, exc: requests.RequestException, name: str) -> SourceError:
    """Create the error for a request without a complete answer.

    LostConnectionError, unless no connection was made; OversizedError where the answer is too large.
    """
    if ended := bound_error(exc, doing, name):
        found = LostConnectionError if isinstance(ended, UnreachableError) else OversizedError
        return found(doing, ended.saw, effect=EFFECT, advice=ended.advice)
    saw = fault_name(exc)
    if is_untrusted(exc):
        return UntrustedError(doing, saw, effect=EFFECT, advice="Check the connection's url, or set its ca_bundle.")
    kind = UnreachableError if _never_sent(exc) else LostConnectionError
    return kind(doing, saw, effect=EFFECT, advice="Check the network and the connection's url and timeout.")


def unreadable(doing: str, response: requests.Response) -> LostAnswerError:
    """Create the error for a 2xx answer that is not the API's JSON, such as a proxy's login page."""
    kind = response.headers.get("Content-Type", "").partition(";")[0] or Message("no content type")
    return LostAnswerError(
        doing,
        Message(
            "HTTP {status_code} with {kind} that is not the API's JSON ({response})",
            status_code=response.status_code,
            kind=kind,
            response=shorten(_without_markup(response)),
        ),
        effect=EFFECT,
        advice="A proxy may have answered in Google's place; check the network.",
    )


def token_refused(doing: str, detail: str, account: Account) -> AuthError:
    """Create the error for a token endpoint that refuses the credentials."""
    return AuthError(
        doing,
        Message("no access token ({detail})", detail=shorten(detail)),
        effect=EFFECT,
        advice=Message(
            "Check the service account in {key}, that its key is not deleted, and this machine's clock.",
            key=account.key,
        ),
    )


def token_unreached(doing: str, exc: BaseException, name: str) -> SourceError:
    """Create the error for a token endpoint without a complete answer, or whose certificate is not trusted."""
    if exc.__cause__ and (ended := bound_error(exc.__cause__, doing, name)):
        saw = Message("no access token ({saw})", saw=ended.saw)
        return type(ended)(doing, saw, effect=EFFECT, advice=ended.advice)
    if not is_untrusted(exc):
        return token_unavailable(doing, 0, {})
    saw = Message("no access token (the token endpoint's certificate is not trusted)")
    return UntrustedError(doing, saw, effect=EFFECT, advice="Check `token_url`, or set the connection's ca_bundle.")


def token_unavailable(doing: str, status: int, headers: Mapping[str, str]) -> TransientSourceError:
    """Create the error for a transient fault of a token endpoint. Status 0: unreachable; 200: no token in answer."""
    saw = f"HTTP {status}" if status else Message("the token endpoint cannot be reached")
    return TransientSourceError(
        doing,
        Message(
            "no access token ({saw}{value})",
            saw=saw,
            value=" without one; a proxy may have answered" if status == requests.codes.ok else "",
        ),
        effect=EFFECT,
        advice="Try again later; check the network and the connection's token_url.",
        retry_after_seconds=retry_after_seconds(headers, datetime.now(UTC)),
    )


def _never_sent(exc: requests.RequestException) -> bool:
    if isinstance(exc, requests.ConnectTimeout):
        return True
    reason = getattr(exc.args[0], "reason", None) if exc.args else None
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def _error_body(response: requests.Response) -> Mapping[str, Any]:
    try:
        error = response.json().get("error")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return error if isinstance(error, Mapping) else {}


def _without_markup(response: requests.Response) -> str:
    return Message("an HTML page") if response.text.lstrip().startswith("<") else plain(response.text)[:1000]


def _advice(status: int, detail: str, error: Mapping[str, Any], account: Account) -> str:
    reasons = {one.get("reason") for one in error.get("details") or () if isinstance(one, Mapping)}
    if "SERVICE_DISABLED" in reasons or "has not been used in project" in detail:
        return Message("Enable the Google Sheets API in the service account's project.")
    if "ACCESS_TOKEN_SCOPE_INSUFFICIENT" in reasons:
        return Message("Give the credentials the Sheets scope; a service account gets it automatically.")
    if "not supported for this document" in detail:
        return Message("This is an Excel file kept in Drive: save it as a Google Sheet (File > Save as Google Sheets).")
    share = Message("Check the spreadsheet's id: it is the part after /d/ in its address. {share}", share=account.share)
    return {
        requests.codes.unauthorized: Message("Check the credentials in {key}.", key=account.key),
        requests.codes.forbidden: share,
        requests.codes.not_found: share,
        requests.codes.too_many_requests: Message(
            "Sheets allows one account 60 reads and 60 writes a minute; run again later."
        ),
        requests.codes.bad_request: Message("Check the spreadsheet, the tab and the range."),
    }.get(status, "")

"""Upload a workbook: in place of the version that was downloaded, or where there is none.

It is sent again only where it was refused in passing (HTTP 429, 503 with Retry-After) or never left. A lost answer is
neither a failure nor a success.
"""

from http import HTTPStatus
from urllib.parse import urlencode

from config.dataclass import dataclass
from config.errors import SourceError, TransientSourceError
from config.message import Message
from connectors.accounts import REQUESTS
from connectors.bounds import ForeignAddressError
from connectors.http import shorten
from connectors.microsoft.drive_items import DriveItem, is_page
from connectors.microsoft.graph import UPLOAD, GraphClient, content_path

_UNCLEAR = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
"""Answers after which the upload may have arrived all the same."""


class LostAnswerError(SourceError):
    """No answer, or one that does not say whether the upload arrived."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an upload goes.

    Attributes:
        path: at Microsoft Graph.
        e_tag: of the version to replace; empty for a new file.
        changed_by: who changed that version last.
    """

    path: str
    e_tag: str = ""
    changed_by: str = ""


def replacing(item: DriveItem) -> Target:
    """Return the target of an upload in place of a file, if it still is the one that was read."""
    return Target(content_path(item), item.e_tag, item.changed_by)


def creating(place: str) -> Target:
    """Return the target of an upload of a new file, where there is none."""
    return Target(f"{place}:/content?{urlencode({'@microsoft.graph.conflictBehavior': 'fail'}, safe='@')}")


def upload(client: GraphClient, target: Target, data: bytes, doing: str) -> None:
    """Upload a file.

    Raises:
        LostAnswerError: whether it arrived is not known.
        SourceError: it was refused; `status` is 412 where somebody saved the file meanwhile, 409 where there is one.
    """
    client.restart()
    attempt = _Attempt(client, target, data, doing)
    try:
        client.signed_in(lambda: client.patience.call(attempt.send, doing, REQUESTS))
    except SourceError as exc:
        raise (LostAnswerError(doing, exc.saw) if attempt.unclear else exc) from exc.__cause__


class _Attempt:
    """One upload, which may take several requests."""

    def __init__(self, client: GraphClient, target: Target, data: bytes, doing: str) -> None:
        self._client = client
        self._target = target
        self._data = data
        self._doing = doing
        self.unclear = False
        """Whether a request may have arrived."""

    def send(self) -> None:
        """Send it once. Raises SourceError."""
        self._client.confirm_write()
        try:
            response = self._client.send("PUT", self._target.path, UPLOAD, self._doing, self._data, self._target.e_tag)
        except SourceError as exc:
            found = self._explained(exc)
            if found is exc:
                raise
            raise found from exc
        if is_page(response):
            self.unclear = True
            saw = Message("HTTP {status} with a page instead of an answer", status=response.status_code)
            raise LostAnswerError(self._doing, saw)

    def _explained(self, exc: SourceError) -> SourceError:
        """Return what an error means for the file; a TransientSourceError is sent again."""
        if exc.status in _UNCLEAR or (exc.status is None and exc.__cause__ and not _never_left(exc.__cause__)):
            self.unclear = True
            waits = isinstance(exc, TransientSourceError) and exc.retry_after_seconds is not None
            return exc if waits else LostAnswerError(self._doing, exc.saw)
        if exc.status == HTTPStatus.PRECONDITION_FAILED:
            return self._stale(exc)
        if exc.status == HTTPStatus.CONFLICT and not self._target.e_tag:
            return _with(exc, Message("there is a file of that name already"), Message("Move it away."))
        if exc.status == HTTPStatus.LOCKED:
            return self._locked(exc)
        if exc.status == HTTPStatus.FORBIDDEN:
            advice = Message(
                "Let an administrator grant the app of the connection {name!r} *write* on this site (docs/"
                "excel-online.md says how).",
                name=self._client.name,
            )
            return _with(exc, exc.saw, advice)
        return exc

    def _stale(self, exc: SourceError) -> SourceError:
        saw = Message("it was saved after it was read ({saw})", saw=exc.saw)
        return _with(exc, saw, Message("Run the command again: it makes a new plan."))

    def _locked(self, exc: SourceError) -> SourceError:
        """Say who has to close the file: whoever changed it last, as Microsoft Graph does not say who has it open."""
        saw = Message("the workbook is locked: it is open in Excel, or checked out ({saw})", saw=exc.saw)
        advice: Message = Message("Close it wherever it is open, and run the command again.")
        if self._target.changed_by:
            advice = Message(
                "Close it wherever it is open, and run the command again; {person} changed it last.",
                person=shorten(self._target.changed_by),
            )
        return _with(exc, saw, advice)


def _with(exc: SourceError, saw: str, advice: str) -> SourceError:
    found = SourceError(exc.doing, saw, effect=exc.effect, advice=advice)
    found.status = exc.status
    return found


def _never_left(exc: BaseException) -> bool:
    """Whether a request failed before anything was sent."""
    import httpx

    kinds = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol)
    return isinstance(exc, (*kinds, ForeignAddressError))

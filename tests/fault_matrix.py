"""Every service and every fault that it can meet in a run: the cases behind docs/faults.md."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from connectors.sandbox.server import Request, Response
from fault_cases import PASSING, UNREADABLE
from fault_world import IDS, Handle, half_an_hour_on

READ, WRITE, ARRIVED = "OKR sheet, read", "OKR sheet, write that is lost", "OKR sheet, write whose answer is lost"
ONLINE = "Excel on SharePoint"
LASTING = 1000


@dataclass(frozen=True, slots=True)
class Service:
    """Where a fault is put, and which key results it may cost.

    Attributes:
        sandbox: the sandbox's service; empty for files.
        match: what the path of the requests holds that meet the fault; of files, which one.
        connection: its name in the config.
        later: what holds of `401 in the middle of a run`: the path, and how many requests pass before.
    """

    sandbox: str
    match: str
    connection: str
    costs: tuple[str, ...]
    later: tuple[str, int] = ("", 1)


SERVICES = {
    "Jira Cloud": Service("jira", "/rest/", "jira", ("KR1",)),
    "Jira Data Center": Service("jira-dc", "/rest/", "jira_dc", ("KR2",)),
    "GitHub": Service("github", "/graphql", "github", ("KR3", "KR4")),
    "Google Sheets as a source": Service("sheets", "/deals/", "sales", ("KR5", "KR6"), ("/csat/", 0)),
    "HTTP": Service("http", "/orders", "shop", ("KR7", "KR8"), ("/uptime", 0)),
    "Files": Service("", "visits.csv", "", ("KR9",)),
    "SQL": Service("", "signups.db", "base", ("KR10",)),
    ONLINE: Service("graph", "/v1.0/", "office", ("KR11",)),
    READ: Service("sheets", "/okrs", "okrs", IDS, ("/okrs", 0)),
    WRITE: Service("sheets", ":batchUpdate", "okrs", IDS, (":batchUpdate", 0)),
    ARRIVED: Service("sheets", ":batchUpdate", "okrs", IDS),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One service and one fault. Exactly one of the others says what happens.

    Attributes:
        answer: what each request gets instead of its answer: attributes of the sandbox's `Fault`.
        between: makes what stands between the client and the service, and may change its answers.
        special: `hang`, `dns` or `tls`.
        file: what is done to the file.
    """

    service: str
    fault: str
    answer: Callable[[], Mapping[str, Any]] | None = None
    between: Callable[[], Callable[[Request, Handle], Response]] | None = None
    special: str = ""
    file: Callable[[Path], object] | None = None


def _limited(seconds: str, body: object = None) -> Mapping[str, Any]:
    return {"status": 429, "body": body, "headers": {"Retry-After": seconds}}


def _in_seven_seconds() -> Mapping[str, Any]:
    return _limited(format_datetime(datetime.now(UTC) + timedelta(seconds=7), usegmt=True))


ANSWERS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "429 without Retry-After": lambda: PASSING["429 without Retry-After"],
    "429 with Retry-After": lambda: PASSING["429 with Retry-After"],
    "429 with a date": _in_seven_seconds,
    "429 with a day's Retry-After": lambda: _limited("86400"),
    "429 with a date in 2100": lambda: _limited("Fri, 31 Dec 2100 23:59:59 GMT"),
    "500": lambda: PASSING["500"],
    "502": lambda: PASSING["502"],
    "503": lambda: PASSING["503"],
    "504": lambda: PASSING["504"],
    "a reset in the middle of the body": lambda: PASSING["reset in the body"],
    "truncated JSON with 200": lambda: UNREADABLE["truncated JSON"],
    "HTML with 200": lambda: UNREADABLE["HTML with 200"],
    "401 in the middle of the run": lambda: {"status": 401, "body": {"message": "Bad credentials"}},
}
SPECIAL = {"a hang": "hang", "no such host (DNS)": "dns", "no TLS (TLS)": "tls"}
LOST_ANSWERS = (
    "500",
    "502",
    "503",
    "504",
    "a reset in the middle of the body",
    "truncated JSON with 200",
    "HTML with 200",
)


def _limit(**headers: str) -> Mapping[str, Any]:
    body = {"message": "API rate limit exceeded for user ID 1."}
    return {"status": 403, "body": body, "headers": {name.replace("_", "-"): text for name, text in headers.items()}}


def _secondary(**headers: str) -> Mapping[str, Any]:
    body = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
    return {**_limit(**headers), "body": body}


def _errors(**error: str) -> Mapping[str, Any]:
    return {"status": 200, "body": {"data": None, "errors": [error]}}


ONLY_GITHUB: dict[str, Callable[[], Mapping[str, Any]]] = {
    "primary limit": lambda: _limit(X_RateLimit_Remaining="0", X_RateLimit_Reset=half_an_hour_on()),
    "secondary limit with Retry-After": lambda: _secondary(Retry_After="900"),
    "secondary limit without a time": _secondary,
    "GraphQL 200 with errors": lambda: _errors(type="INTERNAL", message="Something broke."),
    "GraphQL 200 with a limit": lambda: _errors(type="RATE_LIMITED", message="API rate limit exceeded."),
}


class Twice:
    """Pages that overlap: each later page of Jira Cloud and of GitHub begins with the first row once more."""

    def __init__(self) -> None:
        self._first: object = None

    def __call__(self, request: Request, handle: Handle) -> Response:
        answer, asked = handle(request), request.json()
        held = answer.body.get("data", {}).get("search", answer.body) if isinstance(answer.body, dict) else {}
        rows = held.get("issues", held.get("nodes"))
        later = "nextPageToken" in asked or asked.get("variables", {}).get("after")
        if rows and later:
            rows.insert(0, self._first)
        elif rows and "bulkfetch" not in request.path:
            self._first = rows[0]
        return answer


def _server_repeats(request: Request, handle: Handle) -> Response:
    """Data Center gives the first page once more in place of the second, as it does where the order is not total."""
    return handle(replace(request, body=request.body.replace(b'"startAt": 5', b'"startAt": 0')))


def _orders_twice(request: Request, handle: Handle) -> Response:
    """The second page begins with the last row of the first, as where one was added meanwhile."""
    answer = handle(request)
    if request.first("after"):
        before = handle(replace(request, query={}))
        return Response(200, {**answer.body, "rows": [before.body["rows"][-1], *answer.body["rows"]]})
    return answer


def _part_of(request: Request, handle: Handle) -> Response:
    """Half of what was asked for: issues, aliases, or ranges."""
    answer = handle(request)
    body = answer.body
    if "rows" in body:
        return Response(200, {**body, "rows": body["rows"][:-1]})
    whole = "bulkfetch" in request.path or "startAt" in request.json()
    if isinstance(body.get("issues"), list) and whole:
        return Response(200, {**body, "issues": body["issues"][:-1]}, answer.headers)
    if isinstance(body.get("data"), dict):
        return Response(200, {"data": {"rateLimit": body["data"].get("rateLimit")}}, answer.headers)
    if isinstance(body.get("valueRanges"), list):
        return Response(200, {**body, "valueRanges": []}, answer.headers)
    if "sheets" in body:
        return Response(200, {**body, "sheets": []}, answer.headers)
    if "updatedSpreadsheet" in body:
        return Response(200, {**body, "updatedSpreadsheet": {"sheets": []}}, answer.headers)
    return answer


def _expired(request: Request, handle: Handle) -> Response:
    """The token or cursor of a later page is not known any more."""
    asked = request.json()
    if request.first("after"):
        return Response(410, {"message": "The cursor has expired."})
    if "nextPageToken" in asked:
        return Response(400, {"errorMessages": ["The provided next page token is invalid or expired."]})
    if asked.get("variables", {}).get("after"):
        error = {"type": "INVALID_CURSOR_ARGUMENTS", "message": "`Y3Vyc29y` does not appear to be a valid cursor."}
        return Response(200, {"data": None, "errors": [error]})
    return handle(request)


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


TWICE, EXPIRED, PART = "the same rows on two pages", "an expired page token", "a partial batch"
FILES: dict[str, Callable[[Path], object]] = {
    "it is gone": lambda path: path.unlink(),
    "it is empty": lambda path: path.write_bytes(b""),
    "no text": lambda path: path.write_bytes(b"id,n\n\xff\xfe\x00\x81,1\n"),
    "an HTML page in its place": lambda path: path.write_bytes(b"<html>log in</html>"),
    "a folder in its place": _as_folder,
}

DATABASES: dict[str, Callable[[Path], object]] = {
    "it is gone": lambda path: path.unlink(),
    "it is empty": lambda path: path.write_bytes(b""),
    "an HTML page in its place": lambda path: path.write_bytes(b"<html>log in</html>" * 99),
    "a folder in its place": _as_folder,
}


def _cases() -> Iterator[Case]:
    for service in SERVICES:
        if service == "Files":
            yield from (Case(service, fault, file=done) for fault, done in FILES.items())
            continue
        if service == "SQL":
            yield from (Case(service, fault, file=done) for fault, done in DATABASES.items())
            yield Case(service, "a hang", special="locked")
            continue
        wanted = LOST_ANSWERS if service == ARRIVED else tuple(ANSWERS)
        yield from (Case(service, fault, ANSWERS[fault]) for fault in wanted)
        if service == "GitHub":
            yield from (Case(service, fault, answer) for fault, answer in ONLY_GITHUB.items())
        if service in ("Jira Cloud", "GitHub"):
            yield Case(service, TWICE, between=Twice)
            yield Case(service, EXPIRED, between=lambda: _expired)
        if service == "HTTP":
            yield Case(service, TWICE, between=lambda: _orders_twice)
            yield Case(service, EXPIRED, between=lambda: _expired)
        if service == "Jira Data Center":
            yield Case(service, TWICE, between=lambda: _server_repeats)
        if service not in (WRITE, ONLINE):
            yield Case(service, PART, between=lambda: _part_of)
        specials = ("a hang",) if service == ARRIVED else SPECIAL
        yield from (Case(service, fault, special=SPECIAL[fault]) for fault in specials)


CASES = {(case.service, case.fault): case for case in _cases()}

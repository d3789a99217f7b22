"""Every fault of a service, at every service but Jira: what its reading is, and that the other reads are exact.

A fault that passes costs nothing but a wait; one that lasts costs its own reads. No number comes out of either.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from config.errors import AuthError, SheetError, SourceError, UncertainWriteError
from connectors import registry
from connectors.google_sheets import okr_sheet as google_okr_sheet
from connectors.google_sheets.okr_sheet import SheetTabs
from connectors.http import Policy, UnreachableError, UntrustedError
from connectors.okr_sheet import CellWrite, SheetBatch
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.github.state import item, repository
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from fault_cases import FINAL, HTML, PASSING, REFUSED_WRITES, UNREADABLE
from github_kit import OddGitHub
from sandbox_kit import Fault
from services_kit import Services, reaching, sandbox_of
from source_contract import Rows

TRIES = 3
SHEET = "okr-1"
OWN = "okrsync 2026-Q4"
LIMITED = {"message": "API rate limit exceeded for user ID 1."}
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
QUOTA = {"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}
SERVICES = ("github", "google_sheets", "http")
LASTING = 1000


@dataclass
class World(Services):
    """Services of which one fails for its first read, and how long was waited."""

    waits: list[float] = field(default_factory=list)

    def error(self, service: str, **changed: Any) -> SourceError:
        """What the service's first read came to: an error, and not one row."""
        answer = self.read(service, READS[service][:1], **changed)["bad"]
        assert isinstance(answer, ReadError)
        assert self.kept.rows == {}
        assert answer.error.effect
        return answer.error

    def fault(self, service: str, status: int, body: Any = None, **given: Any) -> None:
        name, match = ADDRESSES[service]
        self.sandbox.faults.append(Fault(name, **{"match": match, "status": status, "body": body, **given}))

    def requests(self, service: str) -> int:
        name, match = ADDRESSES[service]
        return sum(match in entry.target for entry in self.sandbox.requests(name))


ADDRESSES = {"github": ("github", "/actions/"), "google_sheets": ("sheets", "/book-bad/"), "http": ("shop", "/9")}
"""Where the read that fails goes, so that the others stand beside it."""

READS: dict[str, list[Read]] = {
    "github": [
        Read("bad", "workflow_runs", {"repository": "o/r"}, ("id",)),
        Read("good", "issues", {"search": "repo:o/r"}, count_only=True),
        Read("rows", "issues", {"search": "repo:o/r is:closed"}, ("number",)),
    ],
    "google_sheets": [
        Read("bad", "cell", {"spreadsheet": "book-bad", "cell": "S!A1"}, ("value",)),
        Read("good", "cell", {"spreadsheet": "book-good", "cell": "S!A1"}, ("value",)),
        Read("rows", "rows", {"spreadsheet": "book-good", "range": "T!A:B"}),
    ],
    "http": [
        Read("bad", "json", {"url": "/9"}),
        Read("good", "json", {"url": "/8"}),
        Read("rows", "json", {"url": "/7"}),
    ],
}


def github() -> OddGitHub:
    closed = {"state": "closed", "closed_at": "2026-10-09T00:00:00Z"}
    items = [item(n, "2026-10-01T00:00:00Z", title=f"t{n}", **(closed if n % 2 else {})) for n in range(1, 201)]
    return OddGitHub({"o/r": repository("o/r", items=items)})


def sheets(pem: str) -> SheetsService:
    table: list[list[Any]] = [["id", "n"], ["a", 1], ["b", 2]]
    books = [Book.of_values(name, name, {"S": [[41], [42]], "T": table}) for name in ("book-bad", "book-good")]
    service = SheetsService(*books, Book.of_values(SHEET, "OKR", {"OKRs": [["KR 編號", "目前值"], ["KR1", 1]]}))
    service.tokens.pem = pem
    return service


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str) -> Iterator[World]:
    google = sheets(pem)
    waits: list[float] = []
    with sandbox_of(github(), google) as sandbox:
        opened = reaching(sandbox, tmp_path, Policy(tries=TRIES, sleep=waits.append), monkeypatch)
        yield World(sandbox, *opened, waits=waits)


def exact(world: World, service: str, answers: dict[str, Reading | ReadError], *keys: str) -> None:
    """The counts and rows of these reads are those that stand there."""
    counts = {"github": {"bad": 0, "good": 200, "rows": 100}, "google_sheets": {"bad": 1, "good": 1, "rows": 2}}
    wanted = counts.get(service, {"bad": 1, "good": 1, "rows": 1})
    for key in keys:
        answer = answers[key]
        assert isinstance(answer, Reading), str(answer.error)
        assert answer.count == wanted[key]
        assert answer.read.count_only or len(world.kept.rows[key]) == wanted[key]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_costs_a_wait(world: World, service: str, name: str) -> None:
    world.fault(service, **PASSING[name])
    exact(world, service, world.read(service, READS[service]), "bad", "good", "rows")
    assert world.requests(service) == 2
    assert len(world.waits) == 1


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", [*PASSING, *UNREADABLE, *FINAL])
def test_a_fault_that_lasts_costs_only_its_own_read(world: World, service: str, name: str) -> None:
    world.fault(service, **(PASSING | UNREADABLE | FINAL)[name], times=LASTING)
    answers = world.read(service, READS[service])
    bad = answers["bad"]
    assert isinstance(bad, ReadError)
    assert (bad.error.doing != "", bad.error.saw != "") == (True, True)
    assert "left as they were" in bad.error.effect
    assert "bad" not in world.kept.rows
    assert world.requests(service) <= TRIES
    if (service, name) != ("github", "401"):  # a bad token is no good for the other reads either
        exact(world, service, answers, "good", "rows")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(("status", "body"), [(429, QUOTA), (503, b"")])
@pytest.mark.parametrize("asked", ["86400", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_an_absurd_wait_is_not_begun(world: World, service: str, status: int, body: Any, asked: str) -> None:
    world.fault(service, status, body, headers={"Retry-After": asked}, times=LASTING)
    error = world.error(service)
    assert "a run waits 60 s at most" in str(error)
    assert (world.requests(service), world.waits) == (1, [])


@pytest.mark.parametrize("service", SERVICES)
def test_a_hang_ends_at_the_timeout(world: World, service: str) -> None:
    world.fault(service, 0, delay_seconds=1.5, times=LASTING)
    error = world.error(service, timeout=0.5)
    assert isinstance(error, UnreachableError)
    assert world.context.meter.count(service) - world.context.meter.count(service, "token") == TRIES


@pytest.mark.parametrize("service", SERVICES)
def test_no_such_host(world: World, service: str) -> None:
    error = world.error(service, url="https://nowhere.invalid")
    assert isinstance(error, UnreachableError)
    assert "network" in error.advice
    assert len(world.waits) == TRIES - 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_host_that_speaks_no_tls_is_not_asked_again(world: World, service: str) -> None:
    error = world.error(service, url=world.sandbox.url.replace("http:", "https:"))
    assert isinstance(error, UntrustedError)
    assert "ca_bundle" in error.advice
    assert world.waits == []


@pytest.mark.parametrize("place", [0, 100, 199])
@pytest.mark.parametrize("how", ["alias", "whole", "silent"])
def test_one_failing_count_of_200_costs_only_itself(world: World, place: int, how: Any) -> None:
    cast("OddGitHub", world.sandbox.services["github"]).refused_search = how
    searches = ["repo:o/r is:closed"] * 200
    searches[place] = "repo:o/gone is:closed"
    reads = [Read(f"k{n}", "issues", {"search": text}, count_only=True) for n, text in enumerate(searches)]
    answers = world.read("github", reads)
    bad = answers.pop(f"k{place}")
    assert isinstance(bad, ReadError)
    assert "o/gone" in str(bad.error)
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [100] * 199
    assert len(world.sandbox.requests("github")) == (7 if how == "whole" else 6)


@pytest.mark.parametrize("place", [0, 100, 199])
@pytest.mark.parametrize("text", ["Gone!A1", "S!A3"])
def test_one_failing_cell_of_200_costs_only_itself(world: World, place: int, text: str) -> None:
    book = cast("SheetsService", world.sandbox.services["sheets"]).books["book-good"]
    book.tabs[0].cell(2, 0).entered = {"stringValue": "no number"}
    cells = ["S!A1", "S!A2"] * 100
    cells[place] = text
    reads = [
        Read(f"k{n}", "cell", {"spreadsheet": "book-good", "cell": one}, ("value",)) for n, one in enumerate(cells)
    ]
    answers = world.read("google_sheets", reads)
    bad = answers.pop(f"k{place}")
    assert isinstance(bad, ReadError) or bad.error_of(("value",))
    assert all(isinstance(answer, Reading) and not answer.failed for answer in answers.values())
    values = {n: world.kept.rows[f"k{n}"][0]["value"] for n in range(200) if n != place}
    assert values == {n: (42, 41)[n % 2 == 0] for n in range(200) if n != place}
    assert world.context.meter.count(kind="cells") <= 2


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (403, LIMITED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{later}"}),
        (429, LIMITED, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "{later}"}),
        (403, SECONDARY, {"Retry-After": "900"}),
        (200, {"errors": [{"type": "RATE_LIMITED", **LIMITED}]}, {"Retry-After": "900"}),
    ],
)  # fmt: skip
def test_a_limit_in_the_middle_ends_the_connection_and_keeps_what_was_read(
    world: World, status: int, body: Any, headers: dict[str, str]
) -> None:
    later = str(int((datetime.now(UTC) + timedelta(minutes=30)).timestamp()))
    output = {key: value.format(later=later) for key, value in headers.items()}
    world.fault("github", status, body, headers=output, match="/graphql", skip=1, times=LASTING)
    answers = world.read("github", counts(150), lanes=1)
    assert [isinstance(answers[f"k{n}"], Reading) for n in (0, 49, 50, 149)] == [True, True, False, False]
    assert len(world.sandbox.requests("github")) == 2
    assert world.waits == []


def counts(number: int) -> list[Read]:
    return [Read(f"k{n}", "issues", {"search": "repo:o/r"}, count_only=True) for n in range(number)]


def test_a_limit_that_names_no_time_is_waited_for_a_minute_once(world: World) -> None:
    world.fault("github", 403, SECONDARY, match="/graphql", times=LASTING)
    answers = world.read("github", counts(3), lanes=1)
    assert all(isinstance(answer, ReadError) for answer in answers.values())
    assert world.waits == [60.0]
    assert len(world.sandbox.requests("github")) == 2


@pytest.mark.parametrize("missing", [0, 1, 2])
@pytest.mark.parametrize("gone", [{}, {"k{0}": None}])
def test_a_partial_batch_is_unknown_where_it_is_partial(world: World, missing: int, gone: dict[str, Any]) -> None:
    output: dict[str, Any] = {f"k{n}": {"issueCount": 7} for n in range(3) if n != missing}
    output |= {"k3": {"id": "R"}, **{key.format(missing): value for key, value in gone.items()}}
    world.fault("github", 200, {"data": output}, match="/graphql")
    answers = world.read("github", counts(3), lanes=1)
    bad = answers.pop(f"k{missing}")
    assert isinstance(bad, ReadError)
    assert "GitHub gave no answer" in str(bad.error)
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [7, 7]


def test_a_401_in_the_middle_keeps_what_was_read_and_asks_no_more(world: World) -> None:
    world.fault("github", 401, {"message": "Bad credentials"}, match="/graphql", skip=1, times=LASTING)
    answers = world.read("github", counts(150), lanes=1)
    bad = [answer.error for answer in answers.values() if isinstance(answer, ReadError)]
    assert len(bad) == 100
    assert all(isinstance(error, AuthError) for error in bad)
    assert len(world.sandbox.requests("github")) == 2


TOKEN_FAULTS: list[tuple[dict[str, Any], type[SourceError]]] = [
    ({"status": 401, "body": {"error": "invalid_grant", "error_description": "Account not found"}}, AuthError),
    ({"status": 400, "body": {"error": "invalid_grant"}}, AuthError),
    ({"status": 503, "body": b"busy"}, SourceError),
    ({"status": 429, "body": b"", "headers": {"Retry-After": "86400"}}, SourceError),
    ({"status": 200, "body": b"<html>log in</html>", "headers": HTML}, SourceError),
    ({"status": 200, "body": b'{"access_tok'}, SourceError),
    ({"status": 200, "body": {"expires_in": 3600}}, AuthError),
    ({"status": 200, "body": {"access_token": 5, "expires_in": 3600}}, SourceError),
    ({"status": 200, "body": {"access_token": "t", "expires_in": [1]}}, SourceError),
    ({"status": 200, "body": {"access_token": "t", "expires_in": 10**30}}, SourceError),
    ({"status": 200, "body": b"{}" * 99, "cut": 3}, SourceError),
]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("given", "kind"), TOKEN_FAULTS)
def test_a_token_that_is_not_to_be_had(
    world: World, given: dict[str, Any], kind: type[SourceError], late: bool
) -> None:
    source = registry.open_source("google_sheets", world.connections["google_sheets"], world.context)
    if late:
        (first,) = source.read(READS["google_sheets"][:1], world.kept)
        assert isinstance(first, Reading)
        cast("Any", source)._client._login.credentials.expiry = datetime(2020, 1, 1)  # noqa: DTZ001 - as google-auth has it
    world.kept.rows.clear()
    world.sandbox.faults.append(Fault("sheets", "/token", times=LASTING, **given))
    (answer,) = source.read(READS["google_sheets"][:1], world.kept)
    assert isinstance(answer, ReadError)
    assert type(answer.error) is kind
    assert "token" in str(answer.error)
    assert world.kept.rows == {}
    assert world.context.meter.count(kind="cells") == int(late)
    source.close()


def test_a_token_endpoint_that_fails_is_asked_five_times_in_all(world: World) -> None:
    """By all connections of a credential, readers and writer, whatever the number of their reads."""
    policy = replace(world.context.policy, tries=5)
    world.context = replace(world.context, policy=policy, writes_through="okrs")
    world.sandbox.faults.append(Fault("sheets", "/token", 503, times=LASTING))
    for name in ("sales", "more"):
        source = registry.open_source(name, world.connections["google_sheets"], world.context)
        answers = list(source.read(READS["google_sheets"], world.kept))
        source.close()
        assert all(isinstance(answer, ReadError) for answer in answers)
        assert all(f"'{name}'" in str(answer.error) for answer in answers if isinstance(answer, ReadError))
    writer = google_okr_sheet.open_writer(
        "okrs", world.connections["google_sheets"], SheetTabs(SHEET, ("OKRs",), OWN), world.context
    )
    with pytest.raises(SheetError, match=re.escape("no access token (HTTP 503). Nothing was written")):
        writer.read()
    writer.close()
    assert world.context.meter.count(kind="token") == 5


def test_a_token_that_hardly_lasts_is_never_renewed_behind_our_back(world: World) -> None:
    token = {"access_token": "t", "expires_in": 5, "token_type": "Bearer"}
    world.sandbox.faults.append(Fault("sheets", "/token", 200, token, times=LASTING))
    error = world.error("google_sheets")
    assert "HTTP 401" in str(error)
    assert [call.kind for call in world.context.meter.calls] == ["token", "cells"]
    assert len(world.sandbox.requests("sheets")) == 2


def test_a_token_endpoint_without_a_host(world: World) -> None:
    error = world.error("google_sheets", token_url="https://nowhere.invalid/token")
    assert "the token endpoint cannot be reached" in str(error)
    assert "token_url" in error.advice


@pytest.mark.parametrize("name", [*PASSING, *UNREADABLE, *FINAL])
def test_an_okr_sheet_that_cannot_be_read(world: World, name: str) -> None:
    given = (PASSING | UNREADABLE | FINAL)[name]
    reader = google_okr_sheet.open_reader(
        "g", world.connections["google_sheets"], SheetTabs(SHEET, ("OKRs",), OWN), world.context
    )
    world.sandbox.faults.append(Fault("sheets", f"/{SHEET}", times=LASTING, **given))
    with pytest.raises(SheetError, match="Nothing was written"):
        reader.read()
    world.sandbox.faults.clear()
    if name in PASSING:
        world.sandbox.faults.append(Fault("sheets", f"/{SHEET}", **given))
    assert reader.read().tabs["OKRs"].cell(1, 1).value == Decimal(1)
    reader.close()


@pytest.mark.parametrize("body", [{"sheets": [{}]}, {"sheets": [{"properties": {"title": "OKRs"}, "data": 5}]}])
@pytest.mark.parametrize("writing", [False, True])
def test_a_spreadsheet_that_is_not_as_documented(world: World, body: dict[str, Any], writing: bool) -> None:
    writer = google_okr_sheet.open_writer(
        "g", world.connections["google_sheets"], SheetTabs(SHEET, (), OWN), world.context
    )
    writer.read()
    answer = {"updatedSpreadsheet": body} if writing else body
    world.sandbox.faults.append(Fault("sheets", f"/{SHEET}", 200, answer, after=True))
    with pytest.raises(UncertainWriteError if writing else SheetError, match="not as documented"):
        writer.write(SheetBatch((CellWrite("OKRs", 1, 1, Decimal(9)),))) if writing else writer.read()
    assert writer.read().tabs["OKRs"].cell(1, 1).value == Decimal(9 if writing else 1)
    writer.close()


@pytest.mark.parametrize("name", [*PASSING, *UNREADABLE, *FINAL])
@pytest.mark.parametrize("arrived", [False, True])
def test_a_write_is_never_sent_twice_blindly(world: World, name: str, arrived: bool) -> None:
    writer = google_okr_sheet.open_writer(
        "g", world.connections["google_sheets"], SheetTabs(SHEET, ("OKRs",), OWN), world.context
    )
    writer.read()
    refused = name in REFUSED_WRITES
    fault = Fault("sheets", ":batchUpdate", times=LASTING, after=arrived and not refused)
    for key, value in (PASSING | UNREADABLE | FINAL)[name].items():
        setattr(fault, key, value)
    world.sandbox.faults.append(fault)
    with pytest.raises(SheetError) as caught:
        writer.write(SheetBatch((CellWrite("OKRs", 1, 1, Decimal(9)),)))
    assert isinstance(caught.value, UncertainWriteError) is not refused
    assert ("Nothing was written" in str(caught.value)) is refused
    passing = name.startswith("429")
    assert world.context.meter.count(kind="write") == (TRIES if passing else 1)
    assert bool(world.waits) is passing
    assert writer.read().tabs["OKRs"].cell(1, 1).value == Decimal(9 if arrived and not refused else 1)
    writer.close()


@pytest.mark.parametrize(("given", "kind"), TOKEN_FAULTS)
def test_a_write_without_a_token_wrote_nothing(world: World, given: dict[str, Any], kind: type[SourceError]) -> None:
    writer = google_okr_sheet.open_writer(
        "g", world.connections["google_sheets"], SheetTabs(SHEET, ("OKRs",), OWN), world.context
    )
    writer.read()
    cast("Any", writer)._client._login.credentials.expiry = datetime(2020, 1, 1)  # noqa: DTZ001 - as google-auth has it
    world.sandbox.faults.append(Fault("sheets", "/token", times=LASTING, **given))
    with pytest.raises(SheetError, match="Nothing was written") as caught:
        writer.write(SheetBatch((CellWrite("OKRs", 1, 1, Decimal(9)),)))
    assert not isinstance(caught.value, UncertainWriteError)
    assert type(caught.value.__cause__) is kind
    assert world.context.meter.count(kind="write") == 0


@pytest.mark.parametrize("url", ["https://nowhere.invalid", "tls"])
def test_a_write_that_never_left_wrote_nothing(world: World, url: str) -> None:
    writer = google_okr_sheet.open_writer(
        "g", world.connections["google_sheets"], SheetTabs(SHEET, ("OKRs",), OWN), world.context
    )
    writer.read()
    cast("Any", writer)._client._http.base = world.sandbox.url.replace("http:", "https:") if url == "tls" else url
    with pytest.raises(SheetError, match="Nothing was written") as caught:
        writer.write(SheetBatch((CellWrite("OKRs", 1, 1, Decimal(9)),)))
    assert not isinstance(caught.value, UncertainWriteError)
    writer.close()


FILES: dict[str, Callable[[Path], object]] = {
    "gone.csv": lambda path: path,
    "folder.csv": lambda path: path.mkdir(),
    "empty.csv": lambda path: path.write_bytes(b""),
    "odd.csv": lambda path: path.write_bytes(b"id,n\n\xff\xfe\x00\x81,1\n"),
    "empty.xlsx": lambda path: path.write_bytes(b""),
    "cut.xlsx": lambda path: path.write_bytes(b"PK\x03\x04" + b"\x00" * 50),
    "page.xlsx": lambda path: path.write_bytes(b"<html>log in</html>"),
    "cut.json": lambda path: path.write_bytes(b'[{"n": 1}, {"n"'),
    "empty.json": lambda path: path.write_bytes(b""),
    "page.json": lambda path: path.write_bytes(b"<html>log in</html>"),
    "cut.jsonl": lambda path: path.write_bytes(b'{"n": 1}\n{"n"'),
    "~nobody-here/x.csv": lambda path: path,
    "nul\x00.csv": lambda path: path,
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_none_costs_only_its_own_read(tmp_path: Path, name: str) -> None:
    FILES[name](tmp_path / name)
    (tmp_path / "good.csv").write_text("id,n\na,1\nb,2\n", "utf-8")
    kept = Rows()
    source = registry.open_source("files", None, Context(tmp_path))
    reads = [Read("bad", "rows", {"path": name}), Read("good", "rows", {"path": "good.csv"})]
    answers = {answer.read.key: answer for answer in source.read(reads, kept)}
    bad, good = answers["bad"], answers["good"]
    assert isinstance(bad, ReadError)
    assert "left as they were" in bad.error.effect
    assert bad.error.advice
    assert isinstance(good, Reading)
    assert (good.count, set(kept.rows)) == (2, {"good"})

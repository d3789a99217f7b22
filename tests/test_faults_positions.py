"""One read of 200 fails, at every place of a batch and on every page of a list: it alone has no number."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.http import Policy
from connectors.protocol import Read, ReadError, Reading
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.github.state import item, repository
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.server import Request, Response
from sandbox_kit import cut
from services_kit import Services, numbered, reaching, sandbox_of

READS = 200
PLACES = pytest.mark.parametrize("place", [0, 101, 199])
WRONG: dict[str, Response] = {
    "refused": Response(404, {"message": "no"}),
    "cut": cut(Response(200, b"[]" * 99), 7),
    "truncated": Response(200, b'{"data": {"search": {"issueCount": 1, "nodes": [{"ur'),
}


class World(Services):
    """Reads of which one fails."""

    def instead(self, service: str, when: Callable[[Request], bool], response: Response) -> None:
        """Answer so to the requests that `when` names."""
        emulated = self.sandbox.services[service]
        handle = emulated.handle
        emulated.handle = lambda request: response if when(request) else handle(request)  # type: ignore[method-assign]

    def only(self, service: str, place: int, reads: Sequence[Read], values: Sequence[object]) -> None:
        """Reading them gives an error at that place, and the right rows everywhere else."""
        answers = self.read(service, reads)
        failed = [n for n, read in enumerate(reads) if isinstance(answers[read.key], ReadError)]
        assert failed == [place]
        assert reads[place].key not in self.kept.rows
        others = [read for n, read in enumerate(reads) if n != place]
        assert [self.kept.rows[read.key] for read in others] == [one for n, one in enumerate(values) if n != place]


def shop(request: Request) -> Response:
    """Any address is answered with the number in it, and Prometheus' queries with theirs."""
    if request.path != "/api/v1/query":
        return numbered(request)
    return Response(
        200, {"status": "success", "data": {"resultType": "scalar", "result": [1.0, request.first("query")]}}
    )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str) -> Iterator[World]:
    tables: dict[str, list[list[Any]]] = {f"T{n}": [["id", "n"], ["a", n]] for n in range(READS)}
    google = SheetsService(
        Book.of_values("book", "book", tables),
        *(Book.of_values(f"book-{n}-", "one of many", {"S": [[n]]}) for n in range(READS)),
    )
    google.tokens.pem = pem
    created = "2026-10-01T00:00:{:02}Z"
    items = [item(n, created.format(n % 60), labels=["few"] if n > 950 else []) for n in range(1, 1301)]
    runs = [{"id": n, "workflow": "ci.yml", "created_at": created.format(n % 60)} for n in range(1, 451)]
    github = GitHubService({"o/r": repository("o/r", items=items, runs=[{**RUN, **run} for run in runs])})
    with sandbox_of(github, google, shop) as sandbox:
        yield World(sandbox, *reaching(sandbox, tmp_path, Policy(tries=2, sleep=lambda _: None), monkeypatch))


RUN = {"status": "completed", "conclusion": "success", "event": "push", "branch": "main", "started_at": None,
       "updated_at": "2026-10-01T01:00:00Z", "name": "ci", "number": 1, "actor": None}  # fmt: skip


def body_of(request: Request) -> dict[str, Any]:
    return cast("dict[str, Any]", request.json()) if request.method == "POST" else {}


PAGES: dict[str, Callable[[Request], bool]] = {
    "the first page": lambda request: (
        "first" in body_of(request).get("variables", {}) and body_of(request)["variables"]["after"] is None
    ),
    "a page in the middle": lambda request: "Y3Vyc29yOjIwMA==" in request.body.decode(),
    "the last page": lambda request: "Y3Vyc29yOjMwMA==" in request.body.decode(),
}
"""Cursors of the sandbox: `cursor:200` and `cursor:300` in base64."""


@pytest.mark.parametrize("place", [0, 199])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("how", WRONG)
def test_a_page_of_a_github_list_costs_that_list_alone(world: World, place: int, page: str, how: str) -> None:
    world.instead("github", PAGES[page], WRONG[how])
    reads = [Read(f"k{n}", "issues", {"search": "repo:o/r label:few"}, count_only=True) for n in range(READS)]
    reads[place] = Read("long", "issues", {"search": "repo:o/r label:few"}, ("number",))
    answers = world.read("github", reads)
    assert isinstance(answers.pop("long"), ReadError)
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [350] * (READS - 1)
    assert world.kept.rows == {}


@pytest.mark.parametrize("how", WRONG)
def test_a_page_of_one_slice_of_a_github_list_costs_that_list_alone(world: World, how: str) -> None:
    world.instead("github", PAGES["a page in the middle"], WRONG[how])
    reads = [Read(f"k{n}", "issues", {"search": "repo:o/r label:few"}, count_only=True) for n in range(READS)]
    answers = world.read("github", [*reads, Read("long", "issues", {"search": "repo:o/r"}, ("number",))])
    assert isinstance(answers.pop("long"), ReadError)
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [350] * READS


@pytest.mark.parametrize("page", ["1", "3", "5"])
@pytest.mark.parametrize("how", WRONG)
def test_a_page_of_workflow_runs_costs_those_runs_alone(world: World, page: str, how: str) -> None:
    world.instead("github", lambda request: request.first("page") == page, WRONG[how])
    reads = [Read(f"k{n}", "issues", {"search": "repo:o/r label:few"}, count_only=True) for n in range(READS)]
    answers = world.read("github", [*reads, Read("runs", "workflow_runs", {"repository": "o/r"}, ("id",))])
    assert isinstance(answers.pop("runs"), ReadError)
    assert [answer.count for answer in answers.values() if isinstance(answer, Reading)] == [350] * READS
    assert world.kept.rows == {}


@PLACES
@pytest.mark.parametrize("wrong", ["Gone!A:B", "T7!C:D"])
def test_a_range_of_200_costs_itself_alone(world: World, place: int, wrong: str) -> None:
    """A range of a tab that is not there, and one without a header row, among all in one batchGet."""
    ranges = [f"T{n}!A:B" for n in range(READS)]
    ranges[place] = wrong
    reads = [Read(f"k{n}", "rows", {"spreadsheet": "book", "range": one}) for n, one in enumerate(ranges)]
    world.only("google_sheets", place, reads, [[{"id": "a", "n": n}] for n in range(READS)])


@PLACES
@pytest.mark.parametrize("how", WRONG)
def test_a_spreadsheet_of_200_costs_itself_alone(world: World, place: int, how: str) -> None:
    world.instead("sheets", lambda request: f"/book-{place}-/" in request.path, WRONG[how])
    reads = [Read(f"k{n}", "cell", {"spreadsheet": f"book-{n}-", "cell": "S!A1"}, ("value",)) for n in range(READS)]
    world.only("google_sheets", place, reads, [[{"value": n, "text": str(n)}] for n in range(READS)])


@PLACES
@pytest.mark.parametrize("how", WRONG)
def test_an_address_of_200_costs_itself_alone(world: World, place: int, how: str) -> None:
    world.instead("shop", lambda request: request.path == f"/{place}", WRONG[how])
    reads = [Read(f"k{n}", "json", {"url": f"/{n}"}) for n in range(READS)]
    world.only("http", place, reads, [[{"n": n}] for n in range(READS)])


@PLACES
@pytest.mark.parametrize("rows", ["items[", "keys(@)", "nothing.here"])
def test_a_read_of_200_on_one_address_costs_itself_alone(world: World, place: int, rows: str) -> None:
    """They share one request; a path that is none, or does not fit the answer, is its own read's fault."""
    reads = [Read(f"k{n}", "json", {"url": "/7", "rows": "[?n > `1`]"}) for n in range(READS)]
    reads[place] = Read("bad", "json", {"url": "/7", "rows": rows})
    world.only("http", place, reads, [[{"n": 7}]] * READS)
    assert len(world.sandbox.requests("shop")) == 1


@PLACES
@pytest.mark.parametrize("how", WRONG)
def test_a_prometheus_query_of_200_costs_itself_alone(world: World, place: int, how: str) -> None:
    world.instead("shop", lambda request: request.first("query") == str(place), WRONG[how])
    reads = [Read(f"k{n}", "query", {"query": str(n)}) for n in range(READS)]
    answers = world.read("prometheus", reads)
    failed = [n for n in range(READS) if isinstance(answers[f"k{n}"], ReadError)]
    assert failed == [place]
    values = {n: world.kept.rows[f"k{n}"][0]["value"] for n in range(READS) if n != place}
    assert values == {n: n for n in range(READS) if n != place}


@PLACES
@pytest.mark.parametrize("data", [None, b"", b"id,n\n\xff\xfe\x00\x81,1\n"])
def test_a_file_of_200_costs_itself_alone(world: World, tmp_path: Path, place: int, data: bytes | None) -> None:
    for n in range(READS):
        (tmp_path / f"{n}.csv").write_text(f"id,n\na,{n}\n", "utf-8")
    (tmp_path / f"{place}.csv").unlink()
    if data is not None:
        (tmp_path / f"{place}.csv").write_bytes(data)
    reads = [Read(f"k{n}", "rows", {"path": f"{n}.csv"}, instants={"today": NOW}) for n in range(READS)]
    world.only("files", place, reads, [[{"id": "a", "n": n}] for n in range(READS)])


@PLACES
def test_a_read_of_200_on_one_file_costs_itself_alone(world: World, tmp_path: Path, place: int) -> None:
    (tmp_path / "rows.csv").write_text("id,n,odd\na,1,2\nb,2,N/A\nc,3,4\n", "utf-8")
    reads = [Read(f"k{n}", "rows", {"path": "rows.csv"}, ("n",), instants={"today": NOW}) for n in range(READS)]
    reads[place] = Read("bad", "rows", {"path": "rows.csv"}, ("odd",), instants={"today": NOW})
    answers = world.read("files", reads)
    readings = [answer for answer in (answers[read.key] for read in reads) if isinstance(answer, Reading)]
    failed = [n for n, reading in enumerate(readings) if reading.error_of(reading.read.columns)]
    assert len(readings) == len(reads)
    assert failed == [place]
    others = [read.key for n, read in enumerate(reads) if n != place]
    assert all([row["n"] for row in world.kept.rows[key]] == [1, 2, 3] for key in others)


NOW = datetime(2026, 11, 2, tzinfo=UTC)

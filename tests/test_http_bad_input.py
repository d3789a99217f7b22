"""Bad answers of an API in a whole run: a message with four parts, unknown values, other sources untouched."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from command_kit import Shell
from connectors.http_api import pages
from connectors.sandbox.server import Request, Response
from golden_files import check_golden
from pages_kit import CLIENT_SECRET, Api, serving

HTML = {"Content-Type": "text/html"}
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: {language}
okr_sheet: {{file: okrs.xlsx}}
connections:
  shop:
    type: http
    url: {url}
    token_url: {url}/token
    client_id: okrsync
    client_secret: $SHOP_SECRET
measures:
  revenue:
    from: shop.json
    url: {path}
    rows: {rows}
    {more}
    value: sum({column})
  visits:
    from: files.rows
    path: visits.csv
    value: sum(n)
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {{title: Revenue, baseline: 0, target: 1000, measure: revenue}}
      KR2: {{title: Visits, baseline: 0, target: 100, measure: visits}}
"""
GOOD = {
    "path": "/cursor?after={cursor}",
    "rows": "items[].{id: id, amount: amount}",
    "more": "next: paging.next.after",
    "column": "amount",
}
COUNTED = {**GOOD, "path": "/page?page={page}", "more": "total: meta.total"}


def _page_2(api: Api, answer: Response) -> Callable[[Request], Response]:
    return lambda request: answer if request.first("after") else api._cursor(request)


CASES: dict[str, tuple[Callable[[Api], object], dict[str, str]]] = {
    "a wrong password": (
        lambda api: api.instead.update({"/token": lambda _: Response(401, {"error": "invalid_client"})}), {}
    ),
    "a token without the scope": (
        lambda api: api.instead.update({
            "/cursor": lambda _: Response(
                403, {"message": "no"}, {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="orders.read"'}
            )
        }),
        {},
    ),
    "a list that is not there": (lambda _: None, {"rows": "orders[].{id: id, amount: amount}"}),
    "a field that is not there": (lambda _: None, {"rows": "items[].{id: id, amount: amont}"}),
    "a column that is not there": (lambda _: None, {"column": "amonut"}),
    "an address that is not there": (lambda _: None, {"path": "/cursors?after={cursor}"}),
    "a page that repeats": (lambda api: setattr(api, "heeds", False), COUNTED),
    "a cursor that expires": (
        lambda api: api.instead.update({"/cursor": _page_2(api, Response(410, {"message": "The cursor expired."}))}),
        {},
    ),
    "a total that does not match": (lambda api: setattr(api, "total", 24), COUNTED),
    "HTML where JSON is due": (
        lambda api: api.instead.update({"/cursor": lambda _: Response(200, b"<html>Sign in</html>", HTML)}), {}
    ),
    "HTML in place of a token": (
        lambda api: api.instead.update({"/token": lambda _: Response(200, b"<html>Sign in</html>", HTML)}), {}
    ),
    "a number as text": (
        lambda api: api.instead.update({
            "/cursor": lambda _: Response(200, {"items": [{"id": n, "amount": f"{n}.50"} for n in range(23)]})
        }),
        {},
    ),
    "a link that leads away": (
        lambda api: api.instead.update({
            "/next": lambda _: Response(200, {"items": [{"id": 1, "amount": 2}], "next": "https://evil.example/x"})
        }),
        {"path": "/next", "more": "next: next"},
    ),
    "one page of several": (lambda _: None, {"path": "/cursor", "more": "instants: iso"}),
    "too many pages": (lambda api: setattr(api, "count", 100), COUNTED),
}  # fmt: skip


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    monkeypatch.setenv("SHOP_SECRET", CLIENT_SECRET)
    monkeypatch.setattr(pages, "MOST_PAGES", 6)
    with serving(Api(signs_in="bearer")) as made:
        yield made


def state(api: Api, language: str = "en", **keys: str) -> None:
    text = CONFIG.format(**{**GOOD, **keys, "url": api.url, "language": language, "rows": "ROWS"})
    rows = keys.get("rows", GOOD["rows"])
    Path("okrsync.yaml").write_text(text.replace("rows: ROWS", f"rows: |\n      {rows}"), "utf-8")


def current() -> list[object]:
    """The current values of the sheet, by row."""
    sheet = load_workbook("okrs.xlsx")["OKRs"]
    headers = [cell.value for cell in sheet[1]]
    column = headers.index("Current value") + 1
    return [sheet.cell(row, column).value for row in range(2, sheet.max_row + 1)]


def prepare(shell: Shell, api: Api) -> None:
    """A sheet with good numbers."""
    api.count = 23
    state(api)
    Path("visits.csv").write_text("id,n\na,40\n", "utf-8")
    assert shell.run("init", ".", "--sheet", "--yes").code == 0
    assert shell.run("sync").code == 0
    assert current()[-2:] == [379.5, 40]
    Path("visits.csv").write_text("id,n\na,60\n", "utf-8")


@pytest.mark.parametrize("case", CASES)
def test_bad_input(shell: Shell, api: Api, case: str) -> None:
    prepare(shell, api)
    spoil, keys = CASES[case]
    spoil(api)
    state(api, **keys)
    said = shell.output_of(("sync",))
    assert current()[-2:] == [379.5, 60], "unknown keeps its number, and the other source is written"
    assert "okrsync.yaml:13" in said
    assert CLIENT_SECRET not in said
    check_golden(f"http_{case.replace(' ', '_')}.txt", f"# {case}\n{said}")


def test_in_chinese(shell: Shell, api: Api) -> None:
    prepare(shell, api)
    api.total = 24
    state(api, "zh-TW", **COUNTED)
    said = shell.output_of(("dry-run",))
    assert "回應表示共 24 列，實際讀到 23 列" in said


def test_check_online_tries_the_api(shell: Shell, api: Api) -> None:
    prepare(shell, api)
    done = shell.run("check", "--online")
    assert done.code == 0, done.err
    api.instead["/cursor"] = lambda _: Response(403, {"message": "no"})
    done = shell.run("check", "--online")
    assert done.code == 4
    assert "HTTP 403 (no)" in done.out + done.err


def test_requests_are_counted(shell: Shell, api: Api) -> None:
    prepare(shell, api)
    api.seen.clear()
    done = shell.run("dry-run", "--requests")
    assert "shop         rows json, 1 query for 1 measure: amount" in done.out
    assert re.search(r"shop +json +5 × .*\n +shop +token +1 ×", done.out)
    assert len(api.seen) == 6

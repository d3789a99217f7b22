"""The sandbox with Google Sheets alone, or with its trackers too, and eight key results. Quick, for many runs."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from connectors.google_sheets.batch import new_sheet_id
from connectors.grids.a1 import letters
from connectors.sandbox import world
from connectors.sandbox.github.service import GitHubService
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from connectors.sandbox.google_sheets.formula_text import as_entered
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.service import JiraSandbox
from demo_kit import service_key, sheets_of
from sandbox_kit import Sandbox
from syncer.sheet.columns import COLUMNS
from syncer.sheet.lookups import OwnPlace, lookup
from syncer.sheet.own_tab import OWN_COLUMNS
from workspace_kit import NOW

CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
connections:
  google:
    type: google_sheets
    url: {url}/sheets
    token_url: {url}/sheets/token
    service_account: file:secrets/service-account.json
    timeout: {timeout}
{trackers}okr_sheet:
  connection: google
  spreadsheet: demo-okrs
  tabs: [OKRs]
measures:
{measures}
objectives:
  O1:
    title: Companies choose us
    key_results:
{key_results}
safety:
  max_drop: 100%
  max_rise: 100%
  max_falling: 100%
"""
TRACKERS = """\
  jira:
    type: jira
    url: {url}/jira
    email: demo@example.com
    token: file:secrets/jira-token
    timeout: {timeout}
    fields:
      story_points: customfield_10016
  github:
    type: github
    url: {url}/github
    token: file:secrets/github-token
    timeout: {timeout}
"""
MEASURE = """\
  m{n}:
    from: google.rows
    spreadsheet: demo-sales
    range: Numbers!A:B
    value: max(amount) filter (id = 'KR{n}')
"""
OF_JIRA = """\
  m{n}:
    from: jira.issues
    jql: key = CORE-{n}
    value: sum(story_points)
"""
OF_GITHUB = """\
  m{n}:
    from: github.repositories
    repository: acme/app
    value: max({column})
"""
KEY_RESULT = """\
      KR{n}:
        title: Reach {n}00
        baseline: 0
        target: {n}00
        measure: m{n}
"""
OWN = "okrsync 2026-Q4"
SHOWN: Mapping[int, str] = {6: "current", 7: "progress", 8: "expected", 9: "status", 11: "updated"}
"""The columns of people's tab that show okrsync's own."""
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8)
IN_JIRA = (2, 3)
IN_GITHUB = {4: "stars", 5: "forks"}


@contextmanager
def lean_workspace(folder: Path, *, trackers: bool = False, timeout: float = 30.0) -> Iterator[Sandbox]:
    """Eight key results, all but KR6 with a row of lookups; a total of people's stands below.

    With `trackers` KR2 and KR3 come from Jira, KR4 and KR5 from GitHub.
    """
    services = world.sample_services(date(2026, 10, 1), NOW, "en")
    if not trackers:
        services = [one for one in services if isinstance(one, SheetsService)]
    with Sandbox(services) as sandbox:
        sheets_of(sandbox).tokens.pem = service_key()
        books = sheets_of(sandbox).books
        okrs, sales = books["demo-okrs"].tabs[0], books["demo-sales"]
        enter(okrs, 7, 6, None)
        enter(okrs, 11, 0, None)
        enter(okrs, 11, 1, "All of them")
        enter(okrs, 11, 6, "=SUM(G3:G9)")
        look_up(books["demo-okrs"], okrs)
        sales.tabs.append(GridTab(9, "Numbers"))
        (folder / "secrets").mkdir(exist_ok=True)
        for name, text in world.secret_files(services, sandbox.url).items():
            (folder / "secrets" / name).write_text(text, "utf-8")
        (folder / "okrsync.yaml").write_text(_config(sandbox.url, timeout, trackers=trackers), "utf-8")
        numbers(sandbox, 1)
        yield sandbox


def look_up(book: Book, tab: GridTab, *, rows: Iterable[int] = range(2, 9), shown: Mapping[int, str] = SHOWN) -> None:
    """Make okrsync's own tab with its headers, and let people's tab show it."""
    own = GridTab(new_sheet_id(OWN), OWN)
    book.tabs.append(own)
    for column, name in enumerate(OWN_COLUMNS):
        enter(own, 0, column, COLUMNS[name].en)
    for row in rows:
        for column, name in shown.items():
            place = OwnPlace(OWN, "A", letters(OWN_COLUMNS.index(name)))
            enter(tab, row, column, as_entered(lookup(place, "A"), book.locale))


def _config(url: str, timeout: float, *, trackers: bool) -> str:
    return CONFIG.format(
        url=url,
        timeout=timeout,
        trackers=TRACKERS.format(url=url, timeout=timeout) if trackers else "",
        measures="".join(_measure(n, trackers=trackers) for n in NUMBERS),
        key_results="".join(KEY_RESULT.format(n=n) for n in NUMBERS),
    )


def _measure(n: int, *, trackers: bool) -> str:
    if trackers and n in IN_JIRA:
        return OF_JIRA.format(n=n)
    if trackers and n in IN_GITHUB:
        return OF_GITHUB.format(n=n, column=IN_GITHUB[n])
    return MEASURE.format(n=n)


def numbers(sandbox: Sandbox, step: int) -> None:
    """The trackers' numbers move: KRn's becomes n * (10 + step)."""
    tab = next(tab for tab in sheets_of(sandbox).books["demo-sales"].tabs if tab.title == "Numbers")
    for row, values in enumerate([("id", "amount"), *((f"KR{n}", n * (10 + step)) for n in NUMBERS)]):
        for column, value in enumerate(values):
            enter(tab, row, column, value)
    jira, github = sandbox.services.get("jira"), sandbox.services.get("github")
    if isinstance(jira, JiraSandbox) and isinstance(github, GitHubService):
        for n in IN_JIRA:
            jira.issues[f"CORE-{n}"].points = float(n * (10 + step))
        for n, counted in IN_GITHUB.items():
            github.state.repositories["acme/app"][counted] = n * (10 + step)

"""The sandbox with Google Sheets alone: its OKR sheet, and deals that people enter. Quick, for many runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from connectors.sandbox import world
from connectors.sandbox.google_sheets.book import enter
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.server import Sandbox
from demo_kit import sheets_of
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
okr_sheet:
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
MEASURE = """\
  m{n}:
    from: google.rows
    spreadsheet: demo-sales
    range: Numbers!A:B
    value: max(amount) filter (id = 'KR{n}')
"""
KEY_RESULT = """\
      KR{n}:
        title: Reach {n}00
        baseline: 0
        target: {n}00
        measure: m{n}
"""
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8)


@contextmanager
def lean_workspace(folder: Path, layout: str = "in_place") -> Iterator[Sandbox]:
    """Eight key results, KR6 without a row; KR7's row has a value that a person typed, taken for its own below."""
    services = [one for one in world.sample_services(date(2026, 10, 1), NOW, "en") if isinstance(one, SheetsService)]
    okrs, sales = services[0].books["demo-okrs"].tabs[0], services[0].books["demo-sales"]
    enter(okrs, 7, 6, None)
    enter(okrs, 11, 0, None)
    enter(okrs, 11, 1, "All of them")
    enter(okrs, 11, 6, "=SUM(G3:G9)")
    sales.tabs.append(type(okrs)(9, "Numbers"))
    with Sandbox(list(services)) as sandbox:
        (folder / "secrets").mkdir(exist_ok=True)
        for name, text in world.secret_files(list(services), sandbox.url).items():
            (folder / "secrets" / name).write_text(text, "utf-8")
        text = CONFIG.format(
            url=sandbox.url,
            measures="".join(MEASURE.format(n=n) for n in NUMBERS),
            key_results="".join(KEY_RESULT.format(n=n) for n in NUMBERS),
        )
        if layout == "data_tab":
            text = text.replace("  tabs: [OKRs]\n", "  tabs: [OKRs]\n  layout: data_tab\n")
        (folder / "okrsync.yaml").write_text(text, "utf-8")
        numbers(sandbox, 1)
        yield sandbox


def numbers(sandbox: Sandbox, step: int) -> None:
    """The trackers' numbers move: KRn's becomes n * (10 + step)."""
    tab = next(tab for tab in sheets_of(sandbox).books["demo-sales"].tabs if tab.title == "Numbers")
    for row, values in enumerate([("id", "amount"), *((f"KR{n}", n * (10 + step)) for n in NUMBERS)]):
        for column, value in enumerate(values):
            enter(tab, row, column, value)

"""A whole made-up year, closed four times: every note, score and decision stays in its own quarter."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from command_kit import Shell
from config.cycles import parse_cycle
from connectors.sandbox import world
from connectors.sandbox.google_sheets.book import Book, GridTab, enter
from demo_kit import service_key, sheets_of
from sandbox_kit import Sandbox
from sheet_people import places_of, shown_by_id
from syncer.sheet.columns import header_of
from workspace_kit import NOW

CYCLES = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2027-Q1")
CONFIG = """\
cycle: 2026-Q1
timezone: Asia/Taipei
language: {language}
{sheet}
measures:
  signed: {{from: files.rows, path: deals.csv, value: sum(amount)}}
safety: {{max_drop: 100%, max_rise: 100%, max_falling: 100%}}
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1: {{title: Sign more, baseline: 0, target: 100, measure: signed}}
      KR2: {{title: Visits, baseline: 0, target: 500}}
      KR3: {{title: Done in the second quarter, baseline: 0, target: 10}}
      KR4: {{title: Dropped at once, baseline: 0, target: 10, dropped: {{date: 2026-02-01, reason: no need}}}}
"""
GOOGLE = """\
connections:
  google: {{type: google_sheets, url: {url}/sheets, token_url: {url}/sheets/token, service_account: file:service-account.json}}
okr_sheet: {{connection: google, spreadsheet: demo-okrs, {tabs}history_tab: true}}"""  # noqa: E501 - one line of YAML
DEPARTMENTS = ("Sales", "Support")
PEOPLES = ("current", "note", "confidence", "self_score", "decision", "reason", "decided_by", "override")
ROW = (*PEOPLES, "title", "owner", "source", "baseline", "target", "computed_score", "progress")


class People(Protocol):
    """The OKR sheet as people see it, by cycle."""

    def type(self, cycle: str, key: str, texts: Mapping[str, object]) -> None:
        """Type into the row of a key result, by column; a new row for an id that has none."""

    def row(self, cycle: str, key: str) -> dict[str, Any]:
        """Return what is shown in a row, by column; empty without a row."""

    def content(self, cycle: str) -> object:
        """Return everything in the sheet of a cycle, okrsync's own tab included."""


class Files:
    """A workbook per cycle."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder, self.language = folder, language

    def path(self, cycle: str) -> Path:
        return self.folder / ("okrs.xlsx" if cycle == CYCLES[0] else f"okrs-{cycle}.xlsx")

    def _columns(self, tab: Worksheet) -> dict[str, int]:
        heads = {cell.value: number for number, cell in enumerate(tab[1], 1)}
        return {name: heads[header_of(name, self.language)] for name in ("id", *ROW)}

    def type(self, cycle: str, key: str, texts: Mapping[str, object]) -> None:
        book = load_workbook(self.path(cycle))
        tab, columns = book.worksheets[0], self._columns(book.worksheets[0])
        ids = [row[0].value for row in tab.iter_rows(min_row=2)]
        row = 2 + (ids.index(key) if key in ids else len(ids))
        for name, text in {"id": key, **texts}.items():
            tab.cell(row, columns[name]).value = text  # type: ignore[assignment]
        book.save(self.path(cycle))

    def row(self, cycle: str, key: str) -> dict[str, Any]:
        tab = load_workbook(self.path(cycle)).worksheets[0]
        found = next((row for row in tab.iter_rows(min_row=2) if row[0].value == key), None)
        columns = self._columns(tab).items()
        return {name: value for name, at in columns if found and (value := found[at - 1].value) is not None}

    def content(self, cycle: str) -> object:
        return self.path(cycle).read_bytes()


class Csv(Files):
    """A CSV file per cycle, with what okrsync remembers in a file next to it."""

    def path(self, cycle: str) -> Path:
        return super().path(cycle).with_suffix(".csv")

    def _rows(self, cycle: str) -> list[dict[str, str]]:
        with self.path(cycle).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def type(self, cycle: str, key: str, texts: Mapping[str, object]) -> None:
        rows = self._rows(cycle)
        heads = list(rows[0])
        found = next((row for row in rows if row[header_of("id", self.language)] == key), None)
        if found is None:
            rows.append(found := dict.fromkeys(heads, ""))
        found |= {header_of(name, self.language): str(text) for name, text in {"id": key, **texts}.items()}
        with self.path(cycle).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, heads)
            writer.writeheader()
            writer.writerows(rows)

    def row(self, cycle: str, key: str) -> dict[str, Any]:
        found = next((row for row in self._rows(cycle) if row[header_of("id", self.language)] == key), {})
        return {name: _as_number(text) for name in ROW if (text := found.get(header_of(name, self.language)))}

    def content(self, cycle: str) -> object:
        return {path.name: path.read_bytes() for path in self.folder.glob(f"*{self.path(cycle).name}*")}


class Tabs:
    """Tabs of a spreadsheet in the sandbox; the row of KR5 is in the last one."""

    def __init__(self, sandbox: Sandbox, language: str, titles: Sequence[str] = ("OKRs",)) -> None:
        self.sandbox, self.language, self.titles = sandbox, language, titles

    def _title(self, cycle: str, key: str) -> str:
        title = self.titles[-1 if key == "KR5" else 0]
        return title if cycle == CYCLES[0] else f"{title} {cycle}"

    def _tab(self, title: str) -> GridTab:
        return next(tab for tab in sheets_of(self.sandbox).books["demo-okrs"].tabs if tab.title == title)

    def type(self, cycle: str, key: str, texts: Mapping[str, object]) -> None:
        tab = self._tab(self._title(cycle, key))
        places = places_of(tab)
        taken = [row for rows in places.rows.values() for row in rows]
        row = places.rows[key][0] if key in places.rows else 1 + max(taken, default=0)
        for name, text in {"id": key, **texts}.items():
            enter(tab, row, places.columns[header_of(name, self.language)], text)

    def row(self, cycle: str, key: str) -> dict[str, Any]:
        shown = shown_by_id(self.sandbox, self._title(cycle, key)).get(key, {})
        heads = {header_of(name, self.language): name for name in ROW}
        return {heads[header]: value for header, value in shown.items() if header in heads}

    def content(self, cycle: str) -> object:
        tabs = [tab for tab in sheets_of(self.sandbox).books["demo-okrs"].tabs if _is_of(tab.title, cycle)]
        assert len(tabs) >= 2
        return {
            tab.title: {place: (dict(cell.entered), dict(cell.number_format)) for place, cell in tab.cells.items()}
            for tab in tabs
        }


def _as_number(text: str) -> object:
    digits = text.removesuffix("%")
    if not digits.replace(".", "", 1).isdigit():
        return text
    number = float(digits) / (100 if text.endswith("%") else 1)
    return int(number) if number.is_integer() else number


def _is_of(title: str, cycle: str) -> bool:
    return cycle in title or (cycle == CYCLES[0] and not any(other in title for other in CYCLES))


@contextmanager
def year(shell: Shell, place: str, language: str) -> Iterator[People]:
    (shell.folder / "deals.csv").write_text("amount\n10\n", "utf-8")
    if place in ("xlsx", "csv"):
        people = Csv(shell.folder, language) if place == "csv" else Files(shell.folder, language)
        history = ", history_tab: true" if place == "xlsx" else ""
        _begin(shell, CONFIG.format(language=language, sheet=f"okr_sheet: {{file: okrs.{place}{history}}}"))
        yield people
        return
    titles = DEPARTMENTS if place == "departments" else ("OKRs",)
    tabs = f"tabs: [{', '.join(titles)}], " if place == "departments" else ""
    services = [one for one in world.sample_services(date(2026, 1, 1), NOW, "en") if one.name == "sheets"]
    with Sandbox(services) as sandbox:
        sheets_of(sandbox).tokens.pem = service_key()
        sheets_of(sandbox).books["demo-okrs"] = Book.of_values("demo-okrs", "OKRs", {"OKRs": []})
        (shell.folder / "service-account.json").write_text(
            world.secret_files(services, sandbox.url)["service-account.json"], "utf-8"
        )
        _begin(shell, CONFIG.format(language=language, sheet=GOOGLE.format(url=sandbox.url, tabs=tabs)))
        yield Tabs(sandbox, language, titles)


def _begin(shell: Shell, text: str) -> None:
    shell.at("2026-01-05T09:30:00+08:00")
    (shell.folder / "okrsync.yaml").write_text(text, "utf-8")
    made = shell.run("init", "--sheet")
    assert made.code == 0, made.err


def config_of(cycle: str) -> str:
    return "okrsync.yaml" if cycle == CYCLES[0] else f"okrsync-{cycle}.yaml"


def sync(shell: Shell, cycle: str, day: date) -> None:
    shell.at(f"{day}T09:30:00+08:00")
    done = shell.run("sync", "-c", config_of(cycle))
    assert done.code in (0, 4), done.out + done.err


def live_through(shell: Shell, people: People, cycle: str, number: int) -> None:
    """People check in during the cycle, and decide at its end."""
    first, last = parse_cycle(cycle).first, parse_cycle(cycle).last
    sync(shell, cycle, first + timedelta(days=3))
    before = people.row(cycle, "KR1")
    assert not {"note", "confidence", "self_score", "decision", "reason", "override"} & set(before), before
    assert "current" not in people.row(cycle, "KR2")
    (shell.folder / "deals.csv").write_text(f"amount\n{20 * number}\n", "utf-8")
    if number == 1:
        people.type(cycle, "KR5", {"title": "From the sheet alone", "owner": "Mei", "source": "signed",
                                   "baseline": 0, "target": 200})  # fmt: skip
    people.type(cycle, "KR1", {"note": f"note of {cycle}", "confidence": number})
    people.type(cycle, "KR2", {"current": 100 * number, "note": f"visits of {cycle}"})
    if number <= 2:
        people.type(cycle, "KR3", {"current": 4 * number})
    sync(shell, cycle, first + timedelta(days=40))
    people.type(cycle, "KR1", {"self_score": number / 10, "decision": "continue", "reason": f"reason of {cycle}"})
    if number == 2:
        people.type(cycle, "KR3", {"decision": "complete"})
    sync(shell, cycle, last)


def close(shell: Shell, cycle: str, after: str) -> None:
    shell.at(f"{parse_cycle(cycle).last + timedelta(days=5)}T09:30:00+08:00")
    arguments = ["--write-scores", "--yes", "--next", after, "--out", f"{cycle}.md"]
    done = shell.run("close", "-c", config_of(cycle), *arguments)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("place", "language"),
    [("xlsx", "en"), ("xlsx", "zh-TW"), ("csv", "zh-TW"), ("google", "en"), ("departments", "en")],
)
def test_every_quarter_keeps_its_own(shell: Shell, place: str, language: str) -> None:
    kept: dict[str, object] = {}
    with year(shell, place, language) as people:
        for number, (cycle, after) in enumerate(pairwise(CYCLES), 1):
            live_through(shell, people, cycle, number)
            close(shell, cycle, after)
            kept[cycle] = people.content(cycle)
            refused = shell.run("sync", "-c", config_of(cycle))
            assert refused.code == 1
            assert config_of(after) in refused.err
        sync(shell, CYCLES[-1], date(2027, 1, 20))
        for number, cycle in enumerate(CYCLES[:-1], 1):
            assert people.content(cycle) == kept[cycle]
            row = people.row(cycle, "KR1")
            found = [row[name] for name in ("note", "confidence", "self_score", "decision", "reason")]
            assert found == [f"note of {cycle}", number, number / 10, "continue", f"reason of {cycle}"]
            assert isinstance(row["computed_score"], (int, float))
            retrospective = Path(f"{cycle}.md").read_text("utf-8")
            assert f"reason of {cycle}" in retrospective
            assert not [other for other in CYCLES if other != cycle and f"reason of {other}" in retrospective]
            history = shell.run("history", "KR1", "-c", config_of(cycle), "--format", "json").out
            assert [other for other in CYCLES if f"note of {other}" in history] == [cycle]
        last = CYCLES[-1]
        assert json.loads(shell.run("history", "KR1", "-c", config_of(last), "--format", "json").out)["check_ins"] == []
        begun = {key: people.row(last, key) for key in ("KR1", "KR2", "KR3", "KR4", "KR5")}
        assert (begun["KR1"]["baseline"], begun["KR2"]["baseline"], begun["KR5"]["baseline"]) == (80, 400, 80)
        assert (begun["KR5"]["title"], begun["KR5"]["owner"], begun["KR5"]["target"]) == (
            "From the sheet alone",
            "Mei",
            200,
        )
        assert (begun["KR5"]["source"], begun["KR5"]["progress"]) == ("signed", 0)
        assert (begun["KR3"], begun["KR4"]) == ({}, {})

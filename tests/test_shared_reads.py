"""Reads are shared, failures are not: what a measure gives alone it gives in any company, good or bad."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.google_sheets.book import enter
from connectors.sandbox.google_sheets.sample import sample_spreadsheets
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.jira.sample import sample_issues
from connectors.sandbox.jira.service import JiraSandbox
from memory_sheet import MemorySheet
from sandbox_kit import Sandbox
from syncer.run.read_and_assess import read_and_assess
from syncer.run.run_records import reading_records
from syncer.sources.figures import Figure
from syncer.sources.read_sources import ReadOptions, SourceResults, read_sources
from workspace_kit import HEAD, NOW, context_of, load

CELLS: list[list[Any]] = [
    ["id", "k", "n", "m", "day", "note"],
    ["r1", "x", 1, 10, "2026-10-01", "a"],
    ["r2", "y", "N/A", 20, "2026-10-02", "#REF!"],
    ["r3", "z", 3, 30, "2026-10-02", "c"],
    ["r4", "x", 4, 40, "2026-10-05", None],
]
GOOD = [
    "count(*)", "count(*) / 2", "sum(m)", "count(*) filter (k = 'x')", "share(m > 15) filter (k <> 'z')",
    "last(m order by day)", "count(distinct day)", "median(m)",
]  # fmt: skip
BAD = [
    "sum(n)", "count(*) filter (n > 1)", "sum(k)", "avg(nope)", "count(*) filter (nope = 1)", "sum(k::int)",
    "count(*) filter (regexp_matches(k, '('))", "max_by(m, day) filter (day < '2026-10-05')", "last(m order by k)",
    "sum(m / 0.0000001) * 1e308",
]  # fmt: skip
BAD_CELLS = [*BAD, "count(note)"]
BAD_JSON = [*BAD, "count(twin)", "sum(twin)"]
GOOD_JIRA = [
    "count(*)", "count(*) * 2", "share(status_category = 'done')", "sum(points)", "count(*) filter (type = 'Bug')",
    "avg(lead_time_hours)", "count(started)", "sum(budget)", "count(*) filter (promised < '2026-10-10')",
]  # fmt: skip
BAD_JIRA = [
    "sum(odd)", "count(*) filter (odd > 1)", "sum(gone)", "count(*) filter (regexp_matches(key, '('))",
    "sum(key::int)", "sum(guess)", "sum(points) / count(*) filter (type = 'Nonesuch')",
]  # fmt: skip


@dataclass
class Place:
    """A source with its measures; `alone` is what each gives in a workspace of its own."""

    folder: Path
    head: str
    query: str
    good: Sequence[str]
    bad: Sequence[str]
    alone: dict[str, tuple[Figure, int | None]] = field(default_factory=dict)

    def text(self, values: Sequence[str]) -> str:
        """The config of a workspace with these measures."""
        measures = [f"  m{number}:\n{self.query}    value: |\n      {value}\n" for number, value in enumerate(values)]
        return f"{HEAD}{self.head}measures:\n{''.join(measures)}"

    def read(self, values: Sequence[str], options: ReadOptions | None = None) -> SourceResults:
        """What the sources give a workspace with these measures."""
        config = load(self.folder, self.text(values))
        return read_sources(config, context_of(config), NOW, options or ReadOptions())

    def results(self, values: Sequence[str], options: ReadOptions | None = None) -> list[tuple[Figure, int | None]]:
        """Figure and number of rows that count, by measure."""
        found = self.read(values, options).results
        return [(found[f"m{at}"].figure, found[f"m{at}"].counted) for at in range(len(values))]

    def result_alone(self, value: str) -> tuple[Figure, int | None]:
        """Figure and number of rows that count of a workspace's only measure."""
        if value not in self.alone:
            self.alone[value] = self.results([value])[0]
        return self.alone[value]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, pem: str) -> Iterator[dict[str, Place]]:
    folder = tmp_path_factory.mktemp("shared")
    google = SheetsService(*sample_spreadsheets(date(2026, 10, 1), date(2026, 11, 16), "en"))
    google.tokens.pem = pem
    for row, cells in enumerate(CELLS, 40):
        for column, cell in enumerate(cells, 9):
            enter(google.books["demo-sales"].tabs[0], row, column, "=Gone!A1" if cell == "#REF!" else cell)
    sites = [
        JiraSandbox(sample_issues(date(2026, 10, 1), NOW), cloud=cloud, time_zone="Asia/Taipei", now=lambda: NOW)
        for cloud in (True, False)
    ]
    for site in sites:
        for at, issue in enumerate(site.issues.values()):
            issue.custom["customfield_9001"] = "many" if at == 3 else at
            texts = {"customfield_9002": f"{at},5", "customfield_9003": f"{1 + at % 28}/10/2026"}
            issue.custom |= {**texts, "customfield_9004": "N/A" if at == 3 else str(at)}
    with Sandbox([google, *sites]) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIRA_TOKEN", "sandbox-token")
        patch.setenv("GOOGLE_KEY", json.dumps(google.service_account_info(sandbox.service_url("sheets"))))
        yield made(folder, sandbox)


def made(folder: Path, sandbox: Sandbox) -> dict[str, Place]:
    (folder / "rows.csv").write_text("\n".join(",".join(str(c or "") for c in cells) for cells in CELLS) + "\n")
    names, *rows = CELLS
    objects = [{**dict(zip(names, row, strict=True)), "Twin": 1, "TWIN": 2} for row in rows]
    (folder / "rows.json").write_text(json.dumps(objects))
    book = openpyxl.Workbook()
    for cells in CELLS:
        book.worksheets[0].append(cells)
    book.save(folder / "rows.xlsx")
    files = {
        kind: Place(folder, "", f"    from: files.rows\n    path: rows.{kind}\n", GOOD, bad)
        for kind, bad in (("csv", BAD_CELLS), ("xlsx", BAD_CELLS), ("json", BAD_JSON))
    }
    google = f"connections: {{google: {{type: google_sheets, url: '{sandbox.service_url('sheets')}'"
    google += ", service_account: $GOOGLE_KEY}}\n"
    query = "    from: google.rows\n    spreadsheet: demo-sales\n    range: Deals!J41:O45\n"
    files["google"] = Place(folder, google, query, GOOD, BAD_CELLS)
    for name, email in (("jira", ", email: demo@example.com"), ("jira-dc", "")):
        jira = f"connections: {{jira: {{type: jira, url: '{sandbox.service_url(name)}', token: $JIRA_TOKEN{email}"
        jira += ", fields: {points: customfield_10016, odd: customfield_9001, gone: customfield_404"
        texts = {"budget": 9002, "promised": 9003, "guess": 9004}
        jira += "".join(f", {text}: {{id: customfield_{id_}, type: text}}" for text, id_ in texts.items()) + "}}}\n"
        query = "    from: jira.issues\n    jql: project = CORE\n"
        query += "    types: {budget: number, promised: date DMY, guess: number}\n"
        files[name] = Place(folder, jira, query, GOOD_JIRA, BAD_JIRA)
    return files


PLACES = ["csv", "xlsx", "json", "google", "jira", "jira-dc"]


@pytest.mark.parametrize("name", PLACES)
def test_what_is_good_alone_is_a_number_and_what_is_bad_has_a_reason(places: dict[str, Place], name: str) -> None:
    place = places[name]
    assert [value for value in place.good if place.result_alone(value)[0].value is None] == []
    assert [value for value in place.bad if not place.result_alone(value)[0].reason] == []


@pytest.mark.parametrize("name", PLACES)
@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_a_measure_gives_in_any_company_what_it_gives_alone(
    places: dict[str, Place], name: str, data: st.DataObject
) -> None:
    place = places[name]
    values = data.draw(st.lists(st.sampled_from([*place.good, *place.bad]), min_size=2, max_size=9, unique=True))
    options = ReadOptions(keep_rows=data.draw(st.sampled_from([0, 5])))
    assert place.results(values, options) == [place.result_alone(value) for value in values]


def test_a_bad_cell_is_named_with_its_place_and_once(places: dict[str, Place]) -> None:
    place = places["google"]
    text = place.text(["sum(n)", "avg(n)", "sum(m)", "count(note)"]) + "key_results:\n"
    text += "".join(f"  KR{at}: {{measure: m{at}, baseline: 0, target: 9000}}\n" for at in range(4))
    config = load(place.folder, text)
    seen = read_and_assess(config, MemorySheet({"OKRs": [["KR ID", "Key result", "Current"]]}), context_of(config), NOW)
    assert sorted(failure.error.saw for failure in seen.failures()) == [
        "Deals!L43 is 'N/A' where a number is needed",
        "Deals!O43 is '#REF!' where a value is needed",
    ]
    assert [state.current for state in seen.key_results] == [None, None, 100, None]
    records = [(record.measures, record.count, record.error is None) for record in reading_records(seen, "run")]
    assert sorted(records) == [(("m0", "m1"), None, False), (("m2",), 4, True), (("m3",), None, False)]


@pytest.mark.parametrize("name", PLACES)
def test_the_rows_of_a_measure_are_known_where_others_fail(places: dict[str, Place], name: str) -> None:
    place = places[name]
    alone = place.read(place.good).keys
    assert len(alone) == len(place.good)
    keys = place.read([*place.good, *place.bad]).keys
    assert {measure: keys.get(measure) for measure in alone} == alone


@pytest.mark.parametrize(("value", "asks"), [("count(*) / 2", 1), ("share(1 = 1)", 1), ("count(key) / 2", 2)])
def test_an_expression_without_columns_asks_for_a_count(places: dict[str, Place], value: str, asks: int) -> None:
    [read] = [read for reads in places["jira"].read([value]).planned.by_connection.values() for read in reads]
    assert (read.count_only, read.columns) == ((True, ()) if asks == 1 else (False, ("key",)))

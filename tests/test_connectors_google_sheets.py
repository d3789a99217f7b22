"""Google Sheets as a source: one batchGet per spreadsheet, an error of its own for every fault."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.errors import AuthError, SourceError, TransientSourceError
from config.models import GoogleSheetsConnection
from config.secrets import Secret
from connectors import registry
from connectors.google_sheets import connector as google_sheets
from connectors.google_sheets.auth import patience_of
from connectors.google_sheets.client import SheetsClient
from connectors.google_sheets.values import to_serial
from connectors.http import Policy
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sandbox.google_sheets.book import GridTab, enter
from connectors.sandbox.google_sheets.sample import sample_spreadsheets
from connectors.sandbox.google_sheets.service import SheetsService
from sandbox_kit import Fault, Sandbox
from source_contract import Rows

TAIPEI = ZoneInfo("Asia/Taipei")
TODAY = {"today": datetime(2026, 11, 21, tzinfo=TAIPEI)}


@dataclass
class World:
    service: SheetsService
    sandbox: Sandbox
    connection: GoogleSheetsConnection
    context: Context
    waits: list[float]

    def read(self, *reads: Read) -> tuple[dict[str, Reading | ReadError], Rows]:
        kept = Rows()
        source = google_sheets.open_source("google", self.connection, self.context)
        answers = {answer.read.key: answer for answer in source.read(reads, kept)}
        source.close()
        return answers, kept

    def kinds(self) -> list[str]:
        return [call.kind for call in self.context.meter.calls]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str) -> Iterator[World]:
    service = SheetsService(*sample_spreadsheets(date(2026, 10, 1), date(2026, 11, 21), "zh-TW"))
    service.tokens.pem = pem
    waits: list[float] = []
    with Sandbox([service]) as sandbox:
        monkeypatch.setenv("GOOGLE_KEY", json.dumps(service.service_account_info(sandbox.service_url("sheets"))))
        connection = GoogleSheetsConnection(
            type="google_sheets", url=sandbox.service_url("sheets"), service_account=Secret("$GOOGLE_KEY"), timeout=5
        )
        context = Context(tmp_path, Policy(tries=3, sleep=waits.append))
        yield World(service, sandbox, connection, context, waits)


def rows(key: str = "deals", text: str = "Deals!A:E", **more: Any) -> Read:
    query = {"spreadsheet": "demo-sales", "range": text} | more.pop("query", {})
    return Read(key, "rows", query, instants=TODAY, **more)


def cell(key: str, text: str, **more: Any) -> Read:
    return Read(key, "cell", {"spreadsheet": "demo-sales", "cell": text}, **more)


def error_of(answer: Reading | ReadError) -> SourceError:
    assert isinstance(answer, ReadError)
    return answer.error


def failed(answer: Reading | ReadError, column: str) -> SourceError:
    assert isinstance(answer, Reading)
    return answer.failed[column]


def test_all_ranges_and_cells_of_a_spreadsheet_are_one_request(world: World) -> None:
    answers, kept = world.read(rows(), cell("csat", "Summary!B2"), cell("nothing", "Summary!C9"), rows("bare", "Deals"))
    assert world.kinds() == ["token", "cells"]
    deals = answers["deals"]
    assert isinstance(deals, Reading)
    assert (deals.count, deals.asked, deals.link) == (12, "'Deals'!A:E", "")
    assert deals.read_at.tzinfo is UTC
    won = [row["金額"] for row in kept.rows["deals"] if row["階段"] == "成交"]
    assert (len(won), sum(value for value in won if isinstance(value, float | int))) == (7, 400000)
    assert kept.rows["deals"][0]["成交日"] == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert kept.rows["bare"] == kept.rows["deals"]
    assert kept.rows["csat"] == [{"value": 0.91, "text": "0.91"}]
    assert kept.rows["nothing"] == [{"value": None, "text": None}]


def test_spreadsheets_are_one_request_each_with_one_token(world: World) -> None:
    other = Read("title", "cell", {"spreadsheet": "demo-okrs", "cell": "OKRs!A1"}, ("text",))
    answers, kept = world.read(rows(), other)
    assert all(isinstance(answer, Reading) for answer in answers.values())
    assert kept.rows["title"] == [{"value": None, "text": "Acme 2026-Q4 OKR"}]
    assert sorted(world.kinds()) == ["cells", "cells", "token"]


def test_a_count_brings_no_rows(world: World) -> None:
    answers, kept = world.read(rows(count_only=True))
    assert isinstance(answers["deals"], Reading)
    assert (answers["deals"].count, kept.pages) == (12, [])


def test_a_table_without_rows_is_complete_and_kept(world: World) -> None:
    answers, kept = world.read(rows(text="Deals!A1:E1"))
    assert isinstance(answers["deals"], Reading)
    assert answers["deals"].count == 0
    assert (len(kept.columns["deals"]), kept.pages) == (5, [0])


def test_a_bad_range_costs_only_itself(world: World) -> None:
    answers, _ = world.read(rows(), cell("csat", "Summary!B2"), cell("bad", "Nowhere!B2"), cell("far", "Summary!A9999"))
    assert {key for key, answer in answers.items() if isinstance(answer, ReadError)} == {"bad", "far"}
    assert "Unable to parse range: 'Nowhere'!B2" in str(error_of(answers["bad"]))
    assert "exceeds grid limits" in str(error_of(answers["far"]))
    assert len(world.kinds()) < 8


@pytest.mark.parametrize(
    ("value", "saw"),
    [("N/A", "is 'N/A'"), ("=Gone!A1", "is '#REF!'"), ("=VLOOKUP(1)", "is '#ERROR!'"), (True, "is 'TRUE'")],
)
def test_a_cell_that_is_no_number_is_an_error_with_its_place(world: World, value: Any, saw: str) -> None:
    enter(world.service.books["demo-sales"].tabs[1], 1, 1, value)
    answers, kept = world.read(cell("csat", "Summary!B2"))
    error = failed(answers["csat"], "value")
    assert f"Summary!B2 {saw} where a number is needed" in error.saw
    assert error.effect == "Its key results were left as they were."
    assert error.advice
    text = "N/A" if value == "N/A" else "TRUE" if value is True else None
    assert kept.rows["csat"] == [{"value": None, "text": text}]
    assert isinstance(answers["csat"], Reading)
    assert ("text" in answers["csat"].failed) == (text is None)


@pytest.mark.parametrize(("text", "value"), [("91%", 0.91), ("50萬", 500000.0), ("1,234.5", 1234.5), ("0,125", 0.125)])
def test_a_number_typed_as_text_is_a_number(world: World, text: str, value: float) -> None:
    enter(world.service.books["demo-sales"].tabs[1], 1, 1, text)
    _, kept = world.read(cell("csat", "Summary!B2"))
    assert kept.rows["csat"] == [{"value": value, "text": text}]


def test_a_bad_cell_costs_only_its_column(world: World) -> None:
    enter(world.service.books["demo-sales"].tabs[0], 6, 4, "N/A")
    answers, kept = world.read(rows(columns=("金額", "客戶")), rows("count", count_only=True))
    assert "Deals!E7 is 'N/A' where a number is needed" in failed(answers["deals"], "金額").saw
    assert all(isinstance(answer, Reading) and answer.error_of(["客戶"]) is None for answer in answers.values())
    assert [row["金額"] is None for row in kept.rows["deals"]].count(True) == 1
    assert all(row["客戶"] for row in kept.rows["deals"])
    assert world.kinds() == ["token", "cells"]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("Deals", "Deals"),
        ("Q4", "'Q4'"),
        ("My deals", "'My deals'"),
        ("My deals!A:B", "'My deals'!A:B"),
        ("'It''s'!A:B", "'It''s'!A:B"),
        ("A:C", "A:C"),
        ("成交!A:B", "'成交'!A:B"),
    ],
)
def test_a_tab_is_quoted_so_that_it_is_never_read_as_a_cell(world: World, text: str, sent: str) -> None:
    book = world.service.books["demo-sales"]
    for title in ("Q4", "My deals", "It's", "成交"):
        tab = type(book.tabs[0])(len(book.tabs), title)
        book.tabs.append(tab)
        for column, value in enumerate(("a", "b")):
            enter(tab, 0, column, value)
            enter(tab, 1, column, 1)
    answers, _ = world.read(rows(text=text))
    assert isinstance(answers["deals"], Reading)
    assert answers["deals"].asked == sent


@pytest.mark.parametrize("text", ["Summary!B2:C3", "Summary", "", "Summary!?"])
def test_a_query_that_names_no_cell_costs_nothing(world: World, text: str) -> None:
    answers, _ = world.read(cell("bad", text))
    assert isinstance(answers["bad"], ReadError)
    assert world.kinds() == []


def test_an_offset_range_names_cells_where_they_stand(world: World) -> None:
    tab = world.service.books["demo-sales"].tabs[0]
    report: list[list[Any]] = [["Q4 report"], [], ["who", "sum"], ["a", 1], ["b", 2], ["c", "待補"]]
    for row, values in enumerate(report, 20):
        for column, value in enumerate(values, 7):
            enter(tab, row, column, value)
    answers, kept = world.read(rows("good", "Deals!H21:I25"), rows("bad", "Deals!H21:I30", query={"header_row": "23"}))
    assert kept.rows["good"] == [{"who": "a", "sum": 1}, {"who": "b", "sum": 2}]
    assert "Deals!I26 is '待補'" in failed(answers["bad"], "sum").saw


def test_many_ranges_are_split_before_the_address_gets_too_long(world: World) -> None:
    reads = [cell(f"c{number}", f"Summary!B{number}", columns=("text",)) for number in range(1, 401)]
    answers, _ = world.read(*reads)
    assert all(isinstance(answer, Reading) for answer in answers.values())
    assert world.kinds() == ["token", "cells", "cells"]


@pytest.mark.parametrize(
    ("fault", "kind", "calls"),
    [
        (
            Fault("sheets", "batchGet", 429, {"error": {"code": 429, "message": "Quota exceeded"}}, times=3),
            "Transient",
            3,
        ),
        (Fault("sheets", "batchGet", 500, b"", times=3), "Transient", 3),
        (Fault("sheets", "batchGet", 200, b"<html>log in</html>", {"Content-Type": "text/html"}, 3), "Transient", 3),
        (Fault("sheets", "batchGet", 200, {"valueRanges": []}, times=3), "Transient", 3),
        (Fault("sheets", "batchGet", 200, b"[1, 2, 3]", times=3), "Transient", 3),
        (Fault("sheets", "batchGet", 200, {"valueRanges": [{}]}, times=3, cut=9), "Transient", 3),
        (Fault("sheets", "batchGet", 403, {"error": {"code": 403, "message": "no"}}), "Auth", 1),
        (Fault("sheets", "batchGet", 401, {"error": "odd"}), "Auth", 1),
        (Fault("sheets", "batchGet", 302, b"", {"Location": "http://127.0.0.1:1/"}), "Source", 1),
    ],
)
def test_faults_are_errors_of_ours_and_never_a_number(world: World, fault: Fault, kind: str, calls: int) -> None:
    world.sandbox.faults.append(fault)
    answers, kept = world.read(rows())
    kinds = {"Transient": TransientSourceError, "Auth": AuthError, "Source": SourceError}
    error = error_of(answers["deals"])
    assert type(error) is kinds[kind] or isinstance(error, kinds[kind])
    assert (error.doing, error.effect) != ("", "")
    assert kept.pages == []
    assert world.kinds().count("cells") == calls


def test_a_fault_that_passes_is_forgotten(world: World) -> None:
    world.sandbox.faults.append(Fault("sheets", "batchGet", 200, b'{"valueRanges"', cut=5))
    answers, _ = world.read(rows())
    assert isinstance(answers["deals"], Reading)
    assert world.kinds() == ["token", "cells", "cells"]


def test_an_excel_file_in_drive_is_named_as_such(world: World) -> None:
    body = {"error": {"code": 400, "message": "This operation is not supported for this document"}}
    world.sandbox.faults.append(Fault("sheets", "batchGet", 400, body))
    answers, _ = world.read(rows())
    assert "save it as a Google Sheet" in error_of(answers["deals"]).advice


def test_a_disabled_api_is_named_as_such(world: World) -> None:
    body = {"error": {"code": 403, "message": "off", "details": [{"reason": "SERVICE_DISABLED"}]}}
    world.sandbox.faults.append(Fault("sheets", "batchGet", 403, body))
    answers, _ = world.read(rows())
    assert "Enable the Google Sheets API" in error_of(answers["deals"]).advice


def test_one_account_has_one_quota(world: World) -> None:
    quotas = {
        id(patience_of("g", world.connection.model_copy(update=changed), world.context)._quota)
        for changed in ({}, {"timeout": 9.0}, {"lanes": 2})
    }
    assert len(quotas) == 1
    another = world.connection.model_copy(update={"service_account": None})
    assert id(patience_of("g", another, world.context)._quota) not in quotas


def test_no_default_credentials_is_an_error_that_says_what_to_set(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    connection = world.connection.model_copy(update={"service_account": None})
    with pytest.raises(AuthError, match="application default credentials") as caught:
        google_sheets.open_source("google", connection, world.context)
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.advice


def test_default_credentials_are_used_where_no_service_account_is_stated(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "adc.json"
    path.write_text(json.dumps(world.service.service_account_info(world.connection.url)), "utf-8")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    world.connection = world.connection.model_copy(update={"service_account": None})
    answers, _ = world.read(rows())
    assert isinstance(answers["deals"], Reading)
    assert world.kinds() == ["token", "cells"]


def test_an_unset_secret_names_its_reference(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOOGLE_KEY")
    with pytest.raises(AuthError, match="GOOGLE_KEY is not set"):
        google_sheets.open_source("google", world.connection, world.context)


def test_the_tables_need_no_vendor_library() -> None:
    code = (
        "import sys; from connectors import registry; registry.tables('google_sheets');"
        "assert not {'gspread', 'google.auth', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert set(registry.tables("google_sheets")) == {"rows", "cell"}


def orders(world: World, locale: str, days: Sequence[date | str], amounts: Sequence[object]) -> None:
    book = world.service.books["demo-sales"]
    book.locale = locale
    book.tabs.append(GridTab(77, "Orders"))
    for column, header in enumerate(("Day", "Amount", "Customer")):
        enter(book.tabs[-1], 0, column, header)
    for row, (when, amount) in enumerate(zip(days, amounts, strict=True), 1):
        dated = when if isinstance(when, str) else {"value": to_serial(when), "format": {"type": "DATE", "pattern": ""}}
        for column, value in enumerate((dated, amount, "Acme")):
            enter(book.tabs[-1], row, column, value)


OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 2)


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "zh_TW"])
def test_a_date_is_its_cell_s_own_whatever_the_locale_shows(world: World, locale: str) -> None:
    orders(world, locale, [OCTOBER, SEPTEMBER], [1, 2])
    answers, kept = world.read(rows(text="Orders!A:C", columns=("Day", "Amount")))
    assert isinstance(answers["deals"], Reading)
    assert answers["deals"].failed == {}
    days = [datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 9, 1, 16, tzinfo=UTC)]
    assert [row["Day"] for row in kept.rows["deals"]] == days
    assert world.kinds() == ["token", "cells"] + ["read"] * (locale != "zh_TW")


@pytest.mark.parametrize(
    ("locale", "amount", "expected", "note"),
    [
        (
            "en_US",
            "1,500",
            [1500, datetime(2026, 1, 9, 16, tzinfo=UTC)],
            "dates, month first, by the sheet's locale en_US",
        ),
        (
            "de_DE",
            "1,500",
            [1.5, datetime(2026, 9, 30, 16, tzinfo=UTC)],
            "dates, day first, by the sheet's locale de_DE",
        ),
    ],
)
def test_texts_are_read_by_the_locale(
    world: World, locale: str, amount: str, expected: list[object], note: str
) -> None:
    orders(world, locale, ["01/10/2026"], [amount])
    answers, kept = world.read(rows(text="Orders!A:C", columns=("Day", "Amount")))
    assert isinstance(answers["deals"], Reading)
    assert [kept.rows["deals"][0][name] for name in ("Amount", "Day")] == expected
    assert answers["deals"].types["Day"] == note


def test_a_doubtful_column_costs_no_request_unless_it_is_used(world: World) -> None:
    orders(world, "en_US", [OCTOBER, SEPTEMBER], [1, 2])
    answers, _ = world.read(rows(text="Orders!A:C", columns=("Amount",)), rows("n", "Orders!A:C", count_only=True))
    assert "'Day' holds dates that no cell shows to be" in failed(answers["deals"], "Day").saw
    assert world.kinds() == ["token", "cells"]


def test_stated_types_need_no_locale(world: World) -> None:
    orders(world, "en_US", ["01/10/2026"], ["1,500"])
    stated = {"types": '{"Day": "date DMY"}', "numbers": "1.234,5"}
    _, kept = world.read(rows(text="Orders!A:C", columns=("Day", "Amount"), query=stated))
    assert kept.rows["deals"] == [{"Day": datetime(2026, 9, 30, 16, tzinfo=UTC), "Amount": 1.5, "Customer": "Acme"}]
    assert world.kinds() == ["token", "cells"]
    wrong, _ = world.read(rows(text="Orders!A:C", query={"types": '{"Dya": "date"}'}))
    assert error_of(wrong["deals"]).saw == "`types` names 'dya', which is not a column; did you mean 'Day'?"


def test_a_sheet_that_changes_between_the_two_requests_is_not_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders(world, "en_US", [OCTOBER, SEPTEMBER], [1, 2])
    read = SheetsClient.get_spreadsheet

    def sorted_first(client: SheetsClient, *asked: Any) -> dict[str, Any]:
        tab = world.service.books["demo-sales"].tabs[-1]
        tab.cells[1, 0], tab.cells[2, 0] = tab.cells[2, 0], tab.cells[1, 0]
        return read(client, *asked)

    monkeypatch.setattr(SheetsClient, "get_spreadsheet", sorted_first)
    answers, _ = world.read(rows(text="Orders!A:C", columns=("Day",)))
    assert error_of(answers["deals"]).saw == "the sheet was changed while it was read"


def teams(world: World, cells: Sequence[Sequence[Any]], *merges: tuple[int, int, int, int]) -> None:
    """Add a tab with columns Team, N and Note, its table at B3, with these merged cells (top, left, bottom, right)."""
    book = world.service.books["demo-sales"]
    book.tabs.append(GridTab(78, "Teams", merges=list(merges)))
    for row, values in enumerate([["Team", "N", "Note"], *cells], 2):
        for column, value in enumerate(values, 1):
            enter(book.tabs[-1], row, column, value)


LABELS: list[list[Any]] = [["core", 1, "x"], [None, 2, "x"], [None, None, None], [None, 3, None], ["web", 4, "x"]]


def test_a_merged_label_belongs_to_each_of_its_rows(world: World) -> None:
    teams(world, LABELS, (3, 1, 7, 2))
    _, kept = world.read(rows(text="Teams!B3:D", columns=("Team", "N")))
    assert [row["Team"] for row in kept.rows["deals"]] == ["core", "core", "core", "web"]
    assert [row["N"] for row in kept.rows["deals"]] == [1, 2, 3, 4]
    assert world.kinds() == ["token", "cells", "read"]


def test_merges_are_asked_for_only_where_a_used_column_has_gaps(world: World) -> None:
    teams(world, LABELS, (3, 1, 7, 2))
    _, kept = world.read(rows(text="Teams!B3:D", columns=("N",)), rows("n", "Teams!B3:D", count_only=True))
    assert [row["N"] for row in kept.rows["deals"]] == [1, 2, 3, 4]
    assert world.kinds() == ["token", "cells"]


def test_a_gap_without_merges_stays_empty(world: World) -> None:
    teams(world, LABELS)
    _, kept = world.read(rows(text="Teams!B3:D", columns=("Team", "Note")))
    assert [row["Team"] for row in kept.rows["deals"]] == ["core", None, None, "web"]
    assert world.kinds() == ["token", "cells", "read"]


def test_ranges_of_one_spreadsheet_share_the_request_for_merges(world: World) -> None:
    teams(world, LABELS, (3, 1, 7, 2))
    asked = [rows(str(at), f"Teams!B3:D{12 + at}", columns=("Team",)) for at in range(3)]
    _, kept = world.read(*asked)
    assert [[row["Team"] for row in kept.rows[str(at)]] for at in range(3)] == [["core"] * 3 + ["web"]] * 3
    assert world.kinds() == ["token", "cells", "read"]


def below(world: World, text: str) -> tuple[Reading, list[Any]]:
    """Read a range without headers; return the answer and its first column."""
    query = {"header": "none", "columns": '["team", "n", "note"]'}
    answers, kept = world.read(rows("below", text, query=query, columns=("team", "n")))
    answer = answers["below"]
    assert isinstance(answer, Reading), str(answer.error)
    return answer, [row["team"] for row in kept.rows["below"]]


def test_a_label_merged_from_above_the_range_belongs_to_its_rows(world: World) -> None:
    teams(world, LABELS, (3, 1, 7, 2))
    assert below(world, "Teams!B5:D")[1] == ["core", "core", "web"]
    assert world.kinds() == ["token", "cells", "read", "read"]


def test_a_date_merged_from_above_the_range_is_the_day_of_its_cell(world: World) -> None:
    teams(
        world, [[{"value": to_serial(OCTOBER), "format": {"type": "DATE", "pattern": ""}}, 1], [None, 2]], (3, 1, 5, 2)
    )
    assert below(world, "Teams!B5:D")[1] == [datetime(2026, 9, 30, 16, tzinfo=UTC)]


def test_a_number_merged_from_above_the_range_costs_its_column(world: World) -> None:
    teams(world, [["core", 100, "x"], ["web", None, "x"], ["app", 7, "x"]], (3, 2, 5, 3))
    answer, team = below(world, "Teams!B5:D")
    assert (team, list(answer.failed)) == (["web", "app"], ["n"])
    assert "Teams!C5 is 'part of the merged cell Teams!C4, whose number" in answer.failed["n"].saw


@pytest.mark.parametrize("merges", [[], [(3, 1, 5, 2)], [(3, 2, 7, 3)]])
def test_a_gap_at_the_top_of_a_range_below_others_is_empty_without_a_merge(
    world: World, merges: list[tuple[int, int, int, int]]
) -> None:
    teams(world, [["core", 1], ["core", 2], [None, 3]], *merges)
    assert below(world, "Teams!B6:D")[1] == [None]
    assert world.kinds() == ["token", "cells", "read"]


def test_a_merged_number_costs_only_its_column(world: World) -> None:
    teams(world, [["core", 100], ["web", None], ["app", 7]], (3, 2, 5, 3))
    answers, _ = world.read(rows(text="Teams!B3:D", columns=("Team", "N")))
    assert isinstance(answers["deals"], Reading)
    assert list(answers["deals"].failed) == ["N"]
    assert "Teams!C5 is 'part of the merged cell Teams!C4, whose number" in answers["deals"].failed["N"].saw


def test_merges_come_with_the_cells_of_an_uncertain_column(world: World) -> None:
    day = {"value": to_serial(OCTOBER), "format": {"type": "DATE", "pattern": ""}}
    world.service.books["demo-sales"].locale = "en_US"
    teams(world, [[day, 1], [None, 2]], (3, 1, 5, 2))
    _, kept = world.read(rows(text="Teams!B3:D", columns=("Team", "N")))
    assert [row["Team"] for row in kept.rows["deals"]] == [datetime(2026, 9, 30, 16, tzinfo=UTC)] * 2
    assert world.kinds() == ["token", "cells", "read"]


def test_a_value_inside_a_merged_cell_is_refused(world: World) -> None:
    teams(world, [["core", 1], [None, 2], ["web", 3]], (3, 1, 6, 2))
    answers, _ = world.read(rows(text="Teams!B3:D", columns=("Team", "N")))
    wrong = error_of(answers["deals"])
    assert wrong.saw.startswith("Teams!B6 holds a value, but is inside the merged cell Teams!B4")
    assert wrong.advice == "Run it again; if this repeats, unmerge the cell."

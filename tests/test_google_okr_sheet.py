"""The OKR sheet in Google Sheets: real gspread and google-auth, real sockets, the sandbox at the other end."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest
from google.auth import _regional_access_boundary_utils as boundary

from book_kit import protect, rename_tab
from config.errors import SheetError, UncertainWriteError
from config.models import GoogleSheetsConnection
from config.secrets import Secret
from connectors.google_sheets import connector as google_sheets
from connectors.google_sheets import okr_sheet as google_okr_sheet
from connectors.google_sheets.batch import make_requests
from connectors.google_sheets.image import FIELDS
from connectors.google_sheets.okr_sheet import SheetTabs
from connectors.http import Policy
from connectors.okr_sheet import (
    CellWrite,
    Merge,
    NewTab,
    RowInsert,
    SheetBatch,
    SheetImage,
    SheetReader,
    SheetWriter,
    Tab,
)
from connectors.protocol import Read
from connectors.registry import Context
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.google_sheets.tokens import EMAIL
from connectors.sandbox.server import Request
from sandbox_kit import Fault, Sandbox

SID = "okr-1"
OWN = "okrsync 2026-Q4"
PERCENT = {"type": "PERCENT", "pattern": "0%"}
DATE = {"type": "DATE", "pattern": "yyyy/m/d"}
ROWS: list[list[Any]] = [
    ["Acme 2026-Q4 OKR"],
    ["KR id", "Objective", "Current value", "Progress", "Value updated", "Total", "Broken"],
    ["KR1", "Trust", 12.5, {"value": 0.45, "format": PERCENT}, {"value": 46310, "format": DATE}, "=SUM(C3:C4)", None],
    ["KR2", None, 0.1, {"value": 0.5, "format": PERCENT}, None, "=XLOOKUP(A4,X:X,Y:Y)", "=Gone!A1"],
    ["KR3", "Speed", True, None, None, {"value": "=X", "stored": {"numberValue": 7}}, None],
]


@dataclass
class World:
    service: SheetsService
    sandbox: Sandbox
    connection: GoogleSheetsConnection
    context: Context
    waits: list[float]

    @property
    def book(self) -> Book:
        return self.service.books[SID]

    def reader(self, *tabs: str) -> SheetReader:
        return google_okr_sheet.open_reader("google", self.connection, SheetTabs(SID, tabs, OWN), self.context)

    def writer(self, *tabs: str) -> SheetWriter:
        return google_okr_sheet.open_writer("google", self.connection, SheetTabs(SID, tabs, OWN), self.context)

    def kinds(self) -> list[str]:
        return [call.kind for call in self.context.meter.calls]

    def sent(self) -> list[Mapping[str, Any]]:
        return [json.loads(entry.body) for entry in self.sandbox.requests() if entry.target.endswith(":batchUpdate")]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pem: str) -> Iterator[World]:
    service = SheetsService(Book.of_values(SID, "Acme OKR", {"OKRs": ROWS, "Other": [["far", "away"]]}))
    service.books[SID].tabs[0].merges = [(0, 0, 1, 7), (2, 1, 4, 2)]
    service.tokens.pem = pem
    waits: list[float] = []
    with Sandbox([service]) as sandbox:
        monkeypatch.setenv("GOOGLE_KEY", json.dumps(service.service_account_info(sandbox.service_url("sheets"))))
        connection = GoogleSheetsConnection(
            type="google_sheets", url=sandbox.service_url("sheets"), service_account=Secret("$GOOGLE_KEY"), timeout=5
        )
        context = Context(tmp_path, Policy(tries=3, sleep=waits.append))
        yield World(service, sandbox, connection, context, waits)


def test_one_read_brings_values_formulas_errors_percents_dates_merges_and_locks(world: World) -> None:
    world.book.tabs[0].protected.append(
        {"protectedRangeId": 1, "range": [2, 3, 3, 4], "editors": {"users": ["owner@example.com"]}}
    )
    image = world.reader().read()
    tab = image.tabs["OKRs"]
    assert (image.title, image.all_tabs, tab.row_count, tab.column_count) == ("Acme OKR", ("OKRs", "Other"), 1000, 26)
    assert image.link.endswith(f"/_sandbox/sheets/spreadsheets/{SID}")
    assert tab.merges == (Merge(0, 0, 1, 7), Merge(2, 1, 4, 2))
    assert (tab.cell(2, 2).value, tab.cell(3, 2).value, tab.cell(4, 2).value) == (Decimal("12.5"), Decimal("0.1"), True)
    assert (tab.cell(2, 3).value, tab.cell(2, 3).percent, tab.cell(2, 3).locked) == (Decimal("0.45"), True, "protected")
    assert tab.cell(3, 3).locked is None
    assert tab.cell(2, 4).value == date(2026, 10, 15)
    assert (tab.cell(2, 5).value, tab.cell(2, 5).formula) == (Decimal("12.6"), "=SUM(C3:C4)")
    assert (tab.cell(3, 5).value, tab.cell(3, 5).error) == (None, "#ERROR!")
    assert (tab.cell(3, 6).value, tab.cell(3, 6).error) == (None, "#REF!")
    assert (tab.cell(4, 5).value, tab.cell(4, 5).formula) == (Decimal(7), "=X")
    assert (tab.cell(2, 1).locked, tab.cell(3, 1).locked) == (None, "inside a merge")
    assert world.kinds() == ["token", "read"]


WHOLE = (None, None, None, None)


@pytest.mark.parametrize(
    ("span", "cell", "insert", "named"),
    [
        ((2, 2, 3, 3), (2, 2), None, "OKRs!C3"),
        ((2, 2, 5, 4), (4, 3), None, "OKRs!C3:D5"),
        ((None, 2, None, 4), (4, 3), None, "OKRs!C:D"),
        ((2, None, 3, None), (2, 0), None, "OKRs!3:3"),
        ((2, 2, None, 3), (4, 2), None, "OKRs!C3:C"),
        ((3, 2, 4, 3), (4, 2), 2, "OKRs!C4"),
        (WHOLE, (2, 2), None, "the tab OKRs"),
        (WHOLE, (2, 2), 2, "the tab OKRs"),
    ],
)
def test_what_was_protected_after_the_read_is_named(
    world: World, span: tuple[int | None, ...], cell: tuple[int, int], insert: int | None, named: str
) -> None:
    writer = world.writer("OKRs")
    writer.read()
    protect(world.book.tabs[0], *span)
    protect(world.book.tabs[0], 9, 9, 10, 10)
    protect(world.book.tabs[1], *WHOLE)
    before = world.service.dump()
    inserts = () if insert is None else (RowInsert("OKRs", insert, 1),)
    with pytest.raises(SheetError) as caught:
        writer.write(SheetBatch((CellWrite("OKRs", *cell, Decimal(1)),), inserts))
    assert caught.value.saw.startswith(f"okrsync's account may not edit {named}: HTTP 400 (Invalid requests[")
    assert caught.value.effect == "Nothing was written."
    assert caught.value.advice.startswith(f"Add {EMAIL} to those who may edit it (Data > Protect sheets and ranges).")
    assert world.service.dump() == before
    assert world.kinds()[-2:] == ["write", "read"]


def test_parts_that_are_left_open_and_warnings_protect_nothing(world: World) -> None:
    writer = world.writer("OKRs")
    writer.read()
    tab = world.book.tabs[0]
    protect(tab, *WHOLE)
    tab.protected[0]["unprotectedRanges"] = [[2, 2, 3, 3]]
    tab.protected.append({**tab.protected[0], "unprotectedRanges": [], "warningOnly": True, "range": [2, 2, 3, 3]})
    image = writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)),)))
    assert image.tabs["OKRs"].cell(2, 2).value == 1
    protect(world.book.tabs[0], 3, 2, 4, 3)
    with pytest.raises(SheetError, match="may not edit the tab OKRs and OKRs!C4: HTTP 400"):
        writer.write(SheetBatch((CellWrite("OKRs", 3, 2, Decimal(1)),)))


def test_protections_that_cannot_be_read_leave_googles_own_sentence(world: World) -> None:
    writer = world.writer("OKRs")
    writer.read()
    protect(world.book.tabs[0], *WHOLE)
    world.sandbox.faults.append(Fault("sheets", SID, 404, {}, skip=1))
    with pytest.raises(SheetError, match=r"may not edit a cell or a tab that it writes: HTTP 400 .*a protected cell"):
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)),)))


def test_a_spill_has_no_entered_value_and_is_locked(world: World) -> None:
    world.book.tabs[0].cell(5, 2).stored = {"numberValue": 3}
    cell = world.reader("OKRs").read().tabs["OKRs"].cell(5, 2)
    assert (cell.value, cell.locked) == (Decimal(3), "spill of an array formula")


def test_named_tabs_are_read_alone_once_the_own_tab_exists(world: World) -> None:
    world.writer("OKRs").write(SheetBatch((), new_tabs=(NewTab(OWN, protected=True),)))
    world.context.meter.calls.clear()
    image = world.reader("OKRs").read()
    assert set(image.tabs) == {"OKRs", OWN}
    assert world.kinds() == ["read"]


def test_a_renamed_own_tab_is_found_by_its_id_and_written_under_its_new_title(world: World) -> None:
    world.writer("OKRs").write(SheetBatch((CellWrite(OWN, 0, 0, "KR id"),), new_tabs=(NewTab(OWN),)))
    book = world.book
    rename_tab(book, next(tab for tab in book.tabs if tab.title == OWN), "Do not touch")
    writer = world.writer("OKRs")
    image = writer.read()
    assert (set(image.tabs), image.title_now(OWN)) == ({"OKRs", OWN}, "Do not touch")
    after = writer.write(SheetBatch((CellWrite(OWN, 1, 0, "KR1"),)))
    assert after.tabs[OWN].cell(1, 0).value == "KR1"
    assert [tab.title for tab in world.book.tabs] == ["OKRs", "Other", "Do not touch"]


def test_before_the_first_sync_a_second_request_lists_every_tab(world: World) -> None:
    image = world.reader("OKRs", "Nowhere").read()
    assert set(image.tabs) == {"OKRs"}
    assert image.all_tabs == ("OKRs", "Other")
    assert world.kinds() == ["token", "read", "read"]


def test_a_protected_column_is_locked_also_where_it_is_empty(world: World) -> None:
    tab = world.book.tabs[0]
    tab.protected.append({"protectedRangeId": 1, "range": [None, 9, None, 10], "editors": {"users": ["a@b.c"]}})
    image = world.reader().read().tabs["OKRs"]
    assert image.cell(2, 9).locked == "protected"
    assert image.cell(2, 8).locked is None


def test_a_warning_and_an_exempt_range_lock_nothing(world: World) -> None:
    editors = {"users": ["owner@example.com"]}
    world.book.tabs[0].protected += [
        {"protectedRangeId": 1, "range": [2, 2, 3, 3], "editors": editors, "warningOnly": True},
        {"protectedRangeId": 2, "range": [None] * 4, "editors": editors, "unprotectedRanges": [[2, 2, 4, 3]]},
    ]
    tab = world.reader().read().tabs["OKRs"]
    assert [tab.cell(row, 2).locked for row in (2, 3, 4)] == [None, None, "protected"]


def test_a_write_remembers_and_verifies_in_one_request(world: World) -> None:
    writer = world.writer("OKRs")
    writer.read()
    after = writer.write(
        SheetBatch(
            cells=(
                CellWrite("OKRs", 5, 0, "KR9"),
                CellWrite("OKRs", 5, 2, Decimal(2) / 3),
                CellWrite("OKRs", 5, 3, Decimal("0.25"), percent=True),
                CellWrite("OKRs", 2, 4, date(2026, 11, 2)),
                CellWrite("OKRs", 5, 4, date(2026, 11, 2)),
                CellWrite("OKRs", 3, 2, None),
                CellWrite("OKRs", 4, 1, '=HYPERLINK("http://x")'),
                CellWrite(OWN, 0, 0, "id"),
                CellWrite(OWN, 1, 0, "KR9"),
            ),
            inserts=(RowInsert("OKRs", 5, 1),),
            new_tabs=(NewTab(OWN, hidden=True, protected=True),),
        )
    )
    tab = after.tabs["OKRs"]
    assert tab.cell(5, 0).value == "KR9"
    assert tab.cell(5, 2).value == Decimal("0.666666666667")
    assert (tab.cell(5, 3).value, tab.cell(5, 3).percent) == (Decimal("0.25"), True)
    assert (tab.cell(2, 4).value, tab.cell(5, 4).value) == (date(2026, 11, 2), date(2026, 11, 2))
    assert tab.cell(3, 2).value is None
    assert (tab.cell(4, 1).value, tab.cell(4, 1).formula) == ('=HYPERLINK("http://x")', None)
    assert tab.row_count == 1001
    base = after.tabs[OWN]
    assert (base.hidden, base.cell(1, 0).value, base.cell(1, 0).locked) == (True, "KR9", None)
    assert world.kinds() == ["token", "read", "read", "write"]
    assert world.book.tabs[0].cells[2, 4].number_format == {"type": "DATE", "pattern": "yyyy-mm-dd"}
    assert world.book.tabs[-1].protected[0]["editors"] == {"users": [EMAIL]}


def test_a_number_over_a_date_reads_as_a_number_once_its_format_is_reset(world: World) -> None:
    after = world.writer().write(SheetBatch((CellWrite("OKRs", 2, 4, Decimal(7), reset_format=True),)))
    assert after.tabs["OKRs"].cell(2, 4).value == Decimal(7)


def test_neighbours_are_written_together(world: World) -> None:
    writer = world.writer()
    writer.write(SheetBatch(tuple(CellWrite("OKRs", row, col, Decimal(row)) for row in (2, 3, 4) for col in (2, 6, 7))))
    starts = [request["updateCells"]["start"] for request in world.sent()[-1]["requests"]]
    assert [(start["rowIndex"], start["columnIndex"]) for start in starts] == [(2, 2), (2, 6)]


def test_the_grid_grows_where_cells_lie_beyond_it(world: World) -> None:
    world.book.tabs[0].rows = 5
    after = world.writer().write(SheetBatch((CellWrite("OKRs", 6, 27, "x"),), inserts=(RowInsert("OKRs", 5, 1),)))
    tab = after.tabs["OKRs"]
    assert (tab.row_count, tab.column_count, tab.cell(6, 27).value) == (7, 28, "x")


def test_a_reader_cannot_write_and_its_token_is_read_only(world: World) -> None:
    reader = world.reader()
    assert not hasattr(reader, "write")
    reader.read()
    client = cast("Any", reader)._client
    with pytest.raises(SheetError, match="insufficient authentication scopes"):
        client.batch_update(SID, {"requests": [{"addSheet": {"properties": {"title": "Mine"}}}]}, "updatedSpreadsheet")
    assert len(world.book.tabs) == 2


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1e999")])
def test_what_is_no_number_is_refused_before_anything_is_sent(world: World, value: Decimal) -> None:
    writer = world.writer()
    writer.read()
    with pytest.raises(SheetError, match="Nothing was written"):
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, value),)))
    assert world.sent() == []


def test_an_empty_batch_sends_nothing(world: World) -> None:
    writer = world.writer()
    before = writer.read()
    assert writer.write(SheetBatch(())) is before
    assert world.kinds() == ["token", "read"]


def test_a_tab_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(SheetError, match="there is no tab 'Gone'"):
        world.writer().write(SheetBatch((CellWrite("Gone", 0, 0, "x"),)))


def test_a_protected_cell_refuses_the_whole_batch(world: World) -> None:
    writer = world.writer()
    writer.read()
    world.book.tabs[0].protected.append({"protectedRangeId": 1, "range": [3, 2, 4, 3], "editors": {"users": ["a@b.c"]}})
    with pytest.raises(SheetError, match="protected cell") as caught:
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)), CellWrite("OKRs", 3, 2, Decimal(2)))))
    assert "Nothing was written" in str(caught.value)
    assert world.book.tabs[0].cells[2, 2].entered == {"numberValue": 12.5}


def test_a_tab_renamed_after_the_read_refuses_the_write(world: World) -> None:
    writer = world.writer("OKRs")
    writer.read()
    world.book.tabs[0].title = "OKRs (old)"
    with pytest.raises(SheetError, match="Unable to parse range"):
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)),)))
    assert world.book.tabs[0].cells[2, 2].entered == {"numberValue": 12.5}


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        (Fault("sheets", ":batchUpdate", 500, {"error": {"code": 500, "message": "Internal"}}, after=True), True),
        (Fault("sheets", ":batchUpdate", 503, b"<html>busy</html>"), False),
        (Fault("sheets", ":batchUpdate", 200, {"spreadsheetId": SID}, after=True, cut=7), True),
        (Fault("sheets", ":batchUpdate", 200, b"<html>log in</html>", {"Content-Type": "text/html"}), False),
        (Fault("sheets", ":batchUpdate", 200, {"spreadsheetId": SID}, after=True), True),
    ],
)
def test_a_write_without_a_readable_answer_is_uncertain_and_never_sent_again(
    world: World, fault: Fault, arrived: bool
) -> None:
    writer = world.writer()
    writer.read()
    world.sandbox.faults.append(fault)
    with pytest.raises(UncertainWriteError, match="not sent again"):
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(99)),)))
    assert len(world.sent()) == 1
    assert (world.book.tabs[0].cells[2, 2].entered == {"numberValue": 99}) is arrived
    assert world.kinds() == ["token", "read", "write"]


def test_a_write_that_times_out_is_uncertain(world: World) -> None:
    connection = world.connection.model_copy(update={"timeout": 0.2})
    writer = google_okr_sheet.open_writer("google", connection, SheetTabs(SID, (), OWN), world.context)
    writer.read()
    world.sandbox.faults.append(Fault("sheets", ":batchUpdate", 0, delay_seconds=0.5))
    with pytest.raises(UncertainWriteError, match=r"no complete answer within 0\.2 s"):
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(99)),)))


@pytest.mark.parametrize(
    ("status", "body", "saw"),
    [
        (429, {"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}, "HTTP 429"),
        (400, {"error": {"code": 400, "message": "Invalid requests[0]"}}, "Invalid requests"),
        (302, b"", "HTTP 302"),
    ],
)
def test_a_refused_write_says_that_nothing_was_written(world: World, status: int, body: Any, saw: str) -> None:
    writer = world.writer()
    writer.read()
    world.sandbox.faults.append(Fault("sheets", ":batchUpdate", status, body, {"Location": "/elsewhere"}, times=99))
    with pytest.raises(SheetError, match=saw) as caught:
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)),)))
    assert not isinstance(caught.value, UncertainWriteError)
    assert "Nothing was written" in str(caught.value)
    assert world.kinds().count("write") == (3 if status == 429 else 1)


def test_a_write_that_is_refused_in_passing_is_waited_for(world: World) -> None:
    writer = world.writer()
    writer.read()
    world.sandbox.faults.append(Fault("sheets", ":batchUpdate", 429, headers={"Retry-After": "7"}))
    after = writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(99)),)))
    assert after.tabs["OKRs"].cell(2, 2).value == Decimal(99)
    assert world.waits == [7.0]
    assert world.kinds().count("write") == 2


def test_a_write_is_not_held_back_by_the_time_of_the_run(world: World) -> None:
    writer = world.writer()
    writer.read()
    spent = replace(world.context.policy, began=world.context.policy.clock() - 1801)
    cast("Any", writer)._client._patience.policy = spent
    with pytest.raises(SheetError, match="the run's time"):
        writer.read()
    writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(99)),)))
    assert world.kinds().count("write") == 1


def test_a_write_that_could_not_be_sent_wrote_nothing(world: World) -> None:
    writer = world.writer()
    writer.read()
    world.sandbox.stop()
    cast("Any", writer)._client._http.session.close()
    with pytest.raises(SheetError, match="Nothing was written") as caught:
        writer.write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)),)))
    assert not isinstance(caught.value, UncertainWriteError)
    world.sandbox.stop = lambda: None  # type: ignore[method-assign] # it is stopped already


def test_a_read_is_tried_again(world: World) -> None:
    world.sandbox.faults.append(Fault("sheets", "/v4/", 503, b"", {"Retry-After": "7"}, times=2))
    assert world.reader().read().title == "Acme OKR"
    assert world.kinds() == ["token", "read", "read", "read"]
    assert world.waits == [7.0, 7.0]


@pytest.mark.parametrize(("shared", "sid", "code"), [(False, SID, 403), (True, "nope", 404)])
def test_a_spreadsheet_out_of_reach_says_whom_to_share_it_with(world: World, shared: bool, sid: str, code: int) -> None:
    world.book.shared = shared
    reader = google_okr_sheet.open_reader("google", world.connection, SheetTabs(sid, (), OWN), world.context)
    with pytest.raises(SheetError, match=f"HTTP {code}") as caught:
        reader.read()
    assert f"Share the spreadsheet with {EMAIL} as a viewer" in caught.value.advice


def test_a_forged_key_is_refused_without_being_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    other = SheetsService()
    monkeypatch.setenv("GOOGLE_KEY", json.dumps(other.service_account_info(world.connection.url)))
    with pytest.raises(SheetError, match="Invalid JWT Signature") as caught:
        world.reader().read()
    assert "$GOOGLE_KEY" in caught.value.advice
    assert "PRIVATE" not in repr(caught.getrepr(style="long", showlocals=False))
    assert world.kinds() == ["token"]


@pytest.mark.parametrize(
    ("text", "saw"),
    [
        ("missing.json", "cannot be read"),
        ("{not json", "not JSON"),
        ('{"client_email": "a@b.c"}', "lacks private_key, token_uri"),
        ('{"client_email": "a@b.c", "private_key": "tellnobody", "token_uri": "http://x"}', "cannot be used"),
    ],
)
def test_an_unusable_key_is_named_but_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch, text: str, saw: str
) -> None:
    monkeypatch.setenv("GOOGLE_KEY", text)
    with pytest.raises(SheetError, match=saw) as caught:
        world.reader()
    chain = [caught.value, caught.value.__cause__, cast("Any", caught.value.__cause__).__cause__]
    assert "tellnobody" not in "".join(map(str, chain))


def test_a_key_file_relative_to_the_config_and_a_token_url_of_the_connection(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = world.service.service_account_info("https://elsewhere.invalid")
    (tmp_path / "key.json").write_text(json.dumps(info), "utf-8")
    monkeypatch.setenv("GOOGLE_KEY", "key.json")
    connection = world.connection.model_copy(update={"token_url": f"{world.connection.url}/token"})
    reader = google_okr_sheet.open_reader("google", connection, SheetTabs(SID, (), OWN), world.context)
    assert reader.read().title == "Acme OKR"
    reader.close()
    reader.close()


def test_a_busy_token_endpoint_is_tried_again_by_our_policy_alone(world: World) -> None:
    world.sandbox.faults.append(Fault("sheets", "/token", 503, b"", {"Retry-After": "3"}, times=1))
    world.reader().read()
    assert world.kinds() == ["token", "token", "read"]
    assert world.waits == [3.0]


def test_a_token_that_was_revoked_is_not_renewed_behind_our_back(world: World) -> None:
    reader = world.reader()
    reader.read()
    world.service.tokens._scopes.clear()
    with pytest.raises(SheetError, match="HTTP 401"):
        reader.read()
    assert world.kinds() == ["token", "read", "read"]


def test_a_run_asks_for_one_token(world: World) -> None:
    world.writer().read()
    world.reader().read()
    source = google_sheets.open_source("google", world.connection, world.context)
    [*source.read([Read("r", "cell", {"spreadsheet": SID, "cell": "OKRs!C3"}, count_only=True)], cast("Any", None))]
    assert world.kinds() == ["token", "read", "read", "cells"]


def test_a_writer_gets_a_token_of_its_own_after_a_reader(world: World) -> None:
    world.reader().read()
    world.writer().write(SheetBatch((CellWrite("OKRs", 2, 2, Decimal(1)),)))
    assert world.kinds() == ["token", "read", "token", "read", "write"]


def test_google_auth_looks_nothing_up_in_the_background(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    manager = boundary._RegionalAccessBoundaryManager
    monkeypatch.setattr(manager, "maybe_start_refresh", lambda *arguments: asked.append(arguments))
    world.reader().read()
    assert asked == []


def test_an_address_stands_for_the_id(world: World) -> None:
    address = f"https://docs.google.com/spreadsheets/d/{SID}/edit#gid=0"
    reader = google_okr_sheet.open_reader("google", world.connection, SheetTabs(address, (), OWN), world.context)
    assert reader.read().title == "Acme OKR"


def test_a_row_moved_between_read_and_write_shows_in_the_answer(world: World) -> None:
    writer = world.writer()
    writer.read()

    def sort(request: Request) -> None:
        if request.path.endswith(":batchUpdate"):
            body = json.dumps({"tab": "Other", "row": 1}).encode()
            path = f"/spreadsheets/{SID}/insert-rows"
            world.service.admin(Request("POST", path, {}, {}, body, ""))

    world.sandbox.hooks["sheets"] = sort
    after = writer.write(SheetBatch((CellWrite("Other", 0, 2, "x"),)))
    assert [cell.value for cell in after.tabs["Other"].rows[1]] == ["far", "away"]


def discovery() -> dict[str, Any]:
    spec = find_spec("googleapiclient")
    assert spec is not None, "google-api-python-client, of the dev extra, is not installed"
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    text = (folder / "discovery_cache/documents/sheets.v4.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def check_body(value: Any, schema: Mapping[str, Any], schemas: Mapping[str, Any], path: str) -> None:
    """Every property of a request body is one of the schema, of its type."""
    schema = schemas[schema["$ref"]] if "$ref" in schema else schema
    if "properties" in schema:
        assert isinstance(value, dict), path
        for name, below in value.items():
            assert name in schema["properties"], f"{path}.{name}"
            check_body(below, schema["properties"][name], schemas, f"{path}.{name}")
    elif schema["type"] == "array":
        assert isinstance(value, list), path
        for below in value:
            check_body(below, schema["items"], schemas, path)
    else:
        kinds = {"string": str, "integer": int, "boolean": bool, "number": (int, float)}
        assert isinstance(value, cast("Any", kinds[schema["type"]])), path
        assert not schema.get("enum") or value in schema["enum"], path


def check_mask(text: str, schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    """Every name of a field mask is a property; gives what follows a closing parenthesis."""
    here = schema
    while text:
        end = min((text.index(letter) for letter in ",.()" if letter in text), default=len(text))
        name, mark, text = text[:end], text[end : end + 1], text[end + 1 :]
        if name:
            assert name in here["properties"], name
            found = here["properties"][name]
            found = found.get("items", found)
            here = schemas[found["$ref"]] if "$ref" in found else {"properties": {}}
        if mark == "(":
            text = check_mask(text, here, schemas)
        if mark == ",":
            here = schema
        if mark == ")":
            return text
    return text


def test_what_is_sent_fits_googles_own_description_of_the_api(world: World) -> None:
    document = discovery()
    schemas = document["schemas"]
    assert check_mask(FIELDS, schemas["Spreadsheet"], schemas) == ""
    with pytest.raises(AssertionError):
        check_mask("sheets(properties(name))", schemas["Spreadsheet"], schemas)
    test_a_write_remembers_and_verifies_in_one_request(world)
    world.book.tabs[0].rows = 5
    world.writer().write(SheetBatch((CellWrite("OKRs", 6, 27, datetime(2026, 1, 2, 3, 4)),)))  # noqa: DTZ001 - a cell
    assert len(world.sent()) == 2
    for body in world.sent():
        check_body(body, {"$ref": "BatchUpdateSpreadsheetRequest"}, schemas, "body")
        for request in body["requests"]:
            if "updateCells" in request:
                check_mask(request["updateCells"]["fields"], schemas["CellData"], schemas)
    kinds = {kind for body in world.sent() for request in body["requests"] for kind in request}
    expected = {"addSheet", "addProtectedRange", "insertDimension", "appendDimension", "updateCells"}
    assert kinds == expected
    with pytest.raises(AssertionError):
        check_body({"requests": [{"addSheet": {"name": "x"}}]}, {"$ref": "BatchUpdateSpreadsheetRequest"}, schemas, "")
    parameters = document["resources"]["spreadsheets"]["methods"]["get"]["parameters"]
    assert "ranges" in parameters
    assert "fields" in document["parameters"]


def test_ids_of_new_tabs_differ_from_those_there_are() -> None:
    image = SheetImage("t", {"A": Tab("A", row_count=1, column_count=1)}, datetime.now().astimezone())
    batch = SheetBatch((), new_tabs=(NewTab("x"), NewTab("y")))
    first = [request["addSheet"]["properties"]["sheetId"] for request in make_requests(batch, image, {"A": 0}, "")]
    taken = {"A": 0, "B": first[0]}
    again = [request["addSheet"]["properties"]["sheetId"] for request in make_requests(batch, image, taken, "")]
    assert len({*first, *again, 0}) == 4

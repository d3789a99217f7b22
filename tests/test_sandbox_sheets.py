"""The sandbox's Google Sheets by itself: what it refuses, what it answers, what people do to its sheets by hand."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from book_kit import protect
from connectors.sandbox.google_sheets.book import Book
from connectors.sandbox.google_sheets.mask import SPREADSHEET, cut, parse_mask
from connectors.sandbox.google_sheets.sample import HEADERS, SALES, sample_spreadsheets
from connectors.sandbox.google_sheets.service import SheetsService
from connectors.sandbox.google_sheets.tokens import EMAIL, GRANT, READ_ONLY, READ_WRITE
from connectors.sandbox.server import Request, Response

BASE = "http://127.0.0.1:1/sheets"
_KEY = SheetsService()
_KEY.service_account_info(BASE)
PERCENT = {"type": "PERCENT", "pattern": "0%"}
DATE = {"type": "DATE"}


class Caller:
    """Talks to a service without a socket."""

    def __init__(self, *books: Book) -> None:
        self.service = SheetsService(*books)
        self.service.tokens.pem = _KEY.tokens.pem
        self.tokens: dict[str, str] = {}

    def token(self, scope: str) -> str:
        if scope not in self.tokens:
            answer = self.service.handle(token_request(assertion(scope=scope)))
            assert answer.status == 200, answer.body
            self.tokens[scope] = answer.body["access_token"]
        return self.tokens[scope]

    def get(self, path: str, scope: str = READ_ONLY, **query: Any) -> Response:
        listed = {name: [value] if isinstance(value, str) else value for name, value in query.items()}
        headers = {"authorization": f"Bearer {self.token(scope)}"}
        return self.service.handle(Request("GET", path, listed, headers, b"", BASE))

    def update(self, *requests: Any, scope: str = READ_WRITE, fields: str = "", **body: Any) -> Response:
        content = json.dumps({"requests": list(requests), **body}).encode()
        headers = {"authorization": f"Bearer {self.token(scope)}"}
        query = {"fields": [fields]} if fields else {}
        return self.service.handle(Request("POST", "/v4/spreadsheets/s:batchUpdate", query, headers, content, BASE))

    def by_hand(self, action: str, **body: Any) -> Response:
        content = json.dumps(body).encode()
        return self.service.admin(Request("POST", f"/spreadsheets/s/{action}", {}, {}, content, BASE))

    def values(self, text: str = "A") -> list[list[Any]]:
        answer = self.get(f"/v4/spreadsheets/s/values/{text}", valueRenderOption="UNFORMATTED_VALUE")
        return cast("list[list[Any]]", answer.body.get("values", []))


def encoded(value: Mapping[str, Any] | bytes) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def assertion(pem: str = "", scope: str = READ_ONLY, **claims: Any) -> str:
    now = int(time.time())
    payload = {"iss": EMAIL, "aud": f"{BASE}/token", "iat": now, "exp": now + 3600, "scope": scope} | claims
    signed = f"{encoded({'alg': 'RS256'})}.{encoded(payload)}"
    key = serialization.load_pem_private_key((pem or _KEY.tokens.pem).encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return f"{signed}.{encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def token_request(text: str, grant: str = GRANT) -> Request:
    body = urlencode({"grant_type": grant, "assertion": text}).encode()
    return Request("POST", "/token", {}, {}, body, BASE)


def message(answer: Response) -> str:
    return str(answer.body["error"]["message"])


ROWS: list[list[Any]] = [
    ["id", "value", "share", "day"],
    ["b", 2, {"value": 0.5, "format": PERCENT}, {"value": 46310, "format": DATE}],
    ["a", 3.25, {"value": 0.915, "format": {"type": "PERCENT", "pattern": "0.0%"}}, None],
    [None, None, "=SUM(B2:B3)", "=B2"],
]


@pytest.fixture
def caller() -> Caller:
    return Caller(Book.of_values("s", "Sheet", {"A": ROWS, "My tab": [["x"]]}))


def test_a_signed_assertion_gets_a_token_of_its_scope(caller: Caller) -> None:
    assert caller.get("/v4/spreadsheets/s").status == 200
    refused = caller.update(put(1, 1, 99), scope=READ_ONLY)
    assert (refused.status, refused.body["error"]["status"]) == (403, "PERMISSION_DENIED")
    assert refused.body["error"]["details"][0]["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (assertion(iss="somebody@else"), "Invalid grant: account not found"),
        (assertion(exp=int(time.time()) - 1), "short-lived"),
        (assertion(exp=int(time.time()) + 9000), "short-lived"),
        (assertion(aud="https://elsewhere"), "audience"),
        (assertion()[:-8] + "AAAAAAAA", "Signature"),
        ("not a token", "signed JWT"),
        (assertion(scope=""), "scope"),
    ],
)
def test_any_other_assertion_is_an_invalid_grant(caller: Caller, text: str, error: str) -> None:
    answer = caller.service.handle(token_request(text))
    assert answer.status == 400
    assert error in answer.body["error_description"]


def test_another_grant_is_not_supported(caller: Caller) -> None:
    assert caller.service.handle(token_request("x", "refresh_token")).body["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("header", ["", "Bearer nope", "Basic abc"])
def test_without_a_token_nothing_is_answered(caller: Caller, header: str) -> None:
    answer = caller.service.handle(Request("GET", "/v4/spreadsheets/s", {}, {"authorization": header}, b"", BASE))
    assert (answer.status, answer.body["error"]["status"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v4/spreadsheets/none", 404),
        ("/v4/spreadsheets/closed", 403),
        ("/v4/elsewhere", 404),
        ("/v4/spreadsheets/s/values:batchUpdate", 400),
        ("/v4/spreadsheets/s/values/Nope!A1", 400),
        ("/v4/spreadsheets/s/values/A!A2000", 400),
    ],
)
def test_paths_that_lead_nowhere(caller: Caller, path: str, status: int) -> None:
    caller.service.books["closed"] = Book("closed", "Closed", shared=False)
    assert caller.get(path).status == status


def test_unknown_parameters_are_refused(caller: Caller) -> None:
    assert caller.get("/v4/spreadsheets/s", include_grid="true").status == 400
    assert caller.get("/v4/spreadsheets/s/values/A", valueRender="x").status == 400
    assert caller.get("/v4/spreadsheets/s/values/A", valueRenderOption="RAW").status == 400


def test_values_are_rendered_as_asked_and_trailing_blanks_are_cut(caller: Caller) -> None:
    def rendered(**options: str) -> Any:
        body = caller.get("/v4/spreadsheets/s/values:batchGet", ranges=["A!A2:D", "'My tab'"], **options).body
        assert [found["range"] for found in body["valueRanges"]] == ["A!A2:D1000", "'My tab'!A1:Z1000"]
        return body["valueRanges"][0]["values"]

    assert rendered() == [["b", "2", "50%", "2026/10/15"], ["a", "3.25", "91.5%"], ["", "", "5.25", "2"]]
    plain = {"valueRenderOption": "UNFORMATTED_VALUE"}
    assert rendered(**plain) == [["b", 2, 0.5, 46310], ["a", 3.25, 0.915], ["", "", 5.25, 2]]
    dated = rendered(**plain, dateTimeRenderOption="FORMATTED_STRING")
    assert dated[0] == ["b", 2, 0.5, "2026/10/15"]
    assert rendered(valueRenderOption="FORMULA")[2] == ["", "", "=SUM(B2:B3)", "=B2"]


def test_a_range_without_values_has_none(caller: Caller) -> None:
    assert caller.get("/v4/spreadsheets/s/values/A!F1:G9").body == {"range": "A!F1:G9", "majorDimension": "ROWS"}


def test_a_mask_decides_what_comes(caller: Caller) -> None:
    mask = "properties.title,sheets(properties(title),data(startRow,rowData.values/effectiveValue))"
    body = caller.get("/v4/spreadsheets/s", fields=mask, ranges=["A!B3:B"]).body
    data = {"startRow": 2, "rowData": [{"values": [{"effectiveValue": {"numberValue": 3.25}}]}]}
    assert body == {"properties": {"title": "Sheet"}, "sheets": [{"properties": {"title": "A"}, "data": [data]}]}


def test_grid_data_comes_only_when_asked_for(caller: Caller) -> None:
    assert "data" not in caller.get("/v4/spreadsheets/s").body["sheets"][0]
    assert "data" in caller.get("/v4/spreadsheets/s", includeGridData="true").body["sheets"][0]
    assert "data" not in caller.get("/v4/spreadsheets/s", includeGridData="true", fields="sheets.merges").body["sheets"]


@pytest.mark.parametrize(
    "mask", ["nope", "sheets(nope)", "sheets(properties", "sheets)", "properties..title", "sheets,"]
)
def test_a_mask_with_an_unknown_field_is_refused(caller: Caller, mask: str) -> None:
    answer = caller.get("/v4/spreadsheets/s", fields=mask)
    assert answer.status == 400
    assert "field mask" in message(answer)


def test_a_mask_of_everything() -> None:
    assert cut({"spreadsheetId": "s", "sheets": [1]}, parse_mask("*", SPREADSHEET)) == {
        "spreadsheetId": "s",
        "sheets": [1],
    }


def put(row: int, column: int, *values: Any, sheet: int = 0) -> dict[str, Any]:
    cells = [{"userEnteredValue": {"numberValue": value}} for value in values]
    start = {"sheetId": sheet, "rowIndex": row, "columnIndex": column}
    return {"updateCells": {"start": start, "rows": [{"values": cells}], "fields": "userEnteredValue"}}


def test_a_batch_is_atomic(caller: Caller) -> None:
    answer = caller.update(put(1, 1, 99), put(1, 1, 99, sheet=77))
    assert message(answer) == "Invalid requests[1].updateCells: No grid with id: 77"
    assert caller.values()[1][1] == 2


@pytest.mark.parametrize(
    ("request_body", "saw"),
    [
        (put(1000, 0, 1), "beyond"),
        (put(0, 25, 1, 2), "beyond"),
        ({"addTable": {}}, "Unknown name"),
        ({"updateCells": {"start": {}, "rows": [], "fields": "note"}}, "field mask"),
        ({"updateCells": {"begin": {}, "rows": [], "fields": "userEnteredValue"}}, "Unknown name"),
        ({"addSheet": {"properties": {"title": "a"}}}, "already exists"),
        ({"addSheet": {"properties": {"sheetId": 1}}}, "already exists"),
        ({"insertDimension": {"range": {"dimension": "SHEETS", "endIndex": 1}}}, "ROWS or COLUMNS"),
        (
            {
                "insertDimension": {
                    "range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1},
                    "inheritFromBefore": True,
                }
            },
            "first row",
        ),
        ({"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 2000, "endIndex": 2001}}}, "after the last"),
        ({"deleteDimension": {"range": {"dimension": "ROWS", "startIndex": 999, "endIndex": 1001}}}, "doesn't exist"),
        ({"appendDimension": {"dimension": "ROWS", "length": 0}}, "greater than zero"),
        ({"updateSheetProperties": {"properties": {}, "fields": "tabColor"}}, "Invalid field"),
        ({"a": {}, "b": {}}, "one kind"),
        ({"addDimensionGroup": {"range": {"dimension": "COLUMNS", "endIndex": 99}}}, "beyond the grid"),
        ({"addDimensionGroup": {"range": {"endIndex": 2}}}, "ROWS or COLUMNS"),
        (
            {
                "updateDimensionGroup": {
                    "dimensionGroup": {"range": {"dimension": "ROWS", "endIndex": 2}, "depth": 1, "collapsed": True},
                    "fields": "collapsed",
                }
            },
            "no dimension group",
        ),
        (
            {
                "addConditionalFormatRule": {
                    "rule": {
                        "ranges": [{"endRowIndex": 2}],
                        "booleanRule": {
                            "condition": {"type": "NOT_BLANK"},
                            "format": {"horizontalAlignment": "CENTER"},
                        },
                    }
                }
            },
            "Unknown name",
        ),
    ],
)
def test_what_google_or_the_sandbox_would_not_do_is_refused(caller: Caller, request_body: Any, saw: str) -> None:
    before = caller.service.dump()
    answer = caller.update(request_body)
    assert answer.status == 400
    assert saw in message(answer)
    assert caller.service.dump() == before


def test_groups_hold_each_other_and_fold(caller: Caller) -> None:
    def columns(first: int, end: int) -> dict[str, Any]:
        return {"dimension": "COLUMNS", "startIndex": first, "endIndex": end}

    inner = {"range": columns(3, 5), "depth": 2, "collapsed": True}
    answer = caller.update(
        {"addDimensionGroup": {"range": columns(3, 5)}},
        {"addDimensionGroup": {"range": columns(2, 8)}},
        {"updateDimensionGroup": {"dimensionGroup": inner, "fields": "collapsed"}},
    )
    assert answer.status == 200
    groups = caller.service.books["s"].tabs[0].groups
    assert [(one["range"]["startIndex"], one["depth"], one["collapsed"]) for one in groups] == [
        (3, 2, True),
        (2, 1, False),
    ]
    assert "overlaps" in message(caller.update({"addDimensionGroup": {"range": columns(4, 9)}}))


def test_bodies_that_are_no_batch_are_refused(caller: Caller) -> None:
    assert caller.update().status == 400
    assert caller.update(put(0, 0, 1), dryRun=True).status == 400
    assert "NaN" in message(caller.update(put(0, 0, float("nan"))))


def test_the_answer_brings_the_spreadsheet_after(caller: Caller) -> None:
    answer = caller.update(
        put(1, 1, 7),
        fields="updatedSpreadsheet(sheets(properties.title,data.rowData.values.formattedValue))",
        includeSpreadsheetInResponse=True,
        responseRanges=["A!B2"],
    )
    data = [{"rowData": [{"values": [{"formattedValue": "7"}]}]}]
    assert answer.body == {"updatedSpreadsheet": {"sheets": [{"properties": {"title": "A"}, "data": data}]}}


def test_rows_move_with_their_merges_protections_and_formulas(caller: Caller) -> None:
    span = {"startRowIndex": 1, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}
    caller.update({"addProtectedRange": {"protectedRange": {"range": span}}})
    caller.service.books["s"].tabs[0].merges.append((1, 0, 3, 1))
    rows = {"dimension": "ROWS", "startIndex": 1, "endIndex": 3}
    caller.update({"insertDimension": {"range": rows, "inheritFromBefore": False}})
    tab = caller.service.books["s"].tabs[0]
    assert (tab.merges, tab.protected[0]["range"], tab.rows) == ([(3, 0, 5, 1)], [3, 0, 5, 1], 1002)
    assert tab.cells[5, 2].entered == {"formulaValue": "=SUM(B4:B5)"}
    assert caller.values("A!C6:D6") == [[5.25, 2]]
    caller.update({"deleteDimension": {"range": {**rows, "endIndex": 4}}})
    assert (tab := caller.service.books["s"].tabs[0]).merges == [(1, 0, 2, 1)]
    assert tab.cells[2, 3].entered == {"formulaValue": "=#REF!"}


def test_new_rows_inherit_formats_and_cells_take_validation(caller: Caller) -> None:
    rows = {"dimension": "ROWS", "startIndex": 2, "endIndex": 3}
    rule = {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "a"}]}}
    cell = {"startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 0, "endColumnIndex": 1}
    caller.update(
        {"insertDimension": {"range": rows, "inheritFromBefore": True}},
        {"setDataValidation": {"range": cell, "rule": rule}},
        {"repeatCell": {"range": {**cell, "endColumnIndex": 2}, "cell": {}, "fields": "userEnteredValue"}},
        {
            "updateSheetProperties": {
                "properties": {"gridProperties": {"frozenRowCount": 2}},
                "fields": "gridProperties.frozenRowCount",
            }
        },
    )
    tab = caller.service.books["s"].tabs[0]
    assert (tab.frozen_rows, tab.cells[2, 2].number_format) == (2, PERCENT)
    assert (tab.cells[0, 0].validation, tab.cells[0, 0].entered) == (rule, {})


def test_a_protected_range_of_another_is_refused_and_one_of_ours_is_not(caller: Caller) -> None:
    protect(caller.service.books["s"].tabs[0], 1, 1, 3, 2)
    answer = caller.update(put(0, 0, 1), put(2, 1, 1))
    assert message(answer).startswith("Invalid requests[1].updateCells: You are trying to edit a protected cell")
    assert caller.update(put(3, 1, 1)).status == 200
    ours = {"range": {"sheetId": 1}, "editors": {"users": [EMAIL]}}
    caller.update({"addProtectedRange": {"protectedRange": ours}})
    assert caller.update(put(0, 0, 1, sheet=1)).status == 200


def test_people_change_the_sheet_by_hand(caller: Caller) -> None:
    caller.by_hand("delete-rows", tab="A", row=4)
    caller.by_hand("sort", tab="A", column="A", from_row=2)
    assert [row[0] for row in caller.values()] == ["id", "a", "b"]
    caller.by_hand("sort", tab="A", column="B", from_row=2, descending=True)
    assert [row[1] for row in caller.values()] == ["value", 3.25, 2]
    caller.by_hand("insert-rows", tab="A", row=2, count=2)
    caller.by_hand("cells", range="A!A2", value="new")
    shown = caller.by_hand("cells", range="A!A3", value=None).body
    assert [row[:1] for row in shown["A"]] == [["id"], ["new"], [], ["a"], ["b"]]


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("sort", {"tab": "Nope", "column": "A", "from_row": 1}, 400),
        ("sort", {"tab": "A"}, 400),
        ("sort", {"tab": "A", "column": "C", "from_row": 2}, 400),
        ("cells", {"range": "Nope!A1", "value": 1}, 400),
        ("paint", {}, 404),
    ],
)
def test_wrong_admin_requests_say_so(caller: Caller, action: str, body: dict[str, Any], status: int) -> None:
    answer = caller.by_hand(action, **body)
    assert answer.status == status
    assert answer.body["message"]


def test_a_browser_shows_the_sheets(caller: Caller) -> None:
    caller.by_hand("cells", range="A!A1", value="<b>")
    for path in ("/", "/spreadsheets/s"):
        page = caller.service.admin(Request("GET", path, {}, {}, b"", BASE)).payload().decode()
        assert "&lt;b&gt;" in page
        assert "<td>91.5%</td>" in page
    assert caller.service.admin(Request("GET", "/spreadsheets/none", {}, {}, b"", BASE)).status == 404


def test_a_dump_loads_into_the_same_state_and_key_files_go_on_working(caller: Caller) -> None:
    protect(caller.service.books["s"].tabs[0], 1, 1, 3, 2)
    caller.service.books["s"].tabs[0].merges.append((0, 0, 1, 2))
    state = json.loads(json.dumps(caller.service.dump()))
    other = SheetsService()
    other.load(state)
    assert other.dump() == caller.service.dump()
    assert other.handle(token_request(assertion())).status == 200


@pytest.mark.parametrize("language", ["en", "zh-TW"])
def test_the_sample_holds_seven_won_deals_of_400000(language: Any) -> None:
    rows = [["KR1", "Trust", "Resolve 90%"], ["KR2"]]
    okrs, sales = sample_spreadsheets(date(2026, 10, 1), date(2026, 11, 21), language, rows, [(0, 1, 2, 2)])
    caller = Caller(okrs, sales)
    sheet = okrs.tabs[0]
    assert sheet.title == "OKRs"
    assert sheet.merges == [(0, 0, 1, 14), (2, 1, 4, 2)]
    assert [sheet.cells[1, column].entered["stringValue"] for column in range(14)] == list(
        HEADERS[cast("Any", language)]
    )
    deals = caller.get(f"/v4/spreadsheets/{SALES}/values/Deals").body["values"]
    won = [row[4] for row in deals if row[3] in ("Won", "成交")]
    assert (len(won), "10萬" in won, "5.2萬" in won) == (7, True, True)
    csat = caller.get(f"/v4/spreadsheets/{SALES}/values/Summary!B2", valueRenderOption="UNFORMATTED_VALUE").body
    assert csat["values"] == [[0.91]]

"""Texts and files made to harm: they are shown harmless, stay texts in every sheet, and never end in a crash."""

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar
from unicodedata import category

import pytest
from openpyxl import Workbook, load_workbook

from command_kit import NOTHING_TO_WRITE, Shell
from config.errors import SheetError
from config.plain_text import one_line, plain
from connectors.files import workbooks
from connectors.files.csv_records import parse_csv
from connectors.local_sheet import csv_sheet, xlsx_image, xlsx_limits, xlsx_package
from connectors.local_sheet.csv_sheet import as_field, harmless
from connectors.local_sheet.sheet_xml import parse_sheet
from connectors.okr_sheet import CellWrite, SheetBatch
from connectors.sandbox.google_sheets.book import enter
from connectors.sandbox.jira.service import JiraSandbox
from demo_kit import demo_workspace, sheets_of
from sandbox_kit import Fault, Sandbox
from workspace_kit import HEAD

ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b[31m\x9b1m\r\x08\u202egpj.exe\u2066\u200b\ufeff\U000e0041"
HTML = "<script>alert(1)</script>[x](javascript:y)|`"
FORMULAS = ('=IMPORTXML("http://x","//y")', "+1", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "\t=1", "'=1", "''=1", "=")
LONG = "long " * 200_000
FORBIDDEN = ("Cc", "Cf", "Cs")


def hidden_letters(text: str) -> set[str]:
    return {f"U+{ord(letter):04X}" for letter in text if letter != "\n" and category(letter) in FORBIDDEN}


@pytest.fixture
def demo(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    assert monkeypatch
    with demo_workspace(shell.folder) as sandbox:
        yield sandbox


def spoil(sandbox: Sandbox, text: str) -> None:
    """Put a text wherever people or trackers can: issues, cells, tabs, headers of sources."""
    jira = sandbox.services["jira"]
    assert isinstance(jira, JiraSandbox)
    for issue in list(jira.issues.values()):
        jira.put(replace(issue, summary=text))
    books = sheets_of(sandbox).books
    for book in books.values():
        book.title += text[:2000]
    okrs = next(tab for tab in books["demo-okrs"].tabs if tab.title == "OKRs")
    for column in (2, 3, 13):
        for row in (2, 3, 4):
            enter(okrs, row, column, text)


TEXTS = (
    ("dry-run",),
    ("dry-run", "--format", "markdown"),
    ("sync", "--adopt"),
    ("dry-run",),
    ("status",),
    ("explain", "KR1"),
    ("explain", "O1"),
    ("history",),
    ("history", "KR1"),
    ("report", "--format", "text"),
    ("report",),
    ("lint",),
)


@pytest.mark.parametrize("text", [f"x{ESCAPES}{HTML}", f"{ESCAPES}{LONG}"], ids=["escapes", "long"])
def test_texts_from_outside_are_harmless_on_a_terminal(shell: Shell, demo: Sandbox, text: str) -> None:
    spoil(demo, text)
    for command in TEXTS:
        done = shell.run(*command)
        assert done.code in (0, 1, 4), (command, done.err)
        assert hidden_letters(done.out + done.err) == set(), command
        assert len(done.out + done.err) < 300_000, command


def test_escapes_in_errors_and_in_names(shell: Shell, demo: Sandbox) -> None:
    demo.faults.append(Fault("jira", "", 400, {"errorMessages": [ESCAPES]}, times=9))
    demo.faults.append(Fault("github", "", 403, {"message": ESCAPES}, times=9))
    done = shell.run("check", "--online")
    assert done.code == 4
    assert "owned" in done.out
    assert hidden_letters(done.out + done.err) == set()
    text = Path("okrsync.yaml").read_text("utf-8")
    quoted = json.dumps(ESCAPES.replace("\U000e0041", ""))
    Path("okrsync.yaml").write_text(text.replace("tabs: [OKRs]", f"tabs: [{quoted}]"), "utf-8")
    done = shell.run("dry-run")
    assert done.code == 1
    assert hidden_letters(done.out + done.err) == set()
    Path("okrsync.yaml").write_text(text + f"\n{quoted}: 1\n", "utf-8")
    done = shell.run("check")
    assert done.code == 1
    assert hidden_letters(done.out + done.err) == set()
    for name in ("explain", "history"):
        done = shell.run(name, ESCAPES)
        assert hidden_letters(done.out + done.err) == set()


def test_markdown_and_pages_hold_no_markup_of_others(shell: Shell, demo: Sandbox) -> None:
    spoil(demo, HTML)
    for command in (("dry-run", "--format", "markdown"), ("report",), ("report", "--format", "html")):
        done = shell.run(*command)
        assert "<script>alert" not in done.out.replace(r"\<script\>", ""), command
        if "html" not in command:
            assert not re.search(r"(?<!\\)\]\(javascript", done.out), command
    page = demo.services["sheets"]
    from connectors.sandbox.server import Request

    shown = page.admin(Request("GET", "/spreadsheets/demo-okrs", {}, {}, b"", demo.url)).payload().decode()
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_as_a_title_stays_a_title(shell: Shell, formula: str) -> None:
    title = formula.strip()
    if title == "+1":
        title = "+1 customers"
    config = (
        f"objectives:\n  O1:\n    title: {json.dumps(title)}\n    key_results:\n      KR1:\n"
        f"        title: {json.dumps(title)}\n        target: 10\n        measure: deals\n"
        "measures:\n  deals:\n    from: files.rows\n    path: deals.csv\n    value: count(*)\n"
    )
    Path("deals.csv").write_text("stage\nwon\n", "utf-8")
    for file in ("okrs.xlsx", "okrs.csv"):
        shutil.rmtree(".okrsync", ignore_errors=True)  # the ledger knows the workspace by its sheet
        Path("okrsync.yaml").write_text(HEAD.replace("okrs.xlsx", file) + config, "utf-8")
        assert shell.run("init", "--sheet").code == 0
        _require_no_formula(Path(file))
        assert shell.run("sync").code == 0
        _require_no_formula(Path(file))
        again = shell.run("sync")
        assert NOTHING_TO_WRITE in again.out, again.out
    assert title in [cell.value for row in load_workbook("okrs.xlsx")["OKRs"].iter_rows() for cell in row]


def _require_no_formula(path: Path) -> None:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            fields = [field for row in csv.reader(file) for field in row]
        assert not [field for field in fields if re.match(r"[=+@\t\r]|-\D", field)]
        return
    ours = re.compile(r"=(?:IFERROR\(AVERAGEIFS|COUNTIFS)\('OKRs'!")  # the summary's own, which hold no text of others
    for tab in load_workbook(path).worksheets:
        found = [cell for row in tab.iter_rows() for cell in row if cell.data_type == "f"]
        assert not [cell.coordinate for cell in found if not (tab.title == "Summary" and ours.match(str(cell.value)))]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_in_a_csv_comes_back_as_it_was(formula: str) -> None:
    batch = SheetBatch((CellWrite("okrs", 1, 1, formula),))
    data = b"KR id,Key result\r\nKR1,x\r\n"
    before = csv_sheet.tabs_of(data, None, "okrs", (), "reading")
    after, _ = csv_sheet.apply(data, None, batch, before, "writing")
    assert list(parse_csv(after.decode(), ","))[1].fields[1] == f"'{formula}"
    assert csv_sheet.tabs_of(after, None, "okrs", (), "reading")["okrs"].rows[1][1].value == formula


def test_numbers_and_ordinary_texts_of_a_csv_are_left_alone() -> None:
    assert as_field(Decimal(-5), percent=False) == "-5"
    assert as_field("it's", percent=False) == "it's"
    assert harmless("'quoted'") == "'quoted'"


def test_plain_leaves_people_their_letters() -> None:
    for text in ("關鍵結果 90%", "naïve – “x”", "日本語\u3000한국어", "🚀 done", "line\nline"):
        assert plain(text) == text
    assert one_line("a\x1b[31mb\u202ec\nd") == "a [31mb c d"
    assert len(one_line(LONG)) == 1000


def package(parts: dict[str, bytes]) -> bytes:
    book = Workbook()
    book.active.append(["KR id"])  # type: ignore[union-attr]
    kept = io.BytesIO()
    book.save(kept)
    out = io.BytesIO()
    with zipfile.ZipFile(kept) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name) if name in parts else old.read(name))
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
ROWS = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
    '<c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row></sheetData></worksheet>'
)
LAUGHS = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
DOCUMENTS = {
    "a file of the machine": f'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>{ROWS}',
    "an address": f'<!DOCTYPE w [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]>{ROWS}',
    "a billion laughs": f'<!DOCTYPE w [<!ENTITY x0 "ha">{LAUGHS}]>{ROWS.replace("&x;", "&x9;")}',
}
READERS: dict[str, Callable[[bytes], object]] = {
    "the OKR sheet": lambda data: xlsx_image.tabs_of(data, [], "reading"),
    "a source": lambda data: workbooks.grid_of(data, ""),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_entities_in_a_workbook(name: str, reader: str) -> None:
    for part in (SHEET, "xl/workbook.xml", "xl/styles.xml", "xl/elsewhere"):
        for encoding in ("utf-8", "utf-16"):
            with pytest.raises((SheetError, ValueError), match="its XML has a document type"):
                READERS[reader](package({part: DOCUMENTS[name].encode(encoding)}))
    with pytest.raises(ValueError, match="document type"):
        parse_sheet(DOCUMENTS[name].encode())


def _write(data: bytes) -> object:
    return xlsx_package.open_package(data, "writing")


@pytest.mark.parametrize("reader", [*READERS, "writing"])
def test_a_zip_bomb(reader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_limits, "LARGEST_MEBIBYTES", 4)
    data = package({"xl/media/x.bin": b"\0" * (5 << 20)})
    assert len(data) < 20_000
    read = READERS.get(reader, _write)
    with pytest.raises((SheetError, ValueError), match="unpacks to more than 4 MiB"):
        read(data)


def test_a_part_that_is_no_xml_is_not_looked_into() -> None:
    data = package({"xl/media/image1.png": b"\x89PNG\r\n<!DOCTYPE x>"})
    assert list(xlsx_image.tabs_of(data, [], "reading")[0]) == ["Sheet"]


def claiming(claims: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package({}))) as made:
        sheet = made.read(SHEET)
    assert b"</sheetData>" in sheet
    return package({SHEET: sheet.replace(b"</sheetData>", b"</sheetData>" + claims.encode())})


@pytest.mark.parametrize(
    ("claims", "saw"),
    [
        ("".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, 10_002)), "10,001 merged areas and links"),
        ('<mergeCell ref="A3:D1048576"/>', "cover more than 100,000 cells"),
        ('<hyperlink display="x" ref="A1:A1048576"/>', "cover more than 100,000 cells"),
        ("".join(f'<mergeCell ref="A{row}:XFD{row}"/>' for row in range(1, 8)), "cover more than 100,000 cells"),
        ("".join(f'<hyperlink ref="A{row}"/>' for row in range(1, 100_002)), "cover more than 100,000 cells"),
    ],
    ids=["many", "one merge", "one link", "together", "links"],
)
def test_an_okr_sheet_that_claims_more_cells_than_it_has(claims: str, saw: str) -> None:
    with pytest.raises(SheetError, match=saw) as caught:
        xlsx_image.tabs_of(claiming(claims), [], "reading")
    assert "merged cells" in (caught.value.advice or "")


def test_merged_areas_and_links_that_are_few() -> None:
    merges = "".join(f'<mergeCell ref="A{row}:C{row}"/>' for row in range(2, 302))
    links = "".join(f'<hyperlink ref="D{row}" location="Other!A1"/>' for row in range(2, 302))
    data = claiming(f"<mergeCells>{merges}</mergeCells><hyperlinks>{links}</hyperlinks>")
    tabs, _ = xlsx_image.tabs_of(data, [], "reading")
    assert len(tabs["Sheet"].merges) == 300


def test_a_stray_cell_at_the_end_of_a_tab() -> None:
    book = Workbook()
    assert book.active is not None
    book.active["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(SheetError, match="reaches to row 1,048,576 and column 16,384"):
        xlsx_image.tabs_of(out.getvalue(), [], "reading")


T = TypeVar("T")


def _held(read: Callable[[bytes], T], data: bytes) -> T | None:
    try:
        return read(data)
    except (SheetError, ValueError):
        return None


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_workbook_is_an_error_or_read_as_it_was(seed: int) -> None:
    import random

    chance = random.Random(seed)  # noqa: S311 - damage, not a secret
    data = bytearray(package({}))
    for _ in range(chance.choice((1, 5, 30))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    tabs = _held(lambda data: xlsx_image.tabs_of(data, [], "reading")[0], bytes(data)) or {}
    assert tabs.items() <= xlsx_image.tabs_of(package({}), [], "reading")[0].items()
    grid = _held(lambda data: workbooks.grid_of(data, ""), bytes(data))
    assert grid in (None, workbooks.grid_of(package({}), ""))
    _held(_write, bytes(data))


DEEP = "[" * 200_000
FILES = {
    "deep.json": DEEP,
    "long-number.json": "[" + "9" * 10_000 + "]",
    "deep.jsonl": DEEP + "\n",
    "huge.csv": f'name\n"{LONG}"\n',
    "open.csv": 'name\n"' + "x\n" * 10_000,
    "wide.csv": ",".join(f"c{n}" for n in range(3_000)) + "\n",
}


@pytest.mark.parametrize("name", FILES)
def test_files_made_to_harm(shell: Shell, name: str) -> None:
    Path(name).write_text(FILES[name], "utf-8")
    config = (
        "measures:\n  deals:\n    from: files.rows\n    path: {name}\n    value: count(*)\n"
        "objectives:\n  O1:\n    title: t\n    key_results:\n      KR1:\n        title: t\n        target: 10\n"
        "        measure: deals\n"
    )
    Path("okrsync.yaml").write_text(HEAD + config.format(name=name), "utf-8")
    assert shell.run("init", "--sheet").code == 0
    done = shell.run("dry-run")
    assert done.code in (0, 4), done.err
    assert len(done.out + done.err) < 5_000


@pytest.mark.parametrize("service", ["jira", "github", "sheets"])
@pytest.mark.parametrize("body", [DEEP.encode(), b"[" + b"9" * 10_000 + b"]", b'{"a":' * 100_000])
def test_answers_nested_without_end(
    shell: Shell, demo: Sandbox, service: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.registry import Context
    from syncer.run import workspace

    monkeypatch.setattr(
        workspace, "Context", lambda base_dir, policy: Context(base_dir, replace(policy, sleep=lambda _: None))
    )
    for status in (200, 400):
        demo.faults[:] = [Fault(service, "", status, body, times=1000)]
        done = shell.run("dry-run")
        assert done.code in (1, 4), done.err

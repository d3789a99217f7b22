"""Bad input gets a message of four parts, its exit code, and no damage. Each message is kept word for word."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook

from command_kit import Shell
from connectors.sandbox.server import Request
from demo_kit import demo_workspace, sheets_of
from golden_files import check_golden
from sandbox_kit import Sandbox
from workspace_kit import HEAD

MEASURE = """\
measures:
  deals:
    from: files.rows
    path: deals.csv
    value: {value}
"""
KEY_RESULT = """\
objectives:
  O1:
    title: Companies choose us
    key_results:
      KR1:
        title: Sign 10 customers
        target: 10
        measure: deals
"""
FINE = HEAD + MEASURE.format(value="count(*)") + KEY_RESULT
JIRA = """\
connections:
  jira:
    type: jira
    url: http://127.0.0.1:1/jira
    email: demo@example.com
    token: $JIRA_TOKEN
"""

CONFIGS: dict[str, str | None] = {
    "no config": None,
    "tabs": "cycle: 2026-Q4\nokr_sheet:\n\tfile: okrs.xlsx\n",
    "full-width colon": "cycle： 2026-Q4\ntimezone: Asia/Taipei\n",
    "duplicate keys": HEAD + "cycle: 2026-Q3\n",
    "unset secret": HEAD
    + JIRA
    + "measures:\n  a:\n    from: jira.issues\n    jql: project = CORE\n    value: count(*)\n",
    "literal token": HEAD + JIRA.replace("$JIRA_TOKEN", "ATATT3xFfGF0-secret"),
    "unknown option": FINE.replace("    path: deals.csv", "    pth: deals.csv"),
    "unknown connection": FINE.replace("files.rows", "jira.issues"),
    "target equals baseline": FINE.replace("        target: 10", "        baseline: 10\n        target: 10"),
    "wrong literal": HEAD
    + JIRA
    + "measures:\n  a:\n    from: jira.issues\n    jql: project = CORE\n    value: share(status_category = 'Done')\n",
    "text for a number": HEAD
    + JIRA
    + "measures:\n  a:\n    from: jira.issues\n    jql: project = CORE\n    value: sum(summary)\n",
    "subquery": HEAD + MEASURE.format(value="(select 1)"),
    "second statement": HEAD + MEASURE.format(value="count(*); drop table rows"),
    "function off the list": HEAD + MEASURE.format(value="max(read_text('/etc/passwd'))"),
    "many problems": HEAD.replace("2026-Q4", "2026-Q5").replace("Asia/Taipei", "Taipei") + KEY_RESULT,
}


def faults_of(output: str) -> str:
    """What a run says of faults: of the plan its notes and why key results are unknown, and no figures."""
    kept = []
    for line in output.splitlines():
        fields = re.split(r" {2,}", line.strip())
        if line.startswith("  ? "):
            kept.append(f"{fields[0]}: {fields[-1]}")
        elif line.startswith("  - ") or not re.match(r" |Plan for|Safe:|\d+ to write", line):
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).rstrip() + "\n"


@pytest.mark.parametrize("name", CONFIGS)
def test_config(shell: Shell, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIRA_TOKEN", raising=False)
    if name not in ("unset secret", "literal token"):
        monkeypatch.setenv("JIRA_TOKEN", "a-secret")
    text = CONFIGS[name]
    if text is not None:
        Path("okrsync.yaml").write_text(text, "utf-8")
    output = shell.output_of(["check"])
    assert "secret" not in output.replace("a secret does not belong", "").replace("unset secret", "")
    check_golden(f"bad_config_{name.replace(' ', '_')}.txt", output)


def workbook(*rows: tuple[str | int | None, ...], merges: tuple[str, ...] = ()) -> None:
    book = Workbook()
    tab = book.active
    assert tab is not None
    tab.title = "OKRs"
    for row in rows:
        tab.append(row)
    for merge in merges:
        tab.merge_cells(merge)
    book.save("okrs.xlsx")


HEADERS = ("KR id", "Key result", "Target", "Current value", "Progress", "Status")
SHEETS: dict[str, tuple[tuple[str | int | None, ...], ...]] = {
    "no id header": (("Name", "Goal", "Now"), ("KR1", 10, 3)),
    "duplicate ids": (HEADERS, ("KR1",), ("KR1",)),
    "a row the config does not know": (HEADERS, ("KR1",), ("KR7", "mine")),
    "no row for the config": (HEADERS, ("KR7", "mine")),
    "title row and headers in zh-TW": (("Acme OKR",), (), ("KR 編號", "關鍵結果", "目前值", "進度"), ("KR1",)),
    "two headers mean the same": (("KR id", "Status", "狀態"), ("KR1",)),
}


@pytest.mark.parametrize("name", SHEETS)
def test_sheet(shell: Shell, name: str) -> None:
    Path("okrsync.yaml").write_text(FINE, "utf-8")
    Path("deals.csv").write_text("stage\nwon\n", "utf-8")
    workbook(*SHEETS[name])
    before = Path("okrs.xlsx").read_bytes()
    output = shell.output_of(["dry-run"])
    assert Path("okrs.xlsx").read_bytes() == before
    check_golden(f"bad_sheet_{name.replace(' ', '_')}.txt", faults_of(output))


FILES: dict[str, bytes | None] = {
    "missing": None,
    "empty": b"",
    "no rows": b"stage,amount\r\n",
    "with a BOM": "\ufeffstage,amount\nwon,1\n".encode(),
    "Big5 and CRLF": "階段,金額\r\n成交,5\r\n".encode("big5"),
    "N/A in a number": b"stage,amount\nwon,1\nwon,N/A\nwon,2\n",
    "REF in a number": b"stage,amount\nwon,1\nwon,#REF!\nwon,2\n",
    "unknown header": b"stage,sum\nwon,1\n",
}


@pytest.mark.parametrize("name", FILES)
def test_file(shell: Shell, name: str) -> None:
    column = "金額" if "Big5" in name else "amount"
    Path("okrsync.yaml").write_text(HEAD + MEASURE.format(value=f"sum({column})") + KEY_RESULT, "utf-8")
    content = FILES[name]
    if content is not None:
        Path("deals.csv").write_bytes(content)
    workbook(HEADERS, ("KR1",))
    output = faults_of(shell.output_of(["dry-run"]))
    check_golden(f"bad_file_{name.replace(' ', '_').replace('/', '')}.txt", output)


SERVICES: dict[str, tuple[str, str]] = {
    "wrong password": ("token: file:secrets/jira-token", "token: file:wrong"),
    "a JQL the server refuses": ("project = CORE AND type = Bug", "projekt = CORE AND type = Bug"),
    "zero rows": ("project = CORE AND type = Bug", "project = CORE AND type = Epic AND status = Done"),
    "unknown tab of a source": ("range: Deals!A:E", "range: Dealz!A:E"),
    "unknown spreadsheet": ("spreadsheet: demo-okrs", "spreadsheet: nowhere"),
    "no permission": ("spreadsheet: demo-okrs", "spreadsheet: demo-okrs"),
    "unknown tab": ("tabs: [OKRs]", "tabs: [OKR]"),
    "unknown header": ("tabs: [OKRs]", "tabs: [OKRs]\n  columns:\n    id: Our number"),
    "unknown repository": ("repo:acme/app is:pr is:merged\n", "repo:acme/ap is:pr is:merged\n"),
    "unknown column of a sheet": ("sum(Amount)", "sum(Amout)"),
}


@pytest.fixture
def demo(shell: Shell) -> Iterator[Sandbox]:
    with demo_workspace(shell.folder) as sandbox:
        Path("wrong").write_text("not-the-token", "utf-8")
        yield sandbox


@pytest.mark.parametrize("name", SERVICES)
def test_service(shell: Shell, demo: Sandbox, name: str) -> None:
    old, new = SERVICES[name]
    text = Path("okrsync.yaml").read_text("utf-8")
    assert old in text
    Path("okrsync.yaml").write_text(text.replace(old, new), "utf-8")
    sheets_of(demo).books["demo-okrs"].shared = name != "no permission"
    if name == "wrong password":  # else what was not sent before the first refusal says so
        both = threading.Barrier(2, timeout=20)

        def hold(_: Request) -> None:
            both.wait()

        demo.hooks["jira"] = hold
    output = shell.output_of(["sync"])
    wrote = [entry for entry in demo.requests("sheets") if ":batchUpdate" in entry.target]
    assert len(wrote) == (0 if "exit 1" in output else 1)
    assert "not-the-token" not in output
    check_golden(f"bad_service_{name.replace(' ', '_')}.txt", faults_of(output))


@pytest.mark.parametrize(
    ("value", "output", "code"),
    [
        ("sum(amount)", "  ok    deals (okrsync.yaml:6) = 3 (files.rows, 2 rows: deals.csv)", 0),
        (
            "sum(amout)",
            "  ?     deals (okrsync.yaml:6) is unknown: unknown column 'amout' in the rows; did you mean 'amount'?",
            4,
        ),
        ("avg(amount) filter (stage = 'lost')", "  ?     deals (okrsync.yaml:6) is unknown: no row", 4),
    ],
)
def test_check_online_does_not_call_an_unknown_measure_fine(shell: Shell, value: str, output: str, code: int) -> None:
    Path("okrsync.yaml").write_text(HEAD + MEASURE.format(value=value) + KEY_RESULT, "utf-8")
    Path("deals.csv").write_text("stage,amount\nwon,1\nwon,2\n", "utf-8")
    workbook(HEADERS, ("KR1",))
    done = shell.run("check", "--online")
    assert output in done.out
    assert done.code == code
    assert "1 objective, 1 key result, 1 measure." in done.out


def test_check_online_tries_the_measures_of_a_sheet_that_cannot_be_read(shell: Shell) -> None:
    Path("okrsync.yaml").write_text(FINE, "utf-8")
    Path("deals.csv").write_text("stage,amount\nwon,1\n", "utf-8")
    Path("okrs.xlsx").write_text("not a workbook", "utf-8")
    done = shell.run("check", "--online")
    assert "  ok    deals (okrsync.yaml:6) = 1 (files.rows, 1 row: deals.csv)" in done.out
    assert "okrs.xlsx" in done.err
    assert done.code == 1
    assert shell.run("check", "--online", "--format", "json").code == 1


@pytest.mark.parametrize(
    ("option", "value", "output"),
    [("--cycle", "2026-Q9", "is not a cycle"), ("--timezone", "Taipei", "did you mean 'Asia/Taipei'?")],
)
def test_init_writes_nothing_for_a_wrong_option(shell: Shell, option: str, value: str, output: str) -> None:
    done = shell.run("init", "new", option, value)
    assert done.code == 1
    assert output in done.err
    assert "Nothing was written." in done.err
    assert not Path("new").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", ["sources", "--version", "--help", "dry-run --help"])
def test_output_to_a_full_disk_is_an_error_with_four_parts(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "syncer", *words.split()]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "writing the output: OSError: No space left on device. The command itself is done; its output is not complete.",
        "Free space on that disk, or send the output elsewhere.",
    ]

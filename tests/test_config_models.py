# ruff: noqa: E501 - a message is compared whole and stands on one line
from decimal import Decimal
from pathlib import Path

import pytest

from config.models import JiraConnection, KeyResult, Measure
from config.scalars import Amount
from config.secrets import Secret
from config_workspaces import HEAD, SECRETS, load, problems


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


_SECRET = "a secret does not belong in the config; write a reference such as $NAME, file:path or keyring:a/b"
_ID = "must be an id of at most 64 letters, digits, '.', '-' and '_', such as KR1"
_HAS_NO_NAME = (
    "does not belong here: reports and messages name a workspace by the title of its OKR sheet; if it "
    "belongs to an objective or a key result, check its indentation"
)
_NAME = "must be a name of small letters, digits and '_', such as bugs_closed"


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("okr_shet: x\n", ["20 okr_shet: unknown option; did you mean 'okr_sheet'?"]),
        ("xyz: x\n", ["20 xyz: unknown option"]),
        ("title: Ours\n", [f"20 title: {_HAS_NO_NAME}"]),
        ("name: Ours\n", [f"20 name: {_HAS_NO_NAME}"]),
        ("language: zh\n", ["20 language: 'zh' is not one of en, zh-TW"]),
        ("language: en-TW\n", ["20 language: 'en-TW' is not one of en, zh-TW; did you mean 'zh-TW'?"]),
        ("  Bugs: {from: jira.issues, jql: x, value: count(*)}\n", [f"20 measures.Bugs: {_NAME}"]),
        ("  b: {from: jira, jql: x, value: count(*)}\n", ["20 measures.b.from: must be written <connection>.<table>, such as jira.issues"]),
        ("  b: count(*)\n", ["20 measures.b: must hold options, one a line"]),
        ("  b: {jql: x}\n", [
            "20 measures.b.from: is required: <connection>.<table>",
            "20 measures.b.value: is required: one SQL aggregate expression over the rows, such as count(*)",
        ]),
        ("  b:\n    from: jira.issues\n    jql: x\n    value:\n", [
            "23 measures.b.value: is empty: one SQL aggregate expression over the rows, such as count(*)",
        ]),
        ("  b:\n", [
            "20 measures.b.from: is required: <connection>.<table>",
            "20 measures.b.value: is required: one SQL aggregate expression over the rows, such as count(*)",
        ]),
        ("  b: {from: jira.issues, jqll: x, valu: sum(nothing_such)}\n", [
            "20 measures.b.jqll: unknown option; did you mean 'jql'?",
            "20 measures.b.valu: unknown option; did you mean 'value'?",
        ]),
        ("  b: {from: jira.issues, jql: [a], header_row: x, value: {a: b}}\n", [
            "20 measures.b.header_row: must be a whole number",
            "20 measures.b.jql: must be one text; a text that begins with '{', '[' or '-' is quoted",
            "20 measures.b.value: must be one text; a text that begins with '{', '[' or '-' is quoted",
        ]),
        ("key_results:\n  KR 1: {}\n", [f"21 key_results.KR 1: {_ID}"]),
        ("objectives:\n  O1:\n    key_results: [KR1]\n", ["22 objectives.O1.key_results: must hold entries by name, one a line"]),
        ("objectives:\n  O1: text\n", ["21 objectives.O1: must hold options, one a line"]),
        ("key_results:\n  KR1: {target: ten, kind: increse, partial: maybe}\n", [
            ("21 key_results.KR1.kind: 'increse' is not one of increase, decrease, at_least, at_most, between, milestone, parts; "
            "did you mean 'increase'?"),
            "21 key_results.KR1.partial: must be true or false",
            "21 key_results.KR1.target: 'ten' is not a number; write 1234, 1,234, 12.5, 40% or 50萬",
        ]),
        ("key_results:\n  KR1: {target: {a: b}, measure: [a], start: 2026-10, objective: a b}\n", [
            "21 key_results.KR1.measure: must be one text; a text that begins with '{', '[' or '-' is quoted",
            f"21 key_results.KR1.objective: {_ID}",
            "21 key_results.KR1.start: '2026-10' is not a date; write 2026-10-01 or 115/10/01",
            "21 key_results.KR1.target: must be one value on one line",
        ]),
        ("key_results:\n  KR1:\n    measure: {from: jira.issues, jql: x}\n    parts:\n      - {start: x}\n      -\n      - x\n", [
            "22 key_results.KR1.measure.value: is required: one SQL aggregate expression over the rows, such as count(*)",
            "24 key_results.KR1.parts.1.start: does not belong here; check its indentation",
            "25 key_results.KR1.parts.2: is empty",
            "26 key_results.KR1.parts.3: must hold options, one a line",
        ]),
        ("key_results:\n  KR1: {steps: one, parts: two}\n", [
            "21 key_results.KR1.parts: must be a list, with '- ' before each item",
            "21 key_results.KR1.steps: must be a list, with '- ' before each item",
        ]),
        ("safety: {min_rows: 0, max_drop: 25, max_rise: x, max_falling: }\n", [
            "20 safety.max_drop: '25' is not a share of 0% to 100%; write 30% or 0.3",
            "20 safety.max_rise: 'x' is not a number; write 1234, 1,234, 12.5, 40% or 50萬",
            "20 safety.min_rows: must be at least 1",
        ]),
        ("status: ratio\n", ["20 status: must hold options, one a line"]),
        ("teams: [a]\n", ["20 teams: must hold entries by name, one a line"]),
        ("include: {a: b}\n", ["20 include: must be a list, with '- ' before each item"]),
        ("notify:\n  a: {type: slack, urll: $X}\n  b: {url: $X}\n  c: {type: slak}\n  d: {type: line, to: x, token: x}\n", [
            "21 notify.a.urll: unknown option; did you mean 'url'?",
            "22 notify.b: needs `type`: slack, teams, google_chat, discord, line, mail",
            "23 notify.c: 'slak' is not one of slack, teams, google_chat, discord, line, mail; did you mean 'slack'?",
            f"24 notify.d.token: {_SECRET}",
        ]),
        ("measures: 1\n", ["20 measures: appears more than once; first on line 16"]),
    ],
)  # fmt: skip
def test_what_the_models_refuse(tmp_path: Path, added: str, expected: list[str]) -> None:
    assert problems(tmp_path, HEAD + added) == expected


def test_an_option_of_elsewhere_that_is_nearly_one_of_here_is_taken_for_misspelt(tmp_path: Path) -> None:
    text = HEAD.replace("okr_sheet:\n", "okr_sheet:\n  tabs: [OKRs]\n  tab: OKRs\n")
    assert problems(tmp_path, text) == ["5 okr_sheet.tab: unknown option; did you mean 'tabs'?"]


@pytest.mark.parametrize(
    ("connection", "expected"),
    [
        ("{type: jra, token: ghp_hush}", [": 'jra' is not one of jira, github, gitlab, google_sheets, microsoft, sql, http, prometheus; did you mean 'jira'?"]),
        ("{token: ghp_hush}", [": needs `type`: jira, github, gitlab, google_sheets, microsoft, sql, http, prometheus"]),
        ("ghp_hush", [": must hold options, one a line"]),
        ("{type: github, token: ghp_hush}", [f".token: {_SECRET}"]),
        ("{type: github, token: $GITHUB_TOKEN, tokn: ghp_hush}", [".tokn: unknown option; did you mean 'token'?"]),
        ("{type: github, token: {hush: hush}}", [".token: must be one value on one line"]),
        ("{type: github, token: [hush]}", [".token: must be one value on one line"]),
        (
            "{type: github, token: }",
            [": needs `token`, or `app_id`, `installation_id` and `private_key` of an app"],
        ),
        ("{type: http, url: https://a, headers: {X: hush}}", [f".headers.X: {_SECRET}"]),
        ("{type: http, url: https://a, headers: hush}", [".headers: must hold entries by name, one a line"]),
        ("{type: http, url: 'https://ann:hush@a'}", [".url: an address must not contain credentials; use the connection's secret fields"]),
        ("{type: http, url: 'ftp://ann:hush@a'}", [".url: an address must not contain credentials; use the connection's secret fields"]),
        ("{type: http, url: hush}", [".url: is not an address; write https://host/path"]),
        ("{type: http, url: 'https://[hush'}", [".url: is not an address; write https://host/path"]),
        ("{type: http, url: 'https://a:hush'}", [".url: is not an address; write https://host/path"]),
        ("{type: http, url: 'http://a/hush'}", [".url: would send credentials in clear text; write https://"]),
        ("{type: google_sheets, service_account: '{\"private_key\": \"hush\"}'}", [f".service_account: {_SECRET}"]),
        (
            "{type: google_sheets, timeout: x, lanes: 99}",
            [".lanes: must be at most 32", ".timeout: 'x' is not a length of time; write 30s, 5m or 1h"],
        ),
        ("{type: google_sheets, timeout: 11m}", [".timeout: must be at most 600"]),
        ("{type: google_sheets, timeout: 0}", [".timeout: must be above 0"]),
        (
            "{type: jira, url: https://a, token: $JIRA_TOKEN, email: keyring:hush}",
            [f".email: {_SECRET}"],
        ),
        (
            "{type: jira, url: https://a, token: $JIRA_TOKEN, fields: {a: {typ: text}, B: x, c: {id: x, type: nmber}}}",
            [
                f".fields.B: {_NAME}",
                ".fields.a.id: is required: its id, such as customfield_10016, or its name in Jira, such as Story Points",
                ".fields.a.typ: unknown option; did you mean 'type'?",
                ".fields.c.type: 'nmber' is not one of text, number, timestamp, list; did you mean 'number'?",
            ],
        ),
    ],
)  # fmt: skip
def test_connections_and_what_must_never_be_repeated(tmp_path: Path, connection: str, expected: list[str]) -> None:
    text = HEAD.replace("  stats: {type: http, url: https://stats.acme.test/api}", f"  stats: {connection}")
    found = problems(tmp_path, text)
    assert found == [f"15 connections.stats{line}" for line in expected]
    assert "hush" not in "\n".join(found)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("cycle: 2026-Q4\n", "", ["0 cycle: is required: 2026-Q4, 2026-H2, 2026, or name, start and end (the last day)"]),
        ("cycle: 2026-Q4", "cycle:", ["1 cycle: is empty: 2026-Q4, 2026-H2, 2026, or name, start and end (the last day)"]),
        ("Asia/Taipei", "Asia/Taipe", ["2 timezone: 'Asia/Taipe' is not a time zone; did you mean 'Asia/Taipei'?"]),
        ("Asia/Taipei", "CST8", ["2 timezone: 'CST8' is not a time zone; write a name such as Asia/Taipei"]),
        ("Asia/Taipei", "台北", ["2 timezone: '台北' is not a time zone; write a name such as Asia/Taipei"]),
        ("Asia/Taipei", "../x", ["2 timezone: '../x' is not a time zone; write a name such as Asia/Taipei"]),
        ("  file: okrs.xlsx\n", "  file: a.csv\n  spreadsheet: b\n", ["3 okr_sheet: set one of `file` (a local workbook), `link` (OneDrive, SharePoint) and `spreadsheet` (Google)"]),
        ("  file: okrs.xlsx\n", "  spreadsheet: b\n", ["3 okr_sheet: `spreadsheet` needs `connection`: the name of a google_sheets connection"]),
        ("  file: okrs.xlsx\n", "", ["3 okr_sheet: is empty: the sheet with the OKRs"]),
    ],
)  # fmt: skip
def test_what_every_workspace_needs(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    assert problems(tmp_path, HEAD.replace(old, new)) == expected


def test_cross_checks_wait_until_the_models_accept_the_file(tmp_path: Path) -> None:
    text = HEAD.replace("cycle: 2026-Q4", "cycle: soon").replace("type: jira", "type: jra")
    text += (
        "  m: {from: jira.issues, jql: x}\n"
        "objectives:\n  O1: {titel: x, status: wrst, key_results: {KR1: {measure: m, target: ten, due: 2030-01-01}}}\n"
        "key_results:\n  KR2: {measure: m / mm, objective: O1, baseline: 1, target: 1}\n  KR3: {objective: O9}\n"
    )
    assert problems(tmp_path, text) == [
        "1 cycle: 'soon' is not a cycle; write 2026-Q4, 2026-H2, 2026, or name, start and end",
        "6 connections.jira: 'jra' is not one of jira, github, gitlab, google_sheets, microsoft, sql, http, prometheus; did you mean 'jira'?",
        "20 measures.m.value: is required: one SQL aggregate expression over the rows, such as count(*)",
        "22 objectives.O1.key_results.KR1.target: 'ten' is not a number; write 1234, 1,234, 12.5, 40% or 50萬",
        "22 objectives.O1.status: 'wrst' is not one of progress, worst; did you mean 'worst'?",
        "22 objectives.O1.titel: unknown option; did you mean 'title'?",
    ]
    accepted = text.replace("soon", "2026-Q4").replace("jra", "jira").replace("jql: x}", "jql: x, value: count(*)}", 1)
    accepted = accepted.replace("titel", "title").replace("wrst", "worst").replace("ten, due: 2030-01-01", "3")
    assert problems(tmp_path, accepted) == [
        "24 key_results.KR2.measure: unknown measure 'mm'; did you mean 'm'?",
        "24 key_results.KR2.target: `target` and `baseline` are both 1, so nothing can move: change one of them",
        "25 key_results.KR3.objective: unknown objective 'O9'",
    ]


@pytest.mark.parametrize(
    "added",
    [
        "objectives:\n  O1: {aligns_to: KR1}\nkey_results: [a]\n",
        "objectives: [a]\nkey_results:\n  KR1: {objective: O1}\n",
        "objectives:\n  O1: {aligns_to: KR1, key_results: x}\n",
        "teams: [a]\nkey_results:\n  KR1: {team: a}\n",
    ],
)
def test_a_section_at_fault_is_one_problem(tmp_path: Path, added: str) -> None:
    assert len(problems(tmp_path, HEAD + added)) == 1


@pytest.mark.parametrize("section", ["measures", "connections"])
def test_names_of_a_section_at_fault_are_not_called_unknown(tmp_path: Path, section: str) -> None:
    start = HEAD.index(f"{section}:\n")
    after = HEAD.index("measures:\n") if section == "connections" else len(HEAD)
    text = HEAD[:start] + f"{section}: wrong\n" + HEAD[after:] + "key_results:\n  KR1: {measure: a / b, target: 3}\n"
    if section == "connections":
        text = text.replace("measure: a / b", "measure: bugs")
    assert [line.partition(": ")[2] for line in problems(tmp_path, text)] == ["must hold entries by name, one a line"]


def test_models_can_be_built_in_code() -> None:
    connection = JiraConnection(
        type="jira", url="https://acme.test/", token="$T", email="$E", fields={"points": "cf_1"}
    )
    assert (connection.url, connection.token, connection.email) == (
        "https://acme.test",
        Secret("$T"),
        Secret("$E", may_be_short=True),
    )
    assert connection.fields["points"].id == "cf_1"
    assert connection.is_cloud
    assert not JiraConnection(type="jira", url="https://a.test", token="$T").is_cloud
    assert JiraConnection(type="jira", url="https://a.test", token="$T", deployment="cloud").is_cloud
    assert JiraConnection(type="jira", url="https://a.test", token="$T", email="ann@acme.test").email == "ann@acme.test"
    measure = Measure(from_="files.rows", path="a.csv", header_row=2, value="count(*)")
    assert (measure.connection, measure.table, measure.query_keys) == (
        "files",
        "rows",
        {"path": "a.csv", "header_row": "2"},
    )
    assert KeyResult(measure=measure).measure is measure
    assert KeyResult(target=Amount(Decimal(3))).target == KeyResult.model_validate({"target": 3}).target


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    config = load(tmp_path, HEAD + "key_results:\n  1.10: {}\n  0123: {was: 1.1}\n  yes: {}\n  2026-10-01: {}\n")
    assert [entry.id for entry in config.key_results] == ["1.10", "0123", "yes", "2026-10-01"]
    assert config.key_results[1].definition.was == "1.1"

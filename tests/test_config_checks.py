# ruff: noqa: E501 - a message is compared whole and stands on one line
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.checks.sheet import COLUMNS
from config.checks.tree import loops
from config_workspaces import HEAD, SECRETS, load, problems


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def measure(text: str, start: str = "jira.issues", query: str = "jql: x") -> str:
    return f"  m:\n    from: {start}\n    {query}\n    value: {text}\n"


def key_result(*lines: str) -> str:
    return "key_results:\n  KR1:\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (measure("count(*)", "jra.issues"), ["21 measures.m.from: unknown connection 'jra'; did you mean 'jira'?"]),
        (measure("count(*)", "gogle.rows"), ["21 measures.m.from: unknown connection 'gogle'; did you mean 'google'?"]),
        (
            measure("count(*)", "salesforce.deals"),
            ["21 measures.m.from: unknown connection 'salesforce'; define it under `connections`"],
        ),
        (measure("count(*)", "jira.isues"), ["21 measures.m.from: 'jira' has no table 'isues'; did you mean 'issues'?"]),
        (measure("count(*)", "google.x"), ["21 measures.m.from: 'google' has no table 'x'; it has cell, rows"]),
        (
            measure("count(*)", "google.rows", "spreadsheet: x"),
            ["20 measures.m.range: is required for table google.rows: A range such as Deals!A:F"],
        ),
        (
            measure("count(*)", "github.issues", "search: x\n    jql: y"),
            ["23 measures.m.jql: does not belong to table github.issues; it takes search"],
        ),
        (measure("count(*)", query="jql: ' '"), ["22 measures.m.jql: is empty"]),
        (
            measure("count(*)", query="jql: created > {cycle.begin}"),
            ["22 measures.m.jql: unknown placeholder {cycle.begin}; there are {cycle.start}, {cycle.end}, {today}, {as_of}"],
        ),
        (
            measure("sum(storypoints)"),
            ["23 measures.m.value: unknown column 'storypoints' in issues; did you mean 'story_points'?"],
        ),
        (
            measure("count(*) filter (status_category = 'Done')"),
            ["23 measures.m.value: 'Done' is not a value of status_category; did you mean 'done'?"],
        ),
        (
            measure("avg(lead_time_hours)") + "    unit: days\n",
            [("24 measures.m.unit: is days, but the expression gives hours; "
             "write `unit: hours`, or convert the number in `value`")],
        ),
        (
            measure("share(status_category = 'done')") + "    unit: percent\n",
            [("24 measures.m.unit: a share is already between 0 and 1; "
             "remove `unit` (`percent` would divide it by 100)")],
        ),
        (
            measure("sum(x)", "stats.json", "url: https://evil.test/x"),
            ["22 measures.m.url: must be a path below the connection's url, such as /api/stats"],
        ),
        (
            measure("sum(x)", "stats.json", "url: a/../../x"),
            ["22 measures.m.url: must be a path below the connection's url, such as /api/stats"],
        ),
    ],
)  # fmt: skip
def test_measures(tmp_path: Path, added: str, expected: list[str]) -> None:
    assert problems(tmp_path, HEAD + added) == expected


@pytest.mark.parametrize(
    "added",
    [
        measure("avg(lead_time_hours) / 24") + "    unit: days\n",
        measure("avg(lead_time_hours)") + "    unit: 小時\n",
        measure("sum(story_points)") + "    unit: points\n",
        measure("sum(amount)", "files.rows", "path: data/x.csv"),
        measure("count(*)", query="jql: created > {cycle.start+1m-1d} and x = '{other}'"),
        measure("sum(x)", "stats.json", "url: /v1/x"),
    ],
)
def test_measures_that_hold(tmp_path: Path, added: str) -> None:
    assert "m" in load(tmp_path, HEAD + added).expressions


def test_the_built_in_connection_keeps_its_name(tmp_path: Path) -> None:
    text = HEAD.replace("  stats: ", "  files: ")
    assert problems(tmp_path, text) == ["15 connections.files: 'files' is built in; choose another name"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["measure: bgus"], ["22 .measure: unknown measure 'bgus'; did you mean 'bugs'?"]),
        (["measure: bugs / dnoe"], ["22 .measure: unknown measure 'dnoe'; did you mean 'done'?"]),
        (
            ["baseline: 10", "target: 10", "measure: bugs"],
            ["23 .target: `target` and `baseline` are both 10, so nothing can move: change one of them"],
        ),
        (
            ["change: +30%", "measure: hours"],
            ["22 .change: `change` needs a `baseline`: write where it starts, or write `target` instead"],
        ),
        (["min: 3", "max: 1"], ["22 .min: `min` 3 is above `max` 1: exchange them"]),
        (["baseline: 40", "target: 90%"], ["23 .target: 40 is part of a goal in percent: write 40%"]),
        (
            ["target: 90", "measure: done", "baseline: 1%"],
            ["22 .target: 90 is part of a goal in percent: write 90%"],
        ),
        (
            ["target: 5%", "measure: hours"],
            ["22 .target: is a percent, but the measure gives hours: write hours, or measure a share"],
        ),
        (["target: 5", "unit: days", "measure: hours"], ["23 .unit: is days, but the measure gives hours"]),
        (
            ["target: 5", "unit: 天", "measure: done"],
            ["23 .unit: is 天, but the measure gives a share (0% to 100%)"],
        ),
        (["kind: parts"], ["22 .kind: `kind: parts` needs `parts`: list each number with its own target"]),
        (["weight: 0"], ["22 .weight: must be above 0: write such a number, or remove it"]),
        (
            ["steps:", "  - title: a", "    weight: 0"],
            ["22 .steps: step 'a' has weight 0: write a number above 0, or remove it"],
        ),
        (
            ["measure: bugs", "steps:", "  - title: a"],
            ["22 .measure: has no meaning next to `steps`; remove it, or move it into a part"],
        ),
        (
            ["parts:", "  - {measure: bugs, target: 10}", "  - {measure: bugs, target: 3, weight: 0}"],
            ["22 .parts: part 2 has weight 0: write a number above 0, or remove it"],
        ),
        (
            ["parts:", "  - {target: 3, baseline: 0}"],
            ["23 .parts.1: has no measure; a part's value cannot be typed in the sheet"],
        ),
        (
            ["parts:", "  - {measure: bugs}"],
            ["23 .parts.1: has no target: write `target: 100`, or `change: +30%` with a baseline"],
        ),
        (
            ["parts:", "  - {measure: x, target: 1}"],
            ["23 .parts.1.measure: unknown measure 'x'; measures: bugs, done, hours"],
        ),
        (
            ["parts:", "  - measure: {from: jira.issues, jql: x, value: sum(x)}", "    target: 1"],
            [
                "23 .parts.1.measure.value: unknown column 'x' in issues; columns: key, status_category, lead_time_hours, created, labels, story_points"
            ],
        ),
        (
            ["start: 2026-09-30", "due: 116/01/01"],
            [
                "22 .start: 2026-09-30 is not within the cycle 2026-Q4, 2026-10-01 to 2026-12-31; write a day within it",
                "23 .due: 2027-01-01 is not within the cycle 2026-Q4, 2026-10-01 to 2026-12-31; write a day within it",
            ],
        ),
        (["start: 2026-11-01", "due: 2026-10-31"], ["23 .due: 2026-10-31 is before its start, 2026-11-01"]),
    ],
)
def test_key_results(tmp_path: Path, lines: list[str], expected: list[str]) -> None:
    found = problems(tmp_path, HEAD + key_result(*lines))
    assert [line.replace("key_results.KR1", "", 1) for line in found] == expected


@pytest.mark.parametrize(
    "lines",
    [
        ["title: only a row"],
        ["measure: hours", "target: 8"],
        ["measure: done", "target: 0.9", "baseline: 0.4"],
        ["measure: done", "target: 90%", "unit: percent"],
        ["measure: bugs / hours", "unit: days", "target: 8"],
        ["target: 8", "kind: decrease"],
        ["measure: bugs", "target: 0"],
        ["parts:", "  - {measure: bugs, target: 3}", "  - {measure: done, target: 80%, kind: at_least}"],
    ],
)
def test_what_the_sheet_may_complete_is_no_problem(tmp_path: Path, lines: list[str]) -> None:
    assert len(load(tmp_path, HEAD + key_result(*lines)).key_results) == 1


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (
            "objectives:\n  O1: {key_results: {KR1: {}}}\n  KR1: {}\nkey_results:\n  O1: {}\n  KR1: {objective: O1}\n",
            [
                (
                    "21 objectives.O1.key_results.KR1: the id 'KR1' is taken by objectives.KR1; "
                    "objectives and key results share ids"
                ),
                "24 key_results.O1: the id 'O1' is taken by objectives.O1; objectives and key results share ids",
                "25 key_results.KR1: the id 'KR1' is taken by objectives.KR1; objectives and key results share ids",
            ],
        ),
        (
            "objectives:\n  O1: {key_results: {KR1: {objective: O2}}}\n  O2: {}\nkey_results:\n  KR2: {objective: O3}\n",
            [
                "21 objectives.O1.key_results.KR1.objective: is 'O2', but it is listed in objective O1",
                "24 key_results.KR2.objective: unknown objective 'O3'",
            ],
        ),
        (
            "objectives:\n  Sales: {aligns_to: [Compny, KR1], weight: 0}\n  Company: {key_results: {KR1: {}}}\n",
            [
                "21 objectives.Sales.aligns_to: unknown objective or key result 'Compny'; did you mean 'Company'?",
                "21 objectives.Sales.weight: must be above 0: write such a number, or remove it",
            ],
        ),
        (
            (
                "objectives:\n  A: {aligns_to: B}\n  B: {aligns_to: K}\n  C: {aligns_to: C, key_results: {K: {}}}\n"
                "  D: {aligns_to: E}\n  E: {aligns_to: [A, D]}\n"
            ),
            [
                "23 objectives.C.aligns_to: is circular: C -> C; remove one of these from its `aligns_to`",
                "24 objectives.D.aligns_to: is circular: D -> E -> D; remove one of these from its `aligns_to`",
            ],
        ),
        (
            "key_results:\n  KR1: {was: KR2}\n  KR2: {was: OLD}\n  KR3: {was: OLD}\n",
            [
                "21 key_results.KR1.was: 'KR2' is an id in use (key_results.KR2); a former id cannot be an id in use",
                "23 key_results.KR3.was: 'OLD' is the former id of KR2 already",
            ],
        ),
        (
            (
                "teams:\n  core: {parent: tech}\n  tech: {parent: core}\n  sales: {parent: tehc}\n"
                "objectives:\n  O1: {team: cor}\nkey_results:\n  KR1: {team: 業務}\n"
            ),
            [
                "21 teams.core.parent: is circular: core -> tech -> core; remove one `parent`",
                "23 teams.sales.parent: unknown team 'tehc'; did you mean 'tech'?",
                "25 objectives.O1.team: unknown team 'cor'; did you mean 'core'?",
                "27 key_results.KR1.team: unknown team '業務'",
            ],
        ),
    ],
)
def test_the_tree(tmp_path: Path, added: str, expected: list[str]) -> None:
    assert problems(tmp_path, HEAD + added) == expected


def test_teams_are_free_text_where_none_are_stated(tmp_path: Path) -> None:
    assert load(tmp_path, HEAD + "objectives:\n  O1: {team: 業務}\n").workspace.objectives["O1"].team == "業務"


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (
            "connection: gogle\n  spreadsheet: x",
            ["4 okr_sheet.connection: unknown connection 'gogle'; did you mean 'google'?"],
        ),
        (
            "connection: x\n  spreadsheet: x",
            ["4 okr_sheet.connection: unknown connection 'x'; define it under `connections`"],
        ),
        (
            "connection: jira\n  spreadsheet: x",
            ["4 okr_sheet.connection: 'jira' is of type jira; it must be google_sheets"],
        ),
        ("file: okrs.xls", ["4 okr_sheet.file: must be an .xlsx or a .csv file"]),
        (
            "file: okrs.csv\n  columns:\n    titel: 標題\n    owner: '  '\n    id: KR\n    note: KR",
            [
                "6 okr_sheet.columns.titel: unknown column 'titel'; did you mean 'title'?",
                "7 okr_sheet.columns.owner: is empty; write the header as it is in the sheet",
                "9 okr_sheet.columns.note: the header 'KR' is that of 'id' already",
            ],
        ),
    ],
)
def test_the_okr_sheet(tmp_path: Path, sheet: str, expected: list[str]) -> None:
    assert problems(tmp_path, HEAD.replace("file: okrs.xlsx", sheet)) == expected


def test_every_column_may_have_a_header_of_its_own(tmp_path: Path) -> None:
    columns = "".join(f"    {name}: 我們的 {name}\n" for name in COLUMNS)
    config = load(tmp_path, HEAD.replace("  file: okrs.xlsx\n", f"  file: okrs.csv\n  columns:\n{columns}"))
    assert config.workspace.okr_sheet.columns == {name: f"我們的 {name}" for name in COLUMNS}


_PASSWORD = "a password does not belong in the config; use PGPASSWORD, a password file or a service file"


@pytest.mark.parametrize(
    ("ledger", "expected"),
    [
        ("postgresql://ann:hush@db/okr", _PASSWORD),
        ("postgresql://[", "is not the address of a database; write a path, or postgresql://host/name"),
        (".", "must be a path to a file, or the address of a database"),
        ("' '", "must be a path to a file, or the address of a database"),
        (r'"a\0b"', "must be a path to a file, or the address of a database"),
    ],
)
def test_the_ledger(tmp_path: Path, ledger: str, expected: str) -> None:
    assert problems(tmp_path, HEAD + f"ledger: {ledger}\n") == [f"20 ledger: {expected}"]


@pytest.mark.parametrize("ledger", ["x/y.db", "postgresql://db/okr", "postgresql://ann@db/okr"])
def test_ledgers_that_hold(tmp_path: Path, ledger: str) -> None:
    text = HEAD + f"ledger: {ledger}\nworkspace: {{id: acme-7f3k}}\n"
    assert load(tmp_path, text).workspace.ledger == ledger


def test_secrets_of_connections_in_use_must_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JIRA_TOKEN", "GITHUB_TOKEN", "KEY"):
        monkeypatch.delenv(name, raising=False)
    text = HEAD.replace("type: http,", "type: http, headers: {X-Key: $KEY},")
    expected = [
        "10 connections.jira.token: the environment variable JIRA_TOKEN is not set",
        "13 connections.github.token: the environment variable GITHUB_TOKEN is not set",
    ]
    assert problems(tmp_path, text) == expected
    used = text + measure("sum(x)", "stats.json", "url: /x")
    assert problems(tmp_path, used) == [
        *expected,
        "15 connections.stats.headers.X-Key: the environment variable KEY is not set",
    ]


graphs = st.dictionaries(st.sampled_from("ABCDE"), st.lists(st.sampled_from("ABCDEF"), max_size=3), max_size=5)


@given(graphs)
def test_a_loop_is_found_exactly_when_there_is_one(graph: dict[str, list[str]]) -> None:
    found = list(loops(graph))
    for loop in found:
        assert loop[0] == loop[-1]
        assert all(after in graph[before] for before, after in pairwise(loop))
    left = dict(graph)
    while free := [name for name, above in left.items() if not any(target in left for target in above)]:
        for name in free:
            del left[name]
    assert bool(found) == bool(left)

# ruff: noqa: E501 - a message is compared whole and stands on one line
"""Bad input about the method: each a problem with its line and what to write instead, before any network."""

from pathlib import Path

import pytest

from config.checks.sheet import COLUMNS
from config_workspaces import HEAD, SECRETS, load, problems
from syncer.sheet import columns


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


CASES = [
    (
        """\
key_results:
  KR1:
    parts:
""",
        [
            "22 key_results.KR1.parts: is empty: write at least one entry, with '- ' before it, or remove it",
        ],
    ),
    (
        """\
key_results:
  KR1: {parts: []}
""",
        [
            "21 key_results.KR1.parts: is empty: write at least one entry, with '- ' before it, or remove it",
        ],
    ),
    (
        """\
key_results:
  KR1: {steps: []}
""",
        [
            "21 key_results.KR1.steps: is empty: write at least one entry, with '- ' before it, or remove it",
        ],
    ),
    (
        """\
pace: workday
""",
        [
            "20 pace: 'workday' is not a pace; write linear, workdays, or `points` with dates and shares",
        ],
    ),
    (
        """\
pace: {country: TWN}
""",
        [
            "20 pace.country: 'TWN' is not a country whose holidays are known; did you mean 'TW'?",
        ],
    ),
    (
        """\
pace: {kind: points}
""",
        [
            "20 pace: `kind: points` needs `points`: dates with the share expected by then",
        ],
    ),
    (
        """\
pace: {points: {soon: 20%}}
""",
        [
            "20 pace.points.soon: 'soon' is not a date; write 2026-10-01 or 115/10/01",
        ],
    ),
    (
        """\
pace: {points: {2026-10-31: 120%}}
""",
        [
            "20 pace.points.2026-10-31: '120%' is not a share of 0% to 100%; write 30% or 0.3",
        ],
    ),
    (
        """\
pace: {points: {2026-10-31: 40%, 2026-11-30: 30%, 2027-01-01: 80%, 2026-12-31: 90%}}
""",
        [
            "20 pace.points: 2027-01-01 is not within its time, 2026-10-01 to 2026-12-31",
            "20 pace.points: by the last day, 2026-12-31, all of it is expected: write 100%, or remove it",
            "20 pace.points: falls from 2026-10-31 to 2026-11-30: the share expected by then can only grow",
            "20 pace.points: falls from 2026-12-31 to 2027-01-01: the share expected by then can only grow",
        ],
    ),
    (
        """\
pace: {kind: workdays, extra_holidays: [2026-10-02], extra_workdays: [2026-10-02]}
""",
        [
            "20 pace.extra_workdays: 2026-10-02 is also under `extra_holidays`: keep one of them",
        ],
    ),
    (
        """\
pace: {kind: linear, country: TW}
""",
        [
            "20 pace: `country` is about workdays: write `kind: workdays`, or remove it",
        ],
    ),
    (
        """\
pace: {cuntry: TW}
""",
        [
            "20 pace.cuntry: unknown option; did you mean 'country'?",
        ],
    ),
    (
        """\
key_results:
  KR1: {pace: {points: {2026-10-01: 10%}}, start: 2026-11-01, target: 1}
""",
        [
            "21 key_results.KR1.pace.points: 2026-10-01 is not within its time, 2026-11-01 to 2026-12-31",
        ],
    ),
    (
        """\
cycles:
  year: {}
  2026-Q3: {start: 2026-07-01}
  2026-Q1: {start: 2026-03-31, end: 2026-01-01}
objectives:
  O1: {cycle: 2026-Q5}
  O2: {cycle: 2026-Q3}
""",
        [
            "21 cycles.year: 'year' is not a cycle; write 2026-Q4, 2026-H2, 2026, or name, start and end",
            "22 cycles.2026-Q3: a cycle needs start and end; write 2026-Q4, 2026-H2, 2026, or name, start and end",
            "23 cycles.2026-Q1: the cycle ends (2026-01-01) before it starts (2026-03-31)",
            "25 objectives.O1.cycle: unknown cycle '2026-Q5'; did you mean '2026-Q4'?",
        ],
    ),
    (
        """\
cycles:
  year: {}
  2026-Q2: {phase: closd}
""",
        ["22 cycles.2026-Q2.phase: 'closd' is not one of draft, running, closing, closed; did you mean 'closed'?"],
    ),
    (
        """\
objectives:
  O1: {supports: [S1], key_results: {KR1: {kpi: cast}}}
company: {strategies: {S2: x}}
kpis: {csat: {measure: done}}
""",
        [
            "21 objectives.O1.key_results.KR1.kpi: unknown KPI 'cast'; did you mean 'csat'?",
            "21 objectives.O1.supports: unknown strategy 'S1'; define it under `company.strategies`",
        ],
    ),
    (
        """\
kpis:
  csat: {measure: dnoe, hold: at_least 90%}
  other: {measure: hours, hold: at_least 90%}
  third: {measure: done, hold: at_least 90}
""",
        [
            "21 kpis.csat.measure: unknown measure 'dnoe'; did you mean 'done'?",
            "22 kpis.other.hold: is a percent, but the measure gives hours: write hours, or measure a share",
            "23 kpis.third.hold: 90 is part of a goal in percent: write 90%",
        ],
    ),
    (
        """\
kpis:
  first: {measure: done, hold: more than 3}
  second: {measure: done, hold: between 90% and 80%}
  third: {hold: at_most 3}
""",
        [
            "21 kpis.first.hold: 'more than 3' is not a condition to hold; write at_least 90%, at_most 2, or between 3 and 5",
            "22 kpis.second.hold: 'between 90% and 80%' begins above its end: exchange the numbers",
            "23 kpis.third.measure: is required: a measure's name, arithmetic over names, or a measure",
        ],
    ),
    (
        """\
levels: [公司, 處, 部]
teams:
  a: {level: 課}
  b: {level: 公司, parent: c}
  c: {level: 處}
""",
        [
            "22 teams.a.level: unknown level '課'; levels: 公司, 處, 部",
            "23 teams.b.level: is '公司', which is not below '處' of its parent c; correct one of them, or the order of `levels`",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 1, baseline: 0, revisions: [{date: 2027-01-01, reason: x}, {date: 2026-11-01}]}
""",
        [
            "21 key_results.KR1.revisions.2.reason: is required: why",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 1, baseline: 0, revisions: [{date: 2027-01-01, reason: x}], dropped: {date: 2026-09-01, reason: y}}
""",
        [
            "21 key_results.KR1.dropped.date: 2026-09-01 is not within the cycle 2026-Q4, 2026-10-01 to 2026-12-31; write a day within it",
            "21 key_results.KR1.revisions.1.date: 2027-01-01 is not within the cycle 2026-Q4, 2026-10-01 to 2026-12-31; write a day within it",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 1, baseline: 0, dropped: yes}
""",
        [
            "21 key_results.KR1.dropped: must hold options, one a line",
        ],
    ),
    (
        """\
key_results:
  KR1: {kpi: x, measure: bugs, target: 1}
  KR2: {kpi: x, parts: [{measure: bugs, target: 3}]}
kpis: {x: {measure: hours}}
""",
        [
            "21 key_results.KR1.kpi: has no meaning next to `measure`: a KPI brings its own; keep one of them",
            "22 key_results.KR2.kpi: has no meaning next to `parts`; remove it, or move it into a part",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 3, over: {each: week}}
  KR2: {target: 3, kind: at_least, over: latest}
""",
        [
            "21 key_results.KR1.target: `over` is about thresholds: write `kind: at_least` or `at_most`, or remove `over`",
        ],
    ),
    (
        """\
key_results:
  KR2: {target: 3, kind: at_least, over: week}
  KR3: {target: 3, kind: at_least, over: {each: day}}
  KR4: {target: 3, kind: at_least, over: {take: worst}}
""",
        [
            "21 key_results.KR2.over: 'week' cannot be used here; write `latest`, or `each` (week, month) and `take`",
            "22 key_results.KR3.over.each: 'day' is not one of week, month",
            "23 key_results.KR4.over.each: is required: a week begins on Monday, a month on its first",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 3, baseline: {at: start}}
  KR2: {target: 3, baseline: {att: cycle.start}}
""",
        [
            "21 key_results.KR1.baseline.at: 'start' is not one of cycle.start; did you mean 'cycle.start'?",
            "22 key_results.KR2.baseline.att: unknown option; did you mean 'at'?",
        ],
    ),
    (
        """\
key_results:
  KR3: {steps: [{title: x}], baseline: {at: cycle.start}}
  KR4: {target: 3, baseline: {at: cycle.start}, measure: hours}
""",
        [
            "21 key_results.KR3.steps: has `steps`, so `baseline` has no meaning here: remove it",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 3, baseline: 0, work: {from: jira.issues, jql: x, done: status_category = 'Done'}}
  KR3: {target: 3, baseline: 0, work: {from: jira.isues, jql: x, done: true}}
  KR4: {target: 3, baseline: 0, work: {from: jira.issues, jql: x, done: status_category = 'done', all: creatd > '2026-10-01'}}
  KR5: {target: 3, baseline: 0, work: {from: jira.issues, jql: x, done: keys = 'A-1', all: status_category <> 'new'}}
""",
        [
            "21 key_results.KR1.work.done: 'Done' is not a value of status_category; did you mean 'done'?",
            "22 key_results.KR3.work.from: 'jira' has no table 'isues'; did you mean 'issues'?",
            "23 key_results.KR4.work.all: unknown column 'creatd' in issues; did you mean 'created'?",
            "24 key_results.KR5.work.done: unknown column 'keys' in issues; did you mean 'key'?",
        ],
    ),
    (
        """\
key_results:
  KR2: {target: 3, baseline: 0, work: {from: jira.issues, jql: x}}
""",
        [
            "21 key_results.KR2.work.done: is required: an SQL condition that picks the done ones, such as status_category = 'done'",
        ],
    ),
    (
        """\
check_in: {every: 3 weeks, due: Friday}
confidence: {scale: 1}
retention: {ids: -1}
""",
        [
            "20 check_in.due: 'Friday' is not one of monday, tuesday, wednesday, thursday, friday, saturday, sunday; did you mean 'friday'?",
            "20 check_in.every: '3 weeks' is not one of week, 2 weeks, month; did you mean '2 weeks'?",
            "21 confidence.scale: must be at least 2",
            "22 retention.ids: must be at least 0",
        ],
    ),
    (
        """\
key_results:
  KR1: {type: commited, target: 1}
objectives:
  O1: {type: stretch}
""",
        [
            "21 key_results.KR1.type: 'commited' is not one of committed, aspirational; did you mean 'committed'?",
            "23 objectives.O1.type: 'stretch' is not one of committed, aspirational",
        ],
    ),
    (
        """\
company: {strategies: [a, b]}
""",
        [
            "20 company.strategies: must hold entries by name, one a line",
        ],
    ),
    (
        """\
key_results:
  KR1: {target: 1h, baseline: 0}
""",
        [
            "21 key_results.KR1.target: '1h' is not a number; write 1234, 1,234, 12.5, 40% or 50萬",
        ],
    ),
    (
        """\
kpis:
  sixth: {measure: done, hold: at_least 90}
""",
        [
            "21 kpis.sixth.hold: 90 is part of a goal in percent: write 90%",
        ],
    ),
    (
        """\
key_results:
  KR1: {kind: at_least, target: 90%, unit: hours, measure: hours}
""",
        [
            "21 key_results.KR1.unit: is a percent, but the measure gives hours: write hours, or measure a share",
        ],
    ),
    (
        """\
key_results:
  KR2: {baseline: 40, target: 8 hours}
""",
        [
            "21 key_results.KR2.target: '8 hours' is not a number; write 1234, 1,234, 12.5, 40% or 50萬",
        ],
    ),
]


@pytest.mark.parametrize(("added", "expected"), CASES, ids=[added.splitlines()[-1].strip()[:60] for added, _ in CASES])
def test_bad_input(tmp_path: Path, added: str, expected: list[str]) -> None:
    assert problems(tmp_path, HEAD + added) == expected


def test_a_query_about_a_cycle_asks_about_that_of_its_key_result(tmp_path: Path) -> None:
    query = "created >= {cycle.start}"
    text = HEAD + (
        f"  m: {{from: jira.issues, jql: '{query}', value: count(*)}}\n"
        f"  own: {{from: jira.issues, cycle: 2026, jql: '{query}', value: count(*)}}\n"
        "cycles: {2026: {}}\nobjectives:\n  O1:\n    cycle: 2026\n    key_results:\n"
        "      KR1: {measure: m, target: 3}\n      KR2: {measure: own, target: 3}\n"
        f"      KR3:\n        target: 3\n        measure: {{from: jira.issues, jql: '{query}', value: count(*)}}\n"
    )
    assert problems(tmp_path, text) == [
        "27 objectives.O1.key_results.KR1.measure: 'm' reads cycle 2026-Q4, but this belongs to 2026: write another measure with `cycle: 2026`"
    ]
    held = load(tmp_path, text.replace("KR1: {measure: m", "KR1: {measure: own"))
    assert held.measures["KR3#1"].cycle == "2026"


@pytest.mark.parametrize(
    ("hold", "kind"),
    [
        ("at_least 90%", "at_least"),
        ("至少 90%", "at_least"),
        ("at most 2", "at_most"),
        ("至多２", "at_most"),
        ("between 3 and 5", "between"),
    ],
)
def test_what_may_have_to_hold(tmp_path: Path, hold: str, kind: str) -> None:
    text = (
        HEAD
        + f"  bare: {{from: jira.issues, jql: x, value: sum(story_points)}}\nkpis:\n  k: {{measure: bare, hold: {hold}}}\n"
    )
    (kpi,) = load(tmp_path, text).kpis
    assert kpi.definition.hold is not None
    assert kpi.definition.hold.kind == kind


def test_every_column_of_a_sheet_can_be_named() -> None:
    assert set(COLUMNS) == set(columns.COLUMNS) - {columns.ROWS_READ, columns.MEASURES}


def test_every_section_may_stand_empty(tmp_path: Path) -> None:
    sections = ("company", "kpis", "cycles", "levels", "teams", "pace", "check_in", "confidence", "retention")
    workspace = load(tmp_path, HEAD + "".join(f"{name}:\n" for name in sections)).workspace
    assert (workspace.pace.kind, workspace.check_in, workspace.confidence.scale) == ("linear", None, 10)

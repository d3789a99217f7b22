"""The rest of the method through the config: the past, periods, overrides, cycles, KPIs, work, the roll-up."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.okr_sheet import CellValue
from memory_sheet import MemorySheet
from syncer.compute.assess import Assessment
from syncer.i18n import localize
from syncer.ledger.recall import Recall
from syncer.ledger.records import CheckIn
from syncer.method.status import Status
from syncer.model.history import DayValue, Past
from syncer.model.plan import Mark
from syncer.plan.make_plan import Computed, make_plan
from syncer.plan.rows import Allowed
from syncer.present.explain_text import explain_objective
from syncer.present.plan_text import plan_text
from syncer.present.status_json import status_data
from syncer.present.status_text import status_markdown, status_text
from syncer.run.read_and_assess import read_and_assess
from syncer.run.run_records import check_ins
from syncer.sources.read_sources import instants
from syncer.sources.reads import plan_reads
from workspace_kit import HEAD, NOW, TAIPEI, context_of, load, plan_of

D = Decimal
TODAY = NOW.date()
PEOPLE = [
    "KR id", "Current value", "Progress", "Status", "Status override", "Override by", "Override reason",
    "Override until", "Check-in date",
]  # fmt: skip


def sheet(*rows: list[CellValue]) -> MemorySheet:
    return MemorySheet({"OKRs": [PEOPLE, *rows]})


def typed(key: str, value: CellValue, **people: CellValue) -> list[CellValue]:
    names = ("override", "by", "reason", "until", "day")
    return [key, value, None, None, *(people.get(name) for name in names)]


def seen(folder: Path, text: str, *rows: list[CellValue], past: Past | None = None, **known: Any) -> Assessment:
    config = load(folder, HEAD + text, {"rows.csv": "state,score\ndone,5\ndone,4\nopen,2\n"})
    return read_and_assess(config, sheet(*rows), context_of(config), NOW, recall=Recall(past=past or Past(), **known))


def key_result(*lines: str) -> str:
    return "key_results:\n  KR1:\n" + "".join(f"    {line}\n" for line in lines)


def reading(days_ago: int, *values: str | None) -> DayValue:
    return DayValue(TODAY - timedelta(days=days_ago), None, None, tuple(None if v is None else D(v) for v in values))


FROM_START = ("baseline: {at: cycle.start}", "target: 90")


def test_a_baseline_is_the_first_value_of_the_cycle(tmp_path: Path) -> None:
    past = Past(first_values={"KR1": (D(40),)})
    (state,) = seen(tmp_path, key_result(*FROM_START), typed("KR1", D(65)), past=past).key_results
    assert (state.progress.progress, state.moved) == (D("0.5"), D(25))
    assert state.definition.stated["baseline"] == D(40)


def test_without_a_first_value_it_is_unknown_and_says_so(tmp_path: Path) -> None:
    (state,) = seen(tmp_path, key_result(*FROM_START), typed("KR1", D(65))).key_results
    assert state.status is Status.UNKNOWN
    assert "value at the start of the cycle is not known yet" in state.reason
    assert state.values == (D(65),)


@pytest.mark.parametrize(
    ("change", "first", "value", "progress"),
    [("+30%", "100", "115", "0.5"), ("-2pp", "0.05", "0.04", "0.5"), ("+2000", "12000", "13500", "0.75")],
)
def test_a_change_from_the_start(tmp_path: Path, change: str, first: str, value: str, progress: str) -> None:
    past = Past(first_values={"KR1": (D(first),)})
    text = key_result("baseline: {at: cycle.start}", f"change: {change}")
    (state,) = seen(tmp_path, text, typed("KR1", D(value)), past=past).key_results
    assert state.progress.progress == D(progress)


def test_each_part_starts_with_its_own_first_value(tmp_path: Path) -> None:
    text = (
        "measures:\n  all: {from: files.rows, path: rows.csv, value: count(*)}\n"
        "  score: {from: files.rows, path: rows.csv, value: max(score)}\n"
        + key_result(
            "parts:",
            "- {measure: all, baseline: {at: cycle.start}, target: 5}",
            "- {measure: score, baseline: {at: cycle.start}, target: 6}",
        )
    )
    past = Past(first_values={"KR1": (D(1), D(4))})
    (state,) = seen(tmp_path, text, typed("KR1", None), past=past).key_results
    assert state.progress.progress == D("0.5")


WEEKLY = Past(
    days={"KR1": (reading(28, "95"), reading(21, "80"), reading(20, "92"), reading(14, None), reading(8, "70"))}
)


@pytest.mark.parametrize(
    ("over", "progress", "status"),
    [
        ("latest", "1", Status.MET),
        ("{each: week}", "0.75", Status.NOT_MET),  # 95, 92 and today's 91 held, 70 did not, one week is unknown
        ("{each: week, take: worst}", "0", Status.NOT_MET),
        ("{each: month}", "1", Status.MET),
    ],
)
def test_a_threshold_over_periods(tmp_path: Path, over: str, progress: str, status: Status) -> None:
    text = key_result("kind: at_least", "target: 90", f"over: {over}")
    (state,) = seen(tmp_path, text, typed("KR1", D(91)), past=WEEKLY).key_results
    assert (state.progress.progress, state.status) == (D(progress), status)


def test_how_often_sync_runs_does_not_matter(tmp_path: Path) -> None:
    text = key_result("kind: at_least", "target: 90", "over: {each: week}")
    often = Past(days={"KR1": tuple(reading(day, "70" if day < 12 else "95") for day in range(45, 0, -1))})
    weekly = Past(days={"KR1": tuple(r for r in often.days["KR1"] if r.day.weekday() == 6)})
    each = [
        seen(tmp_path, text, typed("KR1", D(95)), past=past).key_results[0].progress.progress
        for past in (often, weekly)
    ]
    assert each[0] == each[1]


def checked_in(days_ago: int, first_run: int = 60) -> dict[str, Any]:
    """What is known where KR1's value was typed so many days ago."""
    day = TODAY - timedelta(days=days_ago)
    made = CheckIn("r", "KR1", day, NOW - timedelta(days=days_ago), {"current": "4"})
    return {"past": Past(first_run=TODAY - timedelta(days=first_run)), "check_ins": {"KR1": (made,)}}


CHECKED = "check_in: {every: week}\n" + key_result("baseline: 0", "target: 10")


@pytest.mark.parametrize(
    ("known", "value", "day", "status"),
    [
        ({}, 4, None, Status.AT_RISK),
        (checked_in(10), 4, None, Status.AT_RISK),
        (checked_in(11), 4, None, Status.STALE),
        (checked_in(11), 4, "2026-11-10", Status.AT_RISK),
        (checked_in(11), 5, None, Status.ON_TRACK),
        (checked_in(11, first_run=10), 4, None, Status.AT_RISK),
    ],
)
def test_a_value_that_no_one_updates_is_stale(
    tmp_path: Path, known: dict[str, Any], value: int, day: CellValue, status: Status
) -> None:
    (state,) = seen(tmp_path, CHECKED, typed("KR1", D(value), day=day), **known).key_results
    assert state.status is status


def test_without_a_cadence_nothing_is_stale(tmp_path: Path) -> None:
    text = key_result("baseline: 0", "target: 10")
    (state,) = seen(tmp_path, text, typed("KR1", D(4)), **checked_in(40)).key_results
    assert state.status is Status.AT_RISK


TWO = """\
objectives:
  O1:
    status: worst
    key_results:
      KR1: {baseline: 0, target: 10, owner: 安}
      KR2: {baseline: 0, target: 10}
"""


@pytest.mark.parametrize(
    ("people", "effective", "remark"),
    [
        ({"override": "如期進行", "until": "2026-11-16"}, Status.ON_TRACK, ""),
        ({"override": " On Track "}, Status.ON_TRACK, ""),
        ({"override": "on track", "until": date(2026, 11, 15)}, Status.OFF_TRACK, "lapsed on 2026-11-15"),
        ({"override": "on track", "until": "soon"}, Status.OFF_TRACK, "its end 'soon' is not a date"),
        ({"override": "fine"}, Status.OFF_TRACK, "'fine' is not a status; write one of not started"),
        ({}, Status.OFF_TRACK, ""),
    ],
)
def test_a_manual_status_is_shown_with_the_computed_one(
    tmp_path: Path, people: dict[str, Any], effective: Status, remark: str
) -> None:
    found = seen(tmp_path, TWO, typed("KR1", D(1), **people), typed("KR2", D(5)))
    state = found.key_results[0]
    assert (state.status, state.effective) == (Status.OFF_TRACK, effective)
    assert remark in localize("en", state.remark)
    assert (state.remark == "") == (remark == "")
    assert found.objectives[0].rollup.status is (Status.ON_TRACK if effective is Status.ON_TRACK else Status.OFF_TRACK)


def test_the_text_of_an_override_cell_takes_one_line(tmp_path: Path) -> None:
    people = {"override": "fine\nO9  done"}
    found = seen(tmp_path, TWO, typed("O1", None, **people), typed("KR1", D(1), **people), typed("KR2", D(1)))
    plan = make_plan(
        found.config, found.image, found.view, Computed(found.key_results, found.objectives, NOW), Allowed()
    )
    for page in (plan_text(plan, "en", ""), status_text(found), explain_objective(found, found.objectives[0])):
        assert "'fine O9 done' is not a status" in page
        assert not any(line.startswith("O9") for line in page.splitlines())


def test_an_override_names_its_owner_reason_and_end(tmp_path: Path) -> None:
    people = {"override": "at risk", "by": "Bo", "reason": "a holiday", "until": "2026-11-20"}
    for row, owner in ((people, "Bo"), ({**people, "by": None}, "安")):
        override = seen(tmp_path, TWO, typed("KR1", D(1), **row), typed("KR2", D(5))).key_results[0].override
        assert override is not None
        assert (override.owner, override.reason, override.until) == (owner, "a holiday", date(2026, 11, 20))


@pytest.mark.parametrize(
    ("until", "effective", "remark"),
    [("2026-11-16", Status.ON_TRACK, ""), ("2026-11-15", Status.OFF_TRACK, "lapsed on 2026-11-15")],
)
def test_a_persons_status_for_an_objective_counts_in_the_one_above_and_lapses(
    tmp_path: Path, until: str, effective: Status, remark: str
) -> None:
    text = TWO.replace(
        "objectives:\n  O1:\n", "objectives:\n  C1: {status: worst}\n  O1:\n    aligns_to: C1\n    rollup: include\n"
    )
    people = {"override": "on track", "by": "Lin", "reason": "a new\nteam", "until": until}
    own = typed("O1", None, **people)
    found = seen(tmp_path, text, typed("C1", None), own, typed("KR1", D(1)), typed("KR2", D(1)))
    above, objective = found.objectives
    assert (objective.rollup.status, objective.effective) == (Status.OFF_TRACK, effective)
    assert remark in objective.remark
    assert above.effective is above.rollup.status is effective
    plan = make_plan(
        found.config, found.image, found.view, Computed(found.key_results, found.objectives, NOW), Allowed()
    )
    line = next(line for line in plan.lines if line.id == "O1")
    assert line.after.status == "off_track"  # the computed one keeps its own cell
    output = (
        "O1: status set by Lin until 2026-11-16: a new team"
        if not remark
        else f"O1: the status override 'on track' {remark}"
    )
    assert output in [note.text for note in plan.notes]
    shown = "on track (computed: off track)" if not remark else "off track"
    for page in (status_text(found), status_markdown(found), explain_objective(found, objective)):
        assert shown in page
        assert output.removeprefix("O1: ") in page
    (data,) = [each for each in json.loads(status_data(found))["objectives"] if each["id"] == "O1"]
    stated = {"status": "on_track", "owner": "Lin", "reason": "a new\nteam", "until": "2026-11-16"}
    assert (data["status"], data["override"]) == ("off_track", None if remark else stated)
    (kept,) = [check_in for check_in in check_ins(found, "run-1") if check_in.key_result == "O1"]
    assert kept.texts == {
        "override": "on track", "override_owner": "Lin", "override_reason": "a new\nteam", "override_expiry": until,
    }  # fmt: skip


@pytest.mark.parametrize(("day", "progress"), [("2026-11-16", "0.5"), ("2026-11-17", "0.3")])
def test_a_dropped_key_result_leaves_the_roll_up_and_not_the_report(tmp_path: Path, day: str, progress: str) -> None:
    text = TWO.replace("owner: 安", f"dropped: {{date: {day}, reason: a merger}}")
    found = seen(tmp_path, text, typed("KR1", D(1)), typed("KR2", D(5)))
    assert found.objectives[0].rollup.progress == D(progress)
    assert [state.definition.id for state in found.key_results] == ["KR1", "KR2"]
    assert found.key_results[0].dropped == (day == "2026-11-16")


def test_of_a_dropped_one_only_the_status_is_written(tmp_path: Path) -> None:
    text = TWO.replace("owner: 安", "dropped: {date: 2026-11-01, reason: a merger}")
    config = load(tmp_path, HEAD + text)
    line = next(
        line for line in plan_of(config, sheet(typed("KR1", None), typed("KR2", D(5)))).lines if line.id == "KR1"
    )
    assert [(change.column, change.after) for change in line.changes] == [("status", "dropped")]
    assert line.mark is Mark.CHANGE


CYCLES = (
    "cycles:\n  2026: {}\n  2026-Q3: {phase: closed}\n"
    "objectives:\n"
    "  C1: {cycle: 2026, key_results: {KR1: {baseline: 0, target: 10}}}\n"
    "  O1: {key_results: {KR2: {baseline: 0, target: 10}}}\n"
    "  O0: {cycle: 2026-Q3, key_results: {KR3: {baseline: 0, target: 10}}}\n"
)


def test_each_objective_has_its_cycle(tmp_path: Path) -> None:
    found = seen(tmp_path, CYCLES, *(typed(f"KR{number}", D(5)) for number in (1, 2, 3)))
    assert [state.expected for state in found.key_results] == [D("0.873973"), D("0.5"), D(1)]
    assert [state.expected for state in found.objectives] == [D("0.873973"), D("0.5"), D(1)]


def test_a_closed_cycle_is_never_written(tmp_path: Path) -> None:
    config = load(tmp_path, HEAD + CYCLES)
    rows = [typed(f"KR{number}", D(5)) for number in (1, 2, 3)]
    plan = plan_of(config, sheet(*rows), allowed=Allowed(adopt=True, overwrite=frozenset({"KR3", "O0"})))
    assert {change.id for change in plan.changes} == {"KR1", "KR2"}
    closed = {line.id: line for line in plan.lines if line.id in ("KR3", "O0")}
    assert {line.mark for line in closed.values()} == {Mark.SAME}
    assert closed["KR3"].why == "its cycle is closed"


def test_a_closed_workspace_writes_nothing_and_makes_no_rows(tmp_path: Path) -> None:
    text = HEAD + "cycles:\n  2026-Q4: {phase: closed}\n" + TWO
    plan = plan_of(load(tmp_path, text), sheet(typed("KR1", D(5))))
    assert (plan.changes, plan.inserts) == ((), ())


def test_a_cycle_of_ones_own_naming(tmp_path: Path) -> None:
    text = HEAD.replace("cycle: 2026-Q4", "cycle: FY27-1") + (
        "cycles:\n  FY27-1: {start: 2026-11-01, end: 2026-11-30, phase: closing}\n"
    )
    cycle = load(tmp_path, text).workspace.cycle
    assert (cycle.name, cycle.first, cycle.last, cycle.phase) == (
        "FY27-1", date(2026, 11, 1), date(2026, 11, 30), "closing",
    )  # fmt: skip


def test_a_measure_asks_about_its_own_cycle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "cycles:\n  2026: {}\nmeasures:\n"
        "  year: {from: jira.issues, cycle: 2026, jql: 'created >= {cycle.start}', value: count(*)}\n"
        "  quarter: {from: jira.issues, jql: 'created >= {cycle.start}', value: count(*)}\n"
        "connections:\n  jira: {type: jira, url: 'http://127.0.0.1:1', email: $A, token: $A}\n"
    )
    monkeypatch.setenv("A", "a-secret")
    config = load(tmp_path, HEAD + text)
    planned = plan_reads(config, config.measures, instants(config, NOW))
    starts = {
        name: read.instants["cycle.start"]
        for name, key in planned.read_of.items()
        for read in planned.by_connection["jira"]
        if read.key == key
    }
    assert starts == {
        "year": datetime(2026, 1, 1, tzinfo=TAIPEI),
        "quarter": datetime(2026, 10, 1, tzinfo=TAIPEI),
    }


KPIS = (
    "measures:\n  good: {from: files.rows, path: rows.csv, value: share(score >= 4)}\n"
    "kpis:\n"
    "  csat: {title: 客戶滿意度, measure: good, hold: at_least 90%}\n"
    "  open: {measure: {from: files.rows, path: rows.csv, value: count(*) filter (state = 'open')}, hold: at_most 2}\n"
    "  lost: {measure: {from: files.rows, path: none.csv, value: count(*)}, hold: between 1 and 3}\n"
    "  rows: {measure: {from: files.rows, path: rows.csv, value: count(*)}}\n"
    "objectives:\n  O1:\n    key_results:\n      KR1: {kpi: open, baseline: 3, target: 0}\n"
)


def test_health_metrics_stand_apart(tmp_path: Path) -> None:
    found = seen(tmp_path, KPIS)
    assert [(kpi.name, kpi.value, kpi.status) for kpi in found.kpis] == [
        ("csat", found.kpis[0].value, Status.NOT_MET),
        ("open", D(1), Status.MET),
        ("lost", None, Status.UNKNOWN),
        ("rows", D(3), None),
    ]
    assert found.kpis[2].reason
    assert found.objectives[0].rollup.total == 1


def test_a_key_result_may_use_a_kpi(tmp_path: Path) -> None:
    (state,) = seen(tmp_path, KPIS).key_results
    assert (state.progress.progress, state.definition.kpi) == (D("0.666667"), "open")


def test_work_is_shown_and_never_counted(tmp_path: Path) -> None:
    text = key_result("baseline: 10", "target: 20", "work: {from: files.rows, path: rows.csv, done: state = 'done'}")
    (state,) = seen(tmp_path, text, typed("KR1", D(10))).key_results
    assert state.work is not None
    assert (state.work.done, state.work.total) == (2, 3)
    assert (state.progress.progress, state.moved) == (D(0), D(0))


@pytest.mark.parametrize(
    ("condition", "counted"),
    [("score < 5", (1, 2)), ("score = 2 or score = 5", (1, 2)), ("score > 99", (0, 0)), ("state = 'done'", (2, 2))],
)
def test_work_may_restrict_what_is_an_action(tmp_path: Path, condition: str, counted: tuple[int, int]) -> None:
    work = f"work: {{from: files.rows, path: rows.csv, all: {condition}, done: state = 'done' or state = 'gone'}}"
    (state,) = seen(tmp_path, key_result("baseline: 10", "target: 20", work), typed("KR1", D(10))).key_results
    assert state.work is not None
    assert (state.work.done, state.work.total) == counted


def test_an_objective_aligned_to_a_key_result_counts_in_its_objective(tmp_path: Path) -> None:
    text = (
        "objectives:\n  C1: {key_results: {KR1: {baseline: 0, target: 10}}}\n"
        "  O1: {aligns_to: [KR1], rollup: include, weight: 3, key_results: {KR2: {baseline: 0, target: 10}}}\n"
        "  O2: {aligns_to: [C1], key_results: {KR3: {baseline: 0, target: 10}}}\n"
    )
    found = seen(tmp_path, text, *(typed(f"KR{number}", D(number * 2)) for number in (1, 2, 3)))
    assert found.objectives[0].rollup.progress == D("0.35")  # (0.2 + 3 x 0.4) / 4


def test_own_days_and_own_pace(tmp_path: Path) -> None:
    text = (
        "pace: {country: TW}\n"
        "key_results:\n"
        "  KR1: {baseline: 0, target: 10, start: 2026-11-02, due: 2026-11-29}\n"
        "  KR2: {baseline: 0, target: 10, pace: linear}\n"
        "  KR3: {baseline: 0, target: 10, pace: {points: {2026-11-15: 30%}}}\n"
    )
    found = seen(tmp_path, text)
    assert [state.expected for state in found.key_results] == [D("0.5"), D("0.5"), D("0.3")]

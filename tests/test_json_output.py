"""JSON for machines: the same in every language, as `docs/json` documents it, in whatever state a workspace is."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from command_kit import Shell
from config.errors import OkrsyncError
from config.models import Kind, Pace
from config.tables import ColumnType
from connectors import registry
from connectors.okr_sheet import CellValue
from json_kit import faults, schemas
from syncer.ledger.records import Outcome
from syncer.method.lint import RULES
from syncer.method.progress import Band
from syncer.method.status import Status
from syncer.model.history import Cause
from syncer.model.plan import Decision, Guard, Mark, NoteKind
from syncer.present.json_values import json_value
from syncer.run.undo import Keep

LANGUAGES = ("en", "zh-TW")
CONFIG = """\
cycle: 2026-Q4
timezone: Asia/Taipei
language: LANGUAGE
okr_sheet: {file: okrs.csv}
check_in: {every: week, due: friday}
teams:
  sales: {title: Sales, pilot: true}
measures:
  orders: {from: files.rows, path: orders.csv, value: count(*) filter (status = 'done')}
  all_orders: {from: files.rows, path: orders.csv, value: count(*)}
  gone: {from: files.rows, path: complaints.csv, value: count(*)}
  empty: {from: files.rows, path: orders.csv, value: max(amount)}
kpis:
  open_orders: {title: Open orders, measure: all_orders - orders, hold: at_most 5}
  complaints: {measure: gone}
objectives:
  O1:
    title: Companies buy more
    team: sales
    key_results:
      KR1: {title: Forty orders, baseline: 0, target: 40, measure: orders, owner: Kim, theme: growth, unit: orders}
      KR2: {title: Few complaints, kind: at_most, target: 3, measure: gone, type: committed}
      KR3: {title: Six visits, baseline: 0, target: 6}
      KR4: {title: Orders and more, parts: [{measure: orders, target: 10}, {measure: all_orders, target: 4}]}
      KR5: {title: A new price list, steps: [{title: draft, done: true}, {title: decided}]}
      KR6: {title: A large order, baseline: 0, target: 6, measure: empty}
      KR7: {title: Half of the orders, baseline: 0%, target: 50%, measure: orders / all_orders}
      KR8: {title: Given up, target: 5, baseline: 0, measure: orders, dropped: {date: 2026-11-02, reason: later}}
"""
SHEET = """\
Id,Objective,Title,Baseline,Target,Current,Progress,Expected,Status,Status override,Override by,Confidence,Note,\
Self score,Decision,Decided by,Computed score
O1,Sell,,,,,,,,hopeless,,,,,,,
KR1,,,,,,,,,at risk,Lin,7,two to come,0.9,continue,Amy,
KR2,,,,,,,,,,,,,,,,
KR3,,,,,many,,,,,,,,great,maybe,,
KR4,,,,,,,,,,,,,,,,
KR5,,,,,,,,,,,,,,,,
KR6,,,,,,,,,,,,,,,,
KR7,,,,,0.1,,,,,,,,,,,
KR9,,Somebody's,,,,,,,,,,,,,,
"""
ORDERS = "id,status,amount\n1,done,\n2,done,\n3,open,\n"
CELLS = ("before", "after", "now", "wanted")
"""Texts of cells, which are in the sheet's language."""
OWN = ("config_hash", "fingerprint", "read_at", "seconds", "last_sync", "started_at", "finished_at")
"""What differs from run to run, or with the config."""


def comparable(data: Any, *, cells: bool = False) -> Any:
    """What has to be the same in every language."""
    if isinstance(data, list):
        return [comparable(each, cells=cells) for each in data]
    if not isinstance(data, dict):
        return data
    left_out = (*OWN, *(CELLS if cells else ()))
    return {
        name: comparable(value, cells=name in ("cells", "held", "history", "restored"))
        for name, value in data.items()
        if name not in left_out
    }


class Shops:
    """One workspace in two languages, each in a folder of its own."""

    def __init__(self, shell: Shell, patch: pytest.MonkeyPatch) -> None:
        self._shell, self._patch = shell, patch
        for language in LANGUAGES:
            (shell.folder / language).mkdir()
        for _ in self.each():
            self.write("okrs.csv", SHEET)
            self.write("orders.csv", ORDERS)
        for language in self.each():
            self.write("okrsync.yaml", CONFIG.replace("LANGUAGE", language))

    def each(self) -> Iterator[str]:
        """Go to the folder of each language."""
        for language in LANGUAGES:
            self._patch.chdir(self._shell.folder / language)
            yield language

    @staticmethod
    def write(name: str, text: str) -> None:
        """Write a file where the shell is."""
        Path(name).write_text(text, "utf-8")

    def put(self, name: str, text: str) -> None:
        """Write a file in each."""
        for _ in self.each():
            self.write(name, text)

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file in each."""
        for _ in self.each():
            text = Path(name).read_text("utf-8-sig")
            assert old in text
            self.write(name, text.replace(old, new))

    def at(self, instant: str) -> None:
        """Set the clock."""
        self._shell.at(instant)

    def run(self, *arguments: str) -> None:
        """Run a command in each."""
        for _ in self.each():
            self._shell.run(*arguments)

    def json(self, *arguments: str, schema: str = "", code: int | None = None) -> Any:
        """Run a command in each: stdout is one document of its schema, and the same. Returns the English one."""
        found = []
        for _ in self.each():
            done = self._shell.run(*arguments, "--format", "json")
            data = json.loads(re.sub(r"\d{8}T\d{6}-[0-9a-f]{6}", "RUN", done.out.replace(str(Path.cwd()), "FOLDER")))
            assert faults(schema or arguments[0], data) == []
            assert code in (None, done.code)
            found.append((done.code, data))
        (code_en, english), (code_zh, chinese) = found
        assert (code_en, comparable(english)) == (code_zh, comparable(chinese))
        return english


@pytest.fixture
def shops(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shops:
    shell.at("2026-11-16T09:30:00+08:00")
    return Shops(shell, monkeypatch)


def by_id(data: dict[str, Any], name: str = "key_results") -> dict[str, Any]:
    return {one["id"]: one for one in data[name]}


def test_they_are_schemas() -> None:
    for schema in schemas().values():
        Draft202012Validator.check_schema(schema)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object that a schema describes."""
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for each in node.values():
            yield from objects(each)
    elif isinstance(node, list):
        for each in node:
            yield from objects(each)


def test_schemas_describe_every_key() -> None:
    for name, schema in schemas().items():
        for one in objects(schema):
            assert all("description" in each or "$ref" in each for each in one["properties"].values()), (
                f"{name}: {one['properties']}"
            )
            assert set(one["properties"]) - set(one["required"]) <= {"link"}


@pytest.mark.parametrize(
    ("schema", "path", "codes"),
    [
        ("common", "$defs.status", Status),
        ("common", "$defs.reason.properties.code", Cause),
        ("plan", "$defs.line.properties.mark", Mark),
        ("plan", "$defs.line.properties.held.items.properties.decision", set(Decision) - {"same", "remember", "write"}),
        ("plan", "$defs.plan.properties.refusals.items.properties.code", Guard),
        ("plan", "$defs.plan.properties.notes.items.properties.code", NoteKind),
        ("lint", "properties.advice.items.properties.rule", {*RULES, "too_easy", "too_hard"}),
        ("close", "properties.key_results.items.properties.band", {*Band, None}),
        ("common", "$defs.goal.properties.kind", get_args(Kind)),
        ("explain", "$defs.derivation.properties.pace.properties.kind", get_args(Pace.model_fields["kind"].annotation)),
        ("history", "$defs.runs.properties.runs.items.properties.outcome", get_args(Outcome)),
        ("history", "$defs.runs.properties.runs.items.properties.counts.propertyNames", {*Mark, "filled"}),
        (
            "sources",
            "properties.sources.items.properties.tables.items.properties.columns.items.properties.type",
            get_args(ColumnType),
        ),
        ("undo", "properties.kept.items.properties.code", Keep),
    ],
)
def test_schemas_name_every_code(schema: str, path: str, codes: Any) -> None:
    node = schemas()[schema]
    for name in path.split("."):
        node = node[name]
    assert set(node["enum"]) == {str(code) if code is not None else None for code in codes}


def test_schemas_name_every_kind_of_error() -> None:
    kinds, waiting = set(), [OkrsyncError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        kinds.add(kind.code)
    assert set(schemas()["common"]["$defs"]["error"]["properties"]["code"]["enum"]) == kinds


def test_a_plan_before_and_after_it_is_written(shops: Shops) -> None:
    plan = shops.json("dry-run", code=4)
    lines = by_id(plan, "lines")
    assert (lines["KR7"]["mark"], lines["KR7"]["held"][0]["now"]) == ("adopt", 0.1)
    assert lines["KR1"]["after"] == {"current": 2, "progress": 0.05, "status": "off_track"}
    assert lines["KR2"]["reason"] == {
        "code": "read_failed",
        "text": "measure gone (okrsync.yaml:11): files: reading complaints.csv: there is no such file",
    }
    assert lines["KR3"]["reason"] == {
        "code": "not_typed",
        "text": "okrs!F5 holds 'many', which is not a number; type one such as 62, 62%, 41 pts, 13 h or NT$400k",
    }
    assert lines["KR6"]["reason"]["code"] == "no_value"
    assert {(note["code"], note["id"]) for note in plan["notes"]} == {
        ("unknown_row", "KR9"),
        ("status_override", "O1"),
        ("status_override", "KR1"),
    }
    written = shops.json("sync", "--adopt", code=4)
    assert written["written"] > 0
    again = shops.json("sync", code=4)
    assert (again["written"], by_id(again, "lines")["KR1"]["mark"]) == (0, "same")


def test_a_plan_in_a_file(shops: Shops) -> None:
    shops.run("dry-run", "--out", "plan.json")
    for _ in shops.each():
        assert faults("plan", json.loads(Path("plan.json").read_text("utf-8"))) == []
    shops.put("orders.csv", ORDERS + "4,done,\n")
    error = shops.json("sync", "--plan", "plan.json", schema="error", code=1)["error"]
    assert error["code"] == "outdated_plan"


def test_a_cell_that_a_person_changed_and_what_changed_since(shops: Shops) -> None:
    shops.run("sync", "--adopt")
    for _ in shops.each():
        rows = Path("okrs.csv").read_text("utf-8-sig").splitlines()
        at = rows[0].split(",").index("Current")
        cells = next(row for row in rows if row.startswith("KR7,")).split(",")
        cells[at] = "0.9"
        Shops.write("okrs.csv", "\n".join(",".join(cells) if row.startswith("KR7,") else row for row in rows) + "\n")
    shops.put("orders.csv", ORDERS.replace("3,open", "3,done"))
    lines = by_id(shops.json("dry-run", code=4), "lines")
    held = lines["KR7"]["held"][0]
    assert (lines["KR7"]["mark"], held["decision"], held["now"], held["wanted"]) == ("conflict", "conflict", 0.9, 1)
    assert held["text"] == "was changed by hand"
    assert lines["KR1"]["changed"]["text"]


def test_a_refused_plan(shops: Shops) -> None:
    shops.put("orders.csv", "id,status,amount\n" + "".join(f"{number},done,\n" for number in range(30)))
    shops.run("sync", "--adopt")
    shops.put("orders.csv", ORDERS)
    plan = shops.json("sync", code=1)
    assert plan["safe"] is False
    assert {(one["code"], one["key_result"], one["lifted_by_force"]) for one in plan["refusals"]} >= {
        ("max_drop", "KR1", True),
        ("max_rows_lost", "KR1", True),
    }
    rows = [row for row in SHEET.splitlines() if not row.startswith("KR5,")]
    shops.put("okrs.csv", "\n".join(rows) + "\n")
    assert ("lost_row", "KR5") in {(one["code"], one["key_result"]) for one in shops.json("dry-run")["refusals"]}


def test_an_id_in_two_rows(shops: Shops) -> None:
    shops.put("okrs.csv", SHEET + "KR1,,,,,,,,,,,,,,,,\n")
    plan = shops.json("dry-run", code=4)
    assert by_id(plan, "lines")["KR1"]["reason"]["code"] == "duplicate_id"
    assert ("duplicate_id", "KR1") in {(note["code"], note["id"]) for note in plan["notes"]}


def test_status(shops: Shops) -> None:
    status = shops.json("status", code=0)
    found = by_id(status)
    assert found["KR1"]["override"] == {"status": "at_risk", "owner": "Lin", "reason": None, "until": None}
    assert (found["KR4"]["current"], found["KR4"]["values"]) == (None, [2, 3])
    assert (found["KR5"]["steps"], found["KR5"]["progress"]) == ({"done": 1, "all": 2}, 0.5)
    assert (found["KR7"]["current"], found["KR7"]["raw"]) == (0.666666666667, 1.333333)
    assert found["KR8"]["status"] == "dropped"
    kpis = {kpi["name"]: kpi for kpi in status["kpis"]}
    assert (kpis["open_orders"]["status"], kpis["complaints"]["reason"]["code"]) == ("met", "read_failed")


def test_a_forecast(shops: Shops) -> None:
    shops.put("okrs.csv", SHEET.replace("many", "2"))
    for day, done in enumerate((1, 2, 3), 14):
        shops.at(f"2026-11-{day}T09:30:00+08:00")
        rows = "".join(f"{number},{'done' if number < done * 4 else 'open'},\n" for number in range(20))
        shops.put("orders.csv", f"id,status,amount\n{rows}")
        shops.run("sync", "--adopt", "--force")
    forecast = by_id(shops.json("status"))["KR1"]["forecast"]
    assert (forecast["of"], forecast["days"]) == ("value", 3)
    report = by_id(shops.json("report"))["KR1"]
    assert [each["day"] for each in report["days"]] == ["2026-11-14", "2026-11-15", "2026-11-16"]


def test_reports(shops: Shops) -> None:
    shops.run("sync", "--adopt")
    found = by_id(shops.json("report", code=0))
    assert found["KR1"]["check_in"] == {
        "day": "2026-11-16",
        "value": None,
        "confidence": 0.7,
        "cells": {
            "confidence": "7",
            "note": "two to come",
            "self_score": "0.9",
            "decision": "continue",
            "decided_by": "Amy",
            "override": "at risk",
            "override_owner": "Lin",
        },
    }
    several = shops.json("report", "okrsync.yaml", "none.yaml", schema="report", code=4)
    assert [one["config"] for one in several["workspaces"]] == ["okrsync.yaml"]
    assert [(one["config"], one["error"]["code"]) for one in several["missing"]] == [("none.yaml", "config")]
    adoption = shops.json("report", "--adoption")
    assert adoption["teams"][0]["automatic"] == {"part": 5, "whole": 7}


def test_lint(shops: Shops) -> None:
    advice = shops.json("lint", code=0)["advice"]
    count = next(one for one in advice if one["rule"] == "key_result_count")
    assert (count["id"], count["values"], count["text"][:20]) == ("O1", {"count": 8}, "Key results: 8. Thre")
    assert shops.json("lint", "--offline")["sheet_read"] is False
    for _ in shops.each():
        Path("okrs.csv").unlink()
        Path(".okrsync").mkdir(exist_ok=True)
        Path(".okrsync/ledger.db").write_text("not a database", "utf-8")
    lint = shops.json("lint")
    assert (lint["sheet_error"]["code"], lint["ledger_error"]["code"]) == ("sheet", "ledger")


def test_the_end_of_a_cycle(shops: Shops) -> None:
    closing = shops.json("close", "--next", "2027-Q1", code=0)
    found = by_id(closing)
    assert found["KR1"]["decision"] == {"verdict": "continue", "by": "Amy", "reason": None}
    assert found["KR3"]["unreadable"][0] == {"text": "self score 'great' is not between 0 and 1"}
    assert {"text": "KR2: no decision yet; it was carried over"} in closing["to_do"]
    shops.at("2027-01-04T09:30:00+08:00")
    late = shops.json("close")
    assert late["ended"] is True
    assert by_id(late)["KR1"]["reason"]["code"] == "not_recorded"


def test_a_config_without_problems(shops: Shops) -> None:
    shops.replace(
        "okrsync.yaml",
        "measures:",
        "connections: {jira: {type: jira, url: https://a.example, token: file:t}}\nmeasures:",
    )
    shops.put("t", "hush")
    for _ in shops.each():
        Path("t").chmod(0o644)
    checked = shops.json("check", code=0)
    assert checked == {
        "version": 1,
        "config": "okrsync.yaml",
        "objectives": 1,
        "key_results": 8,
        "measures": 4,
        "exposed_secrets": [{"path": "connections.jira.token", "file": "FOLDER/t"}],
        "online": None,
    }


def test_what_each_read_and_tab_gave(shops: Shops) -> None:
    online = shops.json("check", "--online", code=4)["online"]
    found = {measure["name"]: measure for measure in online["measures"]}
    assert set(found) == {"orders", "all_orders", "gone", "empty"}
    orders = found["orders"]
    assert (orders["from"], orders["rows"], orders["counted"], orders["value"]) == ("files.rows", 3, 2, 2)
    assert (orders["reason"], orders["error"]) == (None, None)
    assert (found["empty"]["rows"], found["empty"]["value"]) == (3, None)
    assert found["empty"]["reason"]["code"] == "no_value"
    assert found["empty"]["reason"]["text"]
    gone = found["gone"]
    assert (gone["reason"]["code"], gone["error"]["code"], gone["rows"]) == ("read_failed", "source", None)
    [tab] = online["tabs"]
    assert (tab["title"], tab["header_row"], tab["columns"][:3]) == ("okrs", 1, ["id", "objective", "title"])


def test_what_can_be_read(shops: Shops) -> None:
    every = {source["name"]: source for source in shops.json("sources", code=0)["sources"]}
    assert set(every) == set(registry.types())
    names = {table["name"] for source in every.values() for table in source["tables"]}
    tables = [(kind, table) for kind in registry.types() for table in registry.tables(kind)]
    assert names == {kind if kind == table else f"{kind}.{table}" for kind, table in tables}
    assert {"name": "url", "required": True, "text": "The site, such as https://acme.atlassian.net."} in every["jira"][
        "options"
    ]
    [jira] = shops.json("sources", "jira.issues", code=0)["sources"]
    [issues] = jira["tables"]
    columns = {column["name"]: column for column in issues["columns"]}
    assert columns["status_category"]["values"] == ["new", "indeterminate", "done"]
    assert (columns["lead_time_hours"]["unit"], columns["lead_time_hours"]["type"]) == ("hours", "number")
    assert shops.json("sources", "jira.isues", schema="error", code=1)["error"]["advice"]


def test_the_runs_and_the_values_of_a_key_result(shops: Shops) -> None:
    assert shops.json("history", code=0)["runs"] == []
    shops.run("sync", "--adopt")
    shops.at("2026-11-17T09:30:00+08:00")
    shops.put("orders.csv", ORDERS.replace("3,open", "3,done"))
    shops.run("sync")
    newest, first = shops.json("history", code=0)["runs"]
    assert (newest["command"], newest["outcome"], newest["now"]) == ("sync", "partial", "2026-11-17T09:30:00+08:00")
    assert first["counts"] == {"change": 4, "unknown": 3, "new": 1}
    story = shops.json("history", "KR1", code=0)
    before, after = story["values"]
    assert (before["day"], before["current"], before["changed"]) == ("2026-11-16", 2, None)
    assert (after["current"], after["values"], after["target"], after["status"]) == (3, [3], 40, "off_track")
    assert after["changed"]["measures"][0]["began"] == ["3"]
    assert story["check_ins"][0]["confidence"] == 0.7
    assert story["forecast"] is None
    parts = shops.json("history", "KR4", code=0)["values"][-1]
    assert (parts["current"], parts["values"], parts["shares"]) == (None, [3, 3], [0.3, 0.75])
    unknown = shops.json("history", "KR6", code=0)["values"][-1]
    assert unknown["progress"] is None
    assert unknown["reason"]["text"]
    assert shops.json("history", "KR99", schema="error", code=1)["error"]["code"] == "failed"


def test_how_a_key_result_is_computed(shops: Shops) -> None:
    found = shops.json("explain", "KR1", code=0)
    [orders] = found["measures"]
    assert (orders["name"], orders["rows"], orders["counted"], orders["value"]) == ("orders", 3, 2, 2)
    assert orders["expression"] == "count(*) filter (status = 'done')"
    assert [row["counted"] for row in orders["sample"]] == [True, True, False]
    assert found["numbers"] == [
        {"measure": "orders", "value": 2, "earlier": [], "goal": None, "progress": None, "weight": None}
    ]
    assert found["goal"]["text"] == "increase: (2 - 0) / (40 - 0)"
    assert (found["goal"]["kind"], found["goal"]["baseline"], found["goal"]["target"]) == ("increase", 0, 40)
    assert (found["progress"], found["expected"], found["status"]) == (0.05, 0.5, "off_track")
    assert found["pace"] == {
        "kind": "linear",
        "start": "2026-10-01",
        "due": "2026-12-31",
        "passed": 46,
        "total": 92,
        "on_track_from": 0.45,
        "at_risk_from": 0.35,
    }
    assert (found["override"]["status"], found["unit"], found["percent"]) == ("at_risk", "orders", False)


def test_how_each_kind_of_key_result_is_computed(shops: Shops) -> None:
    parts = shops.json("explain", "KR4", code=0)
    assert (parts["goal"]["kind"], parts["goal"]["combine"]) == ("parts", "mean")
    assert [(each["measure"], each["value"], each["progress"]) for each in parts["numbers"]] == [
        ("orders", 2, 0.2),
        ("all_orders", 3, 0.75),
    ]
    assert parts["numbers"][0]["goal"]["text"] == "increase: (2 - 0) / (10 - 0)"
    steps = shops.json("explain", "KR5", code=0)
    assert [step["done"] for step in steps["goal"]["steps"]] == [True, False]
    assert (steps["numbers"], steps["measures"]) == ([], [])
    limit = shops.json("explain", "KR2", code=0)
    assert (limit["goal"]["kind"], limit["goal"]["target"], limit["pace"]["on_track_from"]) == ("at_most", 3, None)
    assert (limit["reason"]["code"], limit["measures"][0]["error"]["code"]) == ("read_failed", "source")
    typed = shops.json("explain", "KR3", code=0)
    assert [(each["measure"], each["value"]) for each in typed["numbers"]] == [(None, None)]
    assert shops.json("explain", "KR8", code=0)["dropped"] == {"day": "2026-11-02", "reason": "later"}


def test_how_an_objective_is_computed(shops: Shops) -> None:
    found = shops.json("explain", "O1", code=0)
    terms = {term["id"]: term for term in found["terms"]}
    assert (found["at"], found["gap"], found["known"], found["total"]) == (None, None, 4, 7)
    assert terms["KR1"] == {
        "kind": "key_result",
        "id": "KR1",
        "title": "Forty orders",
        "progress": 0.05,
        "weight": 1,
        "counts": True,
    }
    assert terms["KR8"]["counts"] is False
    shops.run("sync", "--adopt")
    past = shops.json("explain", "O1", "--at", "2026-11-16", code=0)
    assert (past["at"], past["progress"], past["terms"][0]) == ("2026-11-16", found["progress"], terms["KR1"])
    assert shops.json("explain", "KR11", schema="error", code=1)["error"]["advice"] == "`okrsync status` lists them."


def test_how_a_key_result_was_computed(shops: Shops) -> None:
    shops.run("sync", "--adopt")
    shops.at("2026-11-17T09:30:00+08:00")
    past = shops.json("explain", "KR1", "--at", "2026-11-16", code=0)
    assert (past["at"], past["value"]["current"], past["value"]["status"]) == ("2026-11-16", 2, "off_track")
    [orders] = past["measures"]
    assert (orders["from"], orders["rows"], orders["counted"], orders["value"]) == ("files.rows", 3, 2, 2)
    assert (orders["keys"], orders["counted_keys"], orders["sample"]) == (["1", "2", "3"], ["1", "2"], [])
    assert past["check_in"]["confidence"] == 0.7
    failed = shops.json("explain", "KR2", "--at", "2026-11-16", code=0)["measures"][0]
    assert "there is no such file" in failed["error"]["text"]
    assert shops.json("explain", "KR1", "--at", "2026-11-10", schema="error", code=1)["error"]["code"] == "failed"


def test_rows_of_a_past_day_are_kept_or_read_again(shops: Shops) -> None:
    shops.replace("okrsync.yaml", "measures:", "retention: {ids: 0}\nmeasures:")
    shops.run("sync", "--adopt")
    [orders] = shops.json("explain", "KR1", "--at", "2026-11-16", code=0)["measures"]
    assert (orders["keys"], orders["sample_of"], len(orders["sample"])) == (None, "now", 3)
    for _ in shops.each():
        Path("orders.csv").unlink()
    [orders] = shops.json("explain", "KR1", "--at", "2026-11-16", code=0)["measures"]
    assert (orders["sample"], orders["sample_of"], orders["sample_error"]["code"]) == ([], None, "source")
    shops.put("orders.csv", ORDERS)
    shops.replace("okrsync.yaml", "{ids: 0}", "{ids: 0, rows: 9}")
    shops.run("sync")
    [orders] = shops.json("explain", "KR1", "--at", "2026-11-16", code=0)["measures"]
    assert (orders["sample_of"], orders["sample"][0]["counted"]) == ("then", True)


def test_an_undone_run(shops: Shops) -> None:
    shops.run("sync", "--adopt")
    for _ in shops.each():
        header, *rows = Path("okrs.csv").read_text("utf-8-sig").splitlines()
        at = header.split(",").index("Current")
        cells = {row.split(",")[0]: row.split(",") for row in rows}
        cells["KR1"][at] = "7"
        del cells["KR4"]
        Shops.write("okrs.csv", "\n".join([header, *(",".join(row) for row in cells.values())]) + "\n")
    undone = shops.json("undo", code=4)
    kept = {(one["id"], one["column"]): one for one in undone["kept"]}
    assert (kept["KR1", "current"]["code"], kept["KR1", "current"]["text"]) == (
        "edited",
        "KR1 Current value: was edited since",
    )
    assert kept["KR4", "progress"]["code"] == "gone"
    assert {one["column"] for one in undone["restored"] if one["id"] == "KR7"} >= {"current", "progress"}
    assert (undone["was_undo"], undone["numbers_of"], undone["unwritten"]) == (False, None, [])
    again = shops.json("undo")
    assert (again["was_undo"], again["numbers_of"]) == (True, "RUN")


@pytest.mark.parametrize(
    "command", ["check", "dry-run", "sync", "status", "explain KR1", "history", "undo", "report", "lint", "close"]
)
def test_a_command_that_fails_prints_its_error(shops: Shops, command: str) -> None:
    shops.replace("okrsync.yaml", "cycle:", "cycl:")
    error = shops.json(*command.split(), schema="error", code=1)["error"]
    assert (error["code"], error["effect"], error["advice"]) == ("config", "Nothing was read or written.", None)
    assert {
        "file": "okrsync.yaml",
        "line": 1,
        "path": "cycl",
        "text": "unknown option; did you mean 'cycle'?",
    } in error["problems"]


@pytest.mark.parametrize("command", ["dry-run", "sync", "status", "report", "close"])
def test_a_sheet_that_is_not_there(shops: Shops, command: str) -> None:
    for _ in shops.each():
        Path("okrs.csv").unlink()
    error = shops.json(command, schema="error", code=1)["error"]
    assert (error["code"], error["problems"]) == ("sheet", [])


def test_no_workspace_of_several(shops: Shops) -> None:
    error = shops.json("report", "a.yaml", "b.yaml", schema="error", code=1)["error"]
    assert "there is no such file" in error["text"]


def test_without_it_a_command_that_fails_prints_nothing(shops: Shops, shell: Shell) -> None:
    shops.replace("okrsync.yaml", "cycle:", "cycl:")
    done = shell.run("status")
    assert done.out == ""
    assert "未知的選項" in done.err


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        ("", '""'),
        (True, "true"),
        (Decimal("120.0"), "120"),
        (Decimal("0.1"), "0.1"),
        (Decimal(1) / 3, "0.333333333333"),
        (date(2026, 11, 16), '"2026-11-16"'),
        (datetime(2026, 11, 16, 9, 30), '"2026-11-16T09:30:00"'),  # noqa: DTZ001 - a cell's moment has no zone
    ],
)
def test_values(value: CellValue, shown: str) -> None:
    assert json.dumps(json_value(value)) == shown

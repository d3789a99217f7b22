"""What changed since the last run, in the source's own terms."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command_kit import VERIFIED, Shell
from config.expressions import Expression
from config.tables import Column
from connectors.protocol import Read
from demo_kit import close_issue, demo_workspace
from syncer.compute.with_history import Snapshot, delta, measure_delta, natural
from syncer.ledger.records import MeasureRecord, ValueRecord
from syncer.model.history import NOTHING, Delta, MeasureDelta
from syncer.present.delta_text import delta_text
from syncer.sources.evaluate import DuckRows
from syncer.sources.row_keys import asked_value

VALUE = ValueRecord("r", date(2026, 11, 16), datetime(2026, 11, 16, tzinfo=UTC), "KR1", Decimal(1))


def keys(*numbers: int) -> tuple[str, ...]:
    return tuple(f"CORE-{number}" for number in numbers)


def a_record(all_keys: tuple[str, ...] | None, counted: tuple[str, ...] | None = None, **changes: Any) -> MeasureRecord:
    rows = len(all_keys) if all_keys is not None else 10
    record = MeasureRecord(
        "r", "bugs", "c0ffee", "issues", "done", Decimal(1), rows, len(counted or ()), all_keys, counted
    )
    return replace(record, **changes)


def in_numbers(rows: int, counted: int | None = None) -> MeasureRecord:
    return replace(a_record(None), rows=rows, counted=counted)


def text_of(before: MeasureRecord, after: MeasureRecord, language: str = "en") -> str:
    found = delta(Snapshot(VALUE, {"bugs": before}), Snapshot(VALUE, {"bugs": after}))
    return delta_text(found, language)


def test_the_words_of_the_method() -> None:
    before = a_record(keys(1, 2, 7, 9, 12, 30), keys(1))
    after = a_record(keys(1, 7, 9, 12, 40), keys(1, 7, 9, 12))
    assert text_of(before, after) == (
        "3 issues done (CORE-7, CORE-9, CORE-12), 1 added (CORE-40), 2 left the query (CORE-2)".replace(
            "(CORE-2)", "(CORE-2 and 1 more)"
        )
    )
    assert text_of(before, after, "zh-TW") == (
        "3 筆議題完成（CORE-7、CORE-9、CORE-12），新增 1 筆（CORE-40），2 筆移出查詢（CORE-2 及另外 1 筆）"
    )


def test_at_most_five_keys_are_named() -> None:
    many = keys(*range(1, 18))
    assert text_of(a_record(many, ()), a_record(many, many)) == (
        "17 issues done (CORE-1, CORE-2, CORE-3, CORE-4, CORE-5 and 12 more)"
    )
    after = a_record((*many, "CORE-99"), many)
    assert text_of(a_record(many, ()), after).endswith("and 12 more), 1 added")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (a_record(keys(1, 2)), a_record(keys(1, 2)), ""),
        (a_record(keys(1)), a_record(keys(1, 2)), "1 issue added (CORE-2)"),
        (a_record(keys(1, 2), keys(1)), a_record(keys(1, 2), ()), "1 issue no longer done (CORE-1)"),
        (a_record(keys(1), ()), a_record(keys(1, 2), keys(2)), "1 issue added (CORE-2) (1 already done)"),
        (a_record(keys(1), ()), a_record(keys(1), keys(1), became=""), "1 issue now counts (CORE-1)"),
        (a_record(keys(1), keys(1)), a_record(keys(1), (), became=""), "1 issue no longer counts (CORE-1)"),
        (a_record(keys(1)), a_record(keys(1), figure=Decimal(2)), "the same issues, with other values"),
        (a_record(("10001",)), a_record(("10001", "10002")), "1 issue added"),
        (
            a_record(("https://github.com/acme/app/pull/7",), noun="pull requests"),
            a_record((), noun="pull requests"),
            "1 pull request left the query (app#7)",
        ),
        (in_numbers(10, 4), in_numbers(10, 6), "2 more issues done"),
        (in_numbers(9), in_numbers(4), "5 fewer issues"),
        (in_numbers(9), a_record(keys(1), keys(1), rows=None), ""),
        (
            a_record(keys(1)),
            a_record(keys(2), definition="other"),
            "its query or value in the config changed",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_change_has_its_words(before: MeasureRecord, after: MeasureRecord, words: str) -> None:
    assert text_of(before, after) == words


def test_a_goal_that_changed_comes_first() -> None:
    before = replace(VALUE, baseline=Decimal("0.4"), target=Decimal("0.8"))
    after = replace(VALUE, baseline=Decimal("0.4"), target=Decimal("0.9"))
    found = delta(
        Snapshot(before, {"a": a_record(keys(1), measure="a"), "b": a_record(keys(1), measure="b")}),
        Snapshot(after, {"a": a_record(keys(1, 2), measure="a"), "b": a_record(keys(1), measure="b")}),
    )
    assert delta_text(found, "en", percent=True) == "target changed 80% to 90%; a: 1 issue added (CORE-2)"
    assert delta_text(found, "zh-TW", percent=True) == "目標值由 80% 改為 90%；a：新增 1 筆議題（CORE-2）"
    plain = Delta(target=(Decimal(80), Decimal(90)))
    assert delta_text(plain, "en") == "target changed 80 to 90"


def test_a_first_run_has_nothing_to_compare_with() -> None:
    assert delta(None, Snapshot(VALUE, {"bugs": a_record(keys(1))})) == NOTHING
    assert NOTHING.says_nothing
    assert delta(Snapshot(VALUE, {}), Snapshot(VALUE, {"bugs": a_record(keys(1))})).says_nothing


some_keys = st.frozensets(st.integers(1, 30)).map(lambda numbers: natural(keys(*numbers)))


@given(some_keys, some_keys, some_keys, some_keys)
def test_rows_before_and_what_happened_make_rows_now(
    were: tuple[str, ...], are: tuple[str, ...], counted: tuple[str, ...], counts: tuple[str, ...]
) -> None:
    counted, counts = natural(set(counted) & set(were)), natural(set(counts) & set(are))
    found: MeasureDelta = measure_delta(a_record(were, counted), a_record(are, counts))
    assert set(were) - set(found.left) | set(found.added) == set(are)
    assert len(counts) == len(counted) + len(found.began) - len(found.stopped) + (found.added_counting or 0) - len(
        set(found.left) & set(counted)
    )
    assert found.moved is False


@pytest.mark.parametrize(
    ("conditions", "value"),
    [
        (("(\"status_category\" = 'done')",), "done"),
        (("(\"stage\" = '成交')", "(\"stage\" = '成交')"), "成交"),
        (("(\"a\" = 'x')", "(\"a\" = 'y')"), ""),
        (('(("points" > 3) AND ("a" = \'x\'))',), ""),
        ((), ""),
    ],
)
def test_the_one_value_a_condition_asks_for(conditions: tuple[str, ...], value: str) -> None:
    assert asked_value(conditions) == value


def test_keys_are_listed_with_what_each_expression_picks() -> None:
    read = Read("r", "issues", {})
    columns = (Column("key", "text", ""), Column("points", "number", ""))
    store = DuckRows()
    store.add(read, columns, [{"key": "B", "points": 5}, {"key": "A", "points": None}, {"key": "C", "points": 1}])
    big = Expression("", "", (), conditions=('("points" > 3)',))
    every = Expression("", "", ())
    assert store.keys("r", "KEY", [big, every, big], 10) == [
        ("A", (False, True, False)),
        ("B", (True, True, True)),
        ("C", (False, True, False)),
    ]
    assert store.keys("r", "key", [big], 2) is None
    assert store.keys("r", "nothing", [big], 10) is None
    assert store.keys("other", "key", [big], 10) is None
    assert store.keys("r", "key", [Expression("", "", (), conditions=("nonsense",))], 10) is None
    store.add(read, columns, [{"key": None, "points": 1}])
    assert store.keys("r", "key", [big], 10) is None
    store.close()


@pytest.mark.parametrize(
    ("header", "rows", "named"),
    [
        ("customer,id,amount", ["ACME,7,1", "Bolt,8,2"], ("id", ["7", "8"])),
        ("編號,客戶", ["A-1,王", "A-2,李"], ("編號", ["A-1", "A-2"])),
        ("amount,customer,stage", ["1,ACME,Won", "2,Bolt,Lost"], ("customer", ["ACME", "Bolt"])),
        ("stage,customer", ["Won,ACME", "Lost,Bolt"], ("customer", ["ACME", "Bolt"])),
        ("id,customer,amount", ["7,ACME,1", "7,Bolt,2"], ("customer", ["ACME", "Bolt"])),
        ("id,customer,amount", ["7,ACME,1", ",ACME,2"], ("", [])),
        ("id,amount", ["1.5,1", "2.5,2"], ("", [])),
        ("note,amount", [f"{'long ' * 13}{number},1" for number in range(2)], ("", [])),
        ("stage", ["Won", "Lost"], ("", [])),
        ("amount", ["1", "2"], ("", [])),
    ],
)
def test_rows_of_a_file_are_named_by_a_column_whose_values_differ(
    header: str, rows: list[str], named: tuple[str, list[str]]
) -> None:
    names = header.split(",")
    read = Read("r", "rows", {})
    store = DuckRows()
    values = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    numbers = {name for name in names if all(row[name].replace(".", "").isdigit() or not row[name] for row in values)}
    columns = [Column(name, "number" if name in numbers else "text", "") for name in names]
    typed = [
        {name: (float(text) if text else None) if name in numbers else text for name, text in row.items()}
        for row in values
    ]
    store.add(read, columns, typed)
    column = store.key_column("r", {"stage"}, 10)
    assert column == named[0]
    listed = store.keys("r", column, [Expression("", "", ())], 10) if column else []
    assert [key for key, _ in listed or []] == named[1]
    assert store.key_column("r", (), len(rows) - 1) == store.key_column("other", (), 10) == ""
    store.close()


def test_keys_of_another_column_are_compared_by_number() -> None:
    before, after = a_record(("ACME", "Bolt"), key_column="customer"), a_record(("7", "8", "9"), key_column="id")
    assert text_of(before, after) == "1 more issue in all"
    assert text_of(before, replace(before, keys=("ACME", "Bolt", "Core"), rows=3)) == "1 issue added (Core)"


DEALS = """\
cycle: {name: 2026-H2, start: 2026-07-01, end: 2026-12-31}
timezone: Asia/Taipei
okr_sheet: {file: okrs.xlsx}
measures:
  won:
    from: files.rows
    path: deals.csv
    value: count(*) filter (stage = 'Won')
objectives:
  O1:
    title: Sales
    key_results:
      KR1: {title: Deals, baseline: 0, target: 9, measure: won}
"""


def test_rows_of_a_file_without_a_key_go_by_name(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "okrsync.yaml").write_text(DEALS, "utf-8")
    deals = tmp_path / "deals.csv"
    deals.write_text("stage,customer\nLost,ACME\nOpen,Bolt\nOpen,Core\nOpen,Dune\n", "utf-8")
    shell.run("init", "--sheet")
    shell.run("sync")
    deals.write_text("stage,customer\nWon,ACME\nWon,Bolt\nOpen,Core\nOpen,Echo\n", "utf-8")
    assert "2 rows Won (ACME, Bolt), 1 added (Echo), 1 left the query (Dune)" in shell.run("dry-run").out
    deals.write_text("stage,customer\nWon,ACME\nWon,Bolt\nWon,Bolt\nOpen,Core\n", "utf-8")
    assert "3 more rows Won" in shell.run("dry-run").out


def test_the_plan_says_why_with_a_ledger_and_without_one_does_not(shell: Shell, tmp_path: Path) -> None:
    with demo_workspace(tmp_path) as sandbox:
        assert VERIFIED in shell.run("sync").out
        close_issue(sandbox, "CORE-42")
        first, again = shell.run("dry-run").out, shell.run("dry-run").out
        assert "16 of 20 rows; 1 issue done (CORE-42)" in first
        assert first == again
        assert "since the last run  1 issue done (CORE-42)" in shell.run("explain", "KR1").out
        (tmp_path / ".okrsync/ledger.db").write_bytes(b"no database at all" * 300)
        broken = shell.run("dry-run")
        assert "16 of 20 rows" in broken.out
        assert "CORE-42" not in broken.out
        assert "Move the file away" in broken.err
        for file in (tmp_path / ".okrsync").glob("ledger.db*"):
            file.unlink()
        assert "CORE-42" not in shell.run("dry-run").out
        assert not (tmp_path / ".okrsync/ledger.db").exists()

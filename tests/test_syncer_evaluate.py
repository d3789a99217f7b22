import json
import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.expressions import Arithmetic, Expression
from config.sql.checking import check_arithmetic, check_expressions
from config.sql.messages import ExpressionError
from config.tables import Column, Table
from connectors.protocol import Read, Row
from syncer.sources.evaluate import DuckRows
from syncer.sources.figures import Figure, arithmetic, exact
from syncer.sources.row_pages import encode_page

COLUMNS = (
    Column("key", "text", ""),
    Column("status", "text", "", values=("new", "done")),
    Column("points", "number", ""),
    Column("hours", "number", ""),
    Column("comments", "integer", ""),
    Column("is_bug", "boolean", ""),
    Column("created", "timestamp", ""),
    Column("labels", "list", ""),
    Column("金額", "number", ""),
)
ISSUES = Table("issues", "", (), COLUMNS)
OPEN = Table("rows", "", (), open=True)
READ = Read("jira.issues#1", "issues", {})
OTHER = Read("jira.issues#2", "issues", {})
TAIPEI = timezone(timedelta(hours=8))


def checked(texts: Sequence[str], table: Table = ISSUES) -> list[Expression]:
    found = check_expressions([(text, table) for text in texts])
    faults = [str(each) for each in found if isinstance(each, ExpressionError)]
    assert not faults
    return [each for each in found if isinstance(each, Expression)]


def formula(text: str, names: Sequence[str]) -> Arithmetic:
    [found] = check_arithmetic([(text, names)])
    assert isinstance(found, Arithmetic), found
    return found


def figures(
    rows: Sequence[Row], texts: Sequence[str], columns: Sequence[Column] = COLUMNS, table: Table = ISSUES
) -> list[Figure]:
    store = DuckRows(threads=1)
    store.add(READ, columns, rows)
    found = store.evaluate(READ.key, checked(texts, table), len(rows))
    store.close()
    return found


def test_texts_that_differ_by_case_and_spaces_alone_are_found() -> None:
    rows: list[Row] = [{"stage": text} for text in ("Won", "won", " won", "won", "Lost", None, "Wonder", "贏單 ")]
    columns = (Column("stage", "text", ""), Column("points", "number", ""))
    store = DuckRows(threads=1)
    store.add(READ, columns, rows)

    def found_each(*texts: str) -> list[list[tuple[str, str, int]]]:
        each = store.near_misses(READ.key, checked(texts, OPEN))
        return [[(miss.asked, miss.found, miss.count) for miss in misses] for misses in each]

    def found(text: str) -> list[tuple[str, str, int]]:
        return found_each(text)[0]

    assert found("count(*) filter (Stage = 'Won')") == [("Won", "won", 2), ("Won", " won", 1)]
    assert found("share(stage in ('Won', 'won'))") == [("Won", " won", 1), ("won", " won", 1)]
    assert found("count(*) filter (stage <> '贏單')") == [("贏單", "贏單 ", 1)]
    for silent in ("lower(stage) = 'won'", "stage = 'Lost'", "stage like 'WON'", "stage = 'O''Brien'", "points = 1"):
        assert found(f"count(*) filter ({silent})") == []
    together = found_each("share(stage = 'Won')", "share(stage in ('Won', 'won'))", "share(stage = 'won')")
    assert together == [
        [("Won", "won", 2), ("Won", " won", 1)],
        [("Won", " won", 1), ("won", " won", 1)],
        [("won", " won", 1), ("won", "Won", 1)],
    ]
    store.close()


def test_placeholders_of_an_expression_are_instants_of_the_day() -> None:
    instants = {"today": datetime(2026, 11, 16, tzinfo=TAIPEI), "cycle.start": datetime(2026, 10, 1, tzinfo=TAIPEI)}
    texts = [
        "count(*) filter (created < {today-14d})",
        "count(*) filter (created < '{today-14d}' or created is null)",
        "count(*) filter (created between {cycle.start+1m} and {today-14d})",
        "date_diff('day', max(created), {today})",
        "sum(1 / date_diff('day', created, {today-14d})) / count(*)",
    ]
    rows: list[Row] = [
        {"created": datetime(2026, 11, 2, tzinfo=TAIPEI)},
        {"created": datetime(2026, 11, 1, 23, 59, tzinfo=TAIPEI)},
        {"created": None},
    ]
    store = DuckRows(zone=TAIPEI, threads=1)
    store.add(READ, (Column("created", "timestamp", ""),), rows)
    expressions = [each.at(instants, TAIPEI) for each in checked(texts)]
    found = store.evaluate(READ.key, expressions, len(rows))
    picked = [row.values["created"] for row in store.rows(READ.key, expressions[0], ["created"], 9) if row.counted]
    store.close()
    assert [figure.value for figure in found[:4]] == [1, 2, 2, 14]
    assert str(found[4].reason) == "division by zero"
    assert picked == [datetime(2026, 11, 1, 23, 59, tzinfo=TAIPEI)]


ROWS: list[Row] = [
    {
        "key": "A-10",
        "status": "done",
        "points": 0.1,
        "hours": 1,
        "comments": 2**62,
        "is_bug": True,
        "created": datetime(2026, 10, 1, 7, tzinfo=TAIPEI),
        "labels": ["bug", "急件"],
        "金額": 100000.5,
    },
    {"key": "A-2", "status": "done", "points": 0.2, "hours": 0, "comments": 2**62, "is_bug": False, "labels": []},
    {
        "key": "A-1",
        "status": "new",
        "points": None,
        "hours": 3,
        "comments": 2**62,
        "created": datetime(2026, 10, 1, 9, tzinfo=TAIPEI),
        "labels": ("x",),
    },
    {"key": 'O\'Neil "q" \\ \n 😀', "status": "new", "points": 0.3},
]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("count(*)", "4"),
        ("count(points)", "3"),
        ("count(distinct status)", "2"),
        ("count_if(is_bug)", "1"),
        ("sum(comments)", str(3 * 2**62)),
        ("sum(points)", "0.6"),
        ("sum(points) filter (status = 'done')", "0.3"),
        ("sum(points) filter (key = 'nobody')", "0"),
        ("count(*) filter (key = 'nobody')", "0"),
        ("count_if(is_bug) filter (key = 'nobody')", "0"),
        ("sum(points) filter (key = 'nobody') + count(*)", "4"),
        ("avg(points)", "0.2"),
        ("quantile_cont(points, 0.5)", "0.2"),
        ("median(points)", "0.2"),
        ("max(hours)", "3"),
        ("share(is_bug)", "0.25"),
        ("share(is_bug) filter (is_bug is not null)", "0.5"),
        ("share(status = 'done') * 100", "50"),
        ("count(*) / 3", "1.33333333333"),
        ("count(*) filter (created < '2026-10-01')", "1"),
        ("count(*) filter (created >= timestamp '2026-10-01 01:00:00')", "1"),
        ("count(*) filter ('急件' in labels)", "1"),
        ("count(*) filter (len(labels) = 0)", "1"),
        ("count(*) filter (key like 'O''Neil%😀')", "1"),
        ("sum(金額)", "100000.5"),
        ("greatest(sum(points), 1)", "1"),
        ("coalesce(sum(points) / count(*) filter (key = 'nobody'), 0)", "0"),
        ("case when count(*) > 3 then 1 else 0 end", "1"),
        ("sum(points / hours) filter (hours > 0)", "0.1"),
        ("sum(case when hours > 0 then points / hours end)", "0.1"),
        ("sum(points::decimal(18, 3))", "0.6"),
        ("round(1e2 * share(is_bug), 1)", "25"),
    ],
)
def test_a_figure(text: str, value: str) -> None:
    assert figures(ROWS, [text]) == [Figure(Decimal(value))]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("avg(points) filter (key = 'nobody')", "no rows: none of 4 matches"),
        ("share(is_bug) filter (key = 'nobody')", "no rows: none of 4 matches"),
        ("sum(points) filter (key = 'A-1')", "no value in the one row"),
        ("sum(金額) filter (status = 'new')", "no value in any of 2 rows"),
        ("greatest(sum(points) filter (key = 'A-1'), 0)", "no value in the one row"),
        ("sum(points) / count(*) filter (key = 'nobody')", "division by zero"),
        ("least(sum(points) / count(*) filter (key = 'nobody'), 1)", "division by zero"),
        ("count(*) % count(*) filter (key = 'nobody')", "division by zero"),
        ("sum(points / hours)", "division by zero"),
        ("1 / sum(points / hours)", "division by zero"),
        ("least(avg(points / hours), 1)", "division by zero"),
        ("sum(comments // (hours * 0))", "division by zero"),
        ("sum((points / hours)::int)", "division by zero"),
        ("sum(comments * comments)", "the number is too large"),
        ("sum(key::double)", "'A-10' is not a number"),
        ("sum(1e308) * 10", "not a number"),
        ("count(*) filter (regexp_matches(key, '('))", "missing ): ("),
    ],
)
def test_an_unknown_and_its_reason(text: str, reason: str) -> None:
    assert figures(ROWS, [text, "count(*)"]) == [Figure(None, reason), Figure(Decimal(4))]


LOG = (
    Column("seen", "timestamp", ""),
    Column("n", "integer", ""),
    Column("value", "number", ""),
    Column("who", "text", ""),
)


def entry(day: int | None, value: float | None, who: str = "ann") -> Row:
    seen = None if day is None else datetime(2026, 10, day, tzinfo=UTC)
    return {"seen": seen, "n": day, "value": value, "who": who}


LOG_ROWS = [
    entry(3, 7), entry(9, 5.5), entry(None, 99), entry(12, None), entry(1, 4), entry(1, 4, "bob"), entry(9, 5, "bob"),
]  # fmt: skip
TIED = "several rows have {} {}, with different values ({} and {}); which one counts is not certain"


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("max_by(value, seen) filter (who = 'ann')", Figure(Decimal("5.5"))),
        ("last(value order by n) filter (who = 'bob')", Figure(Decimal(5))),
        ("arg_max(value, n + 1) filter (who = 'ann') * 2", Figure(Decimal(11))),
        ("min_by(value, seen)", Figure(Decimal(4))),
        ("first(value order by seen)", Figure(Decimal(4))),
        ("last(value order by seen desc)", Figure(Decimal(4))),
        ("max_by((who = 'ann')::int, seen) filter (seen < '2026-10-09')", Figure(Decimal(1))),
        ("max_by(value, seen)", Figure(None, TIED.format("seen", "2026-10-09", "5", "5.5"))),
        ("last(value order by n)", Figure(None, TIED.format("n", "9", "5", "5.5"))),
        ("coalesce(arg_max(value, n), 0)", Figure(None, TIED.format("n", "9", "5", "5.5"))),
        ("case when count(*) > 3 then 1 else max_by(value, seen) end", Figure(Decimal(1))),
        ("max_by((value > 5)::int, seen)", Figure(None, TIED.format("seen", "2026-10-09", "0", "1"))),
        ("max_by(value, seen) filter (who = 'eve')", Figure(None, "no rows: none of 7 matches")),
        ("max_by(value, seen) filter (seen > '2026-10-10')", Figure(None, "no value in the one row")),
        ("max_by(value / (n - 9), seen) filter (who = 'bob')", Figure(None, "division by zero")),
        ("min_by(value / (n - 9), seen) filter (who = 'bob')", Figure(Decimal("-0.5"))),
    ],
)
def test_the_latest_and_the_earliest_value_of_a_log(text: str, figure: Figure) -> None:
    log = Table("log", "", (), LOG)
    for rows in (LOG_ROWS, LOG_ROWS[::-1]):
        assert figures(rows, [text, "count(*)"], LOG, log) == [figure, Figure(Decimal(7))]


def test_an_empty_log_has_no_latest_value() -> None:
    log = Table("log", "", (), LOG)
    nothing: tuple[Column, ...] = ()
    for columns in (LOG, nothing):
        assert figures([], ["last(value order by seen)"], columns, log) == [Figure(None, "no rows")]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 4)), st.one_of(st.none(), st.integers(0, 2))), max_size=8)
)
def test_the_latest_value_is_pythons_own(shared: DuckRows, pairs: list[tuple[int | None, int | None]]) -> None:
    read = Read(f"log {pairs}", "issues", {})
    if shared._tables.get(read.key) is None:
        shared.add(read, LOG, [entry(day, value) for day, value in pairs])
    texts = ["last(value order by seen)", "min_by(value, n)"]
    found = shared.evaluate(read.key, checked(texts, Table("log", "", (), LOG)), len(pairs))
    known = [(day, value) for day, value in pairs if day is not None and value is not None]
    for figure, end in zip(found, (max, min), strict=True):
        values = {value for day, value in known if day == end(day for day, _ in known)}
        assert figure.value == (values.pop() if len(values) == 1 else None)
        assert ("several rows" in figure.reason) == bool(values)


def test_a_complete_reading_without_rows() -> None:
    zero = ["count(*)", "sum(points)", "count_if(is_bug)", "sum(is_bug::int)", "round(sum(points), 1)", "sum(points)/8"]
    none = ["avg(points)", "share(is_bug)", "max(hours)", "quantile_cont(points, 0.9)", "sum(points) / count(*)"]
    assert figures([], zero) == [Figure(Decimal(0))] * len(zero)
    assert figures([], none) == [Figure(None, "no rows")] * len(none)
    store = DuckRows()
    texts = [*zero, *none]
    assert store.evaluate("never added", checked(texts), 0) == figures([], texts)
    store.close()


def test_where_only_a_count_was_read() -> None:
    store = DuckRows()
    texts = ["count(*)", "count(*) / 2", "1 - count(*)", "share(1 = 1)", "count(*) / (count(*) - 1234)", "sum(points)"]
    found = store.evaluate("counted", checked(texts), 1234)
    assert [figure.value for figure in found] == [1234, 617, -1233, 1, None, None]
    assert [figure.reason for figure in found[-2:]] == ["division by zero", "only the number of rows was read"]
    assert [figure.value for figure in store.evaluate("none", checked(texts), 0)] == [0, 0, 1, None, 0, 0]
    store.close()


def test_an_open_table_without_a_row_has_no_columns_to_miss() -> None:
    assert figures([], ["sum(amount)", "count(*) filter (stage = 'won')"], [], OPEN) == [Figure(Decimal(0))] * 2
    assert figures([], ["avg(amount)"], [], OPEN) == [Figure(None, "no rows")]
    assert figures([], ["sum(amont)"], DEALS, OPEN)[0].reason.startswith("unknown column 'amont'")


def test_rows_that_did_not_all_arrive_give_no_number() -> None:
    store = DuckRows()
    store.add(READ, COLUMNS, ROWS)
    found = store.evaluate(READ.key, checked(["count(*)", "sum(points)"]), 5)
    assert found == [Figure(None, "4 rows arrived where the source counted 5")] * 2
    store.close()


LETTERS = "and texts are compared letter by letter"
TEXT_RESULT = "the result is text, not a number; count or measure it, such as count(distinct ...)"
BY_NA = "text, as B3 'N/A' shows"
DEALS = (
    Column("Stage", "text", "", note="text, as A2 '成交' shows"),
    Column("Amount", "text", "", note=BY_NA),
    Column("Qty", "number", "", note="numbers"),
)
AS_NUMBER = "if its cells are numbers, set `types: {Amount: number}`"
DEAL_ROWS: list[Row] = [
    {"Stage": "成交", "Amount": "5", "Qty": 1},
    {"Stage": "x", "Amount": "N/A", "Qty": 2.5},
]


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("sum(qty)", Figure(Decimal("3.5"))),
        ("count(*) filter (STAGE = '成交')", Figure(Decimal(1))),
        ("sum(try_cast(amount as double))", Figure(Decimal(5))),
        ("sum(amount::double)", Figure(None, "'N/A' is not a number")),
        ("sum(amount)", Figure(None, f"sum() takes numbers; amount is {BY_NA}; {AS_NUMBER}")),
        (
            "sum(amount) filter (stage = '成交')",
            Figure(None, f"sum() takes numbers; amount is {BY_NA}; {AS_NUMBER}"),
        ),
        ("count(*) filter (amount > 5)", Figure(None, f"Amount is {BY_NA}, {LETTERS}; {AS_NUMBER}")),
        ("count(*) filter (amount >= '5')", Figure(None, f"Amount is {BY_NA}, {LETTERS}; {AS_NUMBER}")),
        ("count(*) filter (amount = '5')", Figure(Decimal(1))),
        ("count(*) filter (amount = 5)", Figure(None, f"Amount is {BY_NA}; write '5' in quotes, or {AS_NUMBER}")),
        ("max(amount)", Figure(None, f"{TEXT_RESULT}; amount is {BY_NA}; {AS_NUMBER}")),
        ("sum(amont)", Figure(None, "unknown column 'amont' in the rows; did you mean 'Amount'?")),
        ("sum(xyzzy)", Figure(None, "unknown column 'xyzzy' in the rows; columns: Stage, Amount, Qty")),
        (
            "sum(qty + stage)",
            Figure(
                None,
                "'+' takes numbers; stage is text, as A2 '成交' shows; "
                "if its cells are numbers, set `types: {Stage: number}`",
            ),
        ),
        ("sum(flag)", Figure(None, "unknown column 'flag' in the rows; columns: Stage, Amount, Qty")),
    ],
)
def test_an_open_table_tells_its_faults_with_the_data(text: str, figure: Figure) -> None:
    found = figures(DEAL_ROWS, ["count(*)", text, "sum(qty)"], DEALS, OPEN)
    assert found == [Figure(Decimal(2)), figure, Figure(Decimal("3.5"))]


def test_pages_of_an_open_table_may_know_more_columns_and_other_types() -> None:
    store = DuckRows()
    store.add(READ, [Column("a", "integer", ""), Column("b", "number", ""), Column("c", "integer", "")], [])
    store.add(
        READ,
        [Column("A", "integer", ""), Column("b", "number", ""), Column("c", "number", "")],
        [{"A": 1, "b": 2, "c": 0.5}],
    )
    store.add(
        READ,
        [Column("b", "text", ""), Column("d", "text", ""), Column("c", "integer", "")],
        [{"b": "N/A", "c": 2, "d": "x"}],
    )
    texts = ["sum(a)", "sum(c)", "count(d)", "count(*)", "sum(b)"]
    found = store.evaluate(READ.key, checked(texts, OPEN), 2)
    assert [figure.value for figure in found] == [1, Decimal("2.5"), 1, 2, None]
    assert found[-1].reason == "sum() takes numbers; b is text"
    store.close()


def test_rows_without_columns_are_rows() -> None:
    store = DuckRows()
    store.add(READ, [], [{}, {}])
    store.add(READ, [], [{}])
    assert store.evaluate(READ.key, checked(["count(*) filter (1 = 1)", "count(*)"]), 3) == [Figure(Decimal(3))] * 2
    store.close()


def test_threads_add_at_once() -> None:
    store = DuckRows()
    pages = [[{"key": f"A-{page}-{row}", "comments": row} for row in range(100)] for page in range(20)]
    reads = [Read(f"r{number % 2}", "issues", {}) for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: store.add(pair[0], COLUMNS, pair[1]), zip(reads, pages, strict=True)))
    for key in ("r0", "r1"):
        assert [f.value for f in store.evaluate(key, checked(["count(distinct key)", "sum(comments)"]), 1000)] == [
            1000,
            49500,
        ]
    store.close()


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("points", math.nan, "column points holds 'nan', which is not of type number"),
        ("points", math.inf, "column points holds 'inf', which is not of type number"),
        ("points", "5", "column points holds '5', which is not of type number"),
        ("points", True, "column points holds 'True', which is not of type number"),
        ("comments", 2.5, "column comments holds '2.5', which is not of type integer"),
        ("comments", 2**63, f"column comments holds '{2**63}', which is not of type integer"),
        ("comments", math.nan, "column comments holds 'nan', which is not of type integer"),
        ("is_bug", 1, "column is_bug holds '1', which is not of type boolean"),
        ("created", "2026-10-01", "column created holds '2026-10-01', which is not of type timestamp"),
        (
            "created",
            datetime(2026, 10, 1),  # noqa: DTZ001 - what is refused
            "column created holds '2026-10-01 00:00:00', which is not of type timestamp",
        ),
        ("labels", "bug", "column labels holds 'bug', which is not of type list"),
        ("labels", [1], "column labels holds '[1]', which is not of type list"),
        ("key", ["x"], "column key holds \"['x']\", which is not of type text"),
    ],
)
def test_a_value_that_does_not_fit_costs_only_its_column(column: str, value: Any, shown: str) -> None:
    store = DuckRows()
    store.add(READ, COLUMNS, [{"key": "A-1", "金額": 1}])
    store.add(READ, COLUMNS, [{"key": "A-2", "金額": 2}, {"key": "A-3", column: value, "金額": 3}])
    store.add(READ, COLUMNS, [{"key": "A-4", "金額": 4}])
    texts = ["count(*)", f"count({column})", "sum(金額)", f"sum(金額) filter ({column.upper()} is null)"]
    found = store.evaluate(READ.key, checked(texts), 4)
    assert found == [Figure(Decimal(4)), Figure(None, shown), Figure(Decimal(10)), Figure(None, shown)]
    [fine, failing] = checked(["sum(金額)", f"count({column})"])
    assert len(store.rows(READ.key, fine, ["金額"], 9)) == 4
    assert store.rows(READ.key, failing, ["金額"], 9) == []
    assert store.keys(READ.key, "金額", [fine], 9) == [(number, (True,)) for number in "1234"]
    assert store.keys(READ.key, "金額", [fine, failing], 9) is store.keys(READ.key, column, [fine], 9) is None
    store.close()


def test_values_may_not_fit_in_every_column_and_count_all_the_same() -> None:
    store = DuckRows()
    columns = [Column("n", "number", ""), Column("ok", "boolean", "")]
    pages: list[list[Row]] = [[{"n": "x", "ok": 1}], [{"n": 2, "ok": True}], []]
    for page in pages:
        store.add(READ, columns, page)
    store.add(READ, [*columns, Column("late", "text", "")], [{"late": "x"}])
    found = store.evaluate(READ.key, checked(["count(*)", "sum(n)", "count(late)"], OPEN), 3)
    assert found == [
        Figure(Decimal(3)),
        Figure(None, "column n holds 'x', which is not of type number"),
        Figure(Decimal(1)),
    ]
    store.close()


def test_two_columns_of_one_name_cost_only_that_name() -> None:
    store = DuckRows()
    columns = [Column("Stage", "text", ""), Column("stage", "text", ""), Column("n", "number", "")]
    store.add(READ, columns, [{"Stage": "x", "n": 5}])
    found = store.evaluate(READ.key, checked(["count(*)", "sum(n)", "count(stage)"], OPEN), 1)
    assert found == [Figure(Decimal(1)), Figure(Decimal(5)), Figure(None, "two columns are called 'Stage'")]
    store.close()


def test_rows_that_need_too_much_memory_make_their_read_unknown() -> None:
    store = DuckRows(memory="10MB", threads=1)
    for _ in range(20):
        store.add(READ, COLUMNS[:1], [{"key": f"{row:x}" * 400} for row in range(2000, 4000)])
    store.add(OTHER, COLUMNS[:1], [{"key": "B-1"}])
    [count] = checked(["count(*)"])
    assert store.evaluate(READ.key, [count], 40_000) == [Figure(None, "needs more memory than allowed")]
    assert store.evaluate(OTHER.key, [count], 1) == [Figure(Decimal(1))]
    store.close()
    assert not Path(".tmp").exists()


def test_what_takes_too_long_is_unknown_and_costs_the_others_nothing() -> None:
    store = DuckRows(deadline_seconds=0.05, threads=1)
    store.add(READ, COLUMNS, ROWS)
    endless = "(SELECT count(*) FROM range(10000000) x, range(10000000) y WHERE x.range + y.range < 3)"
    slow = Expression("sum(points)", endless, ("points",))
    found = store.evaluate(READ.key, [slow, *checked(["count(*)", "sum(hours)"])], 4)
    assert found == [Figure(None, "took longer than 0.05 s"), Figure(Decimal(4)), Figure(Decimal(4))]
    store.close()


def test_the_rows_behind_a_figure() -> None:
    store = DuckRows()
    store.add(READ, COLUMNS, ROWS)
    [done, all_rows] = checked(["share(status = 'done')", "avg(points)"])
    traced = store.rows(READ.key, done, ["KEY", "created", "labels"], 3)
    assert [(row.values["key"], row.counted) for row in traced] == [("A-10", True), ("A-2", True), ("A-1", False)]
    assert traced[0].values == {
        "key": "A-10",
        "created": datetime(2026, 9, 30, 23, tzinfo=UTC),
        "labels": ["bug", "急件"],
    }
    assert [row.counted for row in store.rows(READ.key, all_rows, ["key"], 9)] == [True] * 4
    assert set(store.rows(READ.key, done, [], 1)[0].values) == {column.name for column in COLUMNS}
    assert store.rows("never added", done, ["key"], 3) == []
    store.close()


def test_the_order_of_pages_does_not_change_the_rows_shown() -> None:
    orders: list[list[Row]] = []
    for rows in (ROWS, ROWS[::-1]):
        store = DuckRows()
        for row in rows:
            store.add(READ, COLUMNS, [row])
        orders.append([row.values for row in store.rows(READ.key, checked(["share(is_bug)"])[0], ["status"], 4)])
        store.close()
    assert orders[0] == orders[1]


def test_an_expression_that_does_not_fit_has_no_rows_and_keys() -> None:
    store = DuckRows()
    store.add(READ, DEALS, DEAL_ROWS)
    texts = ["count(*) filter (amont > 5)", "count(*) filter (regexp_matches(stage, '('))", "count(*) filter (qty > 2)"]
    wrong, failing, fine = checked(texts, OPEN)
    assert store.rows(READ.key, wrong, ["Stage"], 5) == store.rows(READ.key, failing, ["Stage"], 5) == []
    assert store.keys(READ.key, "Stage", [fine], 9) == [("x", (True,)), ("成交", (False,))]
    assert store.keys(READ.key, "Stage", [fine, wrong], 9) is store.keys(READ.key, "Stage", [failing], 9) is None
    store.close()


def test_a_store_closes_twice_and_frees_its_memory() -> None:
    store = DuckRows()
    store.add(READ, COLUMNS, ROWS)
    store.close()
    store.close()
    with pytest.raises(duckdb.ConnectionException):
        store._connection.execute("SELECT 1")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, "3"),
        (3 * 2**62, str(3 * 2**62)),
        (0.1 + 0.2, "0.3"),
        (1234567890123.0, "1234567890123"),
        (1 / 3, "0.333333333333"),
        (2e22, "2E+22"),
        (-0.0, "0"),
        (Decimal("12345678901234567.89"), "12345678901234567.89"),
        (Decimal("2.500"), "2.5"),
        (math.inf, None),
        (math.nan, None),
        (True, None),
        ("5", None),
    ],
)
def test_exact(value: object, number: str | None) -> None:
    assert exact(value) == (Decimal(number) if number is not None else None)


NUMBERS = st.one_of(st.none(), st.integers(-(10**6), 10**6).map(lambda cents: cents / 100))


def _sum(known: list[float], rows: int) -> float | None:
    return math.fsum(known) if known or not rows else None


PYTHON: list[tuple[str, Callable[[list[float], int], float | None]]] = [
    ("count(*)", lambda _known, rows: rows),
    ("count(points)", lambda known, _rows: len(known)),
    ("sum(points)", _sum),
    ("avg(points)", lambda known, _rows: math.fsum(known) / len(known) if known else None),
    ("min(points)", lambda known, _rows: min(known, default=None)),
    ("max(points)", lambda known, _rows: max(known, default=None)),
    ("median(points)", lambda known, _rows: statistics.median(known) if known else None),
    ("share(points > 0)", lambda known, rows: sum(x > 0 for x in known) / rows if rows else None),
    ("quantile_cont(points, 0.9)", lambda known, _rows: _quantile(known, 0.9)),
    ("sum(points) filter (points > 0)", lambda known, _rows: math.fsum(x for x in known if x > 0)),
]


def _quantile(known: list[float], share: float) -> float | None:
    if not known:
        return None
    ordered, place = sorted(known), share * (len(known) - 1)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


@pytest.fixture(scope="module")
def shared() -> Iterator[DuckRows]:
    store = DuckRows(threads=1)
    yield store
    store.close()


@settings(deadline=None, max_examples=60)
@given(st.lists(NUMBERS, max_size=30))
def test_figures_are_pythons_own(shared: DuckRows, numbers: list[float | None]) -> None:
    read = Read(json.dumps(numbers), "issues", {})
    if shared._tables.get(read.key) is None:
        shared.add(read, COLUMNS, [{"points": number} for number in numbers])
    found = shared.evaluate(read.key, checked([text for text, _ in PYTHON]), len(numbers))
    known = [number for number in numbers if number is not None]
    for (text, compute), figure in zip(PYTHON, found, strict=True):
        wanted = compute(known, len(numbers))
        assert (figure.value is None) == (wanted is None), text
        if figure.value is not None and wanted is not None:
            assert float(figure.value) == pytest.approx(wanted, rel=1e-11, abs=1e-9), text


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=8),
    st.lists(st.datetimes(timezones=st.just(TAIPEI)), max_size=3),
)
def test_what_goes_in_comes_out(texts: list[str | None], instants: list[datetime]) -> None:
    store = DuckRows(threads=1)
    rows: list[Row] = [
        {"key": f"{n:03}", "status": text, "labels": [t for t in texts if t is not None]}
        for n, text in enumerate(texts)
    ]
    rows += [{"key": f"{n:03}", "created": instant} for n, instant in enumerate(instants, len(rows))]
    store.add(READ, COLUMNS, rows)
    found = store.rows(READ.key, checked(["count(*)"])[0], ["key", "status", "labels", "created"], 99)
    assert [row.values["status"] for row in found] == [row.get("status") for row in rows]
    assert [row.values["labels"] for row in found] == [row.get("labels") for row in rows]
    assert [row.values["created"] for row in found] == [row.get("created") for row in rows]
    store.close()


KNOWN = {"a": Figure(Decimal(6)), "b": Figure(Decimal("1.5")), "zero": Figure(Decimal(0))}
UNKNOWN = {"lost": Figure(None, "HTTP 403"), "huge": Figure(Decimal(2**100))}


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("a", Figure(Decimal(6))),
        ("a / b", Figure(Decimal(4))),
        ("a + 2*b", Figure(Decimal(9))),
        ("b / a", Figure(Decimal("0.25"))),
        ("a / (a + 1)", Figure(Decimal("0.857142857143"))),
        ("greatest(a, b)", Figure(Decimal(6))),
        ("round(a / 7, 2)", Figure(Decimal("0.86"))),
        ("b * 0.1", Figure(Decimal("0.15"))),
        ("huge + 1", Figure(Decimal(2**100 + 1))),
        ("a / zero", Figure(None, "division by zero")),
        ("zero / zero", Figure(None, "division by zero")),
        ("least(a / zero, 1)", Figure(None, "division by zero")),
        ("a % zero", Figure(None, "division by zero")),
        ("case when zero = 0 then 0 else a / zero end", Figure(Decimal(0))),
        ("nullif(a, 6)", Figure(None, "no value")),
        ("huge * huge", Figure(None, "the number is too large")),
        ("b * 1e308 * 10", Figure(None, "the number is too large")),
        ("lost", Figure(None, "HTTP 403")),
        ("a / lost", Figure(None, "HTTP 403")),
        ("coalesce(lost, 0)", Figure(None, "HTTP 403")),
        ("lost * 0", Figure(None, "HTTP 403")),
    ],
)
def test_arithmetic(text: str, figure: Figure) -> None:
    everything = KNOWN | UNKNOWN
    assert arithmetic(formula(text, list(everything)), everything) == figure


def test_arithmetic_over_a_measure_that_was_not_computed() -> None:
    assert arithmetic(formula("a / b", ["a", "b"]), {"a": Figure(Decimal(1))}) == Figure(None, "b has no number")


def test_a_page_is_one_json_text() -> None:
    columns, page = encode_page(COLUMNS[:2], [{"key": "é", "other": 1}, {}], UTC, {})
    assert columns == list(COLUMNS[:2])
    assert json.loads(page) == {"c0": ["é", None], "c1": [None, None]}

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.expressions import DUCK_TYPES, Arithmetic, Expression
from config.sql import checking, parsing
from config.sql.checking import check_arithmetic, check_expressions
from config.sql.database import expression_db, open_database
from config.sql.functions import FUNCTIONS, REFUSED
from config.sql.messages import ExpressionError
from config.sql.parsing import MAX_LENGTH, parse, parsing_ahead
from config.sql.printing import Style, quoted, write_condition
from config.sql.tree import Node
from config.tables import Column, Table

GOLDEN = Path(__file__).parent / "golden" / "expression_tree.json"

ISSUES = Table(
    "issues",
    "",
    (),
    (
        Column("key", "text", ""),
        Column("status_category", "text", "", values=("new", "indeterminate", "done")),
        Column("story_points", "number", ""),
        Column("comments", "integer", ""),
        Column("is_bug", "boolean", ""),
        Column("created", "timestamp", ""),
        Column("resolved", "timestamp", ""),
        Column("labels", "list", ""),
        Column("areas", "list", "", values=("web", "app")),
        Column("金額", "number", ""),
        Column("階段", "text", "", values=("成交", "洽談")),
        Column("Deal Size", "number", ""),
        Column('we"ird', "number", ""),
        Column("if", "number", ""),
    ),
)
OPEN = Table("rows", "", (), open=True)


def check(text: str, table: Table = ISSUES) -> Expression | ExpressionError:
    return check_expressions([(text, table)])[0]


def good(text: str, table: Table = ISSUES) -> Expression:
    found = check(text, table)
    assert isinstance(found, Expression), f"{text}: {found}"
    return found


def fault(text: str, table: Table = ISSUES) -> str:
    found = check(text, table)
    assert isinstance(found, ExpressionError), f"{text} was accepted as {found.sql}"
    return str(found)


DONE = "(\"status_category\" = 'done')"
# text, columns, flags (c: is_count, z: zero_when_empty, a: additive), conditions
GOOD = [
    ("count(*)", (), "cza", ()),
    ("COUNT()", (), "cza", ()),
    ("count(1)", (), "cza", ()),
    ("count(*) -- all of them", (), "cza", ()),
    ("/* all */ count(*)", (), "cza", ()),
    ("count(*)\n  filter (status_category = 'done')", ("status_category",), "za", (DONE,)),
    ("count(*) filter (where STATUS_CATEGORY = 'done')", ("status_category",), "za", (DONE,)),
    ("count(distinct key)", ("key",), "za", ('("key" IS NOT NULL)',)),
    ("count_if(is_bug)", ("is_bug",), "za", ('"is_bug"',)),
    ("share(status_category = 'done')", ("status_category",), "", (DONE,)),
    (
        "share(is_bug) filter (where created >= '2026-10-01')",
        ("created", "is_bug"),
        "",
        ('("is_bug" AND ("created" >= \'2026-10-01\'))',),
    ),
    ("sum(金額) filter (階段 = '成交')", ("金額", "階段"), "za", ("(\"階段\" = '成交')",)),
    ('sum("deal size") / 1000', ("Deal Size",), "za", ()),
    ('sum("we""ird")', ('we"ird',), "za", ()),
    ('sum("if")', ("if",), "za", ()),
    ("sum(story_points) + sum(金額)", ("story_points", "金額"), "za", ()),
    ("sum(story_points) - sum(金額)", ("story_points", "金額"), "z", ()),
    ("2 * count(*)", (), "cza", ()),
    ("1 - count(*)", (), "c", ()),
    ("count(*) / 2", (), "cza", ()),
    ("share(1 = 1)", (), "c", None),
    ("max_by(story_points, created)", ("created", "story_points"), "", ()),
    ("arg_min(story_points, comments) filter (is_bug)", ("comments", "is_bug", "story_points"), "", ('"is_bug"',)),
    ("last(story_points order by created)", ("created", "story_points"), "", ()),
    ("first(story_points order by created desc nulls last) / 2", ("created", "story_points"), "", ()),
    ("max_by(is_bug, created)::int", ("created", "is_bug"), "", ()),
    ("count(*) * avg(story_points)", ("story_points",), "", ()),
    ("sum(is_bug)", ("is_bug",), "za", ('"is_bug"',)),
    ("sum(is_bug::int)", ("is_bug",), "za", ('"is_bug"',)),
    ("sum(case when is_bug then 1 else 0 end)", ("is_bug",), "za", ('"is_bug"',)),
    ("max(case when is_bug then story_points end)", ("is_bug", "story_points"), "", ('"is_bug"',)),
    ("max(case when is_bug then story_points else 0 end)", ("is_bug", "story_points"), "", ()),
    ("quantile_cont(if(is_bug, story_points, null), 0.9)", ("is_bug", "story_points"), "", ('"is_bug"',)),
    ("sum(if(is_bug, story_points, 0))", ("is_bug", "story_points"), "za", ('"is_bug"',)),
    ("avg((comments <= 45)::int)", ("comments",), "", ('("comments" <= 45)',)),
    ("count(resolved) / count(*)", ("resolved",), "", ('("resolved" IS NOT NULL)',)),
    ("100.0 * count_if(is_bug) / count(*)", ("is_bug",), "", ('"is_bug"',)),
    ("round(sum(story_points), 1)", ("story_points",), "za", ()),
    ("quantile_cont(story_points, 0.9)", ("story_points",), "", ()),
    ("percentile_cont(0.9) within group (order by story_points)", ("story_points",), "", ()),
    ("avg(date_diff('hour', created, resolved))", ("created", "resolved"), "", ()),
    ("avg(epoch(resolved - created)) / 3600", ("created", "resolved"), "", ()),
    ("max(resolved::date - created::date)", ("created", "resolved"), "", ()),
    ("count(*) filter ('bug' in labels)", ("labels",), "za", ("contains(\"labels\", 'bug')",)),
    ("count(*) filter (list_contains(areas, 'web'))", ("areas",), "za", ("list_contains(\"areas\", 'web')",)),
    ("count(*) filter (key not like 'OPS-%')", ("key",), "za", ("(\"key\" NOT LIKE 'OPS-%')",)),
    ("count(*) filter (created >= date '2026-10-01' + interval 7 day)", ("created",), "za", None),
    ("count(*) filter (comments not between 1 and 5)", ("comments",), "za", ('(NOT ("comments" BETWEEN 1 AND 5))',)),
    ("count(*) filter (key in ('A-1', 'it''s'))", ("key",), "za", ("(\"key\" IN ('A-1', 'it''s'))",)),
    ("least(sum(story_points) / sum(comments), 1)", ("comments", "story_points"), "", ()),
    ("case when count(*) = 0 then 1 else share(is_bug) end", ("is_bug",), "", ('"is_bug"',)),
    ("coalesce(avg(story_points), 0)", ("story_points",), "", ()),
    ("bool_and(is_bug)::int", ("is_bug",), "", ()),
    ("sum(try_cast(key as decimal(18, 2)))", ("key",), "za", ()),
    ("sum(.5 + 5. + 1e2 + 1_000)", (), "cza", ()),
]


@pytest.mark.parametrize(("text", "columns", "flags", "conditions"), GOOD, ids=[row[0] for row in GOOD])
def test_an_expression_and_what_it_means(
    text: str, columns: tuple[str, ...], flags: str, conditions: tuple[str, ...] | None
) -> None:
    found = good(text)
    assert found.text == text
    assert found.columns == columns
    shown = "c" * found.is_count + "z" * found.zero_when_empty + "a" * found.additive
    assert shown == flags
    if conditions is not None:
        assert found.conditions == conditions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("share(is_bug)", (True, True, True)),
        ("share(story_points / 2 > 3) filter (comments * 2 > 1)", (True, True, True)),
        ("-- of all\nshare(is_bug)", (True, True, True)),
        ("share(is_bug) - share(comments > 3)", (False, False, False)),
        ("100 * share(is_bug)", (False, False, True)),
        ("count(*)", (False, True, True)),
        ("count(*) / 2 + count_if(is_bug)", (False, True, True)),
        ("count(resolved) - count(*)", (False, False, False)),
        ("sum(story_points)", (False, True, False)),
        ("avg(story_points)", (False, False, False)),
    ],
)
def test_shares_start_at_zero_as_counts_and_sums_do(text: str, expected: tuple[bool, bool, bool]) -> None:
    found = good(text)
    assert (found.is_share, found.starts_at_zero, found.never_negative) == expected


@pytest.mark.parametrize("text", [row[0] for row in GOOD])
def test_written_sql_runs_and_zero_when_empty_is_true(text: str) -> None:
    found = good(text)
    columns = ", ".join(f"{quoted(column.name)} {DUCK_TYPES[column.type]}" for column in ISSUES.columns)
    database = open_database(memory="100MB", threads=1)
    database.execute(f"CREATE TABLE rows ({columns})")
    for test in found.zero_divisions:
        database.execute(f"SELECT {test} FROM rows")  # noqa: S608 - what is under test
    row = database.execute(f"SELECT {found.sql} FROM rows").fetchone()  # noqa: S608 - what is under test
    database.close()
    assert row is not None
    assert row[0] == 0 if found.zero_when_empty else row[0] != 0 or "coalesce" in text


def test_our_rules_are_written_into_the_sql() -> None:
    assert good("share(is_bug)").sql == '(count(*) FILTER (WHERE "is_bug") / nullif(count(*), 0))'
    assert good("sum(comments)").sql == 'CASE WHEN count(*) = 0 THEN 0 ELSE sum("comments") END'
    assert good("count(is_bug) / count(key)").sql == '(count("is_bug") / nullif(count("key"), 0))'
    assert good("count(is_bug) / count(key)").zero_divisions == ('(count("key") = 0)',)
    assert good("avg(comments / story_points)").zero_divisions == ('bool_or(("story_points" = 0))',)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("count(*) filter (key = '; DROP')", "count(*) FILTER (WHERE (\"key\" = '; DROP'))"),
        ("count(*) -- ) FROM x", "count(*)"),
        ("count(*) /* ) FROM x */", "count(*)"),
    ],
)
def test_comments_and_quotes_are_not_code(text: str, sql: str) -> None:
    assert good(text).sql == sql


COLUMNS = (
    "columns: key, status_category, story_points, comments, is_bug, created, resolved, labels, areas, 金額, 階段, "
    'Deal Size, we"ird, if'
)
IS_A_WORD = "is a word of SQL; a column of that name needs double quotes"
QUOTES = "a column name with spaces needs double quotes, a text single quotes"
ONE_EXPRESSION = "a value is one expression over the rows; a condition goes into filter (...)"
CHANGES = "its answer changes by the hour; write {today}, {as_of} or {cycle.start} instead"
AS_INSTANT = "write it as '2026-10-01' or '2026-10-01 09:00', in the workspace's time zone"
REFUSALS = [
    ("", "a value is missing; write an expression such as count(*)"),
    (" \n ", "a value is missing; write an expression such as count(*)"),
    ("-- nothing", "a value is missing; write an expression such as count(*)"),
    ("count(*)\x00", "it contains an invisible control character"),
    ("x" * (MAX_LENGTH + 1), f"longer than {MAX_LENGTH} characters"),
    ("1" + "+1" * 500, "nested more than 120 levels deep"),
    ("1" + "+1" * 3000, "nested too deeply"),
    ("sum(story_points", "syntax error: the expression ends too early; a ')' is missing"),
    ("sum(story_points) +", "syntax error: the expression ends too early"),
    ("sum(story_points))", "a ')' too many"),
    ("sum(金額) + + * 2", "syntax error at column 15, near '2'"),
    ("sum(金額)\n  filtre (is_bug)", "syntax error at line 2, column 3, near 'filtre'"),
    ("sum(story points)", f"syntax error at column 11, near 'points': {QUOTES}"),
    ("count(*) filter (key = CORE 1)", f"syntax error at column 29, near '1': {QUOTES}"),
    (
        "count(*) filter is_bug",
        "syntax error at column 17, near 'is_bug': a condition needs parentheses: filter (...)",
    ),
    ("count(*) filter (created >= 2026-10-01)", "a date needs single quotes: '2026-10-01'"),
    ("count(*) filter where is_bug", f"syntax error at column 17, near 'where': {ONE_EXPRESSION}"),
    ("count(*) from issues", f"syntax error at column 10, near 'from': {ONE_EXPRESSION}"),
    ("count(*) as n", "syntax error at column 10, near 'as': a value takes no alias; remove AS and the name"),
    ("last(amount order by at)", f"syntax error at column 24, near ')': at {IS_A_WORD}"),
    ("count(*) filter (at >= '2026-11-20')", f"syntax error at column 21, near '>=': at {IS_A_WORD}"),
    ("sum(end)", f"syntax error at column 5, near 'end': end {IS_A_WORD}"),
    ("count(*);", "syntax error at column 9, near ';': a value is one expression, without ';'"),
    ("count('x", "unterminated string literal at column 7"),
    ("count(*) filter (created > {tody})", "unknown placeholder {tody}; did you mean 'today'?"),
    (
        "count(*) filter (created > {now})",
        "unknown placeholder {now}; there are {cycle.start}, {cycle.end}, {today}, {as_of}",
    ),
    (
        "count(*) filter (created > {today-14})",
        (
            "{today-14} cannot be read; write a number and d, w, m or y for days, weeks, months or years, "
            "as in {today-14d}"
        ),
    ),
    ("count(*) filter (created > {today-9999m})", "{today-9999m} is more than 100 years away"),
    ("count(*) filter (created > {today-7d}) + + * 2", "syntax error at column 46, near '2'"),
    ("count(*) filter (story_points > {today})", "a number cannot be compared with a point in time"),
    ("count(*) filter (key > {today})", "text cannot be compared with a point in time"),
    (
        "count(*) filter (key = 'on {today}')",
        "'on {today}': a placeholder in a longer text is not filled; let it be alone, as {today}",
    ),
    ("count(*) filter (key ＝ 'A')", "syntax error at column 22, near '＝' (contains a full-width ＝; write =)"),
    ("count（*）", "unknown column 'count（' in issues (contains a full-width （; write ()"),
    ("(select 1)", "a value cannot contain a query; SELECT is not allowed in it"),
    ("count(*) filter (exists(select 1))", "a value cannot contain a query; SELECT is not allowed in it"),
    ("sum(story_points) over ()", "OVER is not allowed in a value: it is one number over all rows"),
    ("*", "'*' is only allowed in count(*)"),
    ("count(rows.*)", "'*' is only allowed in count(*)"),
    ("sum(?)", "'?' and '$1' are not allowed in a value; write the number itself"),
    ("count(*) filter (key collate nocase = 'x')", "COLLATE is not allowed in a value; compare lower(...) instead"),
    ("labels -> 'x'", "'->' and lambda are not allowed in a value"),
    ("#1", "positional_reference is not allowed in a value"),
    ("count(*) filter (key = x'00')", "the literal '00' is not allowed in a value; write a number or a text in '...'"),
    ("count(*), sum(comments)", "a value is one number, not several"),
    ("rows.key", "'rows.key': write the column's name alone; a name with a dot in it is quoted: \"a.b\""),
    ("main.sum(comments)", "write sum(...) alone, without a name and a dot before it"),
    ("sum(x := 1)", "sum() takes its arguments without names"),
    ("sum(comments order by key)", "ORDER BY has no meaning in sum()"),
    ("lower(key) filter (is_bug)", "lower() works on one row at a time; FILTER and DISTINCT belong to aggregates"),
    ("sum(key::blob)", "a cast to blob is not allowed in a value; number, boolean, date and text types do"),
    ("summ(comments)", "summ() is not an available function; did you mean 'sum'?"),
    ("getenv('HOME')", "getenv() is not an available function"),
    ("random()", "random() is not allowed in a value: its answer is not certain"),
    ("any_value(comments)", "any_value() is not allowed in a value: its answer is not certain"),
    ("last(comments)", "last() takes one value and one order: last(value order by created)"),
    ("first(comments, created)", "first() takes one value and one order: first(value order by created)"),
    ("last(comments order by created, key)", "last() takes one value and one order: last(value order by created)"),
    ("max_by(comments order by created)", "ORDER BY has no meaning in max_by()"),
    ("max_by(comments)", "max_by() takes 2 arguments, not 1"),
    ("max_by(comments, created, 3)", "max_by() takes 2 arguments, not 3"),
    ("last(comments order by key)", "last() takes numbers; key is text"),
    (
        "last(key order by created)",
        "the result is text, not a number; count or measure it, such as count(distinct ...)",
    ),
    ("list(comments)", "list() is not allowed in a value: a value is one number, not a list"),
    ("count(*) filter (created > now())", f"now() is not allowed in a value: {CHANGES}"),
    ("count(*) filter (created > current_date)", f"current_date is not allowed in a value: {CHANGES}"),
    ("sum(storypoints)", "unknown column 'storypoints' in issues; did you mean 'story_points'?"),
    ("share(status = 'done')", "unknown column 'status' in issues; did you mean 'status_category'?"),
    ("sum(金额)", "unknown column '金额' in issues; did you mean '金額'?"),
    ("sum(xyzzy)", f"unknown column 'xyzzy' in issues; {COLUMNS}"),
    ('share(status_category = "done")', "unknown column 'done' in issues; a text needs single quotes: 'done'"),
    ("金額", "金額 is outside an aggregate; wrap it in sum(金額), avg(金額) or another aggregate"),
    ("sum(comments) / 金額", "金額 is outside an aggregate; wrap it in sum(金額), avg(金額) or another aggregate"),
    ("status_category = 'done'", "this is a condition on one row; write share(...) or count(*) filter (...)"),
    ("1 + 1", "a value counts or sums rows; write an aggregate such as count(*)"),
    ("sum(avg(comments))", "avg() is not allowed in sum()"),
    ("count(*) filter (comments > avg(comments))", "avg() is not allowed in a condition"),
    ("quantile_cont(comments)", "quantile_cont() takes 2 arguments, not 1"),
    ("round(sum(comments), 1, 2)", "round() takes 1 to 2 arguments, not 3"),
    ("greatest()", "greatest() takes at least 1 arguments, not 0"),
    (
        "quantile_cont(comments, 90)",
        "quantile_cont() takes a share from 0 to 1 as its second argument, such as 0.9",
    ),
    (
        "avg(date_diff('huor', created, resolved))",
        "date_diff() takes a unit first, such as 'day'; did you mean 'hour'?",
    ),
    ("sum(key)", "sum() takes numbers; key is text"),
    ("sum(created)", "sum() takes numbers; created is a point in time"),
    ("sum(lower(comments))", "lower() takes text; comments is a number"),
    ("avg(is_bug)", "avg() takes numbers; is_bug is true or false; write avg((...)::int) or share(...)"),
    ("share(key)", "share() takes a condition; key is text; write key = '...'"),
    ("count(*) filter (labels)", "a condition is needed; labels is a list; write list_contains(labels, '...')"),
    ("count(*) filter (is_bug and comments)", "a condition is needed; comments is a number; write comments > ..."),
    ("sum(comments + is_bug)", "'+' takes numbers; is_bug is true or false; write (...)::int"),
    ("sum(comments) + '5'", "'+' takes numbers; '5' is text"),
    ("sum(comments) / 0", "this divides by zero"),
    ("/ count(*)", "'/' needs a value on both sides"),
    ("count(*) filter (comments like '5')", "LIKE takes text; comments is a number"),
    ("sum(coalesce(key, 0))", "coalesce takes one type, not text and a number"),
    (
        "count(*) > 5",
        "the result is true or false, not a number; write (...)::int, or share(...) for a share of the rows",
    ),
    ("max(key)", "the result is text, not a number; count or measure it, such as count(distinct ...)"),
    ("max(created)", "the result is a point in time, not a number; compare two with date_diff('day', a, b)"),
    ("avg(resolved - created)", "the result is a length of time, not a number; write date_diff('hour', a, b)"),
    ("share(status_category = 'Done')", "'Done' is not a value of status_category; did you mean 'done'?"),
    ("share('Done' = status_category)", "'Done' is not a value of status_category; did you mean 'done'?"),
    ("share(status_category <> 'don')", "'don' is not a value of status_category; did you mean 'done'?"),
    ("share(status_category in ('new', 'DONE'))", "'DONE' is not a value of status_category; did you mean 'done'?"),
    ("share(status_category not in ('DONE'))", "'DONE' is not a value of status_category; did you mean 'done'?"),
    (
        "sum(case status_category when 'shipped' then 1 end)",
        "'shipped' is not a value of status_category; it is one of 'new', 'indeterminate', 'done'",
    ),
    ("share(階段 = '成')", "'成' is not a value of 階段; did you mean '成交'?"),
    ("share(list_contains(areas, 'Web'))", "'Web' is not a value of areas; did you mean 'web'?"),
    ("share('Web' in areas)", "'Web' is not a value of areas; did you mean 'web'?"),
    (
        "share(created > 5)",
        f"created is a point in time and 5 is not; {AS_INSTANT}",
    ),
    (
        "share(created between '2026-10-01' and 'tomorrow')",
        f"created is a point in time and 'tomorrow' is not; {AS_INSTANT}",
    ),
    (
        "share(created > '2026-02-30')",
        f"created is a point in time and '2026-02-30' is not; {AS_INSTANT}",
    ),
    (
        "share(created > '2026-10-01T00:00:00+08:00')",
        f"'2026-10-01T00:00:00+08:00' has an offset, which SQL would pass over; {AS_INSTANT}",
    ),
    (
        "share(created > date 'soon')",
        f"'soon' is not a point in time; {AS_INSTANT}",
    ),
    ("share(story_points = 'x')", "story_points is a number and 'x' is not"),
    ("share(story_points = '5')", "story_points is a number; write 5 without quotes"),
    ("share(key = 5)", "key is text; write '5' in quotes"),
    ("share(is_bug = 1)", "is_bug is true or false; write is_bug or NOT is_bug"),
    ("share(labels = 'bug')", "labels is a list; write list_contains(labels, 'bug')"),
    ("share(key = null)", "nothing equals null; write IS NULL or IS NOT NULL"),
    ("share(key = story_points)", "text cannot be compared with a number"),
    (
        "greatest(least(greatest(least(greatest(count(*), 0), 1), 2), 3), 4)",
        "greatest() and least() are nested more than 4 deep",
    ),
    ("sum(created + 1)", "sum() takes numbers, not a point in time"),
    ("count(created + 1)", "'+' does not take a point in time and a number"),
]


@pytest.mark.parametrize(("text", "message"), REFUSALS, ids=[row[0][:40] for row in REFUSALS])
def test_a_refusal_says_what_to_write(text: str, message: str) -> None:
    assert fault(text) == message


FOUND = Table(
    "the rows",
    "",
    (),
    (
        Column("d", "text", "", note="text, as B2 '10/13/2026' shows"),
        Column("Due on (UTC)", "text", "", note="text, as C2 'TBD' shows"),
        Column("sku", "text", "", note="text, as A2 '0123' shows"),
        Column("stage", "text", "", note="text, as D2 'won' shows"),
        Column("n", "number", "", note="numbers"),
        Column("due", "timestamp", "", note="dates"),
    ),
)
LETTERS = "and texts are compared letter by letter; if its cells are"
TEXTS = [
    (
        "d >= '2026-10-01'",
        f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`, or MDY or YMD",
    ),
    (
        "d between '2026-10-01' and '2026-12-31'",
        f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date",
    ),
    ("d = '2026-10-01'", f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`"),
    (
        "d in ('10/1/2026', '10/2/2026')",
        f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`",
    ),
    ("d <> '115/10/01'", f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`"),
    ("d < 'Oct 13, 2026'", f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`"),
    ("'2026-10' <= d", f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`"),
    ("d > date '2026-10-01'", "text cannot be compared with a point in time; d is text, as B2"),
    (
        "\"Due on (UTC)\" >= '2026-10-01'",
        "if its cells are dates, set `types: {'Due on (UTC)': date DMY}`, or MDY or YMD",
    ),
    ("sku >= '100'", f"sku is text, as A2 '0123' shows, {LETTERS} numbers, set `types: {{sku: number}}`"),
    ("sku >= 100", f"sku is text, as A2 '0123' shows, {LETTERS} numbers, set `types: {{sku: number}}`"),
    ("sku < '1,234'", f"sku is text, as A2 '0123' shows, {LETTERS} numbers, set `types: {{sku: number}}`"),
    (
        "sku = 123",
        "; write '123' in quotes, or if its cells are numbers, set `types: {sku: number}`",
    ),
    ("sku = true", "sku is text, as A2 '0123' shows; write 'true' in quotes, or set `types: {sku: boolean}`"),
    (
        "lower(d) >= '2026-10-01'",
        "texts are compared letter by letter, which is wrong for dates and numbers; write strptime",
    ),
    ("left(sku, 2) > '10'", "texts are compared letter by letter, which is wrong for dates and numbers; cast it"),
    ("d >= sku", f"d is text, as B2 '10/13/2026' shows, {LETTERS} dates, set `types: {{d: date DMY}}`"),
    ("n >= '2026-10-01'", "n is a number and '2026-10-01' is not; if it is a date, set `types: {n: date}`"),
    ("n = '0123'", "n is a number; write 0123 without quotes"),
    ("n > '123'", "n is a number; write 123 without quotes"),
    (
        "date_diff('day', d, due) > 3",
        "date_diff() takes a point in time; d is text, as B2 '10/13/2026' shows; if its cells",
    ),
]
ALLOWED = [
    "sku = '0123'",
    "sku <> '0123'",
    "sku in ('0123', '0456')",
    "n = '123'",
    "n in ('1', '2')",
    "stage = 'won'",
    "stage >= 'P2'",
    "stage < '2026-Q4'",
    "d like '10/%'",
    "d = stage",
    "strptime(d, '%m/%d/%Y') >= '2026-10-01'",
    "try_cast(sku as double) >= 100",
    "due >= '2026-10-01'",
]


@pytest.mark.parametrize(("condition", "message"), TEXTS, ids=[row[0] for row in TEXTS])
def test_texts_are_not_compared_with_dates_and_numbers(condition: str, message: str) -> None:
    assert message in fault(f"share({condition})", FOUND)


@pytest.mark.parametrize("condition", ALLOWED)
def test_ids_and_words_are_compared_as_texts(condition: str) -> None:
    [found] = check_expressions([(f"share({condition})", FOUND)])
    assert isinstance(found, Expression), found


def test_a_text_of_a_tracker_is_compared_letter_by_letter_neither() -> None:
    assert fault("share(key >= '2026-10-01')") == (
        "key is text, and texts are compared letter by letter; "
        "write strptime(..., '%Y-%m-%d') with the form that it has"
    )
    assert fault("share(key > '10')") == "key is text, and texts are compared letter by letter; write key::double"


INJECTIONS = [
    "1) FROM read_csv('/etc/passwd') --",
    "count(*)) FROM read_csv('/etc/passwd') /*",
    "1) FROM read_csv('/etc/passwd') UNION SELECT (1",
    "1) FROM read_csv('/etc/passwd') WHERE (1 = 1",
    "1), (SELECT content FROM read_text('/etc/passwd')), (2",
    "1); SELECT (2",
    "1); COPY (SELECT 1) TO '/tmp/x'; SELECT (1",
    "1; DROP TABLE rows",
    "count(*); ATTACH '/tmp/x.db'",
    "(SELECT count(*) FROM read_csv('/etc/passwd'))",
    "count(*) FROM rows, LATERAL (SELECT 1) t",
    "count(*) FILTER (WHERE key IN (SELECT content FROM read_text('/etc/passwd')))",
    "count(*) FILTER (WHERE key = ANY (SELECT content FROM read_text('/etc/passwd')))",
    "sum(len(read_text('/etc/passwd')))",
    "count(getenv('HOME'))",
    "COPY rows TO '/tmp/x'",
    "ATTACH '/tmp/x.db'",
    "PRAGMA version",
    "INSTALL httpfs",
    "SET threads = 4",
    "TABLE rows",
    "VALUES (1)",
    "DESCRIBE rows",
    "count(*) --\n) FROM read_csv('/etc/passwd') --",
    "WITH x AS (SELECT 1) SELECT 1",
    "count(*) FILTER (WHERE current_setting('home_directory') = '')",
    "sum(query('select 1'))",
    "COLUMNS('a.*')",
    "count(*) FROM '/etc/passwd'",
    "sum(nextval('s'))",
]


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("table", [ISSUES, OPEN], ids=["typed", "open"])
def test_nothing_reaches_beyond_the_expression(text: str, table: Table) -> None:
    assert fault(text, table)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/okrsync-must-not-exist'",
        "ATTACH '/tmp/okrsync-must-not-exist.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '10GB'",
    ],
)
def test_the_database_itself_is_closed_and_locked(sql: str) -> None:
    with pytest.raises(duckdb.Error):
        expression_db().cursor().execute(sql)


def test_an_open_table_gives_names_and_forms_but_not_types() -> None:
    found = good("sum(金額（元）) filter (Stage = 'Done' and amount > 5)", OPEN)
    assert found.columns == ("Stage", "amount", "金額（元）")
    assert found.conditions == ('(("Stage" = \'Done\') AND ("amount" > 5))',)
    assert fault("amount", OPEN).startswith("amount is outside an aggregate")
    assert fault("max(lower(stage))", OPEN).startswith("the result is text")
    assert fault("summ(amount)", OPEN) == "summ() is not an available function; did you mean 'sum'?"
    assert fault("count(*) filter (day > current_date)", OPEN).startswith("current_date is not allowed in a value")
    assert fault("count(*) filter (day > '2026-10-01 00:00+08')", OPEN).startswith(
        "'2026-10-01 00:00+08' has an offset"
    )


def test_an_open_table_checks_the_columns_it_knows() -> None:
    table = Table("rows", "", (), (Column("Stage", "text", "", values=("won", "lost")),), open=True)
    assert good("sum(amount) filter (stage = 'won')", table).columns == ("Stage", "amount")
    assert fault("share(stage = 'Won')", table) == "'Won' is not a value of Stage; did you mean 'won'?"


def test_one_bad_expression_costs_the_others_nothing() -> None:
    texts = ["count(*)", "sum(", "sum(nope)", "1; 2", "sum(created + 1)", "count(created + 1)", "share(is_bug)"] * 40
    found = check_expressions([(text, ISSUES) for text in texts])
    assert [isinstance(each, Expression) for each in found] == [True, False, False, False, False, False, True] * 40
    assert [str(each) for each in found[:7]] == [str(each) for each in found[7:14]]


def test_what_was_checked_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = check("count(*) filter (comments > 4242)")
    monkeypatch.setattr("config.sql.checking.parse", None)
    assert check("count(*) filter (comments > 4242)") is first


CALLS = {"n": "comments", "t": "key", "b": "is_bug", "s": "created", "i": "(resolved - created)", "l": "labels"} | {
    "*": "story_points",
    "u": "'day'",
    "f": "0.5",
}


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"count_star"}))
def test_every_function_on_the_list_is_one_of_duckdb(name: str) -> None:
    function = FUNCTIONS[name]
    given = ["story_points" if "*" in param else CALLS[param[0]] for param in function.params]
    given = ["is_bug", *given[1:]] if name == "if" else given
    for count in range(function.least, len(given) + 1):
        call = f"{name}({', '.join(given[:count])})".replace("strptime(key, key)", "strptime(key, '%Y')")
        call = call.replace("round(comments, comments)", "round(comments, 1)")
        call = call.replace("regexp_matches(key, key, key)", "regexp_matches(key, 'x', 'i')")
        call = call.replace("regexp_full_match(key, key, key)", "regexp_full_match(key, 'x', 'i')")
        call = call.replace("regexp_extract(key, key, comments)", "regexp_extract(key, '(x)', 1)")
        call = re.sub(r"^(first|last)\((\w+), (\w+)\)", r"\1(\2 order by \3)", call)
        value = f"{call}::int" if function.aggregate else f"count({call})"
        assert isinstance(check(value, ISSUES), Expression), value


def test_no_function_is_both_allowed_and_refused() -> None:
    assert not FUNCTIONS.keys() & REFUSED.keys()


WORDS = """
count(*) sum( avg( share( filter ( where ) ( , ; -- /* */ ' " = <> > in and or not null is case when then else end 1
0.5 'done' '2026-10-01' key story_points is_bug created labels 金額 nope :: int date interval / * + - % select from
union over order by * ? [ ] { } -> like between if( round( greatest(
"""
_words = st.sampled_from(["\n", *WORDS.split()])


@settings(deadline=None, max_examples=300)
@given(st.lists(_words, max_size=14).map(" ".join) | st.text(max_size=30))
def test_any_text_is_checked_or_refused_in_words(text: str) -> None:
    for table in (ISSUES, OPEN):
        found = check(text, table)
        assert str(found).strip()
        assert found.text == text if isinstance(found, Expression) else "Error" not in str(found)


@pytest.mark.parametrize("text", [row[0] for row in GOOD if row[3]])
def test_a_condition_written_and_parsed_again_is_the_same(text: str) -> None:
    for condition in good(text).conditions:
        tree = parse([condition])[0]
        assert not isinstance(tree, ExpressionError)
        assert write_condition(tree, Style()) == condition


def test_the_shape_of_duckdbs_tree_is_the_one_we_read() -> None:
    """A new DuckDB that writes another tree fails here first; read tree.py before the file is written anew."""
    golden: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert {text: raw_tree(text) for text in golden} == golden


def raw_tree(text: str) -> Any:
    options = "skip_null := true, skip_empty := true, skip_default := true"
    row = (
        expression_db()
        .cursor()
        .execute(f"SELECT json_serialize_sql(?, {options})", [f"SELECT ({text}) FROM rows"])  # noqa: S608 - only parsed
        .fetchone()
    )
    assert row is not None
    return without_places(json.loads(row[0]))


def without_places(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: without_places(value) for key, value in part.items() if not key.startswith("query_location")}
    return [without_places(each) for each in part] if isinstance(part, list) else part


NAMES = ("bugs", "all_bugs", "count")
FORMULAS = [
    ("bugs", '"bugs"', ("bugs",)),
    (" bugs ", '"bugs"', ("bugs",)),
    ("bugs / all_bugs", '("bugs" / nullif("all_bugs", 0))', ("all_bugs", "bugs")),
    ("bugs + 2*all_bugs", '("bugs" + (2 * "all_bugs"))', ("all_bugs", "bugs")),
    ("-count", '(- "count")', ("count",)),
    (
        "greatest(bugs, count)",
        'CASE WHEN "bugs" IS NULL OR "count" IS NULL THEN NULL ELSE greatest("bugs", "count") END',
        ("bugs", "count"),
    ),
    ("round(bugs * 0.1, 1)", 'round(("bugs" * 0.1e0), 1)', ("bugs",)),
    ("case when bugs > 3 then 1 else 0 end", 'CASE WHEN ("bugs" > 3) THEN 1 ELSE 0 END', ("bugs",)),
]


@pytest.mark.parametrize(("text", "sql", "names"), FORMULAS)
def test_arithmetic_over_measures(text: str, sql: str, names: tuple[str, ...]) -> None:
    assert check_arithmetic([(text, NAMES)]) == [Arithmetic(text, sql, names)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bug", "unknown measure 'bug'; did you mean 'bugs'?"),
        ("xyzzy", "unknown measure 'xyzzy'; measures: bugs, all_bugs, count"),
        ("bugs / all_bug", "unknown measure 'all_bug'; did you mean 'all_bugs'?"),
        ("bugs /", "syntax error: the expression ends too early"),
        ("", "a value is missing; write an expression such as count(*)"),
        ("sum(bugs)", "sum() works on rows; here, write names of measures, as in done / planned"),
        ("count(*)", "count() works on rows; here, write names of measures, as in done / planned"),
        ("1 + 1", "no measure is named; write a measure's name, or arithmetic such as done / planned"),
        ("bugs > 1", "the result is not a number"),
        ("bugs + 'x'", "'+' takes numbers; 'x' is text"),
        ("bugs = '5'", "bugs is a number; write 5 without quotes"),
        ("bugs / 0", "this divides by zero"),
        ("(select 1)", "a value cannot contain a query; SELECT is not allowed in it"),
        ("bugs; all_bugs", "syntax error at column 5, near ';': a value is one expression, without ';'"),
    ],
)
def test_arithmetic_refused(text: str, message: str) -> None:
    [found] = check_arithmetic([(text, NAMES)])
    assert str(found) == message


def test_arithmetic_answers_in_order_for_each_its_own_names() -> None:
    found = check_arithmetic([("a", ["a"]), ("a / b", ["a"]), ("a / b", ["a", "b"]), ("b", ["a"]), ("b", ["b"])])
    assert [isinstance(each, Arithmetic) for each in found] == [True, False, True, False, True]


def test_many_formulas_get_the_same_answers_together_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    names = tuple(f"n{place}" for place in range(400))
    texts = [f"N{place} / n{place + 1}" for place in range(300)]
    texts += [f"(n{place} - {place}.5) / greatest(n{place}, {place})" for place in range(50)]
    texts[7], texts[33:35] = "round(n7, n8)", ["n33 || n34", "n1 +"]
    alone = [check_arithmetic([(text, names)])[0] for text in texts]
    asked: list[int] = []
    bind = checking._bind_some

    def counted(cursor: Any, sqls: Sequence[str], rows: str) -> list[ExpressionError | None]:
        asked.append(len(sqls))
        return bind(cursor, sqls, rows)

    monkeypatch.setattr(checking, "_bind_some", counted)
    together = check_arithmetic([(text, names) for text in texts])
    assert list(map(str, together)) == list(map(str, alone))
    assert str(together[7]) == "round() does not take a number and a number"
    assert sum(isinstance(each, ExpressionError) for each in together) == 3
    assert len(asked) < 20


@pytest.mark.parametrize("ahead", [0, 2100, 2300], ids=["none", "some", "all"])
def test_many_values_are_parsed_as_each_alone_and_once(monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    texts = [f"count(*) filter (comments > {number})" for number in range(2300)]
    texts[700], texts[2200] = "count(", ""
    asked: list[str] = []

    def listed(chunk: Sequence[str]) -> list[str | ExpressionError]:
        asked.extend(chunk)
        return serialized(chunk)

    serialized = parsing._serialized
    with monkeypatch.context() as patched:
        patched.setattr(parsing, "_serialized", listed)
        with parsing_ahead() as parse_ahead:
            parse_ahead(texts[:ahead])
            found = parse(texts)
    assert sorted(asked) == sorted(texts)
    assert len(found) == len(texts)
    for place in (0, 700, 1999, 2000, 2099, 2100, 2200, 2299):
        [alone] = parse([texts[place]])
        assert repr(found[place]) == repr(alone)


def test_texts_parsed_ahead_are_forgotten_after_the_block() -> None:
    with parsing_ahead() as parse_ahead:
        parse_ahead(["count(*)"])
    assert not parsing._ahead.get()
    assert [repr(tree) for tree in parse(["count(*)"])] == [repr(Node("call", "count_star"))]

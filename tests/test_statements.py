"""SQL of measures: one SELECT, whose placeholders become parameters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.statements import parse_statement


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("SELECT 1", ("SELECT 1",)),
        ("  select a from t where d >= {cycle.start};\n", ("  select a from t where d >= ", "{cycle.start}", "\n")),
        (
            "select * from t where d between {as_of-30d} and {as_of}",
            ("select * from t where d between ", "{as_of-30d}", " and ", "{as_of}", ""),
        ),
        ("WITH a AS (SELECT 1) SELECT * FROM a", ("WITH a AS (SELECT 1) SELECT * FROM a",)),
        ("-- what {today} means\nselect 1", ("-- what {today} means\nselect 1",)),
        ("/* ; ' */ (select 1)", ("/* ; ' */ (select 1)",)),
        ("select 'a;b', \"c;d\", `e;f`, 'it''s'", ("select 'a;b', \"c;d\", `e;f`, 'it''s'",)),
        ("select $$a;'b$$, $x$;$x$", ("select $$a;'b$$, $x$;$x$",)),
        ("select '{\"a\": 1}'::json -> 'a'", ("select '{\"a\": 1}'::json -> 'a'",)),
        ("select 1 ; -- the end", ("select 1  -- the end",)),
    ],
)
def test_statements(text: str, pieces: tuple[str, ...]) -> None:
    assert parse_statement(text).pieces == pieces


@pytest.mark.parametrize(
    ("text", "saw"),
    [
        ("", "must be one SELECT statement"),
        ("-- nothing", "must be one SELECT statement"),
        ("DELETE FROM t", "must be one SELECT statement"),
        ("'select'", "must be one SELECT statement"),
        ("selection 1", "must be one SELECT statement"),
        ("/* select */ update t set a = 1", "must be one SELECT statement"),
        ("select 1; drop table t", "has several statements"),
        ("select 1;;", "has several statements"),
        ("select 1; {today}", "has several statements"),
        ("select '{today}'", "{today} is inside quotes"),
        ("select $$ {cycle.end-1d} $$", "{cycle.end-1d} is inside quotes"),
        ("select 'a", "the quote or comment ' is not closed"),
        ('select "a', 'the quote or comment " is not closed'),
        ("select 1 /* a", "the quote or comment /* is not closed"),
        ("select /*!50000 sleep(9)*/ 1", "a comment that begins with /*!"),
        ("select /*M! sleep(9)*/ 1", "a comment that begins with /*M!"),
        ("select 'a\\', b from t where c = '", "a backslash before a quote"),
    ],
)
def test_refusals(text: str, saw: str) -> None:
    with pytest.raises(ValueError, match=re.escape(saw)):
        parse_statement(text)


def test_a_statement_is_written_with_parameters() -> None:
    statement = parse_statement("select x::int from t where a > {today} and b < {today}")
    assert statement.placeholders == ("{today}", "{today}")
    written = statement.written(lambda number: f":p{number}", lambda piece: piece.replace(":", "\\:"))
    assert written == "select x\\:\\:int from t where a > :p0 and b < :p1"


@given(st.lists(st.sampled_from(["a", " ", "'x;y'", "{today}", "(", ")", "-- c\n", '"q"', ",", "1.5"]), max_size=12))
def test_what_is_written_with_its_own_placeholders_is_what_was_stated(parts: list[str]) -> None:
    text = "select " + "".join(parts)
    statement = parse_statement(text)
    assert statement.written(lambda number: statement.placeholders[number]) == text
    assert set(statement.placeholders) <= {"{today}"}

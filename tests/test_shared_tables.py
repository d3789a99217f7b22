"""Small reads with the same columns share a table, and give what each would give alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.expressions import Expression
from config.sql.checking import check_expressions
from config.tables import Column, Table
from connectors.protocol import Read, Row
from syncer.sources import row_tables
from syncer.sources.evaluate import DuckRows
from syncer.sources.row_pages import encode_page

COLUMNS = (Column("key", "text", ""), Column("stage", "text", ""), Column("points", "number", ""))
DEALS = Table("deals", "", (), COLUMNS)
OTHERS = (Column("key", "text", ""), Column("points", "text", ""))
TEXTS = (
    "count(*)",
    "sum(points) filter (stage = 'Won')",
    "avg(points)",
    "max(points) / count_if(stage = 'won')",
    "count(distinct stage)",
    "1 / sum(points)",
    "last(points order by key)",
)


def expressions(*texts: str) -> list[Expression]:
    return [one for one in check_expressions([(text, DEALS) for text in texts]) if isinstance(one, Expression)]


def rows_of(pairs: Sequence[tuple[str | None, float | None]]) -> list[Row]:
    return [{"key": f"K-{place}", "stage": stage, "points": points} for place, (stage, points) in enumerate(pairs)]


@contextmanager
def stored(reads: Mapping[str, Sequence[Row]], page: int = 10_000) -> Iterator[DuckRows]:
    with closing(DuckRows(threads=1)) as store:
        for key, rows in reads.items():
            for start in range(0, len(rows) or 1, page):
                store.add(Read(key, "deals", {}), COLUMNS, rows[start : start + page])
        yield store


def answers(store: DuckRows, key: str, count: int) -> tuple[Any, ...]:
    wanted = expressions(*TEXTS)
    return (
        store.evaluate(key, wanted, count),
        store.near_misses(key, wanted),
        store.key_column(key, {"stage"}, 100),
        store.keys(key, "key", wanted, 100),
        store.rows(key, wanted[1], ["points"], 5),
    )


PAIRS = st.lists(
    st.tuples(st.sampled_from(["Won", "won", " Won", "Lost", None]), st.sampled_from([None, 0.0, 0.1, 7.0, 1e9])),
    max_size=6,
)


@settings(deadline=None, max_examples=25)
@given(st.lists(PAIRS, min_size=2, max_size=5), st.integers(1, 3))
def test_a_read_among_others_gives_the_answer_that_it_gives_alone(
    many: list[list[tuple[str | None, float | None]]], page: int
) -> None:
    reads = {f"read {place}": rows_of(pairs) for place, pairs in enumerate(many)}
    with stored(reads, page) as together:
        for key, rows in reads.items():
            with stored({key: rows}) as alone:
                assert answers(together, key, len(rows)) == answers(alone, key, len(rows))


def test_reads_with_the_same_columns_share_a_table_and_the_question() -> None:
    reads = {key: rows_of([("Won", 1.0), ("Lost", value)]) for key, value in (("a", 2.0), ("b", 3.0), ("c", None))}
    with stored(reads) as store:
        store.add(Read("other", "deals", {}), OTHERS, [{"key": "K", "points": "5"}])
        sums = [store.evaluate(key, expressions("sum(points)"), 2)[0].value for key in reads]
        assert sums == [3, 4, 1]
        tables = {key: store._tables.get(key) for key in (*reads, "other")}
        assert {key: one and one.number for key, one in tables.items()} == {"a": 0, "b": 1, "c": 2, "other": None}
        assert len(store._queries._kept) == 1


def test_a_shared_table_takes_so_many_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_tables, "_TOGETHER", 2)
    reads = {f"read {number}": rows_of([("Won", float(number))]) for number in range(5)}
    with stored(reads) as store:
        assert [store.evaluate(key, expressions("sum(points)"), 1)[0].value for key in reads] == [0, 1, 2, 3, 4]
        found = [one for key in reads if (one := store._tables.get(key))]
        assert [(one.table, one.number) for one in found] == [
            ("shared_0", 0), ("shared_0", 1), ("shared_1", 0), ("shared_1", 1), ("read_4", None),
        ]  # fmt: skip


def test_one_reads_failing_rows_do_not_cost_the_others_their_figures() -> None:
    reads = {"bad": rows_of([("Won", 1.0)]), "good": rows_of([("7", 1.0)])}
    with stored(reads) as store:
        whole = expressions("sum(stage::double)")
        [bad], [good] = (store.evaluate(key, whole, 1) for key in reads)
    assert good.value == 7
    assert bad.value is None
    assert "Won" in str(bad.reason)


def test_a_page_that_duckdb_refuses_costs_its_own_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(columns: Sequence[Column], rows: Sequence[Row], *given: Any) -> tuple[list[Column], str]:
        kept, text = encode_page(columns, rows, *given)
        return kept, text.replace('"Broken"', "{")

    monkeypatch.setattr(row_tables, "encode_page", broken)
    reads = {"bad": rows_of([("Broken", 1.0)]), "good": rows_of([("Won", 1.0)]), "fine": rows_of([("Won", 2.0)])}
    with stored(reads) as store:
        found = {key: store.evaluate(key, expressions("sum(points)"), 1)[0] for key in reads}
    assert {key: figure.value for key, figure in found.items()} == {"bad": None, "good": 1, "fine": 2}
    assert found["bad"].reason


@pytest.mark.parametrize("limit", ["_SMALL", "_MOST_WAITING"])
def test_large_reads_have_tables_of_their_own(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(row_tables, limit, 150)
    reads = {"large": rows_of([("Won", 1.0)] * 5), "a": rows_of([("Won", 1.0)]), "b": rows_of([("Won", 1.0)])}
    with stored(reads, page=1) as store:
        sums = {key: store.evaluate(key, expressions("sum(points)"), len(rows))[0].value for key, rows in reads.items()}
        assert sums == {"large": 5, "a": 1, "b": 1}
        large = store._tables.get("large")
        assert large is not None
        assert large.number is None

"""What `check` says of SQL measures before a database is asked, and a run that reads one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.errors import ConfigError
from memory_sheet import MemorySheet
from workspace_kit import HEAD, load, look

SHOP = """\
connections:
  shop: {{type: sql, url: "sqlite:///shop.db"{more}}}
"""
MEASURE = """\
measures:
  revenue:
    from: shop.query
    sql: {sql}
    value: sum(amount)
"""
GOAL = """\
objectives:
  O1:
    title: Grow
    key_results:
      KR1: {title: Revenue, baseline: 0, target: 1000, measure: revenue}
"""


def problems(folder: Path, text: str, files: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, files)
    return [f"{Path(one.file).name}:{one.line} {one.path}: {one.message}" for one in caught.value.problems]


@pytest.mark.parametrize(
    ("sql", "saw"),
    [
        ("DELETE FROM deals", "must be one SELECT statement, or WITH ... SELECT"),
        (
            "SELECT * FROM deals WHERE at > '{today}'",
            "{today} is inside quotes; write it without: its value is bound as a parameter",
        ),
        ("SELECT * FROM deals WHERE at > {todya}", "unknown placeholder {todya}; did you mean 'today'?"),
    ],
)
def test_a_statement_that_cannot_be_run(tmp_path: Path, sql: str, saw: str) -> None:
    text = HEAD + SHOP.format(more="") + MEASURE.format(sql=f'"{sql}"') + GOAL
    assert problems(tmp_path, text) == [f"okrsync.yaml:10 measures.revenue.sql: {saw}"]


def test_a_measure_without_sql(tmp_path: Path) -> None:
    text = HEAD + SHOP.format(more="") + MEASURE.replace("    sql: {sql}\n", "") + GOAL
    [problem] = problems(tmp_path, text)
    assert "measures.revenue.sql: is required for table shop.query: One SELECT statement" in problem


def test_an_included_file_queries_only_where_it_may(tmp_path: Path) -> None:
    files = {"team.yaml": MEASURE.format(sql="SELECT 1 AS amount")}
    main = HEAD + "include: team.yaml\n{shop}" + GOAL.replace("{", "{{").replace("}", "}}")
    found = problems(tmp_path, main.format(shop=SHOP.format(more="")), files)
    [problem] = found
    assert problem.startswith(
        "team.yaml:3 measures.revenue.from: an included file may not query shop; `includes: true`"
    )
    assert load(tmp_path, main.format(shop=SHOP.format(more=", includes: true")), files).measures.keys() == {"revenue"}


def test_options_that_belong_to_the_driver(tmp_path: Path) -> None:
    text = HEAD + SHOP.format(more=", ca_bundle: ca.pem") + MEASURE.format(sql="SELECT 1 AS amount") + GOAL
    [problem] = problems(tmp_path, text)
    assert "connections.shop.ca_bundle: belongs to the database's driver" in problem


def test_a_run_reads_the_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database, database:
        database.execute("CREATE TABLE deals (amount REAL, at TEXT)")
        database.executemany(
            "INSERT INTO deals VALUES (?, ?)",
            [(100, "2026-09-30 23:59:59"), (250, "2026-10-01 00:00:00"), (250.5, "2026-11-01 08:00:00")],
        )
    sql = '"SELECT amount FROM deals WHERE at >= {cycle.start}"'
    config = load(tmp_path, HEAD + SHOP.format(more="") + MEASURE.format(sql=sql) + GOAL)
    sheet = MemorySheet({"OKRs": [["KR id", "Key result", "Current value"], ["KR1", "Revenue", None]]})
    [found] = look(config, sheet).key_results
    assert [str(number) for number in found.values] == ["500.5"]

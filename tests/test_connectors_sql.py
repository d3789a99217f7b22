"""SQL databases as sources: SQLite and DuckDB files, PostgreSQL and MariaDB, each through its real driver."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

import mariadb_kit
from config.errors import AuthError, SourceError
from config.grants import Grants
from config.models import SqlConnection
from config.secrets import Secret
from connectors import registry
from connectors.http import Policy, UnreachableError
from connectors.protocol import Read, ReadError, Reading
from connectors.registry import Context
from connectors.sql import connector
from postgres_kit import Server, server
from source_contract import INSTANTS, Bench, Rows, SourceContract

PASSWORD = "sesame-open-9"
DEALS = (
    "CREATE TABLE deals (id INTEGER, name TEXT, amount NUMERIC(10, 2), closed_at TIMESTAMP, note TEXT)",
    "INSERT INTO deals VALUES (1, 'Ann', 100.50, '2026-09-30 23:59:59', 'old')",
    "INSERT INTO deals VALUES (2, 'Bob: 50%', 200, '2026-10-01 00:00:00', NULL)",
    "INSERT INTO deals VALUES (3, '陳', 300.25, '2026-11-02 08:30:00', 'new')",
)
BYTES = {
    "sqlite": "CAST(x'0102' AS BLOB)",
    "duckdb": r"'\x01\x02'::BLOB",
    "postgresql": r"'\x0102'::bytea",
    "mysql": "x'0102'",
}
THIS_CYCLE = "SELECT id, name, amount, closed_at, note FROM deals WHERE closed_at >= {cycle.start} ORDER BY id"


@dataclass
class Shop:
    """A database with the table `deals`; `run` changes it, `lasting` is a query of some seconds."""

    folder: Path
    url: str
    run: Callable[[str], None]
    lasting: str
    secret: str = ""

    def open(self, **stated: Any) -> Any:
        url: Any = Secret("$SHOP") if self.secret else self.url
        connection = SqlConnection.model_validate({"type": "sql", "url": url, **stated})
        context = Context(self.folder, Policy(sleep=lambda _: None))
        return registry.open_source("shop", connection, context)

    def ask(self, sql: str, into: Rows | None = None, **more: Any) -> Reading | ReadError:
        query = {"sql": sql, **more.pop("query", {})}
        read = Read("r", "query", query, instants=INSTANTS, count_only=more.pop("count_only", False))
        source = self.open(**more)
        try:
            answers: list[Reading | ReadError] = list(source.read([read], into if into is not None else Rows()))
        finally:
            source.close()
        return answers[0]

    def rows(self, sql: str, **query: str) -> list[dict[str, Any]]:
        kept = Rows()
        answer = self.ask(sql, kept, query=query)
        assert isinstance(answer, Reading), answer
        return [dict(row) for row in kept.rows["r"]]

    def error(self, sql: str, **more: Any) -> SourceError:
        answer = self.ask(sql, **more)
        assert isinstance(answer, ReadError), answer
        return answer.error


def sqlite_shop(folder: Path) -> Shop:
    def run(sql: str) -> None:
        with closing(sqlite3.connect(folder / "shop.db")) as database, database:
            database.execute(sql)

    for statement in DEALS:
        run(statement)
    lasting = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) AS c FROM n"
    return Shop(folder, "sqlite:///shop.db", run, lasting)


def duckdb_shop(folder: Path) -> Shop:
    def run(sql: str) -> None:
        with duckdb.connect(folder / "shop.duckdb") as database:
            database.execute(sql)

    for statement in DEALS:
        run(statement)
    return Shop(folder, "duckdb:///shop.duckdb", run, "SELECT count(*) AS c FROM range(1000000) a, range(1000000) b")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server() as running:
        yield running


def postgres_shop(running: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    url = running.new_database().replace("postgresql+psycopg://okr@", f"postgresql://okr:{PASSWORD}@")
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)

    def run(sql: str) -> None:
        with engine.begin() as database:
            database.execute(text(sql.replace(":", r"\:")))

    for statement in DEALS:
        run(statement)
    monkeypatch.setenv("SHOP", url)
    return Shop(folder, url, run, "SELECT pg_sleep(30)", PASSWORD)


@pytest.fixture(scope="module")
def mariadb() -> Iterator[mariadb_kit.Server]:
    with mariadb_kit.server() as running:
        yield running


def mariadb_shop(running: mariadb_kit.Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop read by a role that may only read; TIMESTAMP columns were filled in the workspace's zone."""
    made = running.new_database()
    name = make_url(made).database
    engine = create_engine(made, poolclass=NullPool)

    def run(sql: str) -> None:
        with engine.begin() as database:
            database.exec_driver_sql("SET SESSION time_zone = '+08:00'")
            database.exec_driver_sql(sql.replace("closed_at TIMESTAMP", "closed_at TIMESTAMP NULL").replace("%", "%%"))

    for statement in DEALS:
        run(statement)
    running.run("CREATE USER IF NOT EXISTS reader@localhost IDENTIFIED BY 'sesame-open-9'")
    running.run(f"GRANT SELECT ON {name}.* TO reader@localhost")
    url = made.replace("mysql+pymysql://root@", f"mysql://reader:{PASSWORD}@")
    monkeypatch.setenv("SHOP", url)
    return Shop(folder, url, run, "SELECT sleep(30)", PASSWORD)


@pytest.fixture(params=["sqlite", "duckdb", "postgres", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    if request.param == "postgres":
        return postgres_shop(request.getfixturevalue("postgres"), tmp_path, monkeypatch)
    if request.param == "mariadb":
        return mariadb_shop(request.getfixturevalue("mariadb"), tmp_path, monkeypatch)
    return (sqlite_shop if request.param == "sqlite" else duckdb_shop)(tmp_path)


class TestContract(SourceContract):
    """What every source must do, on each database."""

    @pytest.fixture
    def bench(self, shop: Shop) -> Bench:
        return Bench(
            open=shop.open,
            good=Read("good", "query", {"sql": THIS_CYCLE}, ("id", "name", "amount", "note"), instants=INSTANTS),
            bad={"sql": "SELECT nothing FROM nowhere"},
            none={"sql": "SELECT id, name FROM deals WHERE id > 99"},
            unknown="note",
            breaks=lambda: shop.run("ALTER TABLE deals RENAME TO moved"),
            secret=shop.secret,
        )


def test_rows_with_types_and_instants_of_the_workspace(shop: Shop) -> None:
    assert shop.rows(THIS_CYCLE) == [
        {
            "id": 2,
            "name": "Bob: 50%",
            "amount": 200,
            "closed_at": datetime(2026, 9, 30, 16, tzinfo=UTC),
            "note": None,
        },
        {"id": 3, "name": "陳", "amount": 300.25, "closed_at": datetime(2026, 11, 2, 0, 30, tzinfo=UTC), "note": "new"},
    ]


def test_what_is_shown_is_the_query_with_its_instants(shop: Shop) -> None:
    answer = shop.ask(THIS_CYCLE)
    assert isinstance(answer, Reading)
    assert "closed_at >= '2026-10-01T00:00:00+08:00' ORDER" in answer.asked


def test_stated_types_are_kept(shop: Shop) -> None:
    found = shop.rows("SELECT '2026-10-01' AS code, '1234' AS n", types='{"code": "text", "n": "number"}')
    assert found == [{"code": "2026-10-01", "n": 1234}]


def test_colons_percents_and_braces_are_the_querys_own(shop: Shop) -> None:
    sql = "SELECT '{a: %s :b ?}' AS t, CAST(5 AS INTEGER) % 3 AS rest FROM deals WHERE name LIKE '%:%'"
    assert shop.rows(sql) == [{"t": "{a: %s :b ?}", "rest": 2}]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH gone AS (DELETE FROM deals RETURNING id) SELECT * FROM gone",
        "SELECT * INTO copied FROM deals",
        "SELECT nextval('numbers')",
    ],
)
def test_nothing_is_written(shop: Shop, sql: str) -> None:
    if "sqlite" not in shop.url:
        shop.run("CREATE SEQUENCE numbers")
    assert shop.error(sql).effect == "Its key results were left as they were."
    assert len(shop.rows("SELECT id FROM deals")) == 3


def test_a_query_that_takes_too_long_is_ended(shop: Shop) -> None:
    error = shop.error(shop.lasting, timeout="1s")
    assert "it took longer than" in error.saw
    assert error.advice == "Simplify the query, or raise connections.shop.timeout."


def test_rows_that_come_too_slowly_are_ended(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server bounds each fetch of rows, which are quick enough here; all of them together are not."""
    shop = postgres_shop(postgres, tmp_path, monkeypatch)
    began = monotonic()
    error = shop.error("SELECT g, pg_sleep(0.0005) FROM generate_series(1, 60000) g", timeout="1s")
    assert "it took longer than" in error.saw
    assert monotonic() - began < 20, "all rows take 30 s and more"


def test_a_zone_that_mariadb_does_not_know(
    mariadb: mariadb_kit.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offsets that change within the year are not guessed."""
    shop = mariadb_shop(mariadb, tmp_path, monkeypatch)
    here = ZoneInfo("Europe/Berlin")
    instants = {name: moment.astimezone(here) for name, moment in INSTANTS.items()}
    source = shop.open()
    answers: list[Reading | ReadError] = list(
        source.read([Read("r", "query", {"sql": "SELECT 1 AS n"}, instants=instants)], Rows())
    )
    source.close()
    assert isinstance(answers[0], ReadError)
    assert "time zone: 'Europe/Berlin'" in answers[0].error.saw
    assert answers[0].error.advice == "Load the time zones into the server, with mysql_tzinfo_to_sql."


def test_too_many_rows_are_an_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "MOST_ROWS", 2)
    error = shop.error("SELECT id FROM deals")
    assert error.saw == "it has more than 2 rows"
    assert "count or add up" in (error.advice or "")


def test_two_columns_of_one_name_are_an_error(shop: Shop) -> None:
    assert shop.error('SELECT id, name AS "ID" FROM deals').saw == "two of its columns are named 'ID'"


def test_bytes_and_arrays_are_not_numbers(shop: Shop) -> None:
    blob = BYTES[shop.url.partition(":")[0]]
    assert shop.rows(f"SELECT 1 AS n, {blob} AS b") == [{"n": 1, "b": "0x0102"}]


def test_no_row_still_has_the_columns_of_the_query(shop: Shop) -> None:
    kept = Rows()
    shop.ask("SELECT id, amount FROM deals WHERE 1 = 0", kept)
    assert [(column.name, column.type) for column in kept.columns["r"]] == [("id", "empty"), ("amount", "empty")]


def test_a_missing_file(tmp_path: Path) -> None:
    for url in ("sqlite:///none.db", "duckdb:///none.duckdb"):
        error = Shop(tmp_path, url, print, "").error("SELECT 1")
        assert error.saw == f"there is no file {tmp_path / url.rpartition('/')[2]}"
        assert not list(tmp_path.iterdir())


def test_duckdb_opens_no_other_file(tmp_path: Path) -> None:
    shop = duckdb_shop(tmp_path)
    (tmp_path / "secret.csv").write_text("a\n1\n", "utf-8")
    for place in ("read_csv('{}')", "'{}'"):
        error = shop.error("SELECT * FROM " + place.format(tmp_path / "secret.csv"))  # noqa: S608 - of this test
        assert "disabled" in error.saw


def test_a_role_of_mariadb_that_may_write_is_named(
    mariadb: mariadb_kit.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = mariadb_shop(mariadb, tmp_path, monkeypatch)
    answer = shop.ask("SELECT 1 AS n")
    assert isinstance(answer, Reading)
    assert answer.notes == ()
    mariadb.run("CREATE USER IF NOT EXISTS writer@localhost IDENTIFIED BY 'sesame-open-9'")
    mariadb.run(f"GRANT SELECT, INSERT ON {make_url(shop.url).database}.* TO writer@localhost")
    monkeypatch.setenv("SHOP", shop.url.replace("reader:", "writer:"))
    answer = shop.ask("SELECT 1 AS n")
    assert isinstance(answer, Reading)
    assert answer.notes == ("its role can also write (INSERT); give okrsync a read-only role",)


def test_a_role_that_may_write_is_named(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = postgres_shop(postgres, tmp_path, monkeypatch)
    answer = shop.ask("SELECT 1 AS n")
    assert isinstance(answer, Reading)
    assert any("its role can also write (ALL PRIVILEGES, INSERT, UPDATE, DELETE)" in note for note in answer.notes)
    shop.run("DROP ROLE IF EXISTS reader")
    shop.run("CREATE ROLE reader LOGIN")
    shop.run("GRANT SELECT ON deals TO reader")
    monkeypatch.setenv("SHOP", shop.url.replace(f"okr:{PASSWORD}@", f"reader:{PASSWORD}@"))
    answer = shop.ask("SELECT count(*) AS n FROM deals")
    assert isinstance(answer, Reading)
    assert answer.notes == ()


def test_what_a_role_may_not_read(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = postgres_shop(postgres, tmp_path, monkeypatch)
    shop.run("DROP ROLE IF EXISTS stranger")
    shop.run("CREATE ROLE stranger LOGIN")
    monkeypatch.setenv("SHOP", shop.url.replace(f"okr:{PASSWORD}@", f"stranger:{PASSWORD}@"))
    error = shop.error("SELECT * FROM deals")
    assert "permission denied" in error.saw
    assert error.advice == "Grant the role SELECT on what the query reads."
    monkeypatch.setenv("SHOP", shop.url.replace(f"okr:{PASSWORD}@", f"nobody:{PASSWORD}@"))
    assert isinstance(shop.error("SELECT 1"), AuthError)


def test_a_server_that_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", f"postgresql://okr:{PASSWORD}@127.0.0.1:1/shop")
    error = Shop(tmp_path, "", print, "", PASSWORD).error("SELECT 1")
    assert isinstance(error, UnreachableError)
    assert PASSWORD not in f"{error} {error!r} {error.args} {error.__cause__} {error.__context__}"


@pytest.mark.parametrize(
    ("url", "saw"),
    [
        ("nonsense", "it is not a database address"),
        ("oracle9://u:sesame-open-9@host/x", "Can't load plugin"),
        ("mssql+pyodbc://u:sesame-open-9@host/x", "the driver pyodbc is not installed"),
    ],
)
def test_addresses_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, saw: str) -> None:
    monkeypatch.setenv("SHOP", url)
    with pytest.raises(SourceError) as caught:
        Shop(tmp_path, "", print, "", PASSWORD).open()
    assert saw in caught.value.saw
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://u:p@h/d", "mysql://h/d?user=u&password=p", "postgresql://:p@/d"])
def test_a_password_is_not_written_into_the_config(url: str) -> None:
    with pytest.raises(ValueError, match="a password does not belong in the config"):
        SqlConnection.model_validate({"type": "sql", "url": url})


def test_a_workspace_of_a_fleet_reads_granted_files_only(tmp_path: Path) -> None:
    home = tmp_path / "team"
    home.mkdir()
    sqlite_shop(tmp_path)
    context = Context(home, grants=Grants(tmp_path / "fleet.yaml", home))
    connection = SqlConnection.model_validate({"type": "sql", "url": "sqlite:///../shop.db"})
    with pytest.raises(SourceError, match="is outside the config's folder"):
        registry.open_source("shop", connection, context)

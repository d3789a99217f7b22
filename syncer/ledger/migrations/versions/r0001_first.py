"""Initial tables: runs, readings, values, measures, check-ins, cells, shared lists of ids and rows, messages sent."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _run(*, key: bool = True) -> sa.Column[str]:
    run = sa.ForeignKey("runs.id", ondelete="CASCADE")
    return sa.Column("run", sa.String(64), run, nullable=False, primary_key=key, index=not key)


def _list(name: str, table: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), sa.ForeignKey(f"{table}.digest"), index=True)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("cycle", sa.String, nullable=False),
        sa.Column("command", sa.String(32), nullable=False),
        _instant("started_at"),
        _instant("now"),
        sa.Column("config_hash", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        _instant("finished_at", nullable=True),
        sa.Column("headers", sa.Text, nullable=False),
    )
    op.create_index("runs_by_workspace", "runs", ["workspace", "cycle", "started_at"])
    op.create_table(
        "sheets",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("cycle", sa.String, primary_key=True),
        sa.Column("sheet", sa.String, nullable=False),
        sa.Column("place", sa.String, nullable=False),
    )
    for name, content in (("id_lists", "ids"), ("row_lists", "rows")):
        digest = sa.Column("digest", sa.String(64), primary_key=True)
        op.create_table(name, digest, sa.Column(content, sa.Text, nullable=False))
    _sources()
    _values()
    _pushed()
    _sheet()
    _messages()
    _fleet()


def _sources() -> None:
    op.create_table(
        "readings",
        sa.Column("number", sa.Integer, primary_key=True),
        _run(key=False),
        sa.Column("measures", sa.Text, nullable=False),
        sa.Column("connection", sa.String, nullable=False),
        sa.Column("table", sa.String, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("count", sa.Integer),
        _instant("read_at"),
        sa.Column("error", sa.Text),
        _list("id_list", "id_lists"),
    )
    op.create_table(
        "measure_values",
        _run(),
        sa.Column("measure", sa.String, primary_key=True),
        sa.Column("definition", sa.String(16), nullable=False),
        sa.Column("noun", sa.String, nullable=False),
        sa.Column("became", sa.String, nullable=False),
        sa.Column("figure", sa.String),
        sa.Column("rows", sa.Integer),
        sa.Column("counted", sa.Integer),
        _list("key_list", "id_lists"),
        _list("counted_list", "id_lists"),
        _list("row_list", "row_lists"),
        sa.Column("key_column", sa.String, nullable=False, server_default=""),
    )


def _values() -> None:
    op.create_table(
        "key_result_values",
        _run(),
        sa.Column("key_result", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        _instant("at"),
        sa.Column("value", sa.String),
        sa.Column("progress", sa.String),
        sa.Column("raw", sa.String),
        sa.Column("expected", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("baseline", sa.String),
        sa.Column("target", sa.String),
        sa.Column("numbers", sa.Text),
        sa.Column("backfilled", sa.Boolean, nullable=False),
        sa.Column("shares", sa.Text),
    )
    op.create_index("values_by_key_result", "key_result_values", ["key_result", "day"])


def _pushed() -> None:
    op.create_table(
        "pushed_values",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("measure", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        _instant("at"),
        sa.Column("amount", sa.String, nullable=False),
        sa.Column("increment", sa.Boolean, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        _instant("recorded_at"),
    )


def _sheet() -> None:
    op.create_table(
        "check_ins",
        _run(),
        sa.Column("key_result", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        _instant("seen"),
        sa.Column("texts", sa.Text, nullable=False),
    )
    op.create_index("check_ins_by_key_result", "check_ins", ["key_result", "seen"])
    op.create_table(
        "cells",
        _run(),
        sa.Column("tab", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("column", sa.String, primary_key=True),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )


def _messages() -> None:
    op.create_table(
        "reminders",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("owner", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
    )
    op.create_table(
        "alerts",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("recipient", sa.String, primary_key=True),
        sa.Column("fault", sa.String(16), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        _instant("since"),
    )


def _fleet() -> None:
    op.create_table(
        "last_runs",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("cycle", sa.String, primary_key=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        _instant("at"),
        _instant("last_good", nullable=True),
        sa.Column("unknown", sa.Integer, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
    )
    op.create_table("pauses", sa.Column("workspace", sa.String, primary_key=True), _instant("until", nullable=True))
    op.create_table(
        "leases",
        sa.Column("workspace", sa.String, primary_key=True),
        sa.Column("cycle", sa.String, primary_key=True),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        _instant("since"),
        _instant("expires"),
    )
    op.create_table(
        "quota_holds",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("resource", sa.String(16), primary_key=True),
        _instant("not_before", nullable=True),
        _instant("others_after", nullable=True),
    )
    op.create_table(
        "quota_salt",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.String(64), nullable=False),
    )
    op.create_table(
        "shared_counts",
        sa.Column("account", sa.String(32), primary_key=True),
        sa.Column("query", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        _instant("claimed_until"),
        _instant("read_at", nullable=True),
        sa.Column("reading", sa.Text),
    )

"""The first tables: runs, readings with their ids, values, cells."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _run(*, key: bool) -> sa.Column[str]:
    run = sa.ForeignKey("runs.id", ondelete="CASCADE")
    return sa.Column("run", sa.String(64), run, nullable=False, primary_key=key, index=not key)


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String, nullable=False),
        sa.Column("command", sa.String(32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("now", sa.DateTime(timezone=True), nullable=False),
        sa.Column("config_hash", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("forced", sa.Boolean, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.create_index("runs_by_workspace", "runs", ["workspace", "started_at"])
    op.create_table(
        "id_lists",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("ids", sa.Text, nullable=False),
    )
    op.create_table(
        "readings",
        sa.Column("number", sa.Integer, primary_key=True),
        _run(key=False),
        sa.Column("measures", sa.Text, nullable=False),
        sa.Column("connection", sa.String, nullable=False),
        sa.Column("table", sa.String, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("count", sa.Integer),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("id_list", sa.String(64), sa.ForeignKey("id_lists.digest"), index=True),
    )
    _values_and_cells()


def _values_and_cells() -> None:
    op.create_table(
        "key_result_values",
        _run(key=True),
        sa.Column("key_result", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.String),
        sa.Column("progress", sa.String),
        sa.Column("raw", sa.String),
        sa.Column("expected", sa.String),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_index("values_by_key_result", "key_result_values", ["key_result", "day"])
    op.create_table(
        "cells",
        _run(key=True),
        sa.Column("tab", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("column", sa.String, primary_key=True),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )

"""What measures stood on, check-ins, and values of several days in one run."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEPT = ("run", "key_result", "day", "at", "value", "progress", "raw", "expected", "status", "reason", "source")


def _run() -> sa.Column[str]:
    return sa.Column("run", sa.String(64), sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


def _list(name: str, table: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), sa.ForeignKey(f"{table}.digest"), index=True)


def upgrade() -> None:
    """Make the new tables; move the values into one whose key holds the day, since SQLite cannot change a key."""
    op.create_table(
        "row_lists",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("rows", sa.Text, nullable=False),
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
    )
    op.create_table(
        "check_ins",
        _run(),
        sa.Column("key_result", sa.String, primary_key=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("check_ins_by_key_result", "check_ins", ["key_result", "seen"])
    _move_values()


def _move_values() -> None:
    op.create_table(
        "values_by_day",
        _run(),
        sa.Column("key_result", sa.String, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
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
    )
    kept = ", ".join(f'"{name}"' for name in _KEPT)
    op.execute(
        f"INSERT INTO values_by_day ({kept}, backfilled) "  # noqa: S608 - our own names
        f"SELECT {kept}, {sa.false().compile(dialect=op.get_bind().dialect)} FROM key_result_values"
    )
    op.drop_table("key_result_values")
    op.rename_table("values_by_day", "key_result_values")
    op.create_index("values_by_key_result", "key_result_values", ["key_result", "day"])

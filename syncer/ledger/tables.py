"""SQLAlchemy tables of the ledger, imported only when a ledger is opened, since SQLAlchemy loads slowly.

`syncer/ledger/migrations` creates and changes them; a test checks that both agree.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from syncer.ledger.column_types import CellText, Exact, ExactList, Instant, Json

REVISIONS = ("0001",)
"""All schema revisions, oldest first, so that Alembic is imported only for a migration."""

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", String, nullable=False),
    Column("cycle", String, nullable=False),
    Column("command", String(32), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("now", Instant, nullable=False),
    Column("config_hash", String(64), nullable=False),
    Column("version", String(32), nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("counts", Json, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("finished_at", Instant),
    Column("headers", Json, nullable=False),
    Index("runs_by_workspace", "workspace", "cycle", "started_at"),
)

sheets = Table(
    "sheets",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("cycle", String, primary_key=True),
    Column("sheet", String, nullable=False),
    Column("place", String, nullable=False),
)
"""The OKR sheet of each workspace and cycle, so that a copied config is found out before it writes."""

reminders = Table(
    "reminders",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("owner", String, primary_key=True),
    Column("day", Date, nullable=False),
)
"""The day on which each owner was last reminded."""

alerts = Table(
    "alerts",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("recipient", String, primary_key=True),
    Column("fault", String(16), primary_key=True),
    Column("text", Text, nullable=False),
    Column("since", Instant, nullable=False),
)
"""Faults that last, with each recipient that was alerted."""

last_runs = Table(
    "last_runs",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("cycle", String, primary_key=True),
    Column("outcome", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("last_good", Instant),
    Column("unknown", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("version", String(32), nullable=False),
)
"""How the last sync of each workspace ended, also where it failed before it was recorded as a run."""

pauses = Table(
    "pauses",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("until", Instant),
)
"""Workspaces that a fleet leaves out, until an instant or until they are resumed."""

leases = Table(
    "leases",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("cycle", String, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    Column("since", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
)
"""Who may write the sheet of a workspace; the token grows with each holder. Used in PostgreSQL only."""

quota_holds = Table(
    "quota_holds",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("resource", String(16), primary_key=True),
    Column("not_before", Instant),
    Column("others_after", Instant),
)
"""Until when a service wants no request of an account, and until when others leave room for a run that goes first.

An account is named by a salted hash. Used in PostgreSQL only.
"""

quota_salt = Table(
    "quota_salt",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("salt", String(64), nullable=False),
)
"""The one salt of the hashes of accounts."""

shared_counts = Table(
    "shared_counts",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("query", String(64), primary_key=True),
    Column("workspace", String, nullable=False),
    Column("claimed_until", Instant, nullable=False),
    Column("read_at", Instant),
    Column("reading", Text),
)
"""Counts that workspaces on one account ask once. Used in PostgreSQL only."""

id_lists = Table(
    "id_lists",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("ids", Json, nullable=False),
)
"""Lists of row ids by the digest of their content, so that unchanged answers are stored once."""

readings = Table(
    "readings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("measures", Json, nullable=False),
    Column("connection", String, nullable=False),
    Column("table", String, nullable=False),
    Column("asked", Text, nullable=False),
    Column("count", Integer),
    Column("read_at", Instant, nullable=False),
    Column("error", Text),
    Column("id_list", ForeignKey("id_lists.digest"), index=True),
)

key_result_values = Table(
    "key_result_values",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("key_result", String, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("value", Exact),
    Column("progress", Exact),
    Column("raw", Exact),
    Column("expected", Exact),
    Column("status", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("baseline", Exact),
    Column("target", Exact),
    Column("numbers", ExactList),
    Column("backfilled", Boolean, nullable=False),
    Column("shares", ExactList),
    Index("values_by_key_result", "key_result", "day"),
)

pushed_values = Table(
    "pushed_values",
    metadata,
    Column("workspace", String, primary_key=True),
    Column("measure", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("amount", Exact, nullable=False),
    Column("increment", Boolean, nullable=False),
    Column("who", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
"""Values recorded with `okrsync record`: data, which no run and no pruning removes."""

row_lists = Table(
    "row_lists",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("rows", Json, nullable=False),
)
"""Lists of rows as texts, by the digest of their content."""

measure_values = Table(
    "measure_values",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("measure", String, primary_key=True),
    Column("definition", String(16), nullable=False),
    Column("noun", String, nullable=False),
    Column("became", String, nullable=False),
    Column("figure", Exact),
    Column("rows", Integer),
    Column("counted", Integer),
    Column("key_list", ForeignKey("id_lists.digest"), index=True),
    Column("counted_list", ForeignKey("id_lists.digest"), index=True),
    Column("row_list", ForeignKey("row_lists.digest"), index=True),
    Column("key_column", String, nullable=False, server_default=""),
)

check_ins = Table(
    "check_ins",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("key_result", String, primary_key=True),
    Column("day", Date, nullable=False),
    Column("seen", Instant, nullable=False),
    Column("texts", Json, nullable=False),
    Index("check_ins_by_key_result", "key_result", "seen"),
)

cells = Table(
    "cells",
    metadata,
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("tab", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("column", String, primary_key=True),
    Column("before", CellText),
    Column("after", CellText),
)

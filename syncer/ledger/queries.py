"""Parts of queries on the ledger: which runs count as history, and the columns of a record."""

from dataclasses import fields
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, Table, select

from syncer.ledger.records import BACKFILL, BACKFILLED_DAY, Outcome, Scope
from syncer.ledger.tables import runs

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FINISHED: tuple[Outcome, ...] = ("done", "partial")
"""Outcomes of runs whose values count as history; refused and failed runs may contain wrong numbers."""

HEARD: tuple[Outcome, ...] = (*FINISHED, "refused")
"""Outcomes of runs whose check-ins count as history; a refusal concerns only the numbers."""

OF_THE_PAST = (BACKFILL, BACKFILLED_DAY)
"""Commands of runs whose values are of earlier days."""

ZONES = timedelta(days=1)
"""A day begins and ends in any time zone at most this far from where it does in UTC."""


def of_scope(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a run belongs to a workspace and cycle."""
    return (runs.c.workspace == scope.workspace) & (runs.c.cycle == scope.cycle)


def finished(query: Select[Any], scope: Scope) -> Select[Any]:
    """Limit a query to the runs of a workspace and cycle that count as history."""
    return query.where(of_scope(scope), runs.c.outcome.in_(FINISHED))


def select_record(table: Table, record: type["DataclassInstance"], **others: ColumnElement[Any]) -> Select[Any]:
    """Select the fields of a record in their order, from the columns of the same names or from others."""
    return select(*(others[each.name] if each.name in others else table.c[each.name] for each in fields(record)))


def start_of(day: date) -> datetime:
    """Return the start of a day in UTC."""
    return datetime.combine(day, time(), UTC)

"""Rows and columns of a new OKR sheet."""

from dataclasses import dataclass

from config.loading.loader import Config
from syncer.compute.definitions import Definition, from_config
from syncer.sheet.columns import header_of

SHEET_COLUMNS = (
    "id", "objective", "title", "team", "owner", "baseline", "target", "current", "progress", "expected", "status",
    "forecast", "source", "updated", "confidence", "note", "blocker", "help", "helper", "override", "override_owner",
    "override_reason", "override_expiry", "judgement", "self_score", "decision", "decided_by", "reason",
)  # fmt: skip
"""Columns of a new sheet in groups: okrsync's, weekly check-in, exceptions, end of the cycle."""


PERCENT_COLUMNS = frozenset({"progress", "expected"})


FONT, SIZE = "Calibri", 11
"""Default font of a workbook, set explicitly because some programs use another default."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """One row of a new sheet: an objective, or a key result with its definition."""

    id: str
    objective: str
    definition: Definition | None = None


def new_rows(config: Config) -> tuple[NewRow, ...]:
    """Return each objective of the config followed by its key results."""
    definitions = [from_config(config, entry, None) for entry in config.key_results]
    rows: list[NewRow] = []
    for key, objective in config.workspace.objectives.items():
        title = objective.title or key
        rows.append(NewRow(key, title))
        rows += [NewRow(each.id, title, each) for each in definitions if each.objective == key]
    return tuple(rows)


def headers(config: Config) -> list[str]:
    """Return the header row, in the workspace's language or with names from the config."""
    stated = config.workspace.okr_sheet.columns
    return [stated.get(name) or header_of(name, config.workspace.language) for name in SHEET_COLUMNS]

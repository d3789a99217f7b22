"""Row keys of each measure in one run, and which of them counted."""

import hashlib
import json
import re
from collections.abc import Mapping

from config.dataclass import dataclass
from config.expressions import Expression
from config.loading.loader import Config
from config.models import Measure
from connectors.protocol import Reading
from syncer.sources.evaluate import DuckRows
from syncer.sources.figures import MeasureResult
from syncer.sources.reads import PlannedReads, table_of

MOST_KEYS = 20_000
"""Maximum number of rows for which keys are kept, to limit the size of the ledger; above it only counts are kept."""

_ONE_VALUE = re.compile(r"""\(?"\w+" = '([^']{1,40})'\)?""")


@dataclass(frozen=True, slots=True)
class RowKeys:
    """Sorted keys of a measure's rows, and of those that meet its conditions; None if every row counts.

    `column` is the column of the keys in a table that declares no key.
    """

    all: tuple[str, ...]
    counted: tuple[str, ...] | None = None
    column: str = ""


def row_keys(
    config: Config, planned: PlannedReads, results: Mapping[str, MeasureResult], store: DuckRows
) -> dict[str, RowKeys]:
    """Return the row keys by measure, for all measures whose read returned keys and whose conditions were evaluated."""
    found: dict[str, RowKeys] = {}
    names_of = planned.names_of()
    for key, all_names in sorted(names_of.items()):
        names = [name for name in all_names if _picks(results[name], config.expressions[name])]
        answer = results[names[0]].answer if names else None
        if not isinstance(answer, Reading):
            continue
        if answer.ids:
            if len(answer.ids) <= MOST_KEYS:
                found.update(dict.fromkeys(names, RowKeys(tuple(sorted(answer.ids)))))
            continue
        expressions = [config.expressions[name] for name in names]
        stated = table_of(config, config.measures[names[0]]).key
        measured = {column for expression in expressions for column in expression.columns}
        column = stated or store.key_column(key, {name.lower() for name in measured}, MOST_KEYS)
        listed = store.keys(key, column, expressions, MOST_KEYS) if column else None
        if listed is None:
            continue
        everything = tuple(row for row, _ in listed)
        for place, (name, expression) in enumerate(zip(names, expressions, strict=True)):
            counted = tuple(row for row, picked in listed if picked[place]) if expression.conditions else None
            found[name] = RowKeys(everything, counted, "" if stated else column)
    return found


def _picks(result: MeasureResult, expression: Expression) -> bool:
    """Whether it is known which rows meet the conditions of a measure."""
    return isinstance(result.answer, Reading) and (result.counted is not None or not expression.conditions)


def definition_digest(measure: Measure) -> str:
    """Return a digest of a measure's table, query, value and `settle`, to detect changes of its definition."""
    parts = [measure.from_, sorted(measure.query_keys.items()), measure.value, measure.settle]
    stated = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(stated.encode()).hexdigest()[:16]


def asked_value(conditions: tuple[str, ...]) -> str:
    """Return the one value that the conditions ask a column to have, such as `done`, else empty."""
    values = {match[1] if (match := _ONE_VALUE.fullmatch(condition)) else "" for condition in conditions}
    return values.pop() if len(values) == 1 else ""

"""What each measure stands on in one run: the keys of its rows, and which of them counted."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.loading.loader import Config
from config.models import Measure
from connectors.protocol import Reading
from syncer.sources.evaluate import DuckRows
from syncer.sources.reads import Answer, PlannedReads, table_of

MOST_KEYS = 20_000
"""A reading of more rows is told in numbers only: so many keys would make the ledger large and help nobody."""

_ONE_VALUE = re.compile(r"""\(?"\w+" = '([^']{1,40})'\)?""")


@dataclass(frozen=True, slots=True)
class RowKeys:
    """The keys of a measure's rows, sorted, and of those that its conditions pick; None where every row counts.

    `column` is where they stand in a table that states no key.
    """

    all: tuple[str, ...]
    counted: tuple[str, ...] | None = None
    column: str = ""


def row_keys(
    config: Config, planned: PlannedReads, answers: Mapping[str, Answer], store: DuckRows
) -> dict[str, RowKeys]:
    """By measure, as far as its read gave keys."""
    found: dict[str, RowKeys] = {}
    names_of = planned.names_of()
    for key, answer in sorted(answers.items()):
        if not isinstance(answer, Reading):
            continue
        names = names_of[key]
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


def definition_digest(measure: Measure) -> str:
    """What tells that a measure was defined anew: a digest of its table, query and value as the config states them."""
    stated = json.dumps([measure.from_, sorted(measure.query_keys().items()), measure.value], ensure_ascii=False)
    return hashlib.sha256(stated.encode()).hexdigest()[:16]


def asked_value(conditions: tuple[str, ...]) -> str:
    """The one value that the conditions ask a column to have, such as `done`; empty where they ask for more."""
    values = {match[1] if (match := _ONE_VALUE.fullmatch(condition)) else "" for condition in conditions}
    return values.pop() if len(values) == 1 else ""

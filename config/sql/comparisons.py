"""Check what is compared: columns with their values, texts, points in time and numbers."""

from collections.abc import Sequence

from config.message import Message
from config.sql.functions import WORDS
from config.sql.literals import COLUMN_FAMILIES, check_literals, check_values, is_instant
from config.sql.messages import ExpressionError
from config.sql.texts import check_texts, text_column
from config.sql.tree import Node
from config.tables import Column, Table

EQUAL = frozenset(("=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM", "IN", "NOT IN"))


def column_of(node: Node, table: Table) -> Column | None:
    """Return the table's column that a node names, or None."""
    return table.column(node.name) if node.kind == "column" else None


def check_comparison(node: Node, found: Sequence[str], table: Table) -> None:
    """Check the operands of a comparison, whose families are `found`. Raises ExpressionError."""
    columns = [column_of(part, table) for part in node.args]
    for part in node.args:
        if part.kind == "null" and node.name in ("=", "<>", "<", ">", "<=", ">="):
            raise ExpressionError(Message("nothing equals null; write IS NULL or IS NOT NULL"))
    for place, column in enumerate(columns):
        others = [part for index, part in enumerate(node.args) if index != place]
        if column:
            check_literals(column, others, equal=node.name in EQUAL)
        if column and node.name in EQUAL:
            check_values(column, others)
    check_texts(node, found, table)
    typed = [(part, letter) for part, letter in zip(node.args, found, strict=True) if letter]
    instants = any(letter == "s" for _, letter in typed)
    numbers = node.name in EQUAL and any(column and COLUMN_FAMILIES[column.type] == "n" for column in columns)
    kinds = list(
        dict.fromkeys(
            "s" if instants and is_instant(part) else "n" if numbers and part.kind == "text" else letter
            for part, letter in typed
        )
    )
    if len(kinds) > 1:
        text = next((part for part, letter in typed if letter == "t"), node)
        kind = "date" if "s" in kinds else "number"
        raise ExpressionError(
            Message("{type} cannot be compared with {other}", type=WORDS[kinds[0]], other=WORDS[kinds[1]])
            + text_column(text, table, kind)
        )

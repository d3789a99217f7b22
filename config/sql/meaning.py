"""Properties of expressions: result over no rows, additivity, conditions of the rows that count, texts asked for."""

from collections.abc import Iterable

from config.sql.comparisons import EQUAL
from config.sql.tree import Node
from config.sql.typing_rules import Scope, family
from config.tables import Table

_COUNTS = ("count_star", "count", "count_if")
_SUMS = (*_COUNTS, "sum")
_CHOICE = len(("when", "then", "else"))
_ROUNDING = ("round", "floor", "ceil", "ceiling", "trunc", "abs")


def zero_when_empty(node: Node) -> bool:
    """Return whether the expression is 0 over no rows, as counts and sums are."""
    if not node.args and not node.aggregate:
        return node.kind == "number" and float(node.name) == 0
    if node.kind == "cast" or node.name in _ROUNDING:
        return zero_when_empty(node.args[0])
    if node.name in ("+", "-", "greatest", "least", "coalesce"):
        return all(zero_when_empty(part) for part in node.args)
    if node.name == "*":
        return any(zero_when_empty(part) for part in node.args) and all(_known_when_empty(part) for part in node.args)
    if node.name == "/":
        return zero_when_empty(node.args[0]) and _is_scale(node.args[1])
    return node.kind == "call" and node.name in _SUMS


def additive(node: Node) -> bool:
    """Return whether the expression is a count or a sum, possibly rounded, scaled or added to another."""
    if node.kind == "cast" or node.name in _ROUNDING:
        return additive(node.args[0])
    if node.kind == "operator" and node.name == "+":
        return all(additive(part) for part in node.args)
    if node.kind == "operator" and node.name in ("*", "/"):
        first, second = node.args
        turned = node.name == "*" and additive(second) and _is_scale(first)
        return turned or (additive(first) and _is_scale(second))
    return node.kind == "call" and node.name in _SUMS


def is_share(node: Node) -> bool:
    """Return whether the expression is one share of the rows and nothing else."""
    return node.kind == "call" and node.name == "share"


def never_negative(node: Node) -> bool:
    """Return whether the result is never below 0: that of counts and shares, possibly rounded, scaled or added."""
    if node.kind == "number":
        return float(node.name) >= 0
    if node.kind == "cast" or node.name in _ROUNDING:
        return never_negative(node.args[0])
    if node.kind == "operator" and node.name in ("+", "*", "/"):
        return all(map(never_negative, node.args))
    return is_share(node) or (node.kind == "call" and node.name in _COUNTS)


def asked_texts(node: Node) -> dict[str, tuple[str, ...]]:
    """Return the texts to which columns are compared for equality, by the column's name as written."""
    found: dict[str, dict[str, None]] = {}
    for part in node.walk():
        if part.kind == "operator" and part.name in EQUAL:
            names = [arg.name for arg in part.args if arg.kind == "column"]
            texts = [arg.name for arg in part.args if arg.kind == "text"]
            if len(names) == 1 and texts:
                found.setdefault(names[0], {}).update(dict.fromkeys(texts))
    return {name: tuple(texts) for name, texts in found.items()}


def _known_when_empty(node: Node) -> bool:
    return node.kind == "number" or zero_when_empty(node)


def _is_scale(node: Node) -> bool:
    return node.kind == "number" and float(node.name) > 0


def conditions(node: Node, table: Table) -> tuple[Node, ...]:
    """Return the conditions that select the rows that count; empty where every row counts.

    The conditions of a ratio are those of its numerator, or of its denominator where the numerator has no aggregate.
    """
    found = _conditions(node, table)
    return tuple(dict.fromkeys(found)) if found else ()


def _conditions(node: Node, table: Table) -> list[Node] | None:
    """Collect conditions: None where every row counts, an empty list where the part has no aggregate."""
    if node.aggregate:
        parts = [part for part in (_own(node, table), node.filter) if part is not None]
        if not parts:
            return None
        return [parts[0] if len(parts) == 1 else Node("operator", "AND", tuple(parts))]
    if node.kind == "operator" and node.name == "/":
        above = _conditions(node.args[0], table)
        return _conditions(node.args[1], table) if above == [] else above
    if node.kind == "case":
        return _together([*node.args[1:-1:2], node.args[-1]], table)
    return _together(node.args[:1] if node.name in ("nullif", "round") else node.args, table)


def _together(parts: Iterable[Node], table: Table) -> list[Node] | None:
    found: list[Node] = []
    for part in parts:
        below = _conditions(part, table)
        if below is None:
            return None
        found.extend(below)
    return found


def _own(node: Node, table: Table) -> Node | None:
    """Return the condition in an aggregate: share(c), count_if(c), count(x), sum(c::int), max(case when c ...)."""
    if node.name in ("share", "count_if"):
        return node.args[0]
    if node.name == "count":
        return Node("operator", "IS NOT NULL", node.args)
    if not node.args:
        return None
    argument = node.args[0]
    inner = argument.args[0] if argument.kind == "cast" else argument
    adds = node.name in ("sum", "avg", "mean")
    if adds and family(inner, Scope(table, "inside")) == "b":
        return inner
    chooses = argument.kind in ("case", "call") and argument.name in ("case", "if") and len(argument.args) == _CHOICE
    if not chooses:
        return None
    left_out = argument.args[2]
    return argument.args[0] if left_out.kind == "null" or (adds and _is_zero(left_out)) else None


def _is_zero(node: Node) -> bool:
    return node.kind == "number" and float(node.name) == 0

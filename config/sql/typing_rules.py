"""Check the names, aggregate levels and types of an expression against a table, without running it."""

from collections.abc import Callable, Sequence
from typing import Literal

from config.dataclass import dataclass
from config.message import Message, one_of
from config.sql.comparisons import check_comparison, column_of
from config.sql.functions import CASTS, CLOCKS, FUNCTIONS, REFUSED, UNITS, WORDS, Function
from config.sql.literals import (
    COLUMN_FAMILIES,
    INSTANT_ADVICE,
    check_values,
    is_instant,
    literal_family,
)
from config.sql.messages import ExpressionError, closest
from config.sql.texts import instead_of_text, text_column
from config.sql.tree import Node
from config.sql.wordings import as_condition, but, not_a_number, outside, unknown
from config.tables import Table

_COMPARED = frozenset(
    ("=", "<>", "<", ">", "<=", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM", "BETWEEN", "IN", "NOT IN")
)


_A_CONDITION = Message("a condition")


@dataclass(frozen=True, slots=True)
class Scope:
    """Context of a node: outside aggregates, inside one (named by `within`), or in a formula over measures."""

    table: Table
    level: Literal["outside", "inside", "formula"]
    within: str = ""


def check_value(node: Node, table: Table) -> str:
    """Check an aggregate expression; return the family of its result, empty where it depends on the data.

    Raises ExpressionError: the expression is invalid, is about single rows, or its result is not a number.
    """
    if not any(part.aggregate for part in node.walk()):
        _refuse_row_level(node, table)
    found = family(node, Scope(table, "outside"))
    if found not in ("n", ""):
        texts = (text_column(part, table, "number") for part in node.walk() if found == "t")
        raise ExpressionError(not_a_number(found) + next(filter(None, texts), ""))
    return found


def check_formula(node: Node, table: Table) -> None:
    """Check a formula over measures, given as the table's columns. Raises ExpressionError."""
    if family(node, Scope(table, "formula")) not in ("n", ""):
        raise ExpressionError(Message("the result is not a number"))
    if not any(part.kind == "column" for part in node.walk()):
        raise ExpressionError(
            Message("no measure is named; write a measure's name, or arithmetic such as done / planned")
        )


def family(node: Node, scope: Scope) -> str:
    """Check a node and its operands; return its family (see functions.py). Raises ExpressionError."""
    check = _CHECKS.get(node.kind)
    return check(node, scope) if check else literal_family(node)


def _refuse_row_level(node: Node, table: Table) -> None:
    found = family(node, Scope(table, "inside", Message("a value")))
    named = next((part.name for part in node.walk() if part.kind == "column"), "")
    if found == "b":
        raise ExpressionError(Message("this is a condition on one row; write share(...) or count(*) filter (...)"))
    if named:
        raise ExpressionError(outside(named))
    raise ExpressionError(Message("a value counts or sums rows; write an aggregate such as count(*)"))


def _column(node: Node, scope: Scope) -> str:
    column = scope.table.column(node.name)
    if column is None and (scope.level == "formula" or not scope.table.open):
        raise ExpressionError(unknown(node.name, scope.table, formula=scope.level == "formula"))
    if column is None and node.name.lower() in CLOCKS:
        raise ExpressionError(
            Message("{name} is not allowed in a value: {refused}", name=node.name, refused=REFUSED["now"])
        )
    if scope.level == "outside":
        raise ExpressionError(outside(node.name))
    return COLUMN_FAMILIES[column.type] if column else ""


def _call(node: Node, scope: Scope) -> str:
    function = FUNCTIONS[node.name]
    shown = "count" if node.name == "count_star" else node.name
    if function.aggregate:
        if scope.level == "formula":
            raise ExpressionError(
                Message("{shown}() works on rows; here, write names of measures, as in done / planned", shown=shown)
            )
        if scope.level == "inside":
            raise ExpressionError(Message("{shown}() is not allowed in {within}", shown=shown, within=scope.within))
    _check_number_of_arguments(shown, function, len(node.args))
    inner = Scope(scope.table, "inside", f"{shown}()") if function.aggregate else scope
    if node.filter:
        _condition(node.filter, Scope(scope.table, inner.level, _A_CONDITION))
    given = [
        _argument(shown, part, function.params[min(place, len(function.params) - 1)], inner)
        for place, part in enumerate(node.args)
    ]
    if node.name in ("greatest", "least", "coalesce", "ifnull", "nullif"):
        return _one_family(node.args, given, shown)
    if node.name == "if":
        return _one_family(node.args[1:], given[1:], shown)
    if node.name in ("list_contains", "array_contains", "contains"):
        check_values(column_of(node.args[0], scope.table), node.args[1:])
    return given[0] if function.gives == "0" else function.gives


def _check_number_of_arguments(name: str, function: Function, given: int) -> None:
    most = len(function.params)
    if function.least <= given and (given <= most or function.endless):
        return
    wanted = str(most) if function.least == most else Message("{least} to {most}", least=function.least, most=most)
    wanted = Message("at least {least}", least=function.least) if function.endless else wanted
    raise ExpressionError(
        Message(
            "{name}() takes {wanted} argument{s}, not {given}",
            name=name,
            wanted=wanted,
            s="s" if wanted != "1" else "",
            given=given,
        )
    )


def _argument(name: str, part: Node, wanted: str, scope: Scope) -> str:
    if wanted == "u":
        if part.kind != "text" or part.name.lower() not in UNITS:
            meant = closest(part.name, UNITS) if part.kind == "text" else ""
            raise ExpressionError(Message("{name}() takes a unit first, such as 'day'", name=name) + meant)
        return "t"
    if wanted == "f":
        if part.kind != "number" or not 0 <= float(part.name) <= 1:
            raise ExpressionError(
                Message("{name}() takes a share from 0 to 1 as its second argument, such as 0.9", name=name)
            )
        return "n"
    found = family(part, scope)
    if wanted == "*" or not found or found in wanted or ("s" in wanted and is_instant(part)):
        return found
    if name in ("share", "count_if"):
        raise ExpressionError(
            Message(
                "{name}() takes a condition{but}; write {as_condition}",
                name=name,
                but=but(part, found, scope.table),
                as_condition=as_condition(part, found),
            )
        )
    advice = Message("; write {name}((...)::int) or share(...)", name=name) if found == "b" and "n" in wanted else ""
    needs = Message("numbers") if "n" in wanted else one_of(WORDS[letter] for letter in wanted)
    advice += instead_of_text(part, scope.table, "number" if "n" in wanted else "date") if found == "t" else ""
    raise ExpressionError(
        Message(
            "{name}() takes {needs}{but}{advice}",
            name=name,
            needs=needs,
            but=but(part, found, scope.table),
            advice=advice,
        )
    )


def _condition(part: Node, scope: Scope) -> None:
    found = family(part, scope)
    if found not in ("b", "") or part.kind == "null":
        raise ExpressionError(
            Message(
                "a condition is needed{but}; write {as_condition}",
                but=but(part, found, scope.table),
                as_condition=as_condition(part, found),
            )
        )


def _case(node: Node, scope: Scope) -> str:
    *checks, otherwise = node.args
    for when in checks[::2]:
        _condition(when, scope)
    results = [*checks[1::2], otherwise]
    return _one_family(results, [family(part, scope) for part in results], "case")


def _one_family(parts: Sequence[Node], found: Sequence[str], name: str) -> str:
    """Return the family that all parts share; texts such as '2026-10-01' are accepted among points in time."""
    known = [letter for part, letter in zip(parts, found, strict=True) if letter and not is_instant(part)]
    if not known:
        return next((letter for letter in found if letter), "")
    for letter in known:
        if letter != known[0]:
            raise ExpressionError(
                Message(
                    "{name} takes one type, not {type} and {other}",
                    name=name,
                    type=WORDS[known[0]],
                    other=WORDS[letter],
                )
            )
    return known[0]


def _cast(node: Node, scope: Scope) -> str:
    inner = node.args[0]
    family(inner, scope)
    gives = CASTS[node.name.partition("(")[0].lower()]
    if gives == "s" and inner.kind == "text" and not is_instant(inner):
        raise ExpressionError(
            Message("{name!r} is not a point in time; {instant_advice}", name=inner.name, instant_advice=INSTANT_ADVICE)
        )
    return gives


def _operator(node: Node, scope: Scope) -> str:
    if node.name in ("AND", "OR", "NOT"):
        for part in node.args:
            _condition(part, scope)
        return "b"
    found = [family(part, scope) for part in node.args]
    if node.name in _COMPARED:
        check_comparison(node, found, scope.table)
        return "b"
    if node.name.endswith("LIKE"):
        for part, letter in zip(node.args, found, strict=True):
            if letter not in ("t", ""):
                raise ExpressionError(
                    Message("{name} takes text{but}", name=node.name, but=but(part, letter, scope.table))
                )
        return "b"
    if node.name.startswith("IS "):
        return "b"
    return "t" if node.name == "||" else _reckon(node, found, scope.table)


def _reckon(node: Node, found: Sequence[str], table: Table) -> str:
    """Return the family of + - * / // % over numbers, points in time and lengths of time. Raises ExpressionError."""
    for part, letter in zip(node.args, found, strict=True):
        if letter in ("t", "b", "l"):
            advice = "; write (...)::int" if letter == "b" else ""
            advice += instead_of_text(part, table, "date" if "s" in found else "number")
            saw = but(part, letter, table)
            raise ExpressionError(
                Message("'{name}' takes numbers{but}{advice}", name=node.name, but=saw, advice=advice)
            )
    if node.name in ("/", "//", "%") and node.args[1].kind == "number" and float(node.args[1].name) == 0:
        raise ExpressionError(Message("this divides by zero"))
    letters = set(found)
    if "" in letters or letters == {"n"}:
        return "n" if letters == {"n"} else ""
    if "s" not in letters:
        return "i"
    if node.name != "-" or len(found) == 1 or found[1] != "s":
        return "s"
    # DuckDB counts the days between two dates, but gives a length of time between two timestamps.
    return "" if any(part.kind == "cast" and part.name == "DATE" for part in node.args) else "i"


_CHECKS: dict[str, Callable[[Node, Scope], str]] = {
    "column": _column,
    "call": _call,
    "operator": _operator,
    "case": _case,
    "cast": _cast,
}

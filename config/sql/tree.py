"""The tree of an expression: of DuckDB's own tree (`json_serialize_sql`), only the nodes that are allowed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from config.dataclass import dataclass
from config.message import Message
from config.sql.functions import CASTS, FUNCTIONS
from config.sql.instants import holds_placeholder, is_placeholder
from config.sql.messages import ExpressionError, refused_function

MAX_DEPTH = 120
"""Maximum number of levels of a tree."""

_COMPARISONS = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
    "COMPARE_DISTINCT_FROM": "IS DISTINCT FROM",
    "COMPARE_NOT_DISTINCT_FROM": "IS NOT DISTINCT FROM",
}
_OPERATORS = {
    "COMPARE_IN": "IN",
    "COMPARE_NOT_IN": "NOT IN",
    "OPERATOR_NOT": "NOT",
    "OPERATOR_IS_NULL": "IS NULL",
    "OPERATOR_IS_NOT_NULL": "IS NOT NULL",
}
_SIGNS = {"~~": "LIKE", "!~~": "NOT LIKE", "~~*": "ILIKE", "!~~*": "NOT ILIKE"} | {
    sign: sign for sign in ("+", "-", "*", "/", "//", "%", "||")
}
_ENDS = {"first": "last", "last": "first"}
"""Aggregates that need an ORDER BY, with those of the opposite order."""
_CLASSES = {
    "SUBQUERY": Message("a value cannot contain a query; SELECT is not allowed in it"),
    "WINDOW": Message("OVER is not allowed in a value: it is one number over all rows"),
    "STAR": Message("'*' is only allowed in count(*)"),
    "PARAMETER": Message("'?' and '$1' are not allowed in a value; write the number itself"),
    "LAMBDA": Message("'->' and lambda are not allowed in a value"),
    "COLLATE": Message("COLLATE is not allowed in a value; compare lower(...) instead"),
}

Kind = Literal["column", "number", "text", "instant", "boolean", "null", "call", "operator", "cast", "case"]


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression.

    Attributes:
        kind: the kind of node.
        name: a column's name, a literal's text, a placeholder, a function, an operator in capitals, or
            the type of a cast.
        args: operands; a `case` holds when, then, when, then, ..., else.
        filter: the condition of an aggregate's FILTER.
        distinct: whether an aggregate uses each value once.
        attempt: whether a cast gives null instead of failing (TRY_CAST).
    """

    kind: Kind
    name: str
    args: tuple["Node", ...] = ()
    filter: "Node | None" = None
    distinct: bool = False
    attempt: bool = False

    @property
    def aggregate(self) -> bool:
        """Whether the node is the call of an aggregate."""
        return self.kind == "call" and FUNCTIONS[self.name].aggregate

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all nodes below it, depth first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if node.filter:
                waiting.append(node.filter)
            waiting += reversed(node.args)


def tree_of(statements: list[dict[str, Any]]) -> Node:
    """Build the tree of the only expression in DuckDB's statements. Raises ExpressionError, RecursionError."""
    if len(statements) != 1:
        raise ExpressionError(Message("more than one statement; a value is one expression"))
    node = statements[0]["node"]
    plain = {"type", "cte_map", "select_list", "from_table", "aggregate_handling"}
    if node["type"] != "SELECT_NODE" or node["from_table"].get("table_name") != "rows" or node.keys() - plain:
        raise ExpressionError(
            Message("a value is one expression over the rows; FROM, WHERE and UNION are not allowed in it")
        )
    if len(node["select_list"]) != 1:
        raise ExpressionError(Message("a value is one number, not several"))
    return _node(node["select_list"][0], 0)


def _node(raw: dict[str, Any], depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise ExpressionError(Message("nested more than {max_depth} levels deep", max_depth=MAX_DEPTH))
    build = _BUILDERS.get(raw["class"])
    if build is None:
        raise ExpressionError(
            _CLASSES.get(raw["class"], Message("{word} is not allowed in a value", word=raw["class"].lower()))
        )
    return build(raw, depth + 1)


def _nodes(raws: Sequence[dict[str, Any]], depth: int) -> tuple[Node, ...]:
    return tuple(_node(raw, depth) for raw in raws)


def _column(raw: dict[str, Any], _depth: int) -> Node:
    names = raw["column_names"]
    if len(names) != 1:
        dotted = ".".join(names)
        raise ExpressionError(
            Message(
                "'{dotted}': write the column's name alone; a name with a dot in it is quoted: \"a.b\"", dotted=dotted
            )
        )
    return Node("column", names[0])


def _constant(raw: dict[str, Any], _depth: int) -> Node:
    kind, text = raw["literal"]["kind"], raw["literal"].get("text", "")
    if kind in ("INTEGER", "NUMERIC"):
        return Node("number", text.replace("_", ""))
    if kind == "STRING" and is_placeholder(text):
        return Node("instant", text)
    if kind == "STRING" and holds_placeholder(text):
        raise ExpressionError(
            Message("{text!r}: a placeholder in a longer text is not filled; let it be alone, as {{today}}", text=text)
        )
    known: dict[str, Kind] = {"STRING": "text", "BOOLEAN": "boolean", "NULL_LITERAL": "null"}
    if kind not in known:
        raise ExpressionError(
            Message("the literal {text!r} is not allowed in a value; write a number or a text in '...'", text=text)
        )
    return Node(known[kind], text)


def _comparison(raw: dict[str, Any], depth: int) -> Node:
    return Node("operator", _COMPARISONS[raw["type"]], _nodes([raw["left"], raw["right"]], depth))


def _conjunction(raw: dict[str, Any], depth: int) -> Node:
    return Node("operator", raw["type"].removeprefix("CONJUNCTION_"), _nodes(raw["children"], depth))


def _operator(raw: dict[str, Any], depth: int) -> Node:
    children = _nodes(raw.get("children", ()), depth)
    if raw["type"] == "OPERATOR_COALESCE":
        return Node("call", "coalesce", children)
    if raw["type"] not in _OPERATORS:
        raise ExpressionError(
            Message("{word} is not allowed in a value", word=raw["type"].lower().removeprefix("operator_"))
        )
    return Node("operator", _OPERATORS[raw["type"]], children)


def _between(raw: dict[str, Any], depth: int) -> Node:
    return Node("operator", "BETWEEN", _nodes([raw["input"], raw["lower"], raw["upper"]], depth))


def _case(raw: dict[str, Any], depth: int) -> Node:
    parts = [part for check in raw["case_checks"] for part in (check["when_expr"], check["then_expr"])]
    return Node("case", "case", _nodes([*parts, raw["else_expr"]], depth))


def _cast(raw: dict[str, Any], depth: int) -> Node:
    kind = raw["type_expr"]
    name = kind["type_name"].lower()
    sizes = [child.get("literal", {}).get("text", "") for child in kind.get("children", ())]
    if name not in CASTS or "schema" in kind or not all(size.isdigit() for size in sizes):
        raise ExpressionError(
            Message("a cast to {name} is not allowed in a value; number, boolean, date and text types do", name=name)
        )
    written = f"{name.upper()}({', '.join(sizes)})" if sizes else name.upper()
    return Node("cast", written, (_node(raw["child"], depth),), attempt=raw.get("try_cast", False))


def _function(raw: dict[str, Any], depth: int) -> Node:
    name = raw["function_name"].lower()
    if raw.get("schema") or raw.get("catalog"):
        raise ExpressionError(Message("write {name}(...) alone, without a name and a dot before it", name=name))
    given = raw.get("arguments", [])
    if any(argument.get("name") for argument in given):
        raise ExpressionError(Message("{name}() takes its arguments without names", name=name))
    if name in _SIGNS and raw.get("is_operator"):
        if len(given) == 1 and name not in ("+", "-"):
            raise ExpressionError(Message("'{name}' needs a value on both sides", name=name))
        return Node("operator", _SIGNS[name], _nodes([argument["expression"] for argument in given], depth))
    name = {"countif": "count_if"}.get(name, name)
    if name not in FUNCTIONS:
        raise ExpressionError(refused_function(name, empty=not given))
    args = _nodes([argument["expression"] for argument in given], depth)
    condition = _node(raw["filter"], depth) if raw.get("filter") else None
    call = Node("call", name, args, condition, raw.get("distinct", False))
    orders = raw.get("order_bys", {}).get("orders", [])
    if orders or name in _ENDS:
        call = _ordered(call, orders, depth)
    if not FUNCTIONS[name].aggregate and (condition or call.distinct):
        raise ExpressionError(
            Message("{name}() works on one row at a time; FILTER and DISTINCT belong to aggregates", name=name)
        )
    counts_rows = name == "count" and not call.distinct and len(args) == 1 and args[0].kind == "number"
    return replace(call, name="count_star", args=()) if counts_rows else call


def _ordered(call: Node, orders: list[dict[str, Any]], depth: int) -> Node:
    """Rewrite an ORDER BY inside a call as an argument; refuse it where it has no meaning.

    `percentile_cont(0.9) WITHIN GROUP (ORDER BY x)` is quantile_cont(x, 0.9), `last(x ORDER BY at)` is last(x, at), and
    `last(x ORDER BY at DESC)` is first(x, at).
    """
    descending = bool(orders) and orders[0]["type"] == "DESCENDING"
    key = _node(orders[0]["expression"], depth) if len(orders) == len(call.args) == 1 else None
    if call.name in _ENDS:
        if key is None:
            raise ExpressionError(
                Message("{name}() takes one value and one order: {name}(value order by created)", name=call.name)
            )
        return replace(call, name=_ENDS[call.name] if descending else call.name, args=(*call.args, key))
    if key is None or descending or not call.name.startswith("quantile"):
        raise ExpressionError(Message("ORDER BY has no meaning in {name}()", name=call.name))
    return replace(call, args=(key, *call.args))


_BUILDERS: dict[str, Callable[[dict[str, Any], int], Node]] = {
    "COLUMN_REF": _column,
    "CONSTANT": _constant,
    "COMPARISON": _comparison,
    "CONJUNCTION": _conjunction,
    "OPERATOR": _operator,
    "BETWEEN": _between,
    "CASE": _case,
    "CAST": _cast,
    "FUNCTION": _function,
}

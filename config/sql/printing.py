"""Generate DuckDB SQL from a checked expression tree, with rules for empty sets, nulls and divisions by zero.

- `share(c)` is the number of rows where c is true divided by that of all rows (of its FILTER); over no rows it is null.
- A sum over no rows is 0; a sum over rows that hold no value is null.
- A division by zero between aggregates is null; inside an aggregate it makes the aggregate null.
- `max_by(x, key)` and the like pass over rows where x or the key is null; several rows with the greatest key and
  different x are an error (`TIE`), since any choice would be a guess.
- `greatest` and `least` of aggregates are null where one of them is, so that unknown data never becomes a limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from config.dataclass import dataclass
from config.message import Message
from config.sql.functions import GREATEST, LEAST
from config.sql.messages import TIE, ExpressionError
from config.sql.tree import Node

MAX_STRICT = 4
_DIVISIONS = ("/", "//", "%")
_COUNTS = ("count_star", "count", "count_if")


@dataclass(frozen=True, slots=True)
class Style:
    """Options of generation: column names by lower-case name, and whether to mask literals to compare shapes."""

    spelling: Mapping[str, str] = field(default_factory=dict)
    mask: bool = False


def quoted(name: str) -> str:
    """Quote a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def write(node: Node, style: Style) -> str:
    """Generate the SQL of a whole expression, for `SELECT ... FROM rows`.

    Raises ExpressionError where greatest() and least() are nested more than MAX_STRICT deep, since each level repeats
    its arguments.
    """
    return _write(node, style, outside=True, strict=0)


def write_condition(node: Node, style: Style) -> str:
    """Generate the SQL of a condition on one row."""
    return _write(node, style, outside=False, strict=0)


def zero_divisions(node: Node, style: Style) -> tuple[str, ...]:
    """Generate SQL tests over all rows, each true where a divisor of the expression is 0."""
    return tuple(_zero_tests(node, style, None))


def _zero_tests(node: Node, style: Style, aggregate: Node | None) -> Iterator[str]:
    inner = node if node.aggregate else aggregate
    if node.kind == "operator" and node.name in _DIVISIONS and node.args[1].kind != "number":
        test = f"({_write(node.args[1], style, outside=aggregate is None, strict=0)} = 0)"
        yield f"bool_or({test}){_filter(aggregate.filter, style)}" if aggregate else test
    for part in node.args:
        yield from _zero_tests(part, style, inner)


def _write(node: Node, style: Style, *, outside: bool, strict: int) -> str:
    if node.aggregate:
        return _aggregate(node, style)
    if node.kind in ("column", "number", "text", "instant", "boolean", "null"):
        return _leaf(node, style)
    limited = outside and node.kind == "call" and node.name in ("greatest", "least")
    strict += limited
    if strict > MAX_STRICT:
        raise ExpressionError(Message("greatest() and least() are nested more than {most} deep", most=MAX_STRICT))
    args = [_write(part, style, outside=outside, strict=strict) for part in node.args]
    if node.kind == "cast":
        return f"{'TRY_CAST' if node.attempt else 'CAST'}({args[0]} AS {node.name})"
    if node.kind == "case":
        pairs = " ".join(f"WHEN {when} THEN {then}" for when, then in zip(args[:-1:2], args[1:-1:2], strict=True))
        return f"CASE {pairs} ELSE {args[-1]} END"
    if node.kind == "operator":
        return _operator(node, args, outside=outside)
    return _call(node, args, limited=limited)


def _call(node: Node, args: list[str], *, limited: bool) -> str:
    call = f"{node.name}({', '.join(args)})"
    doubtful = [arg for part, arg in zip(node.args, args, strict=True) if limited and not _certain(part)]
    if doubtful:
        return f"CASE WHEN {' OR '.join(f'{arg} IS NULL' for arg in doubtful)} THEN NULL ELSE {call} END"
    return call


def _certain(node: Node) -> bool:
    return node.kind == "number" or (node.kind == "call" and node.name in _COUNTS)


def _leaf(node: Node, style: Style) -> str:
    if node.kind == "column":
        return quoted(style.spelling.get(node.name.lower(), node.name))
    if node.kind == "text":
        return "''" if style.mask else literal(node.name)
    if node.kind == "instant":
        return f"TIMESTAMP '{node.name}'"
    if node.kind == "number":
        whole = node.name.lstrip("+-").isdigit()
        text = ("1" if whole else "0.5") if style.mask else node.name
        # An exponent makes a DOUBLE: DuckDB's decimals overflow where a HUGEINT meets them.
        return text if whole or "e" in text.lower() else f"{text}e0"
    return node.name.upper() if node.kind == "boolean" else "NULL"


def _operator(node: Node, args: list[str], *, outside: bool) -> str:
    name = node.name
    if name in ("IN", "NOT IN"):
        return f"({args[0]} {name} ({', '.join(args[1:])}))"
    if name == "BETWEEN":
        return f"({args[0]} BETWEEN {args[1]} AND {args[2]})"
    if name in ("IS NULL", "IS NOT NULL"):
        return f"({args[0]} {name})"
    if len(args) == 1:
        return f"({name} {args[0]})"
    if outside and name in _DIVISIONS and node.args[1].kind != "number":
        args = [args[0], f"nullif({args[1]}, 0)"]
    return f"({f' {name} '.join(args)})"


def _filter(condition: Node | None, style: Style, also: Node | None = None) -> str:
    parts = [write_condition(part, style) for part in (also, condition) if part is not None]
    return f" FILTER (WHERE {' AND '.join(parts)})" if parts else ""


def _aggregate(node: Node, style: Style) -> str:
    where = _filter(node.filter, style)
    if node.name == "count_star":
        return f"count(*){where}"
    if node.name in ("count_if", "share"):
        met = f"count(*){_filter(node.filter, style, node.args[0])}"
        return met if node.name == "count_if" else f"({met} / nullif(count(*){where}, 0))"
    if node.name in (*GREATEST, *LEAST):
        return _end(node, style)
    args = ", ".join(write_condition(part, style) for part in node.args)
    call = f"{node.name}({'DISTINCT ' if node.distinct else ''}{args}){where}"
    if node.name == "sum":
        call = f"CASE WHEN count(*){where} = 0 THEN 0 ELSE {call} END"
    return _finite(call, node.args) if node.name not in ("count", "bool_and", "bool_or") else call


def _finite(call: str, parts: Sequence[Node]) -> str:
    """Make an aggregate null where a division by zero inside it made it infinite."""
    divides = any(part.kind == "operator" and part.name in _DIVISIONS for arg in parts for part in arg.walk())
    return f"CASE WHEN isfinite(CAST({call} AS DOUBLE)) THEN {call} END" if divides else call


def _end(node: Node, style: Style) -> str:
    """Take a value of the row with the greatest or least key; raise an error where rows with that key differ."""
    value, key = (write_condition(part, style) for part in node.args)
    filled = Node("operator", "AND", tuple(Node("operator", "IS NOT NULL", (part,)) for part in node.args))
    where = _filter(node.filter, style, filled)
    order = "DESC" if node.name in GREATEST else "ASC"
    lowest, highest = (f"first({value} ORDER BY {key} {order}, {value} {way}){where}" for way in ("ASC", "DESC"))
    column = _leaf(Node("text", node.args[1].name if node.args[1].kind == "column" else key), Style())
    end = f"first({key} ORDER BY {key} {order}){where}"
    shown = ", ".join([f"'{TIE}'", column, *(f"CAST({part} AS VARCHAR)" for part in (end, lowest, highest))])
    tied = f"WHEN {lowest} <> {highest} THEN error(concat_ws(chr(31), {shown}))"
    return _finite(f"CASE {tied} ELSE {lowest} END", node.args[:1])

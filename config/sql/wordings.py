"""Message texts about types and names in expressions."""

from config.message import Message
from config.sql.functions import CLOCKS, REFUSED, WORDS
from config.sql.messages import closest_or_all, full_width
from config.sql.tree import Node
from config.tables import Table


def not_a_number(found: str) -> str:
    """Explain that a result of this family is not a number, and what to write instead."""
    advice = {
        "b": Message("write (...)::int, or share(...) for a share of the rows"),
        "s": Message("compare two with date_diff('day', a, b)"),
        "i": Message("write date_diff('hour', a, b)"),
    }.get(found, Message("count or measure it, such as count(distinct ...)"))
    return Message("the result is {type}, not a number; {advice}", type=WORDS[found], advice=advice)


def outside(name: str) -> str:
    """Explain that a column is outside an aggregate."""
    return Message(
        "{name} is outside an aggregate; wrap it in sum({name}), avg({name}) or another aggregate", name=name
    ) + full_width(name)


def unknown(name: str, table: Table, *, formula: bool) -> str:
    """Explain that a name is no column of the table, or no measure; suggest known names."""
    names = [column.name for column in table.columns]
    if formula:
        return Message("unknown measure '{name}'", name=name) + closest_or_all(name, names, Message("measures"))
    if name.lower() in CLOCKS:
        return Message("{name} is not allowed in a value: {refused}", name=name, refused=REFUSED["now"])
    if any(name in column.values for column in table.columns):
        return Message(
            "unknown column '{name}' in {table}; a text needs single quotes: '{name}'",
            name=name,
            table=table.name,
        )
    return Message("unknown column '{name}' in {table}", name=name, table=table.name) + (
        full_width(name) or closest_or_all(name, names, Message("columns"))
    )


def but(part: Node, found: str, table: Table) -> str:
    """Describe the type of a part that does not fit, to append to a message."""
    column = table.column(part.name) if part.kind == "column" else None
    if column and column.note and column.type == "text":
        return Message("; {name} is {type}", name=part.name, type=column.note)
    if part.kind == "column":
        return Message("; {name} is {type}", name=part.name, type=WORDS[found])
    return (
        Message("; {name!r} is {type}", name=part.name, type=WORDS[found])
        if part.kind == "text"
        else Message(", not {type}", type=WORDS[found])
    )


def as_condition(part: Node, found: str) -> str:
    """Return an example of a condition on a part of this family."""
    name = part.name if part.kind == "column" else "..."
    return {"t": f"{name} = '...'", "l": f"list_contains({name}, '...')"}.get(found, f"{name} > ...")

"""Refuse comparisons of texts, which go letter by letter, where dates or numbers are meant."""

import re
from collections.abc import Sequence

from config.cell_types import yaml_key
from config.message import Message
from config.scalars import plain
from config.sql.messages import ExpressionError
from config.sql.tree import Node
from config.tables import Column, Table

ORDERED = frozenset(("<", ">", "<=", ">=", "BETWEEN"))

_AS_DATE = Message("write strptime(..., '%Y-%m-%d') with the form that it has")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NUMBER_LIKE = re.compile(r"[-+]?[$€£¥]?[\d.,]*\d[\d.,' ]*(?:e[-+]?\d+)?\s*[百千萬億兆]*%?", re.IGNORECASE)
_DATE_LIKE = re.compile(
    r"[\d\s.,:/+年月日時分秒上下午民國-]*\d[\d\s.,:/+年月日時分秒上下午-]*(?:[ap]m)?"
    r"|\d[\d\s.,:/+-]*t[\d\s.,:/+-]*z?"
    rf"|(?:[a-z]{{3,9}},?\s+)?\d{{0,2}}[\s./-]*(?:{_MONTHS})[a-z]*[\s./,-]+\d[\d\s.,:/+-]*(?:[ap]m)?",
    re.IGNORECASE,
)
_DAY = re.compile(
    r"(?:\d{3,4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{2,4}年\d{1,2}月\d{1,2}日?)(?:[T\s].*)?",
    re.IGNORECASE,
)


def check_texts(node: Node, families: Sequence[str], table: Table) -> None:
    """Refuse to order texts by a date or a number, or to ask whether they are a date.

    Ids may be asked for (`sku = '0123'`), and texts such as 'P2' or '2026-Q4' ordered. Raises ExpressionError.
    """
    texts = [part for part, family in zip(node.args, families, strict=True) if family == "t" and part.kind != "text"]
    literals = [part.name for part in node.args if part.kind == "text"]
    ordered = node.name in ORDERED
    if not texts:
        return
    for text in literals:
        cleaned = plain(text)
        is_number = _NUMBER_LIKE.fullmatch(cleaned) is not None
        if _DAY.fullmatch(cleaned) or (ordered and (is_number or _DATE_LIKE.fullmatch(cleaned))):
            raise ExpressionError(_compared_by_letters(texts[0], table, "number" if is_number else "date"))
    if ordered and len(texts) > 1:
        raise ExpressionError(_compared_by_letters(texts[0], table, "date"))


def instead_of_text(part: Node, table: Table, kind: str) -> str:
    """Say what makes a column that was found to be text a `number` or a `date`; empty for any other part."""
    column = table.column(part.name) if part.kind == "column" else None
    found = column and column.note and column.type == "text"
    return Message("; {advice}", advice=_advice(column, kind)) if column and found else ""


def text_column(part: Node, table: Table, kind: str) -> str:
    """Name a column that was found to be text, and say what makes it a `number` or a `date`; else an empty text."""
    column = table.column(part.name) if part.kind == "column" else None
    advice = instead_of_text(part, table, kind)
    return Message("; {name} is {type}", name=part.name, type=column.note) + advice if column and advice else ""


def number_of_text(column: Column, number: str) -> str:
    """Say that a text is ordered by a number."""
    return _column_by_letters(column, "number") if number not in ("true", "false") else quotes_missing(column, number)


def quotes_missing(column: Column, literal: str) -> str:
    """Say that a text is asked for without quotes."""
    found = column.note or Message("text")
    saw = Message("{name} is {type}; write '{text}' in quotes", name=column.name, type=found, text=literal)
    kind = "boolean" if literal in ("true", "false") else "number"
    return saw + Message(", or {advice}", advice=_advice(column, kind)) if column.note else saw


def date_of_number(column: Column, literal: str) -> str:
    """Say that a number is compared with a date, as 20261001 may be."""
    return Message(
        "{name} is a number and {literal} is not; if it is a date, set `types: {{{key}: date}}`",
        name=column.name,
        literal=literal,
        key=yaml_key(column.name),
    )


def _compared_by_letters(part: Node, table: Table, kind: str) -> str:
    column = table.column(part.name) if part.kind == "column" else None
    if column is None:
        advice = Message("cast it, as in (...)::double") if kind == "number" else _AS_DATE
        return Message(
            "texts are compared letter by letter, which is wrong for dates and numbers; {advice}", advice=advice
        )
    return _column_by_letters(column, kind)


def _column_by_letters(column: Column, kind: str) -> str:
    return Message(
        "{name} is {type}, and texts are compared letter by letter; {advice}",
        name=column.name,
        type=column.note or Message("text"),
        advice=_advice(column, kind),
    )


def _advice(column: Column, kind: str) -> str:
    if column.note and kind == "number":
        return Message("if its cells are numbers, set `types: {{{key}: number}}`", key=yaml_key(column.name))
    if column.note and kind != "date":
        return Message("set `types: {{{key}: {kind}}}`", key=yaml_key(column.name), kind=kind)
    if column.note:
        return Message(
            "if its cells are dates, set `types: {{{key}: date DMY}}`, or MDY or YMD", key=yaml_key(column.name)
        )
    return Message("write {name}::double", name=column.name) if kind == "number" else _AS_DATE

"""Parse the subset of JQL that the sandbox supports; `jql_match.py` evaluates the result.

    query     [conditions] [ORDER BY field [ASC | DESC] {, field [ASC | DESC]}]      at most 7 fields to order by
    joined    AND, OR, NOT, parentheses
    operators = != < <= > >= IN, NOT IN, ~, IS EMPTY, IS NOT EMPTY (NULL too)
    values    words, "quoted", 'quoted', numbers, EMPTY, functions, lists in parentheses
    fields    project, key (issuekey), id, type (issuetype), status, statusCategory, resolution, priority, labels,
              component, fixVersion, assignee, reporter, sprint, parent, created, updated, resolved
              (resolutiondate), due (duedate), summary, text, "Story Points", cf[10016]
    dates     epoch milliseconds without quotes (Cloud), "yyyy-MM-dd" and "yyyy-MM-dd HH:mm" in the account's time
              zone (also with slashes), relative such as -7d or "-75m" (w d h m)
    functions openSprints(), now(), startOfDay(), endOfDay(), and the same of Week, Month and Year, with an optional
              step such as startOfMonth(-1) or startOfDay("-7d")

`~` finds all words of the value anywhere in the text. As in Jira, `!=` and NOT IN exclude issues whose field is empty.
Everything else (WAS, CHANGED, !~, other fields and functions) is refused with `JqlError`, never ignored.
"""

import re
from dataclasses import dataclass

MOST_ORDER_FIELDS = 7

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<cf>cf\[\d+\])
      | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<sign>!=|!~|<=|>=|=|<|>|~|\(|\)|,)
      | (?P<word>[^\s"'=!<>~(),&|\[\]{}]+)
    )""",
    re.VERBOSE,
)
_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=", "~")
_RESERVED = ("and", "or", "not", "in", "is", "order", "by", "was", "changed", "empty", "null")


class JqlError(ValueError):
    """A query that Jira (or this sandbox) refuses, with Jira's message."""


@dataclass(frozen=True, slots=True)
class Value:
    """A literal value, and whether it was quoted."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function call such as `startOfMonth(-1)`."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition. `operator` is =, !=, <, <=, >, >=, ~, in, not in, is or is not; EMPTY is an operand of None."""

    field: str
    operator: str
    operands: tuple[Value | Function | None, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A negation."""

    part: "Node"


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by `and` or `or`."""

    operator: str
    parts: tuple["Node", ...]


Node = Clause | Not | Joined


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `where` is None without conditions. `order` is (field, descending) pairs."""

    where: Node | None
    order: tuple[tuple[str, bool], ...] = ()


def parse(text: str) -> Query:
    """Parse a query. Raises JqlError."""
    return _Parser(text).query()


class _Parser:
    """Recursive descent parser; `_at` is the position of the next token."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0

    def query(self) -> Query:
        where = None
        if self._peek()[0] and self._word() != "order":
            where = self._either()
        order: tuple[tuple[str, bool], ...] = ()
        if self._take("order"):
            self._expect("by")
            order = self._order()
        if self._peek()[0]:
            raise self._expected("either 'OR' or 'AND'")
        return Query(where, order)

    def _order(self) -> tuple[tuple[str, bool], ...]:
        order = []
        while True:
            name = self._field()
            descending = self._take("desc")
            if not descending:
                self._take("asc")
            order.append((name, descending))
            if not self._take(","):
                break
        if len(order) > MOST_ORDER_FIELDS:
            raise _refused(f"The maximum number of fields to order by is {MOST_ORDER_FIELDS}.")
        return tuple(order)

    def _either(self) -> Node:
        parts = [self._both()]
        while self._take("or"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Joined("or", tuple(parts))

    def _both(self) -> Node:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else Joined("and", tuple(parts))

    def _one(self) -> Node:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            inner = self._either()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        name = self._field()
        for sign in _COMPARISONS:
            if self._take(sign):
                return Clause(name, sign, (self._value(),))
        if self._take("is"):
            operator = "is not" if self._take("not") else "is"
            if not (self._take("empty") or self._take("null")):
                raise self._expected("'EMPTY' or 'NULL'")
            return Clause(name, operator, (None,))
        negated = self._take("not")
        if self._take("in"):
            return Clause(name, "not in" if negated else "in", self._values())
        if self._word() in ("was", "changed") or self._peek() == ("sign", "!~"):
            raise _refused(f"this sandbox does not know the operator '{self._peek()[1]}'.")
        raise self._expected("operator", " The valid operators are '=', '!=', '<', '>', '<=', '>=', '~', 'IN', 'IS'.")

    def _values(self) -> tuple[Value | Function | None, ...]:
        if self._peek() != ("sign", "("):
            return (self._value(),)
        self._take("(")
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        self._expect(")")
        return tuple(values)

    def _value(self) -> Value | Function | None:
        kind, text = self._peek()
        if kind == "text":
            self._at += 1
            return Value(text, quoted=True)
        if self._take("empty") or self._take("null"):
            return None
        if kind != "word" or text.lower() in _RESERVED:
            raise self._expected("either a value, list or function")
        self._at += 1
        return Function(text, self._arguments()) if self._take("(") else Value(text)

    def _arguments(self) -> tuple[str, ...]:
        arguments: list[str] = []
        while not self._take(")"):
            kind, text = self._peek()
            if kind not in ("word", "text"):
                raise self._expected("')'")
            self._at += 1
            arguments.append(text)
            if self._peek() != ("sign", ")"):
                self._expect(",")
        return tuple(arguments)

    def _field(self) -> str:
        kind, text = self._peek()
        if kind not in ("word", "text", "cf") or (kind == "word" and text.lower() in _RESERVED):
            raise self._expected("a field name")
        self._at += 1
        return text

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _word(self) -> str:
        kind, text = self._peek()
        return text.lower() if kind == "word" else ""

    def _take(self, wanted: str) -> bool:
        kind, text = self._peek()
        if kind in ("word", "sign") and text.lower() == wanted:
            self._at += 1
            return True
        return False

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise self._expected(f"'{wanted.upper()}'")

    def _expected(self, what: str, more: str = "") -> JqlError:
        text = self._peek()[1]
        return _refused(
            f"Expecting {what} " + (f"but got '{text}'." if self._peek()[0] else "before the end of the query.") + more
        )


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, place, end = [], 0, len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            line = text.count("\n", 0, place) + 1
            odd = text[place:].lstrip()[0]
            raise _refused(f"The character '{odd}' is a reserved JQL character or an open quote. (line {line})")
        kind = match.lastgroup or ""
        token = match[kind]
        tokens.append((kind, re.sub(r"\\(.)", r"\1", token[1:-1]) if kind == "text" else token))
        place = match.end()
    return tokens


def _refused(message: str) -> JqlError:
    return JqlError(f"Error in the JQL Query: {message}")

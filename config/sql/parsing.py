"""Parse expressions with DuckDB into trees.

The text itself is never run: SQL is generated from its tree (`printing.py`), so a comment, a second statement or a
closing bracket cannot reach beyond the expression.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from types import MappingProxyType

from config.message import Message
from config.placeholders import problems
from config.sql.database import expression_db
from config.sql.instants import quoted_placeholders
from config.sql.messages import ExpressionError, full_width, syntax_error
from config.sql.tree import MAX_DEPTH, Node, tree_of

MAX_LENGTH = 20_000
_CHUNK = 2000
"""Number of texts in one query: the thread that parses ahead waits for the interpreter between two."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_BEFORE, _AFTER = "SELECT (\n", "\n) FROM rows"
_SERIALIZE = (
    "SELECT json_serialize_sql(text, skip_null := true, skip_empty := true, skip_default := true) "
    "FROM (SELECT unnest(?::VARCHAR[]) AS text)"
)

_Serialized = list[str | ExpressionError]
_Awaited = tuple[Future[_Serialized], int]
"""The answers of a chunk that a thread parses, and the place of a text among them."""

_ahead: ContextVar[Mapping[str, _Awaited]] = ContextVar("_ahead", default=MappingProxyType({}))


@contextmanager
def parsing_ahead() -> Iterator[Callable[[Iterable[str]], None]]:
    """Open DuckDB in a thread, and parse there the texts that the function is called with, while the block runs.

    `parse` within the block takes what was parsed there.
    """
    found: dict[str, _Awaited] = {}
    with ThreadPoolExecutor(1) as pool:
        pool.submit(expression_db)
        token = _ahead.set(found)
        try:
            yield lambda texts: found.update(_submitted(pool, list(dict.fromkeys(texts))))
        finally:
            _ahead.reset(token)
            pool.shutdown(cancel_futures=True)


def _submitted(pool: ThreadPoolExecutor, texts: Sequence[str]) -> Iterator[tuple[str, _Awaited]]:
    for chunk in _chunks(texts):
        answers = pool.submit(_serialized, chunk)
        yield from ((text, (answers, place)) for place, text in enumerate(chunk))


def _chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK))


def parse(texts: Sequence[str]) -> list[Node | ExpressionError]:
    """Parse each text into a tree, or an ExpressionError for that text, in the order of `texts`."""
    ahead = _ahead.get()
    rest = [text for text in texts if text not in ahead]
    now = dict(zip(rest, chain.from_iterable(map(_serialized, _chunks(rest))), strict=True))
    answers = (now[text] if text in now else ahead[text][0].result()[ahead[text][1]] for text in texts)
    return [
        answer if isinstance(answer, ExpressionError) else _tree(text, answer)
        for text, answer in zip(texts, answers, strict=True)
    ]


def _serialized(texts: Sequence[str]) -> _Serialized:
    """Return DuckDB's JSON for each text; an error for a text that it is not asked about."""
    faults = [_unusable(text) for text in texts]
    asked = [
        "" if fault else f"{_BEFORE}{quoted_placeholders(text)}{_AFTER}"
        for text, fault in zip(texts, faults, strict=True)
    ]
    found = expression_db().cursor().execute(_SERIALIZE, [asked]).fetchall()
    return [ExpressionError(fault) if fault else row[0] for fault, row in zip(faults, found, strict=True)]


def _unusable(text: str) -> str:
    if not text.strip():
        return Message("a value is missing; write an expression such as count(*)")
    if len(text) > MAX_LENGTH:
        return Message("longer than {max_length} characters", max_length=MAX_LENGTH)
    if _CONTROL.search(text):
        return Message("it contains an invisible control character")
    return next(problems(text), "")


def _tree(text: str, answer: str) -> Node | ExpressionError:
    try:
        found = json.loads(answer)
        if found["error"]:
            return ExpressionError(syntax_error(text, _BEFORE, found) + full_width(text))
        return tree_of(found["statements"])
    except RecursionError:
        return ExpressionError(Message("nested more than {max_depth} levels deep", max_depth=MAX_DEPTH))
    except ExpressionError as fault_in_tree:
        return fault_in_tree

"""Parse expressions with DuckDB into trees.

The text itself is never run: SQL is generated from its tree (`printing.py`), so a comment, a second statement or a
closing bracket cannot reach beyond the expression.
"""

import json
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

from config.message import Message
from config.placeholders import problems
from config.sql.database import expression_db
from config.sql.instants import quoted_placeholders
from config.sql.messages import ExpressionError, full_width, syntax_error
from config.sql.tree import MAX_DEPTH, Node, tree_of

MAX_LENGTH = 20_000
_CHUNK = 500
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_BEFORE, _AFTER = "SELECT (\n", "\n) FROM rows"
_SERIALIZE = (
    "SELECT json_serialize_sql(text, skip_null := true, skip_empty := true, skip_default := true) "
    "FROM (SELECT unnest(?::VARCHAR[]) AS text)"
)


def parse(texts: Sequence[str]) -> list[Node | ExpressionError]:
    """Parse each text into a tree, or an ExpressionError for that text, in the order of `texts`.

    Of many texts, DuckDB parses the next ones in a thread while trees are built of those before.
    """
    chunks = [texts[start : start + _CHUNK] for start in range(0, len(texts), _CHUNK)]
    with ThreadPoolExecutor(1) if len(chunks) > 1 else nullcontext() as pool:
        parsed = pool.map(_serialized, chunks) if pool else map(_serialized, chunks)
        return [
            answer if isinstance(answer, ExpressionError) else _tree(text, answer)
            for chunk, answers in zip(chunks, parsed, strict=True)
            for text, answer in zip(chunk, answers, strict=True)
        ]


def _serialized(texts: Sequence[str]) -> list[str | ExpressionError]:
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

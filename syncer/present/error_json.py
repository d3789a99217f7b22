"""Errors in JSON: the code of their kind, their four parts and the problems of a config, in English."""

import json
from typing import Any

from config.errors import ConfigError, OkrsyncError
from config.plain_text import plain

VERSION = 1
"""Raised when a field changes its meaning or goes away; new fields do not raise it."""


def error_json(error: OkrsyncError) -> str:
    """What `--format json` prints instead of a result."""
    return json.dumps({"version": VERSION, "error": error_data(error)}, ensure_ascii=False, indent=2) + "\n"


def error_data(error: OkrsyncError) -> dict[str, Any]:
    """The error as plain data; `problems` are those of a config."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    return {
        "code": error.code,
        "text": plain(str(error)),
        "doing": error.doing,
        "saw": error.saw,
        "effect": error.effect or None,
        "advice": error.advice or None,
        "problems": [
            {"file": one.file, "line": one.line or None, "path": one.path or None, "text": plain(one.message)}
            for one in problems
        ],
    }

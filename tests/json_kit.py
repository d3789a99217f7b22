"""The JSON Schemas of `docs/json`, and what validates against them."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "json"
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or date.fromisoformat(value).isoformat() == value


@_FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Every schema, by what its file is called before `.schema.json`."""
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text("utf-8"))
        for path in sorted(FOLDER.glob("*.schema.json"))
    }


@cache
def _validator(name: str) -> Draft202012Validator:
    resources = [
        (f"{each}.schema.json", Resource.from_contents(schema, default_specification=DRAFT202012))
        for each, schema in schemas().items()
    ]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator({"$ref": f"{name}.schema.json"}, registry=registry, format_checker=_FORMATS)


def faults(name: str, data: object) -> list[str]:
    """What does not validate."""
    return [f"{error.json_path}: {error.message[:200]}" for error in _validator(name).iter_errors(data)]

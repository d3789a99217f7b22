"""Prepare JQL queries: fill placeholders and set or remove ORDER BY; conditions are never changed."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from config.placeholders import FORM, fill

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)
_BY_KEY = re.compile(r"\b(?:issue|issuekey|key|id)\b", re.IGNORECASE)
_QUOTED_PLACEHOLDER = re.compile(rf"([\"'])({FORM})\1")


def filled(jql: str, instants: Mapping[str, datetime], write: Callable[[datetime], str]) -> str:
    """Replace the placeholders of a query, quoted ones too, by their instants formatted by `write`."""
    return fill(_QUOTED_PLACEHOLDER.sub(r"\2", jql), instants, write)


def minute(zone: ZoneInfo, instant: datetime) -> str:
    """Format an instant as a JQL date literal in `zone`, truncated to minutes, JQL's resolution."""
    return f'"{instant.astimezone(zone):%Y-%m-%d %H:%M}"'


def in_total_order(jql: str) -> str:
    """Order a query by key last; with another order, Data Center repeats and drops issues across pages."""
    order = _order(jql)
    if order is None:
        return f"{jql} ORDER BY key"
    return jql if _BY_KEY.search(jql, order.end()) else f"{jql}, key"


def without_order(jql: str) -> str:
    """Remove the ORDER BY of a query, for counts."""
    order = _order(jql)
    return jql[: order.start()].rstrip() if order else jql


def _order(jql: str) -> re.Match[str] | None:
    return _ORDER_BY.search(_QUOTED.sub(lambda match: "_" * len(match[0]), jql))

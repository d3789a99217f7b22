"""Convert results of Prometheus instant queries to rows.

https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
"""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from config.errors import SourceError
from config.message import Message
from config.tables import Column
from connectors.http import shorten
from connectors.json_types import TypedRows
from connectors.protocol import Row, Value

VALUE = "value"
TIME = "time"

_EFFECT = Message("Its key results were left as they were.")


def instant(moment: datetime) -> str:
    """Format an instant for PromQL's `@` modifier: whole seconds since 1970."""
    return str(int(moment.timestamp()))


def error_of(document: object) -> str:
    """Return the error type and message of an error body; empty for any other document."""
    if not isinstance(document, Mapping) or document.get("status") != "error":
        return ""
    return f"{document.get('errorType', 'error')}: {document.get('error', 'no reason given')}"


def rows_of(document: object, doing: str) -> TypedRows:
    """Return the columns (value, time, labels) and one row per series. Labels that differ only in case fail.

    Raises SourceError: the server reports an error or a warning, the query returns a range, text or native histograms,
    or the document is not a Prometheus answer.
    """
    if error := error_of(document):
        raise SourceError(doing, shorten(error), effect=_EFFECT, advice="Try the query in Prometheus' own page.")
    data = document.get("data") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or not isinstance(data, Mapping) or document.get("status") != "success":
        raise _strange(doing)
    if warnings := document.get("warnings"):
        raise SourceError(
            doing,
            Message("the server warns: {warnings}", warnings=shorten("; ".join(map(str, warnings)))),
            effect=Message("The result may be incomplete. {effect}", effect=_EFFECT),
            advice="Resolve the warning; a partial answer is never used as if it were complete.",
        )
    return _table(_samples(data, doing), doing)


def _samples(data: Mapping[str, Any], doing: str) -> Sequence[Mapping[str, Any]]:
    kind, result = data.get("resultType"), data.get("result")
    if kind == "scalar":
        return [{"metric": {}, "value": result}]
    if kind == "vector" and isinstance(result, list):
        return result
    if kind in ("matrix", "string"):
        raise SourceError(
            doing,
            Message(
                "the query gives a {value}, not one value per series",
                value="range of values" if kind == "matrix" else "text",
            ),
            effect=_EFFECT,
            advice="Make it an instant query, such as avg_over_time(up[7d]) instead of up[7d].",
        )
    raise _strange(doing)


def _table(samples: Sequence[Mapping[str, Any]], doing: str) -> TypedRows:
    rows: list[Row] = []
    labels: dict[str, None] = {}
    for sample in samples:
        metric, pair = sample.get("metric", {}), sample.get("value")
        if "histogram" in sample:
            advice = "Convert it to numbers, such as histogram_quantile(0.9, …) or histogram_count(…)."
            raise SourceError(doing, "the query gives native histograms", effect=_EFFECT, advice=advice)
        if not isinstance(metric, Mapping) or not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004 - [time, value]
            raise _strange(doing)
        row: dict[str, Value] = {VALUE: _number(pair[1], doing), TIME: _time(pair[0], doing)}
        row.update((_label(str(name)), str(text)) for name, text in metric.items())
        labels.update((name, None) for name in row if name not in (VALUE, TIME))
        rows.append(row)
    failed = _alike(sorted(labels), doing)
    alike = {name.lower() for name in failed}
    columns = (
        Column(VALUE, "number", "The sample's value."),
        Column(TIME, "timestamp", "When it was evaluated."),
        *(Column(name, "text", "A label.") for name in sorted(labels) if name.lower() not in alike),
    )
    return TypedRows(columns, [{column.name: row.get(column.name) for column in columns} for row in rows], failed)


def _alike(labels: Sequence[str], doing: str) -> dict[str, SourceError]:
    """Return the error of each label that occurs in several spellings."""
    seen: dict[str, str] = {}
    failed: dict[str, SourceError] = {}
    for name in labels:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            saw = Message(
                "the labels {other!r} and {name!r} differ only in case, which SQL cannot tell apart",
                other=other,
                name=name,
            )
            advice = "Leave one out with `sum by (…)` or rename it with label_replace."
            failed[other] = SourceError(doing, saw, effect=_EFFECT, advice=advice)
    return failed


def _label(name: str) -> str:
    return f"label_{name}" if name.lower() in (VALUE, TIME) else name


def _number(text: object, doing: str) -> float | None:
    try:
        number = float(str(text))
    except ValueError:
        raise _strange(doing) from None
    return number if math.isfinite(number) else None


def _time(seconds: object, doing: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(seconds)), UTC)
    except (ValueError, OverflowError, OSError):
        raise _strange(doing) from None


def _strange(doing: str) -> SourceError:
    advice = "Check the connection's url: it is the server's address without /api/v1."
    return SourceError(doing, "the answer is not one of Prometheus", effect=_EFFECT, advice=advice)

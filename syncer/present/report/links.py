"""Links from an explanation to the tracker. Only addresses that its API gave are followed; all else stays text."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from config.plain_text import plain
from connectors.protocol import Reading, Row
from syncer.compute.assess import Assessment
from syncer.present.explain_text import short
from syncer.sources.evaluate import TracedRow
from syncer.sources.reads import table_of

if TYPE_CHECKING:
    from markupsafe import Markup

_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")
_TOKEN = re.compile(r"\S+")


def links_of(assessment: Assessment, measures: Iterable[str]) -> dict[str, str]:
    """What the explanation of these measures may link: a text that stands in it, and its address."""
    links: dict[str, str] = {}
    for name in measures:
        answer = assessment.results[name].answer if name in assessment.results else None
        if not isinstance(answer, Reading):
            continue
        if _ADDRESS.fullmatch(answer.link) and answer.link == plain(answer.link):
            links[answer.link] = answer.link
        table = table_of(assessment.config, assessment.config.measures[name])
        for row in assessment.traced.get(name, ()):
            address = row.values.get(table.link)
            if isinstance(address, str) and _ADDRESS.fullmatch(address) and address == plain(address):
                links |= {short(str(row.values.get(table.key) or address)): address, short(address): address}
    return links


def without_addresses(assessment: Assessment) -> Assessment:
    """The same with rows that have a key and an address left with the key: the page links it."""
    traced = dict(assessment.traced)
    for name, rows in assessment.traced.items():
        table = table_of(assessment.config, assessment.config.measures[name])
        if table.link and table.key not in ("", table.link):
            traced[name] = tuple(TracedRow(_without(row.values, table.link), row.counted) for row in rows)
    return replace(assessment, traced=traced)


def _without(values: Row, column: str) -> Row:
    return {name: value for name, value in values.items() if name != column}


def linked(text: str, links: Mapping[str, str]) -> "Markup":
    """The text with its links, safe as HTML; a row's key or address may stand behind its column's name."""
    from markupsafe import Markup, escape

    parts, end = [], 0
    for match in _TOKEN.finditer(text) if links else ():
        token = match[0]
        name, sign, value = ("", "", token) if token in links else token.partition("=")
        if value in links:
            link = Markup('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>').format(links[value], value)
            parts += [escape(text[end : match.start()] + name + sign), link]
            end = match.end()
    return Markup("").join([*parts, escape(text[end:])])

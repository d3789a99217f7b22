"""Where each key result's query stands in its tracker's own pages: what its source's cell leads to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from config.loading.loader import Config
from config.plain_text import plain
from connectors.google_sheets.links import at_range
from connectors.grids.a1 import parse_area
from connectors.protocol import Reading
from syncer.compute.definitions import Definition
from syncer.sources.reads import Answer

_LONGEST = 2000
"""Excel takes 2,079 characters of an address; a longer one would end in the middle of the query."""


_MOVING = ("{today}", "{as_of}")


@dataclass(frozen=True, slots=True)
class SourceLink:
    """An address. `moves`: it holds an instant that is another one with each run or day."""

    address: str
    moves: bool = False


def source_links(
    config: Config,
    definitions: Sequence[Definition],
    answers: Mapping[str, Answer],
    tabs: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, SourceLink]:
    """The link of each key result that stands on one measure, by its id.

    `answers` are by the name of the measure, `tabs` addresses of the OKR sheet's tabs by title. An address never holds
    who asks; one that does not look like a page's is left out, whatever a service says.
    """
    found = {}
    for definition in definitions:
        names = {name for measure in definition.measures if measure is not None for name in measure.names}
        name = next(iter(names)) if len(names) == 1 else ""
        answer = answers.get(name)
        if isinstance(answer, Reading) and _usable(answer.link):
            query = " ".join(config.measures[name].query_keys().values())
            found[definition.id] = SourceLink(_in_tab(answer, tabs), any(instant in query for instant in _MOVING))
    return found


def _in_tab(answer: Reading, tabs: Mapping[str, str]) -> str:
    """The address of what was asked, where that stands in the OKR sheet's own spreadsheet."""
    if not any(address.startswith(f"{answer.link}/edit#") for address in tabs.values()):
        return answer.link
    tab = parse_area(answer.asked).tab
    return at_range(tabs[tab], answer.asked) if tab in tabs else answer.link


def _usable(link: str) -> bool:
    if len(link) > _LONGEST or link != plain(link) or any(char in link for char in ' "<>'):
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc

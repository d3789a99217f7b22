"""Links from source cells to the key result's query in its tracker. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from urllib.parse import urlsplit

from config.dataclass import dataclass
from config.loading.loader import Config
from config.plain_text import plain
from connectors.google_sheets.links import at_range
from connectors.grids.a1 import parse_area
from connectors.protocol import Reading
from syncer.compute.definitions import Definition
from syncer.sources.reads import Answer

_LONGEST = 2000
"""Maximum length of a link; Excel allows 2,079 characters and would cut off the query."""


_MOVING = ("{today}", "{as_of}")


@dataclass(frozen=True, slots=True)
class SourceLink:
    """A link. `moves`: it contains an instant that changes with each run or day."""

    address: str
    moves: bool = False


def source_links(
    config: Config,
    definitions: Sequence[Definition],
    answers: Mapping[str, Answer],
    tabs: Mapping[str, str] = MappingProxyType({}),
) -> Mapping[str, SourceLink]:
    """Return the link of each key result with a single measure, by id.

    `answers` are by measure name, `tabs` are the addresses of the OKR sheet's tabs by title. Addresses with user names,
    too long ones and others that are not plain http(s) pages are left out.
    """
    found = {}
    for definition in definitions:
        names = {name for measure in definition.measures if measure is not None for name in measure.names}
        name = next(iter(names)) if len(names) == 1 else ""
        answer = answers.get(name)
        if isinstance(answer, Reading) and _usable(answer.link):
            query = " ".join(config.measures[name].query_keys.values())
            found[definition.id] = SourceLink(_in_tab(answer, tabs), any(instant in query for instant in _MOVING))
    return found


def _in_tab(answer: Reading, tabs: Mapping[str, str]) -> str:
    """Return the address of the range read, if it is in the OKR sheet's own spreadsheet, else the answer's link."""
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

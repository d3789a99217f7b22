"""Links to files in OneDrive and SharePoint: addresses in a document library, and links made by sharing.

Microsoft documents `Sites.Selected` for what is addressed by its site, and `Files.ReadWrite.All` or
`Sites.ReadWrite.All` for what is addressed by a sharing link, so a file is looked for in its site where its address
names that.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from config.dataclass import dataclass

_SITES = ("sites", "teams", "personal")
_ONE_SITE = 2
_PARTS = re.compile(r"[/?&=#]")
_SHORTEST_TOKEN = 24


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a file in a document library: `path` begins below the site and includes the library."""

    host: str
    site: str
    path: str

    @property
    def libraries(self) -> str:
        """The path at Microsoft Graph of the site's document libraries."""
        site = f":/{quote(self.site)}:" if self.site else ""
        return f"sites/{self.host}{site}/drives?$select=id,webUrl"

    def within(self, drives: Sequence[Mapping[str, object]]) -> tuple[str, str] | None:
        """Return the id of the library that holds the file, and the file's path in it; None if none does."""
        whole = f"{self.host}/{self.site}/{self.path}".replace("//", "/")
        for drive in drives:
            place = urlsplit(str(drive.get("webUrl", "")))
            folder = f"{place.hostname}{unquote(place.path)}/"
            if whole.casefold().startswith(folder.casefold()):
                return str(drive.get("id", "")), whole[len(folder) :]
        return None


def address_of(link: str) -> Address | None:
    """Parse an address in a document library; None for any other link, such as one that Copy link gives."""
    parts = urlsplit(link)
    names = [unquote(name) for name in parts.path.split("/") if name]
    shared = not names or names[0].startswith(":") or "_layouts" in names
    if shared or PurePosixPath(names[-1]).suffix.lower() in ("", ".aspx"):
        return None
    taken = _ONE_SITE if names[0].lower() in _SITES else 0
    return Address(parts.hostname or "", "/".join(names[:taken]), "/".join(names[taken:]))


def sharing_token(link: str) -> str:
    """Encode a link as Microsoft Graph takes it (https://learn.microsoft.com/graph/api/shares-get)."""
    return "u!" + base64.urlsafe_b64encode(link.encode()).decode().rstrip("=")


def secrets_of(address: str, link: str) -> set[str]:
    """Return what is secret in the address of a download: its long parts that are not in the file's link for people."""
    long = {part for part in _PARTS.split(address) if len(part) >= _SHORTEST_TOKEN}
    return {form for part in long for form in (part, unquote(part)) if form.casefold() not in unquote(link).casefold()}


def shown(link: str) -> str:
    """Return a link for messages, without its parameters, which may let people in who were not invited."""
    return link.partition("?")[0]

"""Lines for a terminal: colour and weight by rich, statuses as sign and word, texts wrapped below a column."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from syncer.i18n import status_label
from syncer.method.status import Status
from syncer.present.status_text import SIGNS
from syncer.present.text_width import padded, wrapped

QUIET, HEAD = "dim", "bold"
NARROWEST = 20
"""Minimum width of a wrapped text, in terminal cells."""

STYLES: Mapping[Status, str] = {
    Status.DONE: "green",
    Status.MET: "green",
    Status.ON_TRACK: "green",
    Status.JUST_STARTED: "cyan",
    Status.AT_RISK: "yellow",
    Status.STALE: "yellow",
    Status.OFF_TRACK: "red",
    Status.NOT_MET: "red",
    Status.UNKNOWN: "magenta",
    Status.NOT_STARTED: QUIET,
    Status.DROPPED: QUIET,
}


def rendered(lines: Iterable[Text], *, colour: bool) -> str:
    """Format lines for a terminal, with escape sequences if `colour`; without, the texts alone."""
    if not colour:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", highlight=False, legacy_windows=False)
    for line in lines:
        line.rstrip()
        console.print(line, soft_wrap=True)
    return out.getvalue()


def status_sign(status: Status, language: str) -> str:
    """Return the sign and the word of a status."""
    return f"{SIGNS[status]} {status_label(status.value, language)}"


def below(text: str, indent: int, width: int, style: str = "") -> Iterator[Text]:
    """Yield a text wrapped below a column, in lines that begin with `indent` spaces and fit `width` cells."""
    for line in wrapped([text], max(width - indent, NARROWEST)):
        yield Text(" " * indent).append(line, style)


def pairs(rows: Sequence[tuple[str, str]], width: int, indent: int = 0, name_style: str = QUIET) -> Iterator[Text]:
    """Yield names and texts in two columns; a text that does not fit is wrapped in its column."""
    names = max((cell_len(name) for name, _ in rows), default=0)
    for name, text in rows:
        first, *rest = wrapped([text], max(width - indent - names - 2, NARROWEST)) or [""]
        yield Text(" " * indent).append(padded(name, names), name_style).append(f"  {first}")
        yield from (Text(" " * (indent + names + 2)).append(line) for line in rest)

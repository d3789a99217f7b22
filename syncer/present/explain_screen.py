"""An explanation or a history for a terminal: names in a column, long texts wrapped beside them, sources quiet."""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from syncer.i18n import status_label
from syncer.method.status import Status
from syncer.present.row_table import INDENT
from syncer.present.screen_text import HEAD, NARROWEST, QUIET, STYLES, rendered
from syncer.present.text_width import padded, wrapped

_NAMED = re.compile(r"( *)(\S+(?: \S+){0,3})  +(\S.*)")
"""A line of a name of up to four words, two spaces, and a text."""
_WIDEST_NAME = 22
_NUMBERED = re.compile(r" *\d+\. ")
_WORDS = {status_label(status.value, language): status for status in Status for language in ("en", "zh-TW")}


def explain_screen(text: str, width: int, *, colour: bool, status: Status | None = None) -> str:
    """Lay out a text of lines such as `name  text` for a terminal of `width` cells; `status` is what it explains."""
    lines = text.splitlines()
    titled = len(lines) > 1 and not lines[1]
    shown = [Text(line, HEAD) for line in wrapped(lines[:1] if titled else [], width)]
    for number, block in enumerate(_blocks(lines[1:] if titled else lines)):
        shown += [*([Text()] if titled or number else []), *_block(block, width, status)]
    return rendered(shown, colour=colour)


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*lines, ""]:
        if line:
            block.append(line)
        elif block:
            yield block
            block = []


def _block(lines: Sequence[str], width: int, status: Status | None) -> Iterator[Text]:
    found = [None if line.startswith(INDENT) else _NAMED.fullmatch(line) for line in lines]
    names = max((len(match[1]) + cell_len(match[2]) for match in found if match), default=0)
    names = min(names, _WIDEST_NAME)
    for line, match in zip(lines, found, strict=True):
        if match is None:
            yield from _plain(line, width)
            continue
        name = f"{match[1]}{match[2]}"
        first, *rest = wrapped([match[3]], max(width - names - 2, NARROWEST))
        row = Text().append(padded(name, names), QUIET).append("  ")
        yield row.append_text(_coloured(first, status))
        yield from (Text(" " * (names + 2)).append(each) for each in rest)


def _plain(line: str, width: int) -> Iterator[Text]:
    """Yield a line without a name; rows of sources are quiet."""
    evidence = line.startswith(INDENT)
    indent = len(line) - len(line.lstrip(" "))
    extra = 2 if evidence else 3 if _NUMBERED.match(line) else 0
    first, *rest = [line] if cell_len(line) <= width else wrapped([line], width - extra)
    tick, mark, after = first.partition("✓")
    if line.lstrip().startswith("…"):
        yield Text(f"{line}  --rows all", QUIET)
    elif mark:
        yield Text(tick).append(mark, "green").append(after, QUIET)
    else:
        yield Text(first, QUIET if evidence else "")
    yield from (Text(" " * (indent + extra)).append(each.strip(), QUIET if evidence else "") for each in rest)


def _coloured(text: str, status: Status | None) -> Text:
    """Colour the word of a status at the beginning of a text."""
    for word, found in sorted(_WORDS.items(), key=lambda pair: -len(pair[0])):
        if text.startswith(word) and (status in (None, found)):
            return Text().append(word, f"{STYLES[found]} bold").append(text[len(word) :])
    return Text(text, QUIET if text.startswith(("http://", "https://")) else "")

"""Explain common YAML mistakes and name what to write instead.

Each function takes one event or one syntax error, and the lines of the text; none has state.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import yaml

from config.message import Message
from config.models import KNOWN_OPTIONS, MEASURE_QUERY_KEYS

TEXT_KEYS = frozenset((*MEASURE_QUERY_KEYS, "value", "measure", "title", "owner", "team"))
"""Keys whose values people paste: in these, a brace or text lost after ` #` is reported as a mistake."""

NO_KEY = Message(
    "a key is plain text here; a value that begins with '{{', '[' or '*' is written below its key in block style (|)"
)

_ORDINARY_KEY = re.compile(r"[\w.-]+", re.ASCII)
_WIDE_SPACE = "\u3000\u00a0"
_KEY = r"^\s*(?:-\s+)?(?P<key>[\w.-]+)"
_WIDE_COLON = re.compile(_KEY + r"\s*：")
_WIDE_SPACE_AFTER = re.compile(_KEY + rf":[{_WIDE_SPACE}]")
_NO_SPACE_AFTER = re.compile(_KEY + r":[^\s/]")
_SPECIAL = re.compile(_KEY + r""":\s+(?P<first>[@`%>|{}\[\]&*!?,"'-])""")
_SECOND_COLON = re.compile(_KEY + r":\s+\S.*:(?:\s|$)")
_COMMENT = re.compile(r"(?P<gap>\s+)#(?P<after>.?)")


class FaultyTextError(ValueError):
    """A text that is no YAML. `line` counts from 1; 0 is the file as a whole."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def block_style(key: str) -> str:
    """Return the advice to write the value of `key` in block style."""
    return Message("write `{key}: |` and the text on the next line, indented", key=key)


def of_event(event: Any) -> Iterable[str]:
    """Report anchors, aliases and tags, which configs do not support."""
    return () if event.anchor is None and getattr(event, "tag", None) is None else (_unsupported(event),)


def _unsupported(event: Any) -> str:
    if isinstance(event, yaml.AliasEvent):
        return Message("begins with '*', an alias in YAML; aliases are not supported: write the value out, or quote it")
    if event.anchor is not None:
        return Message("begins with '&', an anchor in YAML; anchors are not supported: quote the value")
    return Message("begins with '!', a tag in YAML; tags are not supported: quote the value")


def of_key(event: Any, lines: Sequence[str]) -> Iterable[str]:
    """Report keys that are probably mistakes: merge keys, empty keys, full-width spaces or colons."""
    if event.tag is None and event.anchor is None and _ORDINARY_KEY.fullmatch(event.value):
        return ()
    return (*of_event(event), *_of_odd_key(event, lines))


def _of_odd_key(event: Any, lines: Sequence[str]) -> Iterator[str]:
    key: str = event.value
    if not event.style and key == "<<":
        yield Message("'<<' merges mappings in YAML; that is not supported: write the values out")
    elif not event.style and not key:
        yield Message("every colon needs a key before it")
    elif key.strip(_WIDE_SPACE) != key:
        yield Message("a full-width space is next to '{text}'; write normal spaces", text=key.strip(_WIDE_SPACE))
    elif not event.style and "：" in key and _WIDE_COLON.match(_line(lines, event.start_mark.line)):
        name = key.partition("：")[0]
        yield Message(
            "the colon after '{name}' is full-width (：); write `{name}: ` with a normal colon and a space", name=name
        )


def of_plain(key: Any, event: Any, lines: Sequence[str], *, flow: str | None, path: str) -> Iterable[str]:
    """Report a plain value that is cut at ' #', broken by a comma in { }, or runs on over a line with a wrong colon.

    `key` is the event of the value's key, None in a list; `flow` is the key of the { } around the value, None outside.
    """
    line = event.start_mark.line
    beside_its_key = key is not None and key.start_mark.line == line == event.end_mark.line
    if beside_its_key and (event.value or flow is None) and "#" not in lines[line]:
        return ()
    return _of_odd_plain(key, event, lines, flow=flow, path=path)


def _of_odd_plain(key: Any, event: Any, lines: Sequence[str], *, flow: str | None, path: str) -> Iterator[str]:
    name = key.value if key is not None else None
    of_package = path.startswith("measures.") and path.count(".") == 2 and name not in KNOWN_OPTIONS  # noqa: PLR2004
    pasted = name in TEXT_KEYS or path.startswith("okr_sheet.columns.") or of_package
    if flow is not None and name and not event.value and not _has_colon(key, lines):
        yield _broken_flow(flow, name)
    elif pasted:
        yield from _lost_tail(name, event, lines)
    if not pasted and _is_alone(event, lines):
        yield from _missing_colon(event.value)
    elif "\n" not in event.value and event.end_mark.line > event.start_mark.line:
        yield from _swallowed_line(event, lines)


def _has_colon(key: Any, lines: Sequence[str]) -> bool:
    rest: str = _line(lines, key.end_mark.line)[key.end_mark.column :]
    return rest.lstrip().startswith(":")


def _broken_flow(flow: str, name: str | None) -> str:
    if flow in TEXT_KEYS - {"measure"}:
        return Message(
            "a value that begins with '{{' is a mapping in YAML; {block_style}", block_style=block_style(flow)
        )
    return Message(
        "a comma inside {{ }} ended the value before '{name}'; write `{flow}:` and one option a line below it",
        name=name,
        flow=flow,
    )


def _lost_tail(name: Any, event: Any, lines: Sequence[str]) -> Iterator[str]:
    """Report a value cut at ' #', unless two spaces before and one after the '#' indicate a comment."""
    rest = _line(lines, event.end_mark.line)[event.end_mark.column :]
    found = _COMMENT.match(rest)
    if found is None:
        return
    if not event.value:
        if found["after"] not in ("", " "):
            yield Message(
                "is empty, since ' #' begins a comment; quote the value, or {block_style}",
                block_style=block_style(name),
            )
    elif len(found["gap"]) < 2 or found["after"] not in ("", " "):  # noqa: PLR2004 - two spaces
        yield Message(
            "ends before '{text}', since ' #' begins a comment; quote the value, or {block_style}",
            text=rest.strip()[:40],
            block_style=block_style(name),
        )


def _is_alone(event: Any, lines: Sequence[str]) -> bool:
    return not _line(lines, event.start_mark.line)[: event.start_mark.column].strip(" -")


def _missing_colon(text: str) -> Iterator[str]:
    if found := _wrong_colon(text.partition("\n")[0]):
        yield found


def _swallowed_line(event: Any, lines: Sequence[str]) -> Iterator[str]:
    for number in range(event.start_mark.line + 1, event.end_mark.line + 1):
        line = _line(lines, number)
        found = _WIDE_COLON.match(line)
        if found and found["key"] in KNOWN_OPTIONS:
            yield Message(
                "goes on to line {number}, where {wrong_colon}", number=number + 1, wrong_colon=_wrong_colon(line)
            )


def _wrong_colon(line: str) -> str | None:
    if found := _WIDE_COLON.match(line):
        key = found["key"]
        return Message(
            "the colon after '{key}' is full-width (：); write `{key}: ` with a normal colon and a space", key=key
        )
    if found := _WIDE_SPACE_AFTER.match(line):
        return Message("a full-width space follows '{found}:'; write a normal one", found=found["key"])
    if (found := _NO_SPACE_AFTER.match(line)) and not line.strip().startswith(("http", "file:", "keyring:")):
        return Message("a space is missing after '{found}:'", found=found["key"])
    return None


def of_syntax(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> FaultyTextError:
    """Explain a parser's error, mainly by the text of the line instead of the parser's wording."""
    problem = error.problem_mark or error.context_mark
    number = problem.line if problem is not None else 0
    begin = error.context_mark.line if error.context_mark is not None else number
    wording = f"{error.context or ''} {error.problem or ''}"
    line, message = next(_explained(wording, lines, number, begin))
    return FaultyTextError(message, line + 1)


def _explained(wording: str, lines: Sequence[str], number: int, begin: int) -> Iterator[tuple[int, str]]:
    """Yield explanations, best first: line (from 0) and message. `begin` is the first line of the broken construct."""
    here, there = _line(lines, number), _line(lines, begin)
    if "simple key" in wording:
        yield begin, _indentation(there) or _wrong_colon(there) or Message("this line has no colon; write `key: value`")
    if "quoted scalar" in wording:
        yield begin, Message("a quote is opened here and never closed")
    if found := _indentation(here) or _wrong_colon(here):
        yield number, found
    if "mapping values are not allowed" in wording:
        yield _second_colon(lines, number)
    if "flow" in wording:
        yield begin, Message("a '[' or '{{' is opened here and not closed; a text that begins with it is quoted")
    if found := _special(here):
        yield number, found
    if "block mapping" in wording or "block collection" in wording:
        yield number, Message("this line's indentation fits no line above it")
    if "\t" in here:
        yield number, Message("this line contains a tab; write spaces")
    yield number, Message("is not YAML: {text}", text=wording.strip())


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def _indentation(line: str) -> str | None:
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return Message("a tab indents this line; indent with spaces")
    if any(space in indent for space in _WIDE_SPACE):
        return Message("a full-width space indents this line; indent with normal spaces")
    return None


def _special(line: str) -> str | None:
    found = _SPECIAL.match(line)
    if found is None:
        return None
    if found["first"] in "\"'":
        return Message(
            "a value that begins with a quote ends at the next one; {block_style}",
            block_style=block_style(found["key"]),
        )
    return Message(
        "a value cannot begin with '{found}' unquoted; quote it, or {block_style}",
        found=found["first"],
        block_style=block_style(found["key"]),
    )


def _second_colon(lines: Sequence[str], number: int) -> tuple[int, str]:
    if found := _SECOND_COLON.match(_line(lines, number)):
        return number, Message(
            "a value cannot hold ': ' unquoted; quote it, or {block_style}", block_style=block_style(found["key"])
        )
    above = number - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above >= 0 and (wrong := _wrong_colon(lines[above])):
        return above, wrong
    return number, Message("is indented deeper than the line above it, which already has a value")

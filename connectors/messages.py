"""Messages of a title, lines and links, and their form in each chat service, in which texts are shown literally.

Payloads as the vendors document them: Slack's rich text, Teams' adaptive cards and Google Chat's cards hold texts apart
from formatting, so nothing in them is escaped by characters of ours; Discord's `content` has at most 2,000 characters,
a text in LINE 5,000 UTF-16 code units, a message in Teams 28 KB.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from config.dataclass import dataclass

Json = dict[str, Any]

MOST_IN_CARD = 6000
"""Characters of a message in a service with cards: with up to four bytes each, a card stays below Teams' 28 KB."""
MOST_IN_DISCORD = 2000
MOST_IN_LINE = 5000
MOST_IN_HEADER = 150
"""Characters of a Slack header."""


@dataclass(frozen=True, slots=True)
class Section:
    """One or more items below a head; the head may be empty."""

    head: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An address that the config or a service stated, and what it leads to; `colon` stands between them as text."""

    text: str
    url: str
    colon: str = ": "

    @property
    def line(self) -> str:
        """Both as one line of plain text."""
        return f"{self.text}{self.colon}{self.url}"


@dataclass(frozen=True, slots=True)
class Message:
    """A title, lines, sections and links, all plain text without markup."""

    title: str
    lines: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def body(self) -> str:
        """Everything but the title as plain text."""
        blocks = ["\n".join(self.lines)]
        blocks += [
            "\n".join([*filter(None, [each.head]), *(f"- {item}" for item in each.items)]) for each in self.sections
        ]
        blocks += ["\n".join(link.line for link in self.links)]
        return "\n\n".join(block for block in blocks if block)

    @property
    def text(self) -> str:
        """Title and body as one plain text."""
        return f"{self.title}\n\n{self.body}".rstrip()

    def mapped(self, change: Callable[[str], str]) -> "Message":
        """Return the message with `change` applied to each text; addresses stay."""
        return Message(
            change(self.title),
            tuple(map(change, self.lines)),
            tuple(Section(change(each.head), tuple(map(change, each.items))) for each in self.sections),
            tuple(replace(link, text=change(link.text)) for link in self.links),
        )


def payload(kind: str, message: Message) -> Json:
    """Build the JSON body of a message for `slack`, `teams`, `google_chat`, `discord` or `line`."""
    return _FORMS[kind](message)


def _slack(message: Message) -> Json:
    message = _within(message, MOST_IN_CARD)
    title = _cut(message.title, MOST_IN_HEADER)
    elements = [_rich_section(line) for line in message.lines]
    for section in message.sections:
        elements += [_rich_section(section.head, bold=True)] if section.head else []
        elements.append(
            {"type": "rich_text_list", "style": "bullet", "elements": [_rich_section(item) for item in section.items]}
        )
    for link in message.links:
        elements.append(
            {"type": "rich_text_section", "elements": [{"type": "link", "url": link.url, "text": link.text}]}
        )
    header = {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
    blocks: list[Json] = [header, *([{"type": "rich_text", "elements": elements}] if elements else [])]
    shown_in_notice = message.title.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": shown_in_notice, "blocks": blocks, "unfurl_links": False}


def _rich_section(text: str, *, bold: bool = False) -> Json:
    style = {"style": {"bold": True}} if bold else {}
    return {"type": "rich_text_section", "elements": [{"type": "text", "text": text or " ", **style}]}


def _teams(message: Message) -> Json:
    message = _within(message, MOST_IN_CARD)
    body = [_run(message.title, weight="Bolder", size="Medium"), *(_run(line) for line in message.lines)]
    for section in message.sections:
        body += [_run(section.head, weight="Bolder")] if section.head else []
        body += [_run(f"• {item}") for item in section.items]
    card: Json = {"type": "AdaptiveCard", "version": "1.4", "body": body}
    if message.links:
        card["actions"] = [{"type": "Action.OpenUrl", "title": link.text, "url": link.url} for link in message.links]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(text: str, **style: str) -> Json:
    """Build a line of an adaptive card: markdown in a TextRun is not interpreted."""
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **style}]}


def _google_chat(message: Message) -> Json:
    message = _within(message, MOST_IN_CARD)
    sections = [_html_section("", message.lines)] if message.lines else []
    sections += [_html_section(each.head, [f"• {item}" for item in each.items]) for each in message.sections]
    links = [f'<a href="{html.escape(link.url)}">{html.escape(link.text)}</a>' for link in message.links]
    sections += [{"widgets": [{"textParagraph": {"text": "<br>".join(links)}}]}] if links else []
    card = {"header": {"title": message.title}, "sections": sections}
    return {"fallbackText": message.title, "cardsV2": [{"cardId": "okrsync", "card": card}]}


def _html_section(head: str, lines: Sequence[str]) -> Json:
    text = "<br>".join(html.escape(line, quote=False) for line in lines)
    headed = {"header": html.escape(head, quote=False)} if head else {}
    return {**headed, "widgets": [{"textParagraph": {"text": text}}]}


_DISCORD_MARKS = frozenset("\\*_~`|>#[]()")


def _discord(message: Message) -> Json:
    told = message.mapped(lambda text: "".join(f"\\{char}" if char in _DISCORD_MARKS else char for char in text))
    lines = [f"**{told.title}**", *told.lines]
    for section in told.sections:
        lines += ["", *([f"**{section.head}**"] if section.head else []), *(f"- {item}" for item in section.items)]
    lines += ["", *(f"{link.text}{link.colon}<{link.url}>" for link in told.links)] if told.links else []
    return {"content": _fitting(lines, MOST_IN_DISCORD), "allowed_mentions": {"parse": []}}


def _fitting(lines: Sequence[str], most: int) -> str:
    """Join as many lines as fit; a first line that is too long is cut where no escape is broken."""
    whole = "\n".join(lines)
    if len(whole) <= most:
        return whole
    kept: list[str] = []
    for line in lines:
        room = most - 2 - sum(len(each) + 1 for each in kept)
        if len(line) > room:
            cut = line[: max(room, 0)].rstrip("\\")
            kept += [cut] if cut else []
            break
        kept.append(line)
    return "\n".join(kept) + "…"


def _line(message: Message) -> Json:
    text = message.text
    if _utf16(text) > MOST_IN_LINE:
        while _utf16(text) >= MOST_IN_LINE:
            text = text[: -max((_utf16(text) - MOST_IN_LINE + 1) // 2, 1)]
        text += "…"
    return {"messages": [{"type": "text", "text": text}]}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


_FORMS: Mapping[str, Callable[[Message], Json]] = {
    "slack": _slack,
    "teams": _teams,
    "google_chat": _google_chat,
    "discord": _discord,
    "line": _line,
}


def _within(message: Message, most: int) -> Message:
    """Cut a message to so many characters in total, from its end; its links stay."""
    left = most - len(message.title) - sum(len(link.text) + len(link.url) for link in message.links)

    def fitted(texts: Sequence[str]) -> Iterator[str]:
        nonlocal left
        for text in texts:
            if left > 0:
                yield _cut(text, left)
            left -= len(text)

    lines = tuple(fitted(message.lines))
    sections = []
    for section in message.sections:
        heads, items = tuple(fitted([section.head])), tuple(fitted(section.items))
        sections += [Section(heads[0], items)] if items else []
    return replace(message, title=_cut(message.title, most), lines=lines, sections=tuple(sections))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"

"""Messages in the form of each service: texts are shown literally, links lead somewhere, and nothing is too long."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.messages import Link, Message, Section, payload

HOSTILE = "<!channel> *bold* _bugs_resolved_share_ [x](https://evil) <b>& `a` @everyone"
MESSAGE = Message(
    "Acme: weekly digest",
    (HOSTILE,),
    (Section("Changed", ("KR_1 went up", "二")), Section("", ("alone",))),
    (Link("Report", "https://okr.example.com/a_b?c=1&d=2"),),
)
KINDS = ("slack", "teams", "google_chat", "discord", "line")
TEXT = st.tuples(st.sampled_from(["a", "二", "😀", "*", "\\", "<", "&", "- "]), st.integers(1, 3000)).map(
    lambda drawn: drawn[0] * drawn[1]
)
TEXTS = st.lists(TEXT, min_size=1, max_size=15)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"


def strings(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def test_slack_holds_texts_apart_from_formatting() -> None:
    body = payload("slack", MESSAGE)
    header, rich = body["blocks"]
    assert header == {"type": "header", "text": {"type": "plain_text", "text": "Acme: weekly digest", "emoji": False}}
    texts, head, items, alone, link = rich["elements"]
    assert texts["elements"] == [{"type": "text", "text": HOSTILE}]
    assert head["elements"] == [{"type": "text", "text": "Changed", "style": {"bold": True}}]
    assert items["type"] == "rich_text_list"
    assert [each["elements"][0]["text"] for each in items["elements"]] == ["KR_1 went up", "二"]
    assert alone["type"] == "rich_text_list"
    assert link["elements"] == [{"type": "link", "url": MESSAGE.links[0].url, "text": "Report"}]
    assert payload("slack", Message("<!channel> & Co"))["text"] == "&lt;!channel&gt; &amp; Co"


def test_teams_interprets_no_markdown() -> None:
    card = payload("teams", MESSAGE)["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run["text"] for block in card["body"] for run in block["inlines"]]
    assert runs == ["Acme: weekly digest", HOSTILE, "Changed", "• KR_1 went up", "• 二", "• alone"]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Report", "url": MESSAGE.links[0].url}]


def test_google_chat_gets_escaped_html_in_a_card() -> None:
    card = payload("google_chat", MESSAGE)["cardsV2"][0]["card"]
    assert card["header"] == {"title": "Acme: weekly digest"}
    texts = [each["widgets"][0]["textParagraph"]["text"] for each in card["sections"]]
    assert texts[0] == HOSTILE.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert texts[1] == "• KR_1 went up<br>• 二"
    assert texts[3] == '<a href="https://okr.example.com/a_b?c=1&amp;d=2">Report</a>'


def test_discord_escapes_texts_and_no_address() -> None:
    body = payload("discord", MESSAGE)
    lines = body["content"].split("\n")
    assert lines[0] == "**Acme: weekly digest**"
    assert "\\*bold\\*" in lines[1]
    assert "\\_bugs\\_resolved\\_share\\_" in lines[1]
    assert lines[-1] == "Report: <https://okr.example.com/a_b?c=1&d=2>"
    assert body["allowed_mentions"] == {"parse": []}


def test_line_and_mail_are_plain_text() -> None:
    assert payload("line", MESSAGE) == {"messages": [{"type": "text", "text": MESSAGE.text}]}
    assert MESSAGE.body == (
        f"{HOSTILE}\n\nChanged\n- KR_1 went up\n- 二\n\n- alone\n\nReport: https://okr.example.com/a_b?c=1&d=2"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_service_gets_invisible_characters(kind: str) -> None:
    assert not any(char in text for text in strings(payload(kind, MESSAGE)) for char in INVISIBLE)


@given(TEXTS, TEXTS)
def test_no_message_is_longer_than_its_service_takes(lines: list[str], items: list[str]) -> None:
    message = Message("OKR", tuple(lines), (Section("二", tuple(items)),), MESSAGE.links)
    made = {kind: payload(kind, message) for kind in KINDS}
    assert len(json.dumps(made["teams"], ensure_ascii=False).encode()) < 28_000
    assert len(made["discord"]["content"]) <= 2000
    assert len(made["line"]["messages"][0]["text"].encode("utf-16-le")) // 2 <= 5000
    for element in made["slack"]["blocks"][1]["elements"]:
        assert element["elements"], element
    assert made["teams"]["attachments"][0]["content"]["actions"]


def test_a_long_message_is_cut_at_its_end_and_keeps_its_link() -> None:
    long = Message("OKR", ("二" * 20_000,), (Section("more", ("x",)),), MESSAGE.links)
    assert len(json.dumps(payload("teams", long), ensure_ascii=False).encode()) < 28_000
    assert payload("slack", long)["blocks"][1]["elements"][-1]["elements"][0]["type"] == "link"
    assert payload("line", Message("OKR", ("😀" * 5000,)))["messages"][0]["text"].endswith("…")
    cut = payload("discord", Message("OKR", ("*" * 3000,)))["content"]
    assert (len(cut), cut.endswith("\\*…")) == (len(cut), True)
    assert len(cut) <= 2000

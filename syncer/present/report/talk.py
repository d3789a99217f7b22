"""What a meeting asks about a key result, as pages show it."""

from dataclasses import replace

from config.plain_text import one_line
from syncer.present.meeting import Agenda, Topic
from syncer.present.meeting_text import earlier_check_ins, questions
from syncer.present.report.item import Item


def with_questions(item: Item, topic: Topic | None, agenda: Agenda, language: str) -> Item:
    """The item with the three questions; a key result that was dropped has no topic, and nobody is asked about it."""
    if topic is None:
        return item
    asked = tuple((text, tuple(map(one_line, told))) for text, told in questions(topic, agenda, language))
    return replace(item, asked=asked, earlier=tuple(map(one_line, earlier_check_ins(topic, agenda, language))))

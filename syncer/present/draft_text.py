"""Texts of `init --from-sheet`: the draft, its questions, and what happens next. Pure."""

from collections.abc import Iterator

from config.plain_text import one_line
from syncer.draft.draft import Draft
from syncer.i18n import translate, translate_count
from syncer.present.draft_yaml import question_text


def draft_text(draft: Draft, yaml: str, file: str) -> str:
    """Return the drafted config, then what was read and what is unclear."""
    return "\n".join((yaml, *_counts(draft, file), *_questions(draft)))


def _counts(draft: Draft, file: str) -> Iterator[str]:
    language = draft.language
    objectives = sum(bool(one.id) for one in draft.objectives)
    yield translate(
        language,
        "That would be {file}: {objectives}, {key_results}, read from {tabs}.",
        file=file,
        objectives=translate_count(language, "{count} objective", "{count} objectives", objectives),
        key_results=translate_count(language, "{count} key result", "{count} key results", len(draft.key_results)),
        tabs=translate_count(language, "{count} tab", "{count} tabs", len(draft.tabs)),
    )


def _questions(draft: Draft) -> Iterator[str]:
    language, questions = draft.language, list(draft.all_questions())
    if not questions:
        return
    yield translate_count(
        language, "{count} thing to check, also marked `# ?`:", "{count} things to check, also marked `# ?`:",
        len(questions),
    )  # fmt: skip
    for question in questions:
        text = question_text(question, language)
        if question.key:
            text = translate(language, "{text} (change: {key})", text=text, key=one_line(question.key))
        yield f"  {text}"

"""The report as markdown for a chat or a wiki, and as text; several workspaces have an overview on top."""

from config.plain_text import one_line
from syncer.i18n import join_clauses, status_label, translatable, translate
from syncer.present.number_text import NOTHING, fit, show_percent, widest
from syncer.present.plan_markdown import cell
from syncer.present.report.chapters import Chapter, Report, overview
from syncer.present.signs import SIGNS
from syncer.present.status_text import status_markdown, status_text

_HEADS = (
    translatable("Workspace"),
    translatable("Cycle"),
    translatable("Objectives"),
    translatable("Key results"),
    translatable("Mean progress"),
    translatable("Status"),
    translatable("Last sync"),
)


def report_markdown(report: Report) -> str:
    """The whole report."""
    chapters = [status_markdown(chapter.assessment) for chapter in report.chapters]
    if not report.several:
        return chapters[0]
    rows = [[translate(report.language, head) for head in _HEADS], ["---"] * len(_HEADS)]
    rows[2:] = [[cell(text) for text in _row(chapter, report.language)] for chapter in report.chapters]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    missing = [f"- {cell(text)}" for text in _missing(report)]
    return "\n".join([*lines, *(["", *missing] if missing else []), "", "\n".join(chapters)])


def report_text(report: Report) -> str:
    """The same for a terminal."""
    chapters = [status_text(chapter.assessment) for chapter in report.chapters]
    if not report.several:
        return chapters[0]
    rows = [
        [translate(report.language, head) for head in _HEADS],
        *(_row(one, report.language) for one in report.chapters),
    ]
    widths = [widest([row[column] for row in rows], 60) for column in range(len(_HEADS))]
    lines = ["  ".join(fit(text, width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, *_missing(report), "", "\n".join(chapters)])


def _row(chapter: Chapter, language: str) -> list[str]:
    told = overview(chapter)
    counts = (f"{SIGNS[status]} {count} {status_label(status.value, language)}" for status, count in told.counts)
    return [
        told.title,
        told.cycle,
        str(told.objectives),
        str(told.key_results),
        show_percent(told.progress),
        join_clauses(language, counts),
        f"{told.synced:%Y-%m-%d %H:%M}" if told.synced else NOTHING,
    ]


def _missing(report: Report) -> list[str]:
    return [
        one_line(translate(report.language, "{name} could not be read: {reason}", name=one.name, reason=one.reason))
        for one in report.missing
    ]

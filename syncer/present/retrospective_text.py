"""The end of a cycle: scores and decisions as versioned JSON, and the retrospective as markdown."""

from typing import Any

from syncer.cycle_end.close import DAYS_MEANT, Ambition, ClosedKeyResult, ClosedObjective, Closing
from syncer.i18n import bracketed, join, localize, translatable, translate, translate_in_context
from syncer.method.progress import SWEET_SPOT, Band, band_of
from syncer.present.json_values import json_document, json_number, json_reason, json_text
from syncer.present.notes_text import known_words
from syncer.present.plan_json import cell
from syncer.sheet.columns import VERDICTS
from syncer.sheet.number_text import NOTHING, show_number, show_percent

BANDS: dict[Band, str] = {
    Band.COMPLETE: translatable("complete"),
    Band.SATISFYING: translatable("satisfying progress"),
    Band.SOME_PROGRESS: translatable("some progress, to be reconsidered"),
    Band.LITTLE_PROGRESS: translatable("little progress, to be reconsidered"),
}
AMBITIONS: dict[Ambition, str] = {
    "committed": translatable("committed"),
    "aspirational": translatable("aspirational"),
}
QUESTIONS = (
    translatable("What did we achieve, and what did it change for whom?"),
    translatable("Where we fell short: what stood in the way?"),
    translatable("Which key results did not show what we wanted to know?"),
    translatable("Were the targets too easy or out of reach?"),
    translatable("What do we keep, what do we stop, what help do we need?"),
)


def retrospective_markdown(closing: Closing, language: str, to_do: tuple[str, ...] = ()) -> str:
    """Format the retrospective as markdown; `to_do` is what the next cycle's config leaves open."""
    heading = translate(language, "retrospective")
    lines = [f"# {cell(closing.title)} · {closing.cycle} · {heading}", "", *_standing(closing, language)]
    for objective in closing.objectives:
        lines += _objective(objective, language)
    if closing.others:
        lines += ["", f"## {translate(language, 'Key results below no objective')}", ""]
        lines += _table(closing.others, language)
    lines += _section(translate(language, "Where self score and computed score differ"),
                      [_apart(one, language) for one in closing.key_results if _differs(one)])  # fmt: skip
    lines += _section(translate(language, "Decisions"), [_decided(one, language) for one in closing.key_results])
    lines += _section(translate(language, "Figures that are not complete yet"),
                      [_settling(one, language) for one in closing.key_results if one.settles])  # fmt: skip
    colon = translate(language, ": ")
    unreadable = [
        f"{cell(one.id)}{colon}{cell(localize(language, text))}"
        for one in closing.key_results
        for text in one.unreadable
    ]
    lines += _section(translate(language, "Cells that could not be read"), unreadable)
    lines += _section(translate(language, "Questions to ask"), [translate(language, text) for text in QUESTIONS])
    lines += _section(
        translate(language, "Before the next cycle begins"), [cell(localize(language, text)) for text in to_do]
    )
    return "\n".join(lines) + "\n"


def _section(heading: str, items: list[str]) -> list[str]:
    return ["", f"## {heading}", "", *(f"- {item}" for item in items)] if items else []


def _standing(closing: Closing, language: str) -> list[str]:
    """Describe which readings the scores use, how long closing has taken, and how to read the scores."""
    if closing.ended:
        texts = [
            translate(
                language,
                "The cycle ended on {last}; each score uses the last reading before its end.",
                last=closing.last,
            ),
            _days(closing.days, language),
        ]
    else:
        texts = [
            translate(
                language,
                "The cycle runs until {last}; these scores are as of {today}, from today's readings.",
                last=closing.last,
                today=closing.today,
            )
        ]
    low, high = SWEET_SPOT
    texts.append(
        translate(
            language,
            "A committed key result is meant to end at 1.0; for a stretch goal {low} to {high} is "
            "the sweet spot. Scores are for learning, not for appraisal.",
            low=low,
            high=high,
        )
    )
    if closing.elsewhere:
        names = join(language, map(cell, closing.elsewhere))
        texts.append(translate(language, "Belongs to other cycles, not closed here: {names}.", names=names))
    return texts


def _days(days: int, language: str) -> str:
    if days > DAYS_MEANT:
        return translate(
            language,
            "Closing and redrafting: {days} days so far, {over} more than the {meant} planned.",
            days=days,
            meant=DAYS_MEANT,
            over=days - DAYS_MEANT,
        )
    return translate(
        language,
        "Closing and redrafting: day {days} of {DAYS_MEANT} planned days.",
        days=days,
        DAYS_MEANT=DAYS_MEANT,
    )


def _objective(objective: ClosedObjective, language: str) -> list[str]:
    known = known_words(objective.known, objective.total, language)
    score = NOTHING if objective.score is None else objective.score
    colon = translate(language, ": ")
    lines = ["", f"## {cell(objective.id)} {cell(objective.title)}{colon}{score}{bracketed(language, known)}", ""]
    lines += _table(objective.key_results, language)
    return [
        *lines,
        "",
        translate(language, "- What we learned: …"),
        translate(language, "- What we do differently next time: …"),
    ]


def _table(key_results: tuple[ClosedKeyResult, ...], language: str) -> list[str]:
    heads = translate(
        language,
        "| id | key result | type | progress | read on | computed score | expected | what it says | self score |",
    )
    return [heads, f"|{'---|' * 9}", *(_row(one, language) for one in key_results)]


def _row(one: ClosedKeyResult, language: str) -> str:
    definition = one.state.definition
    if one.dropped:
        band = translate(language, "dropped")
    else:
        band = (
            cell(localize(language, one.state.reason))
            if one.score is None
            else translate(language, BANDS[band_of(one.score)])
        )
    return (
        f"| {cell(definition.id)} | {cell(definition.title)} | {translate(language, AMBITIONS[one.ambition])} "
        f"| {show_percent(one.state.progress.progress)} | {one.as_of or NOTHING} "
        f"| {NOTHING if one.score is None else one.score} | {one.expected} | {band} "
        f"| {NOTHING if one.self_score is None else show_number(one.self_score)} |"
    )


def _settling(one: ClosedKeyResult, language: str) -> str:
    return translate(
        language,
        "{id}: settles on {day}; until then its score is provisional, and from that day on it is final",
        id=cell(one.id),
        day=one.settles,
    )


def _differs(one: ClosedKeyResult) -> bool:
    return one.self_score is not None and one.self_score != one.score


def _apart(one: ClosedKeyResult, language: str) -> str:
    computed = NOTHING if one.score is None else one.score
    given = NOTHING if one.self_score is None else show_number(one.self_score)
    reason = cell(one.why_apart) or translate(language, "no reason is given yet; ask for it")
    return translate(
        language,
        "{id}: computed {computed}, self score {given}: {reason}",
        id=cell(one.id),
        computed=computed,
        given=given,
        reason=reason,
    )


def _decided(one: ClosedKeyResult, language: str) -> str:
    colon = translate(language, ": ")
    if one.dropped:
        return f"{cell(one.id)}{colon}{translate(language, 'dropped in mid-cycle')}"
    if one.decision is None:
        return f"{cell(one.id)}{colon}{translate(language, '**to be decided**')}"
    verdict = translate_in_context("decision", language, VERDICTS[one.decision.verdict])
    by = translate(language, ", by {by}", by=cell(one.decision.by)) if one.decision.by else ""
    reason = f"{colon}{cell(one.decision.reason)}" if one.decision.reason else ""
    written = cell(one.decision.overruled)
    overruled = translate(language, " (the sheet says '{written}')", written=written) if written else ""
    return f"{cell(one.id)}{colon}{verdict}{by}{reason}{overruled}"


VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def closing_json(closing: Closing, to_do: tuple[str, ...] = ()) -> str:
    """Format scores and decisions as JSON; `to_do` is what the next cycle's config leaves open."""
    data = {
        "version": VERSION,
        "title": closing.title,
        "cycle": closing.cycle,
        "last_day": closing.last.isoformat(),
        "as_of": closing.today.isoformat(),
        "ended": closing.ended,
        "days_of_closing": closing.days,
        "days_meant": DAYS_MEANT,
        "objectives": [
            {
                "id": one.id,
                "title": one.title,
                "progress": json_number(one.progress),
                "score": json_number(one.score),
                "known": one.known,
                "total": one.total,
            }
            for one in closing.objectives
        ],
        "key_results": [_key_result(one) for one in closing.key_results],
        "to_do": [json_text(text) for text in to_do],
    }
    return json_document(data)


def _key_result(one: ClosedKeyResult) -> dict[str, Any]:
    decision = one.decision
    return {
        "id": one.id,
        "title": one.state.definition.title,
        "objective": one.state.definition.objective or None,
        "type": one.ambition,
        "progress": json_number(one.state.progress.progress),
        "value": json_number(one.value),
        "read_on": one.as_of.isoformat() if one.as_of else None,
        "settles_on": one.settles.isoformat() if one.settles else None,
        "score": json_number(one.score),
        "expected": json_number(one.expected),
        "band": None if one.score is None else band_of(one.score).value,
        "reason": json_reason(one.state.reason, one.state.cause),
        "self_score": json_number(one.self_score),
        "why_apart": one.why_apart or None,
        "decision": None
        if decision is None
        else {"verdict": decision.verdict, "by": decision.by or None, "reason": decision.reason or None},
        "dropped": one.dropped,
        "unreadable": [json_text(text) for text in one.unreadable],
    }

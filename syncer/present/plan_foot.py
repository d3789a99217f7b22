"""The foot of a plan: its counts, the meaning of its marks, and whether it is safe or what to do first."""

from config.plain_text import one_line
from syncer.i18n import bracketed, join, join_clauses, localize, translatable, translate, translate_count
from syncer.model.history import Cause
from syncer.model.plan import Mark, NoteKind, Plan
from syncer.sheet.columns import header_of

SIGNS = {
    Mark.NEW: "+",
    Mark.CHANGE: "~",
    Mark.UNKNOWN: "?",
    Mark.CONFLICT: "!",
    Mark.ADOPT: "a",
    Mark.CALENDAR: " ",
    Mark.SAME: "=",
}
_MEANINGS = {
    Mark.CHANGE: translatable("will change"),
    Mark.NEW: translatable("new row"),
    Mark.SAME: translatable("unchanged"),
    Mark.UNKNOWN: translatable("unknown, left as is"),
    Mark.CONFLICT: translatable("edited by hand, kept"),
    Mark.ADOPT: translatable("filled before okrsync, kept without --adopt"),
}
_FIRST_STEPS = {
    Cause.DUPLICATE_ID: translatable("give each row an id of its own: {names}"),
    Cause.READ_FAILED: translatable("correct the measures of {names}; `okrsync check --online` tries every measure"),
    Cause.NO_GOAL: translatable("complete the definitions of {names}, as their lines say"),
    Cause.NO_VALUE: translatable("look at what was read for {names}, as in `okrsync explain {first}`"),
    Cause.NOT_TYPED: translatable("have the owners enter the values of {names} in the sheet's column {column}"),
    Cause.NOT_RECORDED: translatable("wait for {names}: the values that they need are not recorded yet"),
}
"""What to do about each cause of unknown values, in the order in which to do it."""


LEGEND_GAP = "   "
"""What separates the meanings of marks in one line."""
ROWS_NAMED = 8
"""How many rows that okrsync leaves alone are named."""


def note_texts(plan: Plan, language: str) -> list[str]:
    """Format the notes, one line each; rows that are no key results of okrsync share the last line."""
    alone = [note for note in plan.notes if note.kind is NoteKind.UNKNOWN_ROW]
    if len(alone) < 2:  # noqa: PLR2004 - one row is a sentence of its own
        return [one_line(localize(language, note.text)) for note in plan.notes]
    texts = [one_line(localize(language, note.text)) for note in plan.notes if note not in alone]
    rows = [f"{one_line(note.id)}{bracketed(language, one_line(note.place))}" for note in alone[:ROWS_NAMED]]
    text = translate(
        language,
        "{count} rows are not in the config and have neither a source nor a target; left as they are: {rows}",
        count=len(alone),
        rows=join(language, rows),
    )
    if more := len(alone) - len(rows):
        text += translate(language, ", and {more} more", more=more)
    return [*texts, text]


def legend(plan: Plan, language: str) -> str:
    """Explain the marks that the plan uses, in one line; empty without any."""
    used = [mark for mark in _MEANINGS if plan.count(mark)]
    return LEGEND_GAP.join(f"{SIGNS[mark]} {translate(language, _MEANINGS[mark])}" for mark in used)


def summary(plan: Plan, language: str) -> str:
    """Format the plan's counts in one line."""
    write = plan.count(Mark.CHANGE, Mark.CALENDAR)
    new, same = plan.count(Mark.NEW), plan.count(Mark.SAME)
    unknown, held = plan.unknown, plan.count(Mark.CONFLICT, Mark.ADOPT)
    return translate_count(
        language,
        "{write} to write, {new} new, {same} unchanged, {unknown} unknown, {held} in conflict; {count} cell.",
        "{write} to write, {new} new, {same} unchanged, {unknown} unknown, {held} in conflict; {count} cells.",
        len(plan.changes),
        write=write,
        new=new,
        same=same,
        unknown=unknown,
        held=held,
    )


def short_summary(plan: Plan, language: str) -> str:
    """Format the plan's counts that are not 0, in one line; all of them where nothing is planned."""
    counts = (
        (plan.count(Mark.CHANGE, Mark.CALENDAR), translatable("{count} to write")),
        (plan.count(Mark.NEW), translatable("{count} new")),
        (plan.count(Mark.SAME), translatable("{count} unchanged")),
        (plan.unknown, translatable("{count} unknown")),
        (plan.count(Mark.CONFLICT, Mark.ADOPT), translatable("{count} in conflict")),
    )
    named = join_clauses(language, [translate(language, text, count=count) for count, text in counts if count])
    if not named:
        return summary(plan, language)
    cells = len(plan.changes)
    return translate_count(language, "{counts}; {count} cell.", "{counts}; {count} cells.", cells, counts=named)


def verdict(plan: Plan, language: str, closing: str) -> list[str]:
    """Say why a plan is refused, what to do first where most is unknown, or else that it is safe."""
    if plan.guards:
        return [
            translate(language, "Safe: no, `okrsync sync` would refuse this plan:"),
            *(f"  - {localize(language, refusal.reason)}" for refusal in plan.guards),
            closing,
        ]
    if steps := first_steps(plan, language):
        return [*steps, closing]
    return [translate(language, "Safe: yes. {closing}", closing=closing)]


def next_steps(plan: Plan, language: str) -> list[tuple[str, str]]:
    """Return commands to run after a dry run, each with what it does."""
    unknown = next((line.id for line in plan.lines if line.cause is not None and not line.is_objective), "")
    steps = []
    if plan.changes and not plan.guards:
        steps.append(("okrsync sync", translate(language, "writes this to the OKR sheet")))
    if unknown:
        steps.append((f"okrsync explain {unknown}", translate(language, "shows why {id} is unknown", id=unknown)))
    return steps


def first_steps(plan: Plan, language: str) -> list[str]:
    """Say what to do before anything else, where more than half of the key results are unknown; else empty list."""
    unknown = [line for line in plan.lines if line.cause is not None and not line.is_objective]
    if 2 * len(unknown) <= plan.key_results:
        return []
    head = translate(
        language,
        "Most key results are unknown ({unknown} of {total}). Do this first:",
        unknown=len(unknown),
        total=plan.key_results,
    )
    lines = [head]
    for cause, step in _FIRST_STEPS.items():
        if ids := [line.id for line in unknown if line.cause is cause]:
            column = header_of("current", language)
            lines.append(f"  - {translate(language, step, names=join(language, ids), first=ids[0], column=column)}")
    return lines

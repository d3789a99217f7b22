"""The plan as versioned JSON with English texts, and as a markdown table; the same plan gives the same bytes."""

import hashlib
import json
from typing import Any

from config.plain_text import one_line
from syncer.i18n import localize, translate
from syncer.model.cells import as_text
from syncer.model.plan import Figures, Line, Mark, Plan, Refusal
from syncer.present.json_values import delta_data, json_document, json_reason, json_text, json_value
from syncer.present.plan_foot import SIGNS, first_steps, legend, note_texts, summary
from syncer.present.plan_text import shown_currents, status_text
from syncer.sheet.number_text import show_percent_change

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return the plan as JSON data, with its fingerprint."""
    return {
        "version": VERSION,
        "title": plan.title,
        "cycle": plan.cycle,
        "now": plan.now.isoformat(),
        "config_hash": plan.config_hash,
        "safe": not plan.guards,
        "refusals": [_refusal(refusal) for refusal in plan.guards],
        "counts": {mark.value: plan.count(mark) for mark in Mark},
        "lines": [_line(line) for line in plan.lines],
        "notes": [
            {"code": note.kind.value, "id": note.id or None, "text": localize("en", note.text)} for note in plan.notes
        ],
        "new_rows": [
            {"tab": insert.tab, "above_row": insert.row + 1, "count": insert.count} for insert in plan.inserts
        ],
        "new_tab": plan.new_tab or None,
        "history": [
            {
                "tab": change.tab,
                "line": change.id or None,
                "column": change.column,
                "before": json_value(change.before),
                "after": json_value(change.after),
            }
            for change in plan.history
        ],
        "fingerprint": fingerprint(plan),
    }


def plan_json(plan: Plan, more: dict[str, Any] | None = None) -> str:
    """Format the plan as JSON text; `more` adds top-level fields."""
    return json_document({**plan_data(plan), **(more or {})})


def fingerprint(plan: Plan) -> str:
    """Return the SHA-256 (hex) that identifies a reviewed plan.

    It covers the config's hash, the cycle, and each changed cell (id, column, tab, before and after), but no row
    numbers, so that sorted rows keep the plan valid.
    """
    cells = sorted([change.id, change.column, change.tab, *_pair(change)] for change in plan.changes)
    text = json.dumps([plan.config_hash, plan.cycle, cells], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _pair(change: Any) -> tuple[str, str]:
    return as_text(change.before), as_text(change.after)


def _refusal(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": refusal.guard.value,
        "key_result": refusal.key_result or None,
        "lifted_by_force": refusal.lifted_by_force,
        "text": localize("en", refusal.reason),
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "kind": "objective" if line.is_objective else "key_result",
        "title": line.title,
        "objective": line.objective or None,
        "mark": line.mark.value,
        "place": line.place or None,
        "before": _figures(line.before),
        "after": _figures(line.after),
        "source": line.source or None,
        "why": json_text(line.why),
        "changed": delta_data(line.delta, percent=line.style.percent),
        "reason": json_reason(line.reason, line.cause),
        "cells": [
            {"column": change.column, "before": json_value(change.before), "after": json_value(change.after)}
            | ({"link": change.link} if change.link else {})
            for change in line.changes
        ],
        "held": [
            {
                "column": held.column,
                "now": json_value(held.now),
                "wanted": json_value(held.wanted),
                "decision": held.decision.value,
                "text": localize("en", held.why),
            }
            for held in line.held
        ],
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "current": json_value(figures.current),
        "progress": json_value(figures.progress),
        "status": figures.status or None,
    }


def plan_markdown(plan: Plan, language: str, closing: str, *, explain_marks: bool = False) -> str:
    """Format the plan as markdown, without unchanged key results; `closing` is the last line."""
    heads = translate(language, "| | id | key result | current | progress | status | source |")
    lines = [f"### {cell(plan.title)} · {plan.cycle}", "", heads, "|---|---|---|---|---|---|---|"]
    lines += [_row(line, language) for line in plan.lines if line.mark is not Mark.SAME or line.is_objective]
    if explain_marks and (meanings := legend(plan, language)):
        lines += ["", f"`{meanings}`"]
    lines += ["", summary(plan, language)]
    if not plan.guards and (steps := first_steps(plan, language)):
        lines += ["", cell(steps[0]), "", *(f"- {cell(step.strip(' -'))}" for step in steps[1:])]
    if plan.guards:
        lines += ["", translate(language, "**Refused by the guards:**"), ""]
        lines += [f"- {cell(localize(language, refusal.reason))}" for refusal in plan.guards]
    lines += [f"- {cell(text)}" for text in note_texts(plan, language)]
    return "\n".join([*lines, "", closing]) + "\n"


def cell(text: str) -> str:
    """Escape a text for a markdown table cell: one line, with markdown and HTML characters escaped."""
    cleaned = one_line(text)
    for char in "\\`*_[]<>|#":
        cleaned = cleaned.replace(char, f"\\{char}")
    return cleaned


def _row(line: Line, language: str) -> str:
    if line.is_objective:
        status = cell(status_text(line, language))
        return f"| | **{cell(line.id)}** | **{cell(line.title)}** | | {_moved(line)} | {status} | |"
    before, after = shown_currents(line, language)
    value = before if line.after.progress is None else after
    why = (
        localize(language, line.reason)
        or translate(language, "; ").join(f"{held.column}: {localize(language, held.why)}" for held in line.held)
        or line.source
    )
    current = cell(value if value == before else f"{before} → {value}")
    return (
        f"| `{SIGNS[line.mark].strip() or '·'}` | {cell(line.id)} | {cell(line.title)} | {current} "
        f"| {_moved(line)} | {cell(status_text(line, language))} | {cell(why)} |"
    )


def _moved(line: Line) -> str:
    before, after = show_percent_change(line.before.progress, line.after.progress)
    return after if before == after else f"{before} → {after}"

"""Output of `lint` as text, markdown and JSON: advice by principle, each rule with its reason and an example."""

from collections.abc import Iterator
from decimal import Decimal

from config.plain_text import one_line, plain
from syncer.i18n import join, translatable, translate, translate_count
from syncer.method.advice_texts import EXAMPLES
from syncer.method.lint import Advice, Principle
from syncer.present.advice import SHEET_MAY_KNOW, Linted
from syncer.present.error_text import error_data, error_text
from syncer.present.json_values import json_document, json_number
from syncer.present.plan_json import cell

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning."""

PRINCIPLES: dict[Principle, str] = {
    "focus": translatable("Focus"),
    "alignment": translatable("Alignment"),
    "commitment": translatable("Commitment"),
    "tracking": translatable("Tracking"),
    "stretch": translatable("Stretch"),
}


def lint_text(linted: Linted, language: str) -> str:
    """Format all advice for a terminal; consecutive advice with the same rule and values is shown once."""
    lines = [_heading(linted, language)]
    before = ""
    for group in _groups(linted):
        first = group[0]
        if first.principle != before:
            before = first.principle
            lines += ["", translate(language, PRINCIPLES[first.principle])]
        lines.append(f"  {first.rule}")
        lines += [f"    {text}" for advice in group if (text := _subject(advice, linted))]
        instead, better = example(first.rule, language)
        lines += [
            f"      {translate(language, 'why:     ')}{sentence(first, first.reason, language)}",
            f"      {translate(language, 'better:  ')}{sentence(first, first.better, language)}",
            f"      {translate(language, 'example: ')}{instead} → {better}",
        ]
    return "\n".join([*lines, *_notes(linted, language)]) + "\n"


def lint_markdown(linted: Linted, language: str) -> str:
    """Format all advice as markdown."""
    lines = [f"### {cell(_heading(linted, language))}"]
    before = ""
    for group in _groups(linted):
        first = group[0]
        if first.principle != before:
            before = first.principle
            lines += ["", f"#### {translate(language, PRINCIPLES[first.principle])}", ""]
        subjects = join(language, (text for one in group if (text := cell(_subject(one, linted)))))
        instead, better = example(first.rule, language)
        why, what = sentence(first, first.reason, language), sentence(first, first.better, language)
        lines.append(f"- **{cell(first.rule)}** {subjects}".rstrip())
        lines.append(f"  {why} {what} _{instead} → {better}_")
    return "\n".join([*lines, *_notes(linted, language)]) + "\n"


def lint_json(linted: Linted) -> str:
    """Format all advice as JSON, in English."""
    data = {
        "version": VERSION,
        "cycle": linted.cycle,
        "sheet_read": linted.sheet_read,
        "sheet_error": error_data(linted.sheet_error) if linted.sheet_error else None,
        "ledger_error": error_data(linted.ledger_error) if linted.ledger_error else None,
        "last_cycle": linted.last_cycle or None,
        "advice": [
            {
                "principle": advice.principle,
                "rule": advice.rule,
                "id": advice.id or None,
                "title": linted.titles.get(advice.id),
                "values": {name: _json_figure(value) for name, value in advice.values.items()},
                "text": sentence(advice, advice.reason, "en"),
                "better": {"text": sentence(advice, advice.better, "en")},
                "example": dict(zip(("instead_of", "better"), example(advice.rule, "en"), strict=True)),
            }
            for advice in linted.advice
        ],
    }
    return json_document(data)


def _json_figure(value: object) -> object:
    match value:
        case Decimal():
            return json_number(value)
        case tuple():
            return [plain(str(name)) for name in value]
        case str():
            return plain(value)
    return value


def sentence(advice: Advice, message: str, language: str) -> str:
    """Translate a message of an advice (its `reason` or `better`) and fill in its values."""
    values = {
        name: join(language, value) if isinstance(value, tuple) else value for name, value in advice.values.items()
    }
    return translate(language, message, **values)


def example(rule: str, language: str) -> tuple[str, str]:
    """Return an example of the wording that a rule warns about, and a better wording."""
    instead, better = EXAMPLES[rule]
    return translate(language, instead), translate(language, better)


def _heading(linted: Linted, language: str) -> str:
    count = len(linted.advice)
    if not count:
        return translate(language, "No advice on the OKRs of {cycle}.", cycle=linted.cycle)
    return translate_count(
        language,
        "{count} piece of advice on the OKRs of {cycle}; nothing is enforced.",
        "{count} pieces of advice on the OKRs of {cycle}; nothing is enforced.",
        count,
        cycle=linted.cycle,
    )


def _groups(linted: Linted) -> Iterator[list[Advice]]:
    group: list[Advice] = []
    for advice in linted.advice:
        if group and (group[0].rule, group[0].values) != (advice.rule, advice.values):
            yield group
            group = []
        group.append(advice)
    if group:
        yield group


def _subject(advice: Advice, linted: Linted) -> str:
    title = linted.titles.get(advice.id, "")
    return one_line(advice.id if title == advice.id else f"{advice.id} {title}")


def _notes(linted: Linted, language: str) -> list[str]:
    notes = []
    rules = join(language, sorted(SHEET_MAY_KNOW))
    if not linted.sheet_read:
        why = one_line(error_text(linted.sheet_error, language)) if linted.sheet_error else "--offline"
        notes += [
            translate(
                language,
                "The OKR sheet was not read ({why}), so these rules, which need it, were not checked: {rules}.",
                why=why,
                rules=rules,
            )
        ]
    if linted.last_cycle:
        name = linted.last_cycle
        notes += [translate(language, "Scores of {name} are from the ledger.", name=name)]
    if linted.ledger_error:
        why = one_line(error_text(linted.ledger_error, language))
        notes += [translate(language, "The ledger was not read: {why}", why=why)]
    return ["", *notes] if notes else []

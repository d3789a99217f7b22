"""Output of `undo` as text and as versioned JSON: cells put back, and cells left alone with the reason."""

from syncer.i18n import localize, translatable, translate
from syncer.present.json_values import json_document, json_value
from syncer.run.undo import Keep, Kept, Undone
from syncer.sheet.columns import COLUMNS, header_of

VERSION = 1
"""Version of the JSON; incremented when a field is removed or changes meaning, not when one is added."""

_WHY = {
    Keep.GONE: translatable("{named}: its row or column is gone"),
    Keep.EDITED: translatable("{named}: was edited since"),
    Keep.ID: translatable("{named}: ids are not removed by an undo; delete the row by hand if it is not needed"),
}


def undo_text(undone: Undone, language: str) -> str:
    """Format the result of an undo."""
    message = translatable("Undid run {run}: {restored} cells put back, {kept} left alone.")
    if undone.was_undo:
        message = translatable("Undid the undo {run}: {restored} cells put back, {kept} left alone.")
    alone = [*(_why(one, language) for one in undone.kept), *(localize(language, one) for one in undone.unwritten)]
    lines = [translate(language, message, run=undone.run, restored=len(undone.restored), kept=len(alone))]
    if undone.back:
        lines.append(translate(language, "The numbers of run {back} are in the sheet again.", back=undone.back))
    return "\n".join([*lines, *(f"  {text}" for text in alone)]) + "\n"


def undo_json(undone: Undone) -> str:
    """Format the result of an undo as JSON."""
    data = {
        "version": VERSION,
        "run": undone.run,
        "was_undo": undone.was_undo,
        "numbers_of": undone.back or None,
        "restored": [
            {
                "tab": change.tab,
                "id": change.id,
                "column": change.column,
                "before": json_value(change.before),
                "after": json_value(change.after),
            }
            for change in undone.restored
        ],
        "kept": [
            {"tab": one.tab, "id": one.id, "column": one.column, "code": one.reason.value, "text": _why(one, "en")}
            for one in undone.kept
        ],
        "unwritten": [{"text": text} for text in undone.unwritten],
    }
    return json_document(data)


def _why(kept: Kept, language: str) -> str:
    column = header_of(kept.column, language) if kept.column in COLUMNS else kept.column
    return translate(language, _WHY[kept.reason], named=f"{kept.id} {column}")
